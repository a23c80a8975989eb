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

    Needs three requests in the night in which it reads, and none in the others; one in each night
    for what could not be read.
    """
    now = await desk.clock.now()
    before = await desk.standings.of(customer.id)
    standing = await _read(desk, before, connection, now)
    if standing != before:
        rules = await drift_rules(desk, customer, connection)
        # A delivery that comes again after a death finds the same entries: they are of the run.
        for entry in of_standing(rules, before, standing, run.opened_at):
            await desk.drift.add(entry)
        await desk.standings.save(standing)
    warnings = tuple(standing.warnings(now))
    if warnings:
        event("customer-warning", customer=customer.id, warnings=len(warnings))
    return warnings


async def _read(desk: Desk, known: Standing, connection: Connection, now: datetime) -> Standing:
    """Each of both as it is due: where one cannot be read, the other is not asked for with it."""
    found, customer = known, known.customer_id
    if known.is_agreement_due(now):
        found = found.with_agreement(await _agreement(desk, connection, customer), now)
    if known.are_delegations_due(now):
        found = found.with_delegations(await _delegations(desk, connection, customer), now)
    return found


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
