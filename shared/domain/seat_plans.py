"""Decide how many seats are needed, and which subscription grows (laws 1 to 3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.ids import OfferId, SkuId, SubscriptionId
from shared.domain.seats import SeatView
from shared.domain.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Raise:
    """One subscription's part in covering a deficit."""

    subscription: Subscription
    target: int
    scheduled_target: int | None = None


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """What must be raised so that everybody who was promised a seat has one.

    ``standing_deficit`` were missing before this work came; it is shown on a line of its own.
    ``missing`` seats cannot be had from any of our subscriptions.
    """

    sku: SkuId
    needed: int
    free: int
    raises: tuple[Raise, ...] = ()
    standing_deficit: int = 0
    missing: int = 0
    why_missing: str = ""

    @property
    def seats_to_buy(self) -> int:
        return sum(r.target - r.subscription.seats for r in self.raises)


def plan_seats(
    view: SeatView,
    *,
    needed: int,
    maximum_of: Mapping[OfferId, int],
    preference: Mapping[SubscriptionId, int],
    now: datetime,
    unfit: Mapping[SubscriptionId, str] | None = None,
) -> SeatPlan:
    """Raise no more than what is in use and promised beyond what may be used.

    ``needed`` is this work's own share of the view's reservations; ``preference`` ranks the
    subscriptions, cheapest first; ``unfit`` says why some of them must not grow. Seats that a
    schedule would remove are kept before seats are bought.
    """
    deficit = max(0, view.wanted - view.usable)
    unfit = unfit or {}
    candidates = sorted(
        (s for s in view.subscriptions if _why_not(s, unfit, now) is None),
        key=lambda s: (preference.get(s.id, len(preference)), s.id),
    )
    raises, missing = _cover(deficit, candidates, maximum_of)
    return SeatPlan(
        sku=view.stock.sku,
        needed=needed,
        free=max(0, view.usable - (view.wanted - needed)),
        raises=raises,
        standing_deficit=max(0, view.wanted - needed - view.usable),
        missing=missing,
        why_missing=_why_missing(view, maximum_of, unfit, now) if missing else "",
    )


def _cover(
    deficit: int, candidates: Iterable[Subscription], maximum_of: Mapping[OfferId, int]
) -> tuple[tuple[Raise, ...], int]:
    candidates = tuple(candidates)
    keep: dict[SubscriptionId, int] = {}
    for subscription in candidates:
        kept = min(deficit, _taken_by_schedule(subscription))
        if kept > 0:
            keep[subscription.id] = kept
            deficit -= kept
    buy: dict[SubscriptionId, int] = {}
    for subscription in _roomiest_first(deficit, candidates, maximum_of):
        bought = min(deficit, _room(subscription, maximum_of))
        if bought > 0:
            buy[subscription.id] = bought
            deficit -= bought
    return tuple(
        _raise(s, keep.get(s.id, 0), buy.get(s.id, 0))
        for s in candidates
        if s.id in keep or s.id in buy
    ), deficit


def _taken_by_schedule(subscription: Subscription) -> int:
    """Seats that may be kept: those of what passes serve until then, whatever is scheduled."""
    return 0 if subscription.is_passing else subscription.seats - subscription.lasting_seats


def _room(subscription: Subscription, maximum_of: Mapping[OfferId, int]) -> int:
    return max(0, maximum_of.get(subscription.offer, subscription.seats) - subscription.seats)


def _roomiest_first(
    deficit: int, candidates: tuple[Subscription, ...], maximum_of: Mapping[OfferId, int]
) -> tuple[Subscription, ...]:
    """One subscription that can take it all is better than two that share."""
    whole = [s for s in candidates if _room(s, maximum_of) >= deficit]
    return tuple(whole[:1]) or candidates


def _raise(subscription: Subscription, kept: int, bought: int) -> Raise:
    scheduled = None
    if subscription.scheduled_seats is not None:
        # A change in mid-term deletes the schedule, so what it shall say afterwards is written
        # down with the raise itself; a larger next term, which somebody asked for, stays.
        lasting = min(subscription.seats, subscription.scheduled_seats) + kept + bought
        scheduled = max(subscription.scheduled_seats, lasting)
    return Raise(subscription, subscription.seats + bought, scheduled)


def _why_not(
    subscription: Subscription, unfit: Mapping[SubscriptionId, str], now: datetime
) -> str | None:
    return subscription.why_not_changeable(now) or unfit.get(subscription.id)


def _why_missing(
    view: SeatView,
    maximum_of: Mapping[OfferId, int],
    unfit: Mapping[SubscriptionId, str],
    now: datetime,
) -> str:
    if not view.subscriptions:
        return (
            f"there is no subscription of {view.stock.part_number or view.stock.sku} through this "
            "connection; buy a first one"
        )
    reasons = []
    for subscription in view.subscriptions:
        reason = _why_not(subscription, unfit, now)
        if reason is None:
            maximum = maximum_of.get(subscription.offer, subscription.seats)
            reason = f"it holds {subscription.seats} of at most {maximum} seats"
        reasons.append(f"{subscription.name or subscription.id}: {reason}")
    return "; ".join(reasons)
