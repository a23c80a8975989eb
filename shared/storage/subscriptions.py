"""Mirror the customers' subscriptions."""

from collections.abc import Sequence

from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import CustomerId
from shared.domain.subscriptions import Subscription
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import upserting


class SubscriptionTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["subscriptions"]

    async def of(self, customer: CustomerId) -> Sequence[Subscription]:
        rows = await self._table.partition(keys.customer(customer))
        return [from_row(Subscription, row) for row in rows]

    async def replace(self, customer: CustomerId, subscriptions: Sequence[Subscription]) -> None:
        """A row that another writer renews meanwhile is not the one that was seen to be gone."""
        partition = keys.customer(customer)
        kept = await self._table.partition(partition, select=["RowKey"])
        rows = [to_row(s, partition, keys.guid(s.id)) for s in subscriptions]
        await self._table.transact_all(upserting(row) for row in rows)
        listed = {row["RowKey"] for row in rows}
        for row in kept:
            if row["RowKey"] not in listed:
                await self._forget(partition, str(row["RowKey"]), str(row["etag"]))

    async def save(self, subscription: Subscription) -> None:
        partition = keys.customer(subscription.customer_id)
        await self._table.upsert(to_row(subscription, partition, keys.guid(subscription.id)))

    async def _forget(self, partition: str, row: str, etag: str) -> None:
        try:
            await self._table.delete_unchanged(partition, row, etag)
        except ChangedMeanwhile:
            return
