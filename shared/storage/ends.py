"""Keep what was last chosen for the end of each subscription, a customer's together."""

from collections.abc import Mapping
from contextlib import suppress

from shared.domain.ends import ChosenEnd
from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.ids import CustomerId, SubscriptionId
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables

_TRIES = 5


class EndTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["subscriptionhistory"]

    async def of(self, customer: CustomerId) -> Mapping[SubscriptionId, ChosenEnd]:
        rows = await self._table.between(keys.customer(customer), keys.under("end"))
        found = (from_row(ChosenEnd, row) for row in rows)
        return {chosen.subscription_id: chosen for chosen in found}

    async def keep(self, chosen: ChosenEnd) -> None:
        """The later word stands, in whichever order they are told."""
        row = to_row(chosen, keys.customer(chosen.customer_id), keys.end_of(chosen.subscription_id))
        for _ in range(_TRIES):
            with suppress(AlreadyExists, ChangedMeanwhile):
                await self._keep(chosen, row)
                return
        raise ChangedMeanwhile("Several people say at once how one subscription shall end.")

    async def _keep(self, chosen: ChosenEnd, row: Row) -> None:
        known = await self._table.get(str(row["PartitionKey"]), str(row["RowKey"]))
        if known is None:
            await self._table.insert(row)
        elif from_row(ChosenEnd, known).at <= chosen.at:
            await self._table.replace(row, str(known["etag"]))
