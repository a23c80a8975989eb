"""Keep the messages that could not be handled, newest first, until their retention has passed."""

from dataclasses import replace
from datetime import datetime

from shared.domain.errors import AlreadyExists, PoisonNotFound
from shared.domain.ids import PoisonId
from shared.domain.poison import PutAside
from shared.storage import keys
from shared.storage.index import page_of, pointer
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables
from shared.workflows.ports import Page


class PoisonTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["poison"]

    async def add(self, message: PutAside) -> PutAside:
        """Claim the id, or answer what is on record; the list is told first."""
        place = keys.newest_first(message.first_at, message.id)
        found = await self._find(message.id)
        if found is not None:
            return found
        await self._table.upsert(pointer(keys.INDEX, place, message.id))
        try:
            return replace(message, etag=await self._table.insert(_row(message)))
        except AlreadyExists:
            # Another delivery was first: its place in the list is the one that counts.
            kept = await self.get(message.id)
            if kept.first_at != message.first_at:
                await self._table.delete(keys.INDEX, place)
            return kept

    async def get(self, message: PoisonId) -> PutAside:
        found = await self._find(message)
        if found is None:
            raise PoisonNotFound(message)
        return found

    async def save(self, message: PutAside) -> PutAside:
        return replace(message, etag=await self._table.replace(_row(message), message.etag))

    async def page(self, cursor: str | None, size: int) -> Page[PutAside]:
        return await page_of(self._table, cursor, size, lambda i: self._find(PoisonId(i)))

    async def purge(self, before: datetime, most: int) -> int:
        """Remove what was last seen before then, oldest places first; answer how many."""
        old = (keys.newest_first(before, ""), keys.EVERYTHING[1])
        rows, _ = await self._table.page(keys.INDEX, old, None, most)
        gone = 0
        for row in rows:
            found = await self._find(PoisonId(str(row["id"])))
            if found is None or found.at < before:
                await self._table.delete(keys.poisoned(str(row["id"])), keys.HEAD)
                await self._table.delete(keys.INDEX, str(row["RowKey"]))
                gone += 1
        return gone

    async def _find(self, message: PoisonId) -> PutAside | None:
        row = await self._table.get(keys.poisoned(message), keys.HEAD)
        return from_row(PutAside, row) if row is not None else None


def _row(message: PutAside) -> Row:
    return to_row(message, keys.poisoned(message.id), keys.HEAD)
