"""Lay out every repository over the session's real storage emulator, under the test's prefix."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from shared.storage.audit import AuditTable
from shared.storage.batches import BatchTable
from shared.storage.catalog import CatalogTable
from shared.storage.connections import ConnectionTable
from shared.storage.customers import CustomerTable
from shared.storage.ends import EndTable
from shared.storage.history import HistoryTable
from shared.storage.idempotency import IdempotencyTable
from shared.storage.ledger import SeatLedgerTable
from shared.storage.notices import NoticeTable
from shared.storage.operations import OperationTable
from shared.storage.plans import PlanTable
from shared.storage.poison import PoisonTable
from shared.storage.policies import PolicyTable
from shared.storage.queues import StorageQueues
from shared.storage.reminders import ReminderTable
from shared.storage.runs import RunTable
from shared.storage.subscriptions import SubscriptionTable
from shared.storage.tables import Tables
from shared.storage.transactions import TransactionTable
from shared.workflows import ports


@dataclass
class MachineClock:
    """A machine's two clocks, moved together by hand."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, by: timedelta) -> None:
        self.moment += by
        self.seconds += by.total_seconds()


@dataclass
class Stores:
    """What a host holds; typed as the ports, so that the type checker compares them."""

    tables: Tables
    clock: MachineClock
    connections: ports.Connections
    customers: ports.Customers
    catalog: ports.Catalog
    plans: ports.Plans
    policies: ports.Policies
    subscriptions: ports.Subscriptions
    history: ports.History
    ends: ports.Ends
    operations: ports.Operations
    idempotency: ports.IdempotencyKeys
    ledger: ports.SeatLedger
    batches: ports.Batches
    runs: ports.Runs
    transactions: ports.Transactions
    notices: ports.Notices
    audit: ports.Audit
    poison: ports.Poison
    reminders: ports.Reminders


def lay_out(tables: Tables, clock: MachineClock) -> Stores:
    return Stores(
        tables=tables,
        clock=clock,
        connections=ConnectionTable(tables),
        customers=CustomerTable(tables),
        catalog=CatalogTable(tables),
        plans=PlanTable(tables),
        policies=PolicyTable(tables),
        subscriptions=SubscriptionTable(tables),
        history=HistoryTable(tables),
        ends=EndTable(tables),
        operations=OperationTable(tables),
        idempotency=IdempotencyTable(tables, now=clock.now),
        ledger=SeatLedgerTable(tables, now=clock.now, monotonic=clock.monotonic),
        batches=BatchTable(tables),
        runs=RunTable(tables),
        transactions=TransactionTable(tables),
        notices=NoticeTable(tables),
        audit=AuditTable(tables),
        poison=PoisonTable(tables),
        reminders=ReminderTable(tables),
    )


@pytest.fixture
def clock() -> MachineClock:
    return MachineClock()


@pytest.fixture
async def tables(azurite: str, prefix: str) -> AsyncIterator[Tables]:
    tables = Tables(azurite, prefix=prefix)
    yield tables
    await tables.close()


@pytest.fixture
def stores(tables: Tables, clock: MachineClock) -> Stores:
    return lay_out(tables, clock)


@pytest.fixture
def elsewhere(stores: Stores) -> Stores:
    """Another host on the same storage account."""
    return lay_out(stores.tables, stores.clock)


@pytest.fixture
async def queues(azurite: str, prefix: str) -> AsyncIterator[StorageQueues]:
    queues = StorageQueues(azurite, prefix=prefix)
    yield queues
    await queues.close()
