"""Keep every subscription's changes, newest first, and the ledger of its lots beside them.

One partition per subscription: ``h|…`` holds a change, ``id|{id}`` claims its id, ``open|{id}``
stands while its end is not known, and ``lots`` is the ledger. The partition ``index`` points at
every open change: written before it and removed after it, so that none is ever missing there. How
many updates were sent is counted in the customer's own partition, since a plan asks for all.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.history import ChangeRecord, OpenChange
from shared.domain.ids import CustomerId, SubscriptionId
from shared.domain.lots import LotLedger
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import Change, deleting, inserting, upserting
from shared.workflows.ports import Page

_CHANGES = keys.under("h")
_OPEN = keys.under("open")
_TRIES = 5


@dataclass(frozen=True, slots=True)
class PointerRow:
    """Where the change with this id stands in the list."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UpdatesRow:
    """How many updates of a subscription we sent, whatever became of them."""

    subscription_id: SubscriptionId
    count: int
    etag: str = ""


class HistoryTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["subscriptionhistory"]

    async def open(self, record: ChangeRecord) -> ChangeRecord:
        partition = keys.subscription(record.customer_id, record.subscription_id)
        standing = to_row(_pointer(record), partition, keys.open_change(record.id))
        await self.watch(
            OpenChange(record.id, record.customer_id, record.subscription_id, record.at)
        )
        return await self._add(record, inserting(standing))

    async def record(self, record: ChangeRecord) -> ChangeRecord:
        return await self._add(record)

    async def _add(self, record: ChangeRecord, *more: Change) -> ChangeRecord:
        """The id is claimed in the same write; who comes second is told what is on record."""
        partition = keys.subscription(record.customer_id, record.subscription_id)
        claim = to_row(_pointer(record), partition, keys.change_claim(record.id))
        listed = to_row(record, partition, keys.change(record.at, record.id))
        with suppress(AlreadyExists):
            await self._table.transact([inserting(claim), inserting(listed), *more])
            return record
        known = await self.get(record.customer_id, record.subscription_id, record.id)
        return known or record

    async def close(self, record: ChangeRecord) -> None:
        partition = keys.subscription(record.customer_id, record.subscription_id)
        listed = upserting(to_row(record, partition, keys.change(record.at, record.id)))
        try:
            await self._table.transact([listed, deleting(partition, keys.open_change(record.id))])
        except ChangedMeanwhile:
            # It was closed before: by ourselves, with a reply that was lost.
            await self._table.transact([listed])
        await self.unwatch(record.id)

    async def update(self, record: ChangeRecord) -> None:
        partition = keys.subscription(record.customer_id, record.subscription_id)
        await self._table.upsert(to_row(record, partition, keys.change(record.at, record.id)))

    async def watch(self, change: OpenChange) -> None:
        await self._table.upsert(to_row(change, keys.INDEX, keys.open_index(change.id)))

    async def unwatch(self, change: str) -> None:
        await self._table.delete(keys.INDEX, keys.open_index(change))

    async def watched(self) -> Sequence[OpenChange]:
        return [from_row(OpenChange, row) for row in await self._table.partition(keys.INDEX)]

    async def get(
        self, customer: CustomerId, subscription: SubscriptionId, change: str
    ) -> ChangeRecord | None:
        partition = keys.subscription(customer, subscription)
        pointer = await self._table.get(partition, keys.change_claim(change))
        if pointer is None:
            return None
        at = from_row(PointerRow, pointer).at
        row = await self._table.get(partition, keys.change(at, change))
        return from_row(ChangeRecord, row) if row is not None else None

    async def unfinished(
        self, customer: CustomerId, subscription: SubscriptionId
    ) -> Sequence[ChangeRecord]:
        rows = await self._table.between(keys.subscription(customer, subscription), _OPEN)
        found = [
            await self.get(customer, subscription, from_row(PointerRow, row).id) for row in rows
        ]
        return [record for record in found if record is not None]

    async def page(
        self, customer: CustomerId, subscription: SubscriptionId, cursor: str | None, size: int
    ) -> Page[ChangeRecord]:
        partition = keys.subscription(customer, subscription)
        rows, onward = await self._table.page(partition, _CHANGES, cursor, size)
        return Page([from_row(ChangeRecord, row) for row in rows], onward)

    async def count(self, customer: CustomerId, subscription: SubscriptionId) -> int:
        partition = keys.subscription(customer, subscription)
        return len(await self._table.between(partition, _CHANGES, select=["RowKey"]))

    async def note_update(self, customer: CustomerId, subscription: SubscriptionId) -> None:
        partition, row = keys.customer(customer), keys.updates_of(subscription)
        for _ in range(_TRIES):
            found = await self._table.get(partition, row)
            counted = from_row(UpdatesRow, found) if found else UpdatesRow(subscription, 0)
            one_more = replace(counted, count=counted.count + 1)
            with suppress(AlreadyExists, ChangedMeanwhile):
                await self._keep_count(to_row(one_more, partition, row), counted.etag)
                return
        raise ChangedMeanwhile("Many updates of one subscription are counted at once.")

    async def _keep_count(self, row: Row, etag: str) -> None:
        if etag:
            await self._table.replace(row, etag)
        else:
            await self._table.insert(row)

    async def updates(self, customer: CustomerId) -> Mapping[SubscriptionId, int]:
        rows = await self._table.between(keys.customer(customer), keys.under("updates"))
        counts = (from_row(UpdatesRow, row) for row in rows)
        return {counted.subscription_id: counted.count for counted in counts}

    async def lots(self, customer: CustomerId, subscription: SubscriptionId) -> LotLedger:
        row = await self._table.get(keys.subscription(customer, subscription), keys.LOTS)
        return from_row(LotLedger, row) if row is not None else LotLedger()

    async def keep_lots(
        self, customer: CustomerId, subscription: SubscriptionId, lots: LotLedger
    ) -> None:
        partition = keys.subscription(customer, subscription)
        await self._table.upsert(to_row(lots, partition, keys.LOTS))


def _pointer(record: ChangeRecord) -> PointerRow:
    return PointerRow(record.id, record.at)
