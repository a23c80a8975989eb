"""Read once a week what a customer lets us do, and warn before it ends."""

from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.errors import RemoteRefused, SignInRefused
from shared.domain.ids import CustomerId
from shared.domain.standing import Delegation, Standing
from shared.workflows.events import event
from shared.workflows.ports import Desk


async def read_standing(desk: Desk, customer: Customer, connection: Connection) -> tuple[str, ...]:
    """Answer the warnings of tonight, from what was read within a week.

    Needs three requests in the night in which it reads, and none in the others.
    """
    now = await desk.clock.now()
    standing = await desk.standings.of(customer.id)
    if standing.is_due(now):
        agreed = await _has_agreement(desk, connection, customer.id)
        given = await _delegations(desk, connection, customer.id)
        standing = Standing(customer.id, now, agreed, given)
        await desk.standings.save(standing)
    warnings = tuple(standing.warnings(now))
    if warnings:
        event("customer-warning", customer=customer.id, warnings=len(warnings))
    return warnings


async def _has_agreement(desk: Desk, connection: Connection, customer: CustomerId) -> bool | None:
    """None where the connection's cloud or role has no agreements to show."""
    try:
        state = await desk.microsoft.partner_center(connection).agreement(customer)
    except (RemoteRefused, SignInRefused):
        return None
    return state.is_accepted


async def _delegations(
    desk: Desk, connection: Connection, customer: CustomerId
) -> tuple[Delegation, ...] | None:
    """The partner's own directory knows them; None where our application may not look."""
    own = desk.microsoft.directory(connection, CustomerId(connection.partner_tenant_id))
    try:
        return tuple(await own.delegations(customer))
    except (RemoteRefused, SignInRefused):
        return None
