"""Keep what changed outside of the product, beside the customer's people, newest first.

Each open entry has a mark beside it, in the order in which a night tries them. A mark may outlive
its entry's decision where a host dies between the two; who reads it looks at the entry.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from shared.domain.drift import DriftEntry, DriftField, DriftState
from shared.domain.errors import AlreadyExists, DriftNotFound
from shared.domain.ids import CustomerId
from shared.storage import keys
from shared.storage.codec import moment_to_text
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import Change, deleting, inserting, upserting
from shared.workflows.ports import Page

_LISTED = keys.under("a-drift")
_A_PAGE = 1000


def drift_changes(entry: DriftEntry) -> Iterator[Change]:
    """What it takes to keep an entry together with other rows of its customer."""
    yield upserting(_row(entry))
    if entry.state is DriftState.OPEN:
        yield upserting(_mark(entry))


class DriftTable:
    """In the table of people: a person's drift is written in one transaction with the person."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables["users"]

    async def add(self, entry: DriftEntry) -> None:
        mark = [upserting(_mark(entry))] if entry.state is DriftState.OPEN else []
        with suppress(AlreadyExists):
            await self._table.transact([inserting(_row(entry)), *mark])

    async def get(self, customer: CustomerId, entry: str) -> DriftEntry:
        row = await self._table.get(keys.customer(customer), keys.drift(entry))
        if row is None:
            raise DriftNotFound(entry)
        return from_row(DriftEntry, row)

    async def save(self, entry: DriftEntry) -> DriftEntry:
        saved = replace(entry, etag=await self._table.replace(_row(entry), entry.etag))
        if entry.state is not DriftState.OPEN:
            await self._unmark(entry.customer_id, keys.open_drift(entry))
        return saved

    async def page(self, customer: CustomerId, cursor: str | None, size: int) -> Page[DriftEntry]:
        rows, onward = await self._table.page(keys.customer(customer), _LISTED, cursor, size)
        return Page([from_row(DriftEntry, row) for row in rows], onward)

    async def open_ones(
        self, customer: CustomerId, what: DriftField, most: int
    ) -> Sequence[DriftEntry]:
        partition, of_field = keys.customer(customer), keys.open_drift_of(what)
        marks, _ = await self._table.page(partition, of_field, None, most)
        entries = []
        for mark in (str(row["RowKey"]) for row in marks):
            row = await self._table.get(partition, keys.drift_of_mark(mark))
            entry = from_row(DriftEntry, row) if row is not None else None
            if (
                entry is None
                or entry.state is not DriftState.OPEN
                or keys.open_drift(entry) != mark
            ):
                await self._unmark(customer, mark)
            else:
                entries.append(entry)
        return entries

    async def tried(self, entry: DriftEntry, reason: str, at: datetime) -> None:
        again = replace(entry, reason=reason, tried_at=at)
        await self._table.upsert(_mark(again))
        await self._table.replace(_row(again), entry.etag)
        if keys.open_drift(again) != keys.open_drift(entry):
            await self._unmark(entry.customer_id, keys.open_drift(entry))

    async def index(self, customer: CustomerId) -> None:
        cursor: str | None = None
        while True:
            page = await self.page(customer, cursor, _A_PAGE)
            open_ones = (e for e in page.items if e.state is DriftState.OPEN)
            await self._table.transact_all(upserting(_mark(entry)) for entry in open_ones)
            if (cursor := page.cursor) is None:
                return

    async def purge(self, customer: CustomerId, before: datetime, most: int) -> int:
        """No entry was decided before it was found, so the younger ones are not looked at."""
        partition, long_ago = keys.customer(customer), keys.drift_until(before)
        moment = moment_to_text(before)
        rows = await self._table.at_most(partition, "decided_at", moment, most, long_ago)
        await self._table.transact_all(deleting(partition, str(row["RowKey"])) for row in rows)
        return len(rows)

    async def _unmark(self, customer: CustomerId, mark: str) -> None:
        await self._table.delete(keys.customer(customer), mark)


def _row(entry: DriftEntry) -> Row:
    return to_row(entry, keys.customer(entry.customer_id), keys.drift(entry.id))


def _mark(entry: DriftEntry) -> Row:
    return {"PartitionKey": keys.customer(entry.customer_id), "RowKey": keys.open_drift(entry)}
