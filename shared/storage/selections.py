"""Keep what is ticked for sale; a synchronisation never touches it."""

from collections.abc import Sequence

from shared.domain.catalog_changes import Tick
from shared.domain.ids import ConnectionId, OfferId
from shared.storage import keys
from shared.storage.rows import to_row
from shared.storage.tables import Tables
from shared.storage.writes import upserting


class SelectionTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["selections"]

    async def of(self, connection: ConnectionId, market: str) -> frozenset[OfferId]:
        rows = await self._table.partition(keys.market(connection, market), select=["offer"])
        return frozenset(OfferId(str(row["offer"])) for row in rows)

    async def has(self, connection: ConnectionId, market: str, offer: OfferId) -> bool:
        row = await self._table.get(keys.market(connection, market), keys.escaped(offer))
        return row is not None

    async def tick(self, connection: ConnectionId, market: str, offers: Sequence[Tick]) -> None:
        partition = keys.market(connection, market)
        await self._table.transact_all(
            upserting(to_row(tick, partition, keys.escaped(tick.offer))) for tick in offers
        )

    async def untick(
        self, connection: ConnectionId, market: str, offers: Sequence[OfferId]
    ) -> None:
        for offer in offers:
            await self._table.delete(keys.market(connection, market), keys.escaped(offer))
