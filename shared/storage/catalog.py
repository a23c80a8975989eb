"""Keep what each connection may sell in each market, as its last synchronisation left it."""

from collections.abc import Sequence

from shared.domain.catalog import CatalogEntry
from shared.domain.ids import ConnectionId, OfferId
from shared.storage import keys
from shared.storage.rows import ETAG, Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import deleting, upserting
from shared.workflows.ports import Page


class CatalogTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["catalog"]

    async def replace(
        self, connection: ConnectionId, market: str, entries: Sequence[CatalogEntry]
    ) -> None:
        """What is sold is written before what is not sold any more goes; what stayed is left."""
        partition = keys.market(connection, market)
        kept = {str(row["RowKey"]): row for row in await self._table.partition(partition)}
        sold = {
            key: to_row(entry, partition, key)
            for key, entry in ((keys.escaped(entry.offer.id), entry) for entry in entries)
        }
        await self._table.transact_all(
            upserting(row) for key, row in sold.items() if _without_etag(kept.get(key)) != row
        )
        await self._table.transact_all(deleting(partition, key) for key in kept if key not in sold)

    async def save(self, entry: CatalogEntry) -> None:
        partition = keys.market(entry.connection_id, entry.market)
        await self._table.upsert(to_row(entry, partition, keys.escaped(entry.offer.id)))

    async def entry(
        self, connection: ConnectionId, market: str, offer: OfferId
    ) -> CatalogEntry | None:
        row = await self._table.get(keys.market(connection, market), keys.escaped(offer))
        return from_row(CatalogEntry, row) if row is not None else None

    async def all(self, connection: ConnectionId, market: str) -> Sequence[CatalogEntry]:
        rows = await self._table.partition(keys.market(connection, market))
        return [from_row(CatalogEntry, row) for row in rows]

    async def page(
        self, connection: ConnectionId, market: str, cursor: str | None, size: int
    ) -> Page[CatalogEntry]:
        partition = keys.market(connection, market)
        rows, onward = await self._table.page(partition, keys.EVERYTHING, cursor, size)
        return Page([from_row(CatalogEntry, row) for row in rows], onward)


def _without_etag(row: Row | None) -> Row:
    return {name: value for name, value in (row or {}).items() if name != ETAG}
