"""Put back a renewal's schedule that was ours, where nobody would lose a seat in use by it (law 5).

What a person asked for here goes the way of every change; what a night of ours left goes through
the ledger, which remembers it as the night's.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.change_plans import plan_change
from shared.domain.changes import ScheduleRenewal
from shared.domain.cuts import Cut
from shared.domain.drift import READING, DriftState
from shared.domain.drift_folds import Chain
from shared.domain.history import ChangeRecord, Origin
from shared.domain.operations import request_id
from shared.domain.runs import drift_holder
from shared.domain.seats import Growth, GrowthStatus
from shared.domain.subscriptions import Schedule, Subscription
from shared.workflows.alarms import Alarm, raise_alarm
from shared.workflows.change_subscription import Asked
from shared.workflows.drift import decide_all, leave_all_open
from shared.workflows.drift_records import RECENT
from shared.workflows.part_in_hand import PartInHand
from shared.workflows.ports import Lease, LedgerPage
from shared.workflows.promise_seats import refuse_open_growths
from shared.workflows.put_back import put_back
from shared.workflows.read_situation import Room, ledger_key, read_situation
from shared.workflows.settle_growth import Account, settle_growth
from shared.workflows.subscriptions import keep_reading
from shared.workflows.user_plans import all_plans

_AGAIN = "Somebody changed the schedule again since: adopt or resolve this entry."
_NOTHING = (
    "Nothing was scheduled before: adopt this entry, or clear the schedule with clearSchedule."
)
_NOT_OURS = (
    "The schedule that stood there was not ours: make it again with scheduleRenewal if it is "
    "wanted, or adopt this entry."
)
_MORE = (
    "The renewal would start with more seats than there are, and nothing is bought for this: make "
    "it with scheduleRenewal if it is wanted, or adopt this entry."
)


async def restore_schedule(
    room: Room, hand: PartInHand, chain: Chain, subscription: Subscription, asked: Asked
) -> Subscription:
    """Answer the subscription as it stands afterwards.

    In the ledger it has a name of its own, which whoever closes the night knows: what it takes out
    of the next term was counted when it was scheduled first, and nothing is saved anew.
    """
    return await _Restoring(room, hand, chain, subscription, asked).run()


@dataclass(frozen=True, slots=True)
class _Restoring:
    room: Room
    hand: PartInHand
    chain: Chain
    subscription: Subscription
    asked: Asked

    @property
    def holder(self) -> str:
        return drift_holder(self.hand.part.run_id, self.room.customer.id)

    async def run(self) -> Subscription:
        wanted = self.chain.before.schedule
        if self.subscription.schedule == wanted and not await self._begun():
            return await self._decided(DriftState.RESOLVED, self.subscription, READING)
        if wanted is None:
            return await self._left(_NOTHING)
        return await self._put_back(wanted)

    async def _put_back(self, wanted: Schedule) -> Subscription:
        page = await self._page()
        cut, begun = self._cut(page, wanted), self._mine(page)
        if cut is not None and begun is not None and begun.status is GrowthStatus.INTENT:
            # However it stands by now, it must not stay open.
            return await self._as_the_night(cut)
        is_ours = cut is not None or await self._was_asked_for(wanted)
        if obstacle := self._obstacle(wanted, is_ours=is_ours):
            return await self._left(obstacle)
        if cut is not None:
            return await self._as_the_night(cut)
        entries, change = self.chain.entries, _change_to(wanted)
        return await put_back(self.room, entries, self.subscription, change, self.asked)

    def _obstacle(self, wanted: Schedule, *, is_ours: bool) -> str:
        if self.subscription.schedule not in (self.chain.after.schedule, wanted):
            return _AGAIN
        if wanted.seats > self.subscription.seats:
            return _MORE
        return "" if is_ours else _NOT_OURS

    async def _begun(self) -> bool:
        """A host may have died between the sending and the end."""
        if self._mine(await self._page()) is not None:
            return True
        id_, history = self.room.customer.id, self.room.desk.history
        return await history.get(id_, self.subscription.id, self.asked.work) is not None

    async def _page(self) -> LedgerPage:
        key = ledger_key(self.subscription)
        return await self.room.desk.ledger.read(self.room.customer.id, key)

    def _mine(self, page: LedgerPage) -> Growth | None:
        """The run may have put back another schedule of the same subscription before."""
        return next((g for g in page.of(self.holder) if g.request_id == self._request), None)

    @property
    def _request(self) -> str:
        return request_id(self.asked.work, self.subscription.id)

    async def _was_asked_for(self, wanted: Schedule) -> bool:
        id_, history = self.subscription.id, self.room.desk.history
        recent = await history.page(self.room.customer.id, id_, None, RECENT)
        ends_at = self.subscription.ends_at
        return any(_made(record, wanted, ends_at) for record in recent.items)

    def _cut(self, page: LedgerPage, wanted: Schedule) -> Cut | None:
        cut = page.cuts.get(self.subscription.id)
        stood = (wanted.seats, self.subscription.ends_at)
        return cut if cut is not None and (cut.seats, cut.ends_at) == stood else None

    async def _as_the_night(self, cut: Cut) -> Subscription:
        desk, id_ = self.room.desk, self.room.customer.id
        key = ledger_key(self.subscription)
        lease = await desk.ledger.lease(id_, key, self.holder)
        try:
            ended, lease = await self._through_ledger(lease, cut)
            if ended is None:
                return self.subscription
            if ended.status is not GrowthStatus.APPLIED:
                return await self._not_put_back(ended)
            # A schedule in place of another one is nobody's cut: this one is the night's again.
            await desk.ledger.write_head(lease, self.subscription.id, ended.target, cut)
        finally:
            await desk.ledger.release(lease)
        reading = await self.room.partner_center.read(id_, self.subscription.id)
        after = replace(reading.subscription, sku=self.subscription.sku)
        await keep_reading(desk, after)
        return await self._decided(DriftState.ENFORCED, after, self.asked.by)

    async def _not_put_back(self, ended: Growth) -> Subscription:
        if ended.status is GrowthStatus.REVIEW:
            alarm, subject = Alarm.NIGHT_IN_REVIEW, ended.subscription_id
            await raise_alarm(self.room.desk, alarm, subject, self.asked.by)
        return await self._left(ended.reason)

    async def _through_ledger(self, lease: Lease, cut: Cut) -> tuple[Growth | None, Lease]:
        """Written down before it is sent; asked again it goes on with what was written."""
        desk = self.room.desk
        page = await desk.ledger.read(lease.customer_id, lease.sku)
        growth = self._mine(page)
        if growth is None:
            refuse_open_growths(page, self.holder)
            id_, change = self.subscription.id, ScheduleRenewal(cut.seats)
            situation = await read_situation(self.room, id_, change, floor=await self._floor())
            plan = plan_change(situation, change)
            if not plan.is_allowed:
                await self._left(" ".join(str(refusal) for refusal in plan.refusals))
                return None, lease
            growth = self._growth(cut, situation.subscription)
            growth = replace(growth, intended_at=situation.now)
            await self.hand.begin(lease.sku)
            lease = await desk.ledger.write_growth(lease, growth, None)
        account = Account(self.asked.by, note=self.asked.reason)
        return await settle_growth(desk, lease, page, growth, account)

    async def _floor(self) -> int:
        """A night takes no spare or held seat, and so puts back nothing that would."""
        desk, sku = self.room.desk, ledger_key(self.subscription)
        policy = await desk.policies.of(self.room.customer.id)
        return policy.rule_of(sku, await all_plans(desk), await desk.clock.now()).floor

    def _growth(self, cut: Cut, found: Subscription) -> Growth:
        return Growth(
            found.id,
            self.holder,
            base=found.seats,
            target=found.seats,
            request_id=self._request,
            scheduled_base=found.scheduled_seats,
            scheduled_target=cut.seats,
            reason=self.asked.reason,
            term_ends_at=found.ends_at,
        )

    async def _left(self, reason: str) -> Subscription:
        await leave_all_open(self.room.desk, self.chain.entries, reason)
        return self.subscription

    async def _decided(self, state: DriftState, after: Subscription, by: str) -> Subscription:
        await decide_all(self.room.desk, self.chain.entries, state, by)
        return after


def _made(record: ChangeRecord, wanted: Schedule, ends_at: datetime) -> bool:
    """Whether we left this schedule for this renewal, and did not only carry it on."""
    before, after = record.before, record.after
    if record.origin is not Origin.SEATKEEPER or after is None or after.ends_at != ends_at:
        return False
    return after.schedule == wanted and (before is None or before.schedule != wanted)


def _change_to(wanted: Schedule) -> ScheduleRenewal:
    terms = wanted.terms
    return ScheduleRenewal(wanted.seats, terms.offer, terms.term, terms.billing, terms.ends_at)
