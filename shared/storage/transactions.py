"""Keep what was bought and given back, once per id, newest first."""

from contextlib import suppress

from shared.domain.billing import Transaction
from shared.domain.errors import AlreadyExists
from shared.domain.ids import CustomerId
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import inserting
from shared.workflows.ports import Page

_LISTED = keys.under("t")


class TransactionTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["transactions"]

    async def record(self, transaction: Transaction) -> None:
        """The id is claimed in the same write, for a repetition may tell another moment."""
        partition = keys.customer(transaction.customer_id)
        claim: Row = {"PartitionKey": partition, "RowKey": keys.transaction_claim(transaction.id)}
        listed = keys.transaction(transaction.at, transaction.id)
        with suppress(AlreadyExists):
            await self._table.transact(
                [inserting(claim), inserting(to_row(transaction, partition, listed))]
            )

    async def page(self, customer: CustomerId, cursor: str | None, size: int) -> Page[Transaction]:
        rows, onward = await self._table.page(keys.customer(customer), _LISTED, cursor, size)
        return Page([from_row(Transaction, row) for row in rows], onward)
