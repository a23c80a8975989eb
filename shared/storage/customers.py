"""Keep customers, each by its id, and the two lists that they are found by."""

from collections.abc import Sequence

from shared.domain.customers import Customer
from shared.domain.errors import CustomerNotFound
from shared.domain.ids import ConnectionId, CustomerId
from shared.storage import keys
from shared.storage.index import page_of, pointer
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.workflows.ports import Page


class CustomerTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["customers"]

    async def get(self, customer: CustomerId) -> Customer:
        found = await self._find(customer)
        if found is None:
            raise CustomerNotFound(customer)
        return found

    async def save(self, customer: Customer) -> None:
        """The lists are written first: a crash leaves a pointer to nobody, never a lost tenant."""
        unique = keys.guid(customer.id)
        before = await self._find(customer.id)
        of_connection = keys.customers_of(customer.connection_id)
        await self._table.upsert(pointer(of_connection, unique, customer.id))
        await self._table.upsert(pointer(keys.INDEX, unique, customer.id))
        await self._table.upsert(to_row(customer, keys.customer(customer.id), keys.HEAD))
        if before is not None and before.connection_id != customer.connection_id:
            await self._table.delete(keys.customers_of(before.connection_id), unique)

    async def page(self, cursor: str | None, size: int) -> Page[Customer]:
        return await page_of(self._table, cursor, size, lambda i: self._find(CustomerId(i)))

    async def of_connection(self, connection: ConnectionId) -> Sequence[CustomerId]:
        rows = await self._table.partition(keys.customers_of(connection))
        return [CustomerId(str(row["id"])) for row in rows]

    async def page_of_connection(
        self, connection: ConnectionId, cursor: str | None, size: int
    ) -> Page[CustomerId]:
        partition = keys.customers_of(connection)
        rows, onward = await self._table.page(partition, keys.EVERYTHING, cursor, size)
        return Page([CustomerId(str(row["id"])) for row in rows], onward)

    async def _find(self, customer: CustomerId) -> Customer | None:
        row = await self._table.get(keys.customer(customer), keys.HEAD)
        return from_row(Customer, row) if row is not None else None
