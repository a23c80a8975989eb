"""Know from when until when a plan rested on trials alone, so that nobody is billed for that time.

What is noted is dated by readings and never changes, so that a month which is over stays as it was.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.ids import PlanId, SkuId
from shared.domain.plans import UserPlan
from shared.domain.seats import Holding
from shared.domain.subscriptions import Subscription, SubscriptionStatus


@dataclass(frozen=True, slots=True)
class Trial:
    """``since`` is the last reading that found it otherwise, ``until`` the first one that did so.

    None: no reading did.
    """

    since: datetime | None = None
    until: datetime | None = None

    def covers(self, first: datetime, last: datetime) -> bool:
        began = self.since is None or self.since < first
        return began and (self.until is None or last < self.until)


Trials = Mapping[PlanId, tuple[Trial, ...]]


def plans_on_trial(
    subscriptions: Iterable[Subscription], holdings: Sequence[Holding], plans: Iterable[UserPlan]
) -> set[PlanId]:
    """Plans whose base none of our active subscriptions but trials has at this moment."""
    active = [s for s in subscriptions if s.status is SubscriptionStatus.ACTIVE]
    trials = {_sku_of(s, holdings) for s in active if s.is_trial}
    paid = {_sku_of(s, holdings) for s in active if not s.is_trial}
    return {plan.id for plan in plans if plan.base in trials - paid}


def _sku_of(subscription: Subscription, holdings: Iterable[Holding]) -> SkuId | None:
    """A trial may be in no catalog: then the directory tells what it is of."""
    if subscription.sku is not None:
        return subscription.sku
    known = (h.sku for h in holdings if subscription.is_known_as(h.commerce_id, h.id))
    return next(known, None)


def noted(
    trials: Trials | None, on_trial: Collection[PlanId], last_read: datetime | None, now: datetime
) -> Trials:
    """Add what this reading found; of what the first one found nobody knows the beginning."""
    began = Trial(last_read if trials is not None else None)
    known = dict(trials or {})
    going_on = {plan for plan, past in known.items() if past[-1].until is None}
    for plan in going_on.difference(on_trial):
        *past, last = known[plan]
        known[plan] = (*past, replace(last, until=now))
    for plan in {*on_trial} - going_on:
        known[plan] = (*known.get(plan, ()), began)
    return known
