"""Keep what changed outside of the product, beside the customer's people, newest first."""

from dataclasses import replace

from shared.domain.drift import DriftEntry
from shared.domain.errors import DriftNotFound
from shared.domain.ids import CustomerId
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.workflows.ports import Page

_LISTED = keys.under("a-drift")


class DriftTable:
    """In the table of people: a person's drift is written in one transaction with the person."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables["users"]

    async def add(self, entry: DriftEntry) -> None:
        row = to_row(entry, keys.customer(entry.customer_id), keys.drift(entry.id))
        await self._table.insert_if_absent(row)

    async def get(self, customer: CustomerId, entry: str) -> DriftEntry:
        row = await self._table.get(keys.customer(customer), keys.drift(entry))
        if row is None:
            raise DriftNotFound(entry)
        return from_row(DriftEntry, row)

    async def save(self, entry: DriftEntry) -> DriftEntry:
        row = to_row(entry, keys.customer(entry.customer_id), keys.drift(entry.id))
        return replace(entry, etag=await self._table.replace(row, entry.etag))

    async def page(self, customer: CustomerId, cursor: str | None, size: int) -> Page[DriftEntry]:
        rows, onward = await self._table.page(keys.customer(customer), _LISTED, cursor, size)
        return Page([from_row(DriftEntry, row) for row in rows], onward)
