"""Lay out only what is an organisation's own: the one place where resellers are kept apart.

Every story of a request starts with a connection, a customer, a batch, a run or an operation; what
is somebody else's is not found. Queues and timers work at the provider's desk, on what a request
was let through for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Never, cast

from shared.domain.batches import Batch, RowResult
from shared.domain.callers import PROVIDER
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.errors import (
    BatchNotFound,
    CallerNotAllowed,
    ConnectionNotFound,
    CustomerNotFound,
    CustomerTaken,
    MissingError,
    OperationNotFound,
    RunNotFound,
)
from shared.domain.ids import BatchId, ConnectionId, CustomerId, OperationId, RunId
from shared.domain.operations import Operation
from shared.domain.runs import Run
from shared.workflows.ports import (
    Batches,
    Connections,
    Customers,
    Desk,
    Operations,
    Page,
    Poison,
    Runs,
)


def own_desk(desk: Desk, organisation: str) -> Desk:
    """The provider sees everything; a reseller's desk holds its own things only."""
    if organisation == PROVIDER:
        return desk
    connections = _OwnConnections(desk.connections, organisation)
    customers = _OwnCustomers(desk.customers, connections)
    # What is not named here is passed on as it is, which no type checker can follow.
    return replace(
        desk,
        connections=cast("Connections", connections),
        customers=cast("Customers", customers),
        batches=cast("Batches", _OwnBatches(desk.batches, customers)),
        operations=cast("Operations", _OwnOperations(desk.operations, organisation)),
        runs=cast("Runs", _OwnRuns(desk.runs, organisation)),
        poison=cast("Poison", _ProvidersOnly()),
    )


class _ProvidersOnly:
    """What says something of everybody's work."""

    def __getattr__(self, name: str) -> Never:
        raise CallerNotAllowed("This shows everybody's work, so only the provider sees it.")


@dataclass(frozen=True, slots=True)
class _OwnConnections:
    inner: Connections
    organisation: str

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the port has)
        return getattr(self.inner, name)

    async def get(self, connection: ConnectionId) -> Connection:
        found = await self.inner.get(connection)
        if found.owner != self.organisation:
            raise ConnectionNotFound(connection)
        return found

    async def all(self) -> Sequence[Connection]:
        return [c for c in await self.inner.all() if c.owner == self.organisation]


@dataclass(frozen=True, slots=True)
class _OwnCustomers:
    inner: Customers
    connections: _OwnConnections

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the port has)
        return getattr(self.inner, name)

    async def get(self, customer: CustomerId) -> Customer:
        found = await self.inner.get(customer)
        if not await self._is_own(found):
            raise CustomerNotFound(customer)
        return found

    async def save(self, customer: Customer) -> None:
        """Nobody takes over who is on record with somebody else."""
        try:
            before = await self.inner.get(customer.id)
        except CustomerNotFound:
            before = customer
        if not await self._is_own(before):
            raise CustomerTaken("The customer is on record with another connection.")
        await self.inner.save(customer)

    async def page(self, cursor: str | None, size: int) -> Page[Customer]:
        """A page may hold fewer than were asked for, and another one still follow."""
        page = await self.inner.page(cursor, size)
        owned = {connection.id for connection in await self.connections.all()}
        return Page([c for c in page.items if c.connection_id in owned], page.cursor)

    async def _is_own(self, customer: Customer) -> bool:
        try:
            await self.connections.get(customer.connection_id)
        except ConnectionNotFound:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _OwnBatches:
    inner: Batches
    customers: _OwnCustomers

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the port has)
        return getattr(self.inner, name)

    async def get(self, batch: BatchId) -> Batch:
        found = await self.inner.get(batch)
        if not await self._is_own(found):
            raise BatchNotFound(batch)
        return found

    async def add(self, batch: Batch, rows: Sequence[RowResult]) -> Batch:
        await self.customers.get(batch.customer_id)
        return await self.inner.add(batch, rows)

    async def page(self, cursor: str | None, size: int) -> Page[Batch]:
        page = await self.inner.page(cursor, size)
        return Page([b for b in page.items if await self._is_own(b)], page.cursor)

    async def _is_own(self, batch: Batch) -> bool:
        try:
            await self.customers.get(batch.customer_id)
        except MissingError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _OwnOperations:
    inner: Operations
    organisation: str

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the port has)
        return getattr(self.inner, name)

    async def add(self, operation: Operation) -> Operation:
        return await self.inner.add(replace(operation, organisation=self.organisation))

    async def get(self, operation: OperationId) -> Operation:
        found = await self.inner.get(operation)
        if found.organisation != self.organisation:
            raise OperationNotFound(operation)
        return found


@dataclass(frozen=True, slots=True)
class _OwnRuns:
    inner: Runs
    organisation: str

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the port has)
        return getattr(self.inner, name)

    async def claim(self, run: Run) -> tuple[Run, bool]:
        if run.connection_id is None:
            raise CallerNotAllowed(
                "Only the provider runs over everything: name one of your connections or customers."
            )
        return await self.inner.claim(replace(run, organisation=self.organisation))

    async def get(self, run: RunId) -> Run:
        found = await self.inner.get(run)
        if found.organisation != self.organisation:
            raise RunNotFound(run)
        return found

    async def page(self, cursor: str | None, size: int) -> Page[Run]:
        page = await self.inner.page(cursor, size)
        return Page([r for r in page.items if r.organisation == self.organisation], page.cursor)
