"""Carry out what the night decided for one customer, SKU by SKU, under the ledger's lease."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from shared.domain.billing import Transaction, TransactionKind
from shared.domain.errors import OutcomeUnknown, RemoteAnswer, RemoteUnavailable
from shared.domain.giveback import Decision, DecisionKind, GiveBackPlan, Policy, plan_give_back
from shared.domain.ids import SkuId
from shared.domain.operations import request_id
from shared.domain.seats import GrowthStatus, SeatView
from shared.domain.subscriptions import Subscription
from shared.workflows.ports import Desk, Lease, PartnerCenter, SeatChange
from shared.workflows.promise_seats import standing_promises
from shared.workflows.tenant import Tenant, read_tenant


async def plan_tenant(desk: Desk, tenant: Tenant, policy: Policy) -> GiveBackPlan:
    """Decide for every subscription of a customer; nothing is written."""
    now = await desk.clock.now()
    counted = sorted({s.sku for s in tenant.subscriptions if s.sku in tenant.stocks and s.sku})
    views = [await _view(desk, tenant, sku, policy) for sku in counted]
    uncounted = [s for s in tenant.subscriptions if s.sku not in tenant.stocks]
    return plan_give_back(views, uncounted, minimum_of=tenant.minimum_of, now=now)


async def _view(desk: Desk, tenant: Tenant, sku: SkuId, policy: Policy) -> SeatView:
    page = await desk.ledger.read(tenant.customer.id, sku)
    now = await desk.clock.now()
    standing = await standing_promises(desk, tenant, sku, page, now)
    return tenant.view(sku, standing, policy.spare_seats)


async def give_back(
    desk: Desk, tenant: Tenant, policy: Policy, wanted: Sequence[Decision], work: str
) -> tuple[Decision, ...]:
    """Apply the wanted decisions; each SKU is read and planned again while its lease is held.

    Answers what was really done. Raises `SeatsBusy` while a growth is under way: the queue tries
    again.
    """
    done: list[Decision] = []
    for sku in sorted({d.sku for d in wanted if d.sku is not None}):
        lease = await desk.ledger.lease(tenant.customer.id, sku, work)
        try:
            done += await _apply_sku(desk, lease, policy)
        finally:
            await desk.ledger.release(lease)
    return tuple(done)


async def _apply_sku(desk: Desk, lease: Lease, policy: Policy) -> list[Decision]:
    page = await desk.ledger.read(lease.customer_id, lease.sku)
    if any(g.status is GrowthStatus.INTENT for g in page.growths):
        # A growth under way makes tonight's numbers stale; tomorrow is early enough.
        return []
    tenant = await read_tenant(desk, lease.customer_id)
    plan = await plan_tenant(desk, tenant, policy)
    partner_center = desk.microsoft.partner_center(tenant.connection)
    done = []
    for decision in plan.changes:
        if decision.sku == lease.sku:
            found = next(s for s in tenant.subscriptions if s.id == decision.subscription_id)
            lease = await _Hand(desk, partner_center, found, decision).apply(lease)
            done.append(decision)
    return done


@dataclass(frozen=True, slots=True)
class _Hand:
    desk: Desk
    partner_center: PartnerCenter
    subscription: Subscription
    decision: Decision

    async def apply(self, lease: Lease) -> Lease:
        seats = (
            self.decision.target
            if self.decision.kind is DecisionKind.RETURN
            else self.decision.seats
        )
        lease = await self._send(lease, seats, self.subscription.scheduled_seats, "seats")
        if self.decision.scheduled_target is not None:
            lease = await self._send(lease, seats, self.decision.scheduled_target, "schedule")
        await self._record(lease)
        return await self.desk.ledger.write_head(lease, self.subscription.id, seats)

    async def _send(self, lease: Lease, seats: int, scheduled: int | None, step: str) -> Lease:
        """Read, send where it differs, and read again: nothing counts as done on an answer."""
        reading = await self.partner_center.read(
            self.subscription.customer_id, self.subscription.id
        )
        now = reading.subscription
        if now.seats == seats and (step == "seats" or now.scheduled_seats == scheduled):
            return lease
        if now.seats not in (self.subscription.seats, seats):
            raise self._moved(now.seats)
        lease = await self.desk.ledger.renew(lease)
        # After a lost answer the reading below says what became of it.
        with suppress(OutcomeUnknown):
            await self.partner_center.change(
                reading, SeatChange(seats, scheduled), request_id(lease.owner, f"{now.id}/{step}")
            )
        return await self._seen(lease, seats, scheduled, step)

    async def _seen(self, lease: Lease, seats: int, scheduled: int | None, step: str) -> Lease:
        again = await self.partner_center.read(self.subscription.customer_id, self.subscription.id)
        found = again.subscription
        if found.seats != seats or (step == "schedule" and found.scheduled_seats != scheduled):
            raise self._moved(found.seats)
        return lease

    def _moved(self, seats: int) -> RemoteUnavailable:
        return RemoteUnavailable(
            f"The subscription shows {seats} seats while {self.decision.target} were to be set; "
            "it is read and planned again.",
            RemoteAnswer("partnerCenter"),
        )

    async def _record(self, lease: Lease) -> None:
        returned = self.decision.kind is DecisionKind.RETURN
        await self.desk.transactions.record(
            Transaction(
                id=request_id(lease.owner, self.subscription.id),
                customer_id=self.subscription.customer_id,
                kind=TransactionKind.GIVEN_BACK if returned else TransactionKind.SCHEDULED,
                subscription_id=self.subscription.id,
                sku=self.subscription.sku,
                seats_before=self.decision.seats,
                seats_after=self.decision.target,
                requested_by="nightly",
                work=lease.owner,
                at=await self.desk.clock.now(),
                note=self.decision.reason,
            )
        )
