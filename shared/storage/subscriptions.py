"""Mirror the customers' subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import CustomerId
from shared.domain.subscriptions import Subscription
from shared.storage import keys
from shared.storage.rows import ETAG, Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import upserting
from shared.workflows.ports import Mirror


@dataclass(frozen=True, slots=True)
class HeadRow:
    """Beside a customer's subscriptions: whether all of them were ever read.

    Where an older version kept some, it had read all of them.
    """

    was_read: bool


class SubscriptionTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["subscriptions"]

    async def of(self, customer: CustomerId) -> Sequence[Subscription]:
        return (await self.mirror(customer)).subscriptions

    async def mirror(self, customer: CustomerId) -> Mirror:
        head, rows = _parted(await self._table.partition(keys.customer(customer)))
        held = [from_row(Subscription, row) for row in rows]
        versions = {s.id: str(row[ETAG]) for s, row in zip(held, rows, strict=True)}
        return Mirror(held, versions, was_read=bool(held) if head is None else head.was_read)

    async def begin(self, customer: CustomerId, *, was_read: bool) -> None:
        row = to_row(HeadRow(was_read), keys.customer(customer), keys.HEAD)
        await self._table.insert_if_absent(row)

    async def replace(self, customer: CustomerId, subscriptions: Sequence[Subscription]) -> None:
        """A row that another writer renews meanwhile is not the one that was seen to be gone."""
        partition = keys.customer(customer)
        head, kept = _parted(await self._table.partition(partition))
        known = {str(row["RowKey"]): from_row(Subscription, row) for row in kept}
        listed = {keys.guid(s.id): s for s in subscriptions}
        rows = [to_row(s, partition, key) for key, s in listed.items() if known.get(key) != s]
        if head is None or not head.was_read:
            rows.append(to_row(HeadRow(was_read=True), partition, keys.HEAD))
        await self._table.transact_all(upserting(row) for row in rows)
        for row in kept:
            if row["RowKey"] not in listed:
                await self._forget(partition, str(row["RowKey"]), str(row[ETAG]))

    async def save(self, subscription: Subscription) -> None:
        partition = keys.customer(subscription.customer_id)
        await self._table.upsert(to_row(subscription, partition, keys.guid(subscription.id)))

    async def _forget(self, partition: str, row: str, etag: str) -> None:
        try:
            await self._table.delete_unchanged(partition, row, etag)
        except ChangedMeanwhile:
            return


def _parted(rows: Sequence[Row]) -> tuple[HeadRow | None, Sequence[Row]]:
    head = next((row for row in rows if row["RowKey"] == keys.HEAD), None)
    held = [row for row in rows if row["RowKey"] != keys.HEAD]
    return from_row(HeadRow, head) if head is not None else None, held
