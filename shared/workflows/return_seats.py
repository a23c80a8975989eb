"""Give back what a batch bought for rows that failed because Microsoft refused their other seats.

A return is a growth downwards with a holder of its own: written down before it is sent and settled
like every other, so that a crash before or after it sends nothing twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shared.domain.batches import Batch
from shared.domain.chunks import seats_in
from shared.domain.ids import SkuId
from shared.domain.operations import request_id
from shared.domain.pricing import quote_growth
from shared.domain.returns import schedule_after, seats_to_return, undo_holder
from shared.domain.seats import Growth, GrowthStatus, SeatView
from shared.workflows.alarms import Alarm, raise_alarm
from shared.workflows.ports import Desk, Lease, LedgerPage
from shared.workflows.promise_seats import (
    changes_under_way,
    refuse_open_growths,
    standing_promises,
)
from shared.workflows.settle_growth import Account, settle_growth
from shared.workflows.tenant import Tenant, all_plans, read_tenant

_REASON = "Bought for rows that failed before anybody was given the seats: they went back at once."
Growths = Mapping[tuple[SkuId, str], Growth]


async def return_seats(
    desk: Desk, batch: Batch, growths: Growths, *, may_send: bool = True
) -> list[Growth]:
    """Answer every return of the batch, those of an earlier call too.

    Without ``may_send`` none is begun any more, and of one that was begun it is only read how far
    it came. Raises `SeatsBusy` while somebody else changes the SKU.
    """
    tallies = await desk.batches.tallies(batch.id)
    returns: list[Growth] = []
    for sku, bought in sorted(_bought(growths).items()):
        if failed := seats_in(tallies, sku).failed:
            work = _Returning(desk, batch, bought, failed, may_send=may_send)
            returns += await work.run(sku)
    for told in returns:
        # Of an earlier call too: its host may have died before it called anybody.
        if told.status is GrowthStatus.REVIEW:
            alarm = Alarm.RETURN_IN_REVIEW
            await raise_alarm(desk, alarm, told.subscription_id, batch.requested_by)
    return returns


def _bought(growths: Growths) -> dict[SkuId, list[Growth]]:
    bought: dict[SkuId, list[Growth]] = {}
    for (sku, _), growth in growths.items():
        if growth.status is GrowthStatus.APPLIED and growth.seats_bought > 0:
            bought.setdefault(sku, []).append(growth)
    return bought


@dataclass(frozen=True, slots=True)
class _Returning:
    desk: Desk
    batch: Batch
    bought: Sequence[Growth]
    failed: int
    may_send: bool

    async def run(self, sku: SkuId) -> list[Growth]:
        holder = undo_holder(self.batch.id)
        lease = await self.desk.ledger.lease(self.batch.customer_id, sku, holder)
        try:
            return await self._run(lease)
        finally:
            await self.desk.ledger.release(lease)

    async def _run(self, lease: Lease) -> list[Growth]:
        page = await self.desk.ledger.read(lease.customer_id, lease.sku)
        begun = page.of(lease.owner)
        if begun and all(g.status is not GrowthStatus.INTENT for g in begun):
            return list(begun)
        tenant = await read_tenant(self.desk, lease.customer_id)
        if self.may_send and not begun:
            refuse_open_growths(page, lease.owner)
            begun = await self._plan(lease, page, tenant)
            for growth in begun:
                lease = await self.desk.ledger.write_growth(lease, growth, None)
        ended = []
        for growth in begun:
            account = await self._account(tenant, growth)
            told, lease = await settle_growth(
                self.desk, lease, page, growth, account, may_send=self.may_send
            )
            ended.append(told)
        return ended

    async def _plan(self, lease: Lease, page: LedgerPage, tenant: Tenant) -> tuple[Growth, ...]:
        if await changes_under_way(self.desk, tenant, lease.sku):
            return ()
        now, sku = await self.desk.clock.now(), lease.sku
        policy = await self.desk.policies.of(lease.customer_id)
        floor = policy.rule_of(sku, (await all_plans(self.desk)).values(), now).floor
        standing = await standing_promises(self.desk, tenant, sku, page, now)
        view, left, intents = tenant.view(sku, standing, floor), self.failed, []
        for growth in self.bought:
            spared = replace(view, floor=floor + self.failed - left)
            if back := seats_to_return(spared, growth, left, now):
                intents.append(_intent(lease.owner, view, growth, back))
                left -= back
        return tuple(replace(intent, intended_at=now) for intent in intents)

    async def _account(self, tenant: Tenant, growth: Growth) -> Account:
        """Seats that go back are refunded by the day, as growths are charged by it."""
        by, now = self.batch.requested_by, growth.intended_at or await self.desk.clock.now()
        held = next((s for s in tenant.subscriptions if s.id == growth.subscription_id), None)
        entry = tenant.entries.get(held.offer) if held is not None else None
        if held is None or entry is None:
            return Account(by, note=growth.reason)
        quote = quote_growth(held, growth.base - growth.target, entry, now)
        if quote is None:
            return Account(by, note=growth.reason)
        return Account(by, quote.now * -1, quote.until_term_end * -1, note=growth.reason)


def _intent(holder: str, view: SeatView, growth: Growth, back: int) -> Growth:
    held = next(s for s in view.subscriptions if s.id == growth.subscription_id)
    return Growth(
        held.id,
        holder,
        base=held.seats,
        target=held.seats - back,
        request_id=request_id(holder, held.id),
        scheduled_base=held.scheduled_seats,
        scheduled_target=schedule_after(held, growth, back),
        reason=_REASON,
    )
