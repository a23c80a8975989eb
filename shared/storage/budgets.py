"""Keep what all hosts together hold of each budget of calls: one row per partner, or customer."""

from dataclasses import replace

from shared.domain.budgets import Spending
from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables


class BudgetTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["budgets"]

    async def read(self, key: str) -> Spending:
        """Nothing is spent of a budget that nobody has used yet."""
        row = await self._table.get(keys.escaped(key), keys.HEAD)
        return Spending() if row is None else from_row(Spending, row)

    async def write(self, key: str, spending: Spending) -> Spending:
        """Raise `ChangedMeanwhile` where another host wrote first."""
        row = to_row(spending, keys.escaped(key), keys.HEAD)
        if spending.etag:
            return replace(spending, etag=await self._table.replace(row, spending.etag))
        try:
            return replace(spending, etag=await self._table.insert(row))
        except AlreadyExists as error:
            raise ChangedMeanwhile("Another host has begun this budget.") from error
