"""Promise seats of one SKU to a piece of work, and write down what must be raised for it.

Everything that counts is read while the lease is held, so that two pieces of work never count the
same free seat. Nothing is sent from here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.errors import SeatsBusy, SeatsUnavailable
from shared.domain.history import ChangeRecord
from shared.domain.ids import CustomerId, SkuId
from shared.domain.operations import request_id
from shared.domain.seat_plans import SeatPlan, plan_seats
from shared.domain.seats import Growth, GrowthStatus, Reservation, SeatView, seats_in_use
from shared.workflows.ports import Desk, Lease, LedgerPage
from shared.workflows.tenant import Tenant, live_reservations, read_tenant


@dataclass(frozen=True, slots=True)
class Promise:
    """What a piece of work was promised, and the tenant as it was read for it (None: earlier)."""

    growths: tuple[Growth, ...]
    tenant: Tenant | None = None


Check = Callable[[SeatPlan, Tenant, datetime], None]


def _nobody_minds(_plan: SeatPlan, _tenant: Tenant, _now: datetime) -> None:
    return


async def promise_seats(
    desk: Desk,
    customer_id: CustomerId,
    sku: SkuId,
    *,
    needed: int,
    holder: str,
    check: Check = _nobody_minds,
) -> Promise:
    """Reserve, and note the growths that cover it; called again it answers what was noted.

    ``check`` is shown what would be bought and raises where it must not be.
    Raises `SeatsBusy` while another growth of the SKU is open, and `SeatsUnavailable` where no
    subscription of ours can take the seats.
    """
    lease = await desk.ledger.lease(customer_id, sku, holder)
    try:
        page = await desk.ledger.read(customer_id, sku)
        if any(r.holder == holder for r in page.reservations):
            return Promise(page.of(holder))
        if withdrawn := page.of(holder):
            raise SeatsUnavailable(withdrawn[0].reason)
        refuse_open_growths(page, holder)
        return await _promise(desk, lease, page, needed, check)
    finally:
        await desk.ledger.release(lease)


async def promise_more(desk: Desk, lease: Lease, seats: int, *, is_last_stage: bool) -> int:
    """Add free seats to what the lease's owner was promised; answer how many there were.

    Nothing is bought, and nothing promised of a SKU that a later stage is to compute as a whole.
    Raises `SeatsBusy` as `promise_seats` does.
    """
    page = await desk.ledger.read(lease.customer_id, lease.sku)
    mine = next((r for r in page.reservations if r.holder == lease.owner), None)
    if mine is None and not is_last_stage:
        return 0
    refuse_open_growths(page, lease.owner)
    now, tenant = await desk.clock.now(), await read_tenant(desk, lease.customer_id)
    await refuse_shrinking(desk, tenant, lease.sku)
    standing = await standing_promises(desk, tenant, lease.sku, page, now)
    view = tenant.view(lease.sku, standing)
    more = min(seats, max(0, view.usable - view.wanted))
    if more:
        mine = mine or Reservation(lease.owner, 0, baseline(view.stock.consumed, standing))
        grown = replace(mine, seats=mine.seats + more)
        await desk.ledger.save_reservation(lease.customer_id, lease.sku, grown)
    return more


def refuse_open_growths(page: LedgerPage, holder: str) -> None:
    if any(g.status is GrowthStatus.INTENT and g.holder != holder for g in page.growths):
        raise SeatsBusy("Another growth of this SKU is under way; it is tried again in a moment.")


async def refuse_shrinking(desk: Desk, tenant: Tenant, sku: SkuId) -> None:
    """Seats that a change under way may take are promised to nobody."""
    if any(c.takes_seats for c in await changes_under_way(desk, tenant, sku)):
        raise SeatsBusy("A change that takes seats of this SKU away is under way at Microsoft.")


async def changes_under_way(desk: Desk, tenant: Tenant, sku: SkuId) -> list[ChangeRecord]:
    return [
        change
        for subscription in tenant.view(sku).subscriptions
        for change in await desk.history.unfinished(tenant.customer.id, subscription.id)
    ]


async def _promise(
    desk: Desk, lease: Lease, page: LedgerPage, needed: int, check: Check
) -> Promise:
    now = await desk.clock.now()
    tenant = await read_tenant(desk, lease.customer_id)
    await refuse_shrinking(desk, tenant, lease.sku)
    stock = tenant.view(lease.sku).stock
    others = await standing_promises(desk, tenant, lease.sku, page, now)
    await _forget_settled(desk, lease, page, others)
    mine = Reservation(lease.owner, needed, consumed_before=baseline(stock.consumed, others))
    plan = plan_for(tenant, tenant.view(lease.sku, [*others, mine]), needed, now)
    if plan.missing:
        raise SeatsUnavailable(f"{plan.missing} seats cannot be had: {plan.why_missing}")
    if plan.seats_to_buy:
        tenant.connection.require_direct_billing("buy seats")
        check(plan, tenant, now)
    growths = _growths(plan, lease.owner, now)
    await desk.ledger.promise(lease, mine, growths)
    return Promise(growths, tenant)


async def standing_promises(
    desk: Desk, tenant: Tenant, sku: SkuId, page: LedgerPage, now: datetime
) -> list[Reservation]:
    """The promises as they stand, less those that the licence counts have caught up with."""
    consumed = tenant.view(sku).stock.consumed
    live = await live_reservations(desk, page, sku)
    return [r for r in live if not r.is_settled(consumed, now, live)]


def baseline(consumed: int, others: Sequence[Reservation]) -> int:
    """From which count on our own assignments show: all that others were promised comes first."""
    return seats_in_use(consumed, others) + sum(r.seats for r in others)


def plan_for(tenant: Tenant, view: SeatView, needed: int, now: datetime) -> SeatPlan:
    return plan_seats(
        view,
        needed=needed,
        maximum_of=tenant.maximum_of,
        preference=tenant.preference(now),
        now=now,
        unfit=tenant.unfit(now),
    )


async def _forget_settled(
    desk: Desk, lease: Lease, page: LedgerPage, standing: Sequence[Reservation]
) -> None:
    holders = {r.holder for r in standing}
    for reservation in page.reservations:
        if reservation.holder not in holders:
            await desk.ledger.drop_reservation(lease.customer_id, lease.sku, reservation.holder)


def _growths(plan: SeatPlan, holder: str, now: datetime) -> tuple[Growth, ...]:
    return tuple(
        Growth(
            r.subscription.id,
            holder,
            base=r.subscription.seats,
            target=r.target,
            request_id=request_id(holder, r.subscription.id),
            scheduled_base=r.subscription.scheduled_seats,
            scheduled_target=r.scheduled_target,
            intended_at=now,
        )
        for r in plan.raises
    )
