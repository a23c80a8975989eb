"""Keep what each customer lets us do, as it was last read."""

from shared.domain.ids import CustomerId
from shared.domain.standing import Standing
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables


class StandingTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["standings"]

    async def of(self, customer: CustomerId) -> Standing:
        row = await self._table.get(keys.customer(customer), keys.HEAD)
        return from_row(Standing, row) if row is not None else Standing(customer)

    async def save(self, standing: Standing) -> None:
        """The last writer wins: both have just asked Microsoft."""
        await self._table.upsert(to_row(standing, keys.customer(standing.customer_id), keys.HEAD))
