"""Keep what each synchronisation found changed: a line to list, and the changes by market."""

from collections.abc import Sequence

from shared.domain.catalog_changes import MarketDifference, Sync
from shared.domain.errors import SyncNotFound
from shared.domain.ids import ConnectionId, OperationId
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.workflows.ports import Page


class SyncTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["syncs"]

    async def note(
        self, connection: ConnectionId, operation: OperationId, difference: MarketDifference
    ) -> None:
        """A repetition compares with what the first try has written, and finds less."""
        partition = keys.sync(connection, operation)
        row = to_row(difference, partition, keys.escaped(difference.counts.market))
        await self._table.insert_if_absent(row)

    async def close(self, sync: Sync) -> None:
        row = keys.newest_first(sync.finished_at, sync.operation_id)
        await self._table.upsert(to_row(sync, keys.syncs_of(sync.connection_id), row))

    async def page(self, connection: ConnectionId, cursor: str | None, size: int) -> Page[Sync]:
        partition = keys.syncs_of(connection)
        rows, onward = await self._table.page(partition, keys.EVERYTHING, cursor, size)
        return Page([from_row(Sync, row) for row in rows], onward)

    async def differences(
        self, connection: ConnectionId, operation: OperationId
    ) -> Sequence[MarketDifference]:
        rows = await self._table.partition(keys.sync(connection, operation))
        if not rows:
            raise SyncNotFound(operation)
        return [from_row(MarketDifference, row) for row in rows]
