"""Say what is done about a difference, and what became of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.drift import DriftEntry, DriftRules, DriftState
from shared.domain.drift_levels import DriftLevels
from shared.domain.ids import CustomerId
from shared.domain.policies import Policy
from shared.workflows.ports import AuditEntry, Desk


async def drift_rules(desk: Desk, customer: Customer, connection: Connection) -> DriftRules:
    return rules_of(desk, connection, await desk.policies.of(customer.id), customer.id)


def rules_of(
    desk: Desk, connection: Connection, policy: Policy, customer: CustomerId
) -> DriftRules:
    return DriftRules(customer, drift_levels(desk, connection, policy).rules)


def drift_levels(desk: Desk, connection: Connection, policy: Policy) -> DriftLevels:
    return DriftLevels(desk.drift_rules, connection.baseline.drift, policy.drift)


async def rules_of_customer(desk: Desk, customer_id: CustomerId) -> DriftRules:
    customer = await desk.customers.get(customer_id)
    return await drift_rules(desk, customer, await desk.connections.get(customer.connection_id))


async def decide(desk: Desk, entry: DriftEntry, state: DriftState, by: str) -> DriftEntry:
    """Say that a difference is wanted, or dealt with; an entry that is decided stays so."""
    return await _decide(desk, entry, state, by, await desk.clock.now())


async def _decide(
    desk: Desk, entry: DriftEntry, state: DriftState, by: str, now: datetime
) -> DriftEntry:
    if entry.state is not DriftState.OPEN:
        return entry
    told = AuditEntry(now, by, f"drift {state.value}", entry.subject, {"what": entry.what})
    await desk.audit.record(told)
    return await desk.drift.save(entry.decided(state, by, now))


async def decide_all(desk: Desk, entries: Iterable[DriftEntry], state: DriftState, by: str) -> None:
    """At one moment, for they are one thing."""
    now = await desk.clock.now()
    for entry in entries:
        await _decide(desk, entry, state, by, now)


async def leave_all_open(desk: Desk, entries: Iterable[DriftEntry], reason: str) -> None:
    for entry in entries:
        await leave_open(desk, entry, reason)


async def leave_open(desk: Desk, entry: DriftEntry, reason: str) -> None:
    """Say why it was not put back tonight."""
    if entry.reason != reason:
        await desk.drift.save(replace(entry, reason=reason))
