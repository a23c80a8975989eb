"""Read once a week what a customer lets us do, tell what changed of it, and warn before it ends."""

from datetime import datetime

from shared.domain.connections import Connection
from shared.domain.customers import AgreementState, Customer
from shared.domain.errors import RemoteRefused, SignInRefused
from shared.domain.ids import CustomerId
from shared.domain.runs import Run
from shared.domain.standing import Delegation, Standing
from shared.domain.standing_drift import of_standing
from shared.workflows.drift import drift_rules
from shared.workflows.events import event
from shared.workflows.ports import Desk


async def read_standing(
    desk: Desk, run: Run, customer: Customer, connection: Connection
) -> tuple[str, ...]:
    """Answer the warnings of tonight, from what was read within a week; what differs is drift.

    Needs three requests in the night in which it reads, and none in the others.
    """
    now = await desk.clock.now()
    standing = await desk.standings.of(customer.id)
    if standing.is_due(now):
        before, standing = standing, await _read(desk, customer, connection, now)
        rules = await drift_rules(desk, customer, connection)
        # A delivery that comes again after a death finds the same entries: they are of the run.
        for entry in of_standing(rules, before, standing, run.opened_at):
            await desk.drift.add(entry)
        await desk.standings.save(standing)
    warnings = tuple(standing.warnings(now))
    if warnings:
        event("customer-warning", customer=customer.id, warnings=len(warnings))
    return warnings


async def _read(desk: Desk, customer: Customer, connection: Connection, now: datetime) -> Standing:
    agreed = await _agreement(desk, connection, customer.id)
    given = await _delegations(desk, connection, customer.id)
    if agreed is None:
        return Standing(customer.id, now, None, given)
    version, day = agreed.version, agreed.agreed_at
    return Standing(customer.id, now, agreed.is_accepted, given, version, day)


async def _agreement(
    desk: Desk, connection: Connection, customer: CustomerId
) -> AgreementState | None:
    """None where the connection's cloud or role has no agreements to show."""
    try:
        return await desk.microsoft.partner_center(connection).agreement(customer)
    except (RemoteRefused, SignInRefused):
        return None


async def _delegations(
    desk: Desk, connection: Connection, customer: CustomerId
) -> tuple[Delegation, ...] | None:
    """The partner's own directory knows them; None where our application may not look."""
    own = desk.microsoft.directory(connection, CustomerId(connection.partner_tenant_id))
    try:
        return tuple(await own.delegations(customer))
    except (RemoteRefused, SignInRefused):
        return None
