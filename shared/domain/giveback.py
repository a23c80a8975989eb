"""Decide which idle seats go back, now or at the renewal (laws 5 and 6).

https://learn.microsoft.com/partner-center/customers/new-commerce-cancellation-policy
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.ids import OfferId, SkuId, SubscriptionId
from shared.domain.seats import SeatView
from shared.domain.subscriptions import Subscription


class GiveBackMode(StrEnum):
    """Nothing is given back by default."""

    REPORT = "report"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a customer allows the nightly run to do.

    ``spare_seats`` stay idle per SKU, so that the next joiner waits for nothing.
    """

    mode: GiveBackMode = GiveBackMode.REPORT
    spare_seats: int = 0
    etag: str = ""


class DecisionKind(StrEnum):
    RETURN = "return"
    SCHEDULE = "schedule"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one subscription tonight, with the reason in words.

    ``seats`` is the quantity now, ``target`` the quantity after the return, or from the renewal on
    for a schedule.
    """

    kind: DecisionKind
    subscription_id: SubscriptionId
    name: str
    sku: SkuId | None
    seats: int
    target: int
    reason: str
    effective_at: datetime | None = None
    scheduled_target: int | None = None
    """What the renewal starts with afterwards, where a schedule stands or is made."""

    @property
    def seats_given_back(self) -> int:
        """Against the quantity now: a schedule names all seats that the renewal will not have."""
        return self.seats - self.target

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass(frozen=True, slots=True)
class GiveBackPlan:
    """Every subscription of a customer has a line in it, also when nothing is done."""

    decisions: tuple[Decision, ...]

    @property
    def changes(self) -> tuple[Decision, ...]:
        return tuple(d for d in self.decisions if d.kind is not DecisionKind.KEEP)


def plan_give_back(
    views: Iterable[SeatView],
    uncounted: Iterable[Subscription],
    *,
    minimum_of: Mapping[OfferId, int],
    now: datetime,
) -> GiveBackPlan:
    """Give back what nobody uses, was promised or shall stay idle.

    ``views`` hold the SKUs that are counted by user; ``uncounted`` are subscriptions whose SKU the
    directory does not show, and which are therefore left alone. Each view's ``floor`` is the
    policy's spare.
    """
    decisions: list[Decision] = []
    for view in views:
        decisions += _of_view(view, minimum_of, now)
    decisions += [
        _keep(s, "the directory shows no licence counts for it, so nothing proves it idle")
        for s in uncounted
    ]
    return GiveBackPlan(tuple(decisions))


def _of_view(view: SeatView, minimum_of: Mapping[OfferId, int], now: datetime) -> list[Decision]:
    if not view.stock.per_user:
        reason = "its seats are not counted by user assignment; reported only"
        return [_keep(s, reason) for s in view.subscriptions]
    idle = view.lasting - view.wanted
    decisions = []
    for subscription in _refundable_first(view.subscriptions, now):
        joined = _is_ours(subscription, view)
        decision = _of_subscription(
            subscription, idle if joined else 0, minimum_of.get(subscription.offer, 1), now
        )
        if not joined and idle > 0:
            decision = _keep(subscription, "the directory does not show it as bought through us")
        if decision.kind is DecisionKind.RETURN:
            idle -= decision.seats_given_back
        elif decision.kind is DecisionKind.SCHEDULE:
            idle -= subscription.lasting_seats - decision.target
        decisions.append(decision)
    return decisions


def _is_ours(subscription: Subscription, view: SeatView) -> bool:
    """Ownership that cannot be proved means not ours."""
    return any(h.commerce_id == subscription.id for h in view.holdings)


def _refundable_first(subscriptions: Iterable[Subscription], now: datetime) -> list[Subscription]:
    return sorted(subscriptions, key=lambda s: (-s.refundable_seats(now), s.id))


def _of_subscription(
    subscription: Subscription, idle: int, minimum: int, now: datetime
) -> Decision:
    blocked = subscription.why_not_changeable(now)
    if blocked is not None:
        return _keep(subscription, blocked)
    spare = min(idle, subscription.lasting_seats - max(1, minimum))
    if spare <= 0:
        return _keep(subscription, _why_nothing(subscription, idle))
    now_back = min(spare, subscription.refundable_seats(now))
    if now_back > 0:
        return Decision(
            DecisionKind.RETURN,
            subscription.id,
            subscription.name,
            subscription.sku,
            subscription.seats,
            subscription.seats - now_back,
            f"{now_back} of {spare} idle seats are inside their refund window and go back now",
            effective_at=now,
            scheduled_target=_after_return(subscription, now_back),
        )
    return _schedule(subscription, spare)


def _after_return(subscription: Subscription, returned: int) -> int | None:
    """A change in mid-term deletes the schedule; what it said is said again, less the return."""
    if subscription.scheduled_seats is None:
        return None
    return subscription.lasting_seats - returned


def _schedule(subscription: Subscription, spare: int) -> Decision:
    if not subscription.auto_renew:
        return _keep(
            subscription,
            f"{spare} idle seats are past their refund window, and a schedule needs auto-renew, "
            "which is off",
        )
    target = subscription.lasting_seats - spare
    return Decision(
        DecisionKind.SCHEDULE,
        subscription.id,
        subscription.name,
        subscription.sku,
        subscription.seats,
        target,
        f"{spare} idle seats are past their refund window; the renewal on "
        f"{subscription.ends_at:%Y-%m-%d} starts with {target}",
        effective_at=subscription.ends_at,
        scheduled_target=target,
    )


def _why_nothing(subscription: Subscription, idle: int) -> str:
    if idle > 0:
        return f"{idle} seats are idle, and the product's minimum keeps them"
    if subscription.scheduled_seats is not None:
        return f"the renewal is scheduled to start with {subscription.scheduled_seats} seats"
    return "every seat is used, promised or kept spare"


def _keep(subscription: Subscription, reason: str) -> Decision:
    return Decision(
        DecisionKind.KEEP,
        subscription.id,
        subscription.name,
        subscription.sku,
        subscription.seats,
        subscription.seats,
        reason,
    )
