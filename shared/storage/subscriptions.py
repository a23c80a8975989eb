"""Mirror the customers' subscriptions."""

from collections.abc import Sequence

from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import CustomerId
from shared.domain.subscriptions import Subscription
from shared.storage import keys
from shared.storage.rows import ETAG, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import upserting
from shared.workflows.ports import Mirror


class SubscriptionTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["subscriptions"]

    async def of(self, customer: CustomerId) -> Sequence[Subscription]:
        return (await self.mirror(customer)).subscriptions

    async def mirror(self, customer: CustomerId) -> Mirror:
        rows = await self._table.partition(keys.customer(customer))
        held = [from_row(Subscription, row) for row in rows]
        versions = {s.id: str(row[ETAG]) for s, row in zip(held, rows, strict=True)}
        return Mirror(held, versions)

    async def replace(self, customer: CustomerId, subscriptions: Sequence[Subscription]) -> None:
        """A row that another writer renews meanwhile is not the one that was seen to be gone."""
        partition = keys.customer(customer)
        kept = await self._table.partition(partition)
        known = {str(row["RowKey"]): from_row(Subscription, row) for row in kept}
        listed = {keys.guid(s.id): s for s in subscriptions}
        changed = [(key, s) for key, s in listed.items() if known.get(key) != s]
        await self._table.transact_all(upserting(to_row(s, partition, key)) for key, s in changed)
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
