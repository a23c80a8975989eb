"""Keep how many seats of each customer were idle on the last nights."""

from shared.domain.idle import IdleHistory
from shared.domain.ids import CustomerId
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables


class IdleTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["idle"]

    async def of(self, customer: CustomerId) -> IdleHistory:
        row = await self._table.get(keys.customer(customer), keys.HEAD)
        return from_row(IdleHistory, row) if row is not None else IdleHistory()

    async def save(self, customer: CustomerId, history: IdleHistory) -> None:
        """The last writer wins: two runs of one day count the same seats."""
        await self._table.upsert(to_row(history, keys.customer(customer), keys.HEAD))
