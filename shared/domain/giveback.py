"""Decide which idle seats go back, now or at the renewal (laws 5 and 6).

https://learn.microsoft.com/partner-center/customers/new-commerce-cancellation-policy
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.decisions import Decision, DecisionKind, GiveBackPlan
from shared.domain.ids import OfferId
from shared.domain.night_views import NightlyView
from shared.domain.policies import GiveBackMode
from shared.domain.rescues import plan_rescues
from shared.domain.subscriptions import Subscription

NIGHTLY = timedelta(hours=26)
"""Until the next run has surely looked, which is the next chance to give a seat back: it comes
after a day, and reaches a customer sooner or later than this one did.
"""


def plan_give_back(
    views: Iterable[NightlyView],
    uncounted: Iterable[Subscription],
    *,
    minimum_of: Mapping[OfferId, int],
    now: datetime,
) -> GiveBackPlan:
    """Give back what nobody uses, was promised or shall stay idle.

    ``views`` hold the SKUs that are counted by user; ``uncounted`` are subscriptions whose SKU the
    directory does not show, and which are therefore left alone. Add-ons stand before their bases
    where the views do. Seats that an earlier night scheduled away and that are needed again are
    put back.
    """
    decisions: list[Decision] = []
    for view in views:
        decisions += _of_view(view, minimum_of, now)
    decisions += [
        _keep(s, "the directory shows no licence counts for it, so nothing proves it idle")
        for s in uncounted
    ]
    return GiveBackPlan(tuple(decisions))


def _of_view(
    night: NightlyView, minimum_of: Mapping[OfferId, int], now: datetime
) -> list[Decision]:
    view = night.seats
    if not view.stock.per_user:
        reason = "its seats are not counted by user assignment; reported only"
        return [_keep(s, reason) for s in view.subscriptions]
    rescues = plan_rescues(night, now)
    shares, left = _share_out(night, minimum_of, now)
    decided = (replace(_decide(share, left, night, now), mode=night.mode) for share in shares)
    return [rescues.get(d.subscription_id, d) for d in decided]


@dataclass(frozen=True, slots=True)
class _Share:
    """One subscription's part of the idle seats: what goes now, and what at the renewal.

    ``waiting`` seats could go now and have not been idle for long enough.
    """

    subscription: Subscription
    back: int
    later: int
    waiting: int


def _share_out(
    night: NightlyView, minimum_of: Mapping[OfferId, int], now: datetime
) -> tuple[list[_Share], int]:
    """Whatever can go now goes first, from all; the first renewals take what is left.

    Seats whose window closes before the next run go tonight, however short they have been idle.
    """
    view, idle = night.seats, night.idle
    ordered = sorted(view.subscriptions, key=lambda s: (-s.refundable_seats(now), s.id))
    room = {s.id: _room(s, night, minimum_of.get(s.offer, 1), now) for s in ordered}
    ready = idle if night.steadily_idle is None else min(idle, night.steadily_idle)
    now_parts = {}
    for subscription in ordered:
        open_ = _open_now(subscription, night, now)
        closing = open_ - subscription.refundable_seats(now + NIGHTLY)
        most = min(idle, room[subscription.id], open_)
        back = min(most, max(ready, closing))
        now_parts[subscription.id] = (back, most - back)
        ready, idle = max(0, ready - back), idle - most
    shares = []
    for subscription in sorted(ordered, key=lambda s: s.ends_at):
        back, waiting = now_parts[subscription.id]
        more = min(idle, room[subscription.id] - back - waiting)
        later = 0 if _why_not_schedulable(subscription) else more
        shares.append(_Share(subscription, back, later, waiting))
        idle -= later
    return shares, idle


def _open_now(subscription: Subscription, night: NightlyView, now: datetime) -> int:
    if night.mode is GiveBackMode.SCHEDULE_ONLY:
        return 0
    return subscription.refundable_seats(now)


def _room(subscription: Subscription, night: NightlyView, minimum: int, now: datetime) -> int:
    if _why_left_alone(subscription, now) is not None or not night.proves(subscription):
        return 0
    return max(0, subscription.lasting_seats - max(1, minimum))


def _why_left_alone(subscription: Subscription, now: datetime) -> str | None:
    """What ends by itself is no part of the seats that last, from which idle ones are counted."""
    if blocked := subscription.why_not_shrinkable(now):
        return blocked
    if subscription.is_ending:
        return f"it ends with its term on {subscription.ends_at:%Y-%m-%d}"
    return None


def _decide(share: _Share, left: int, night: NightlyView, now: datetime) -> Decision:
    if share.back:
        return _return(share, left, now)
    if share.later:
        return _schedule(share)
    if share.waiting:
        return replace(_keep(share.subscription, _why_waiting(share)), waiting=share.waiting)
    return _keep(share.subscription, _why_nothing(share.subscription, left, night, now))


def _why_waiting(share: _Share) -> str:
    wait, it = ("waits", "it has") if share.waiting == 1 else ("wait", "they have")
    return (
        f"{_seats(share.waiting)} {_where(share.subscription)} {wait}: {it} not been idle for as "
        "many nights as the policy asks"
    )


def _of_waiting(share: _Share) -> str:
    return f"; {_why_waiting(share)}" if share.waiting else ""


def _return(share: _Share, left: int, now: datetime) -> Decision:
    """What is past its window is scheduled with it: tomorrow may be too late to say so."""
    subscription, back = share.subscription, share.back
    reason = f"{_seats(back)} {_where(subscription)} {_go(back)} back now"
    obstacle = _why_not_schedulable(subscription)
    if share.later:
        reason += f"; {share.later} more {_go(share.later)} at the {_renewal(subscription)}"
    elif left and obstacle:
        reason += f"; {left} more stay idle: {obstacle}"
    reason += _of_waiting(share)
    return Decision(
        DecisionKind.RETURN,
        subscription.id,
        subscription.name,
        subscription.sku,
        subscription.seats,
        subscription.seats - back,
        reason,
        effective_at=now,
        scheduled_target=_after_return(subscription, back, share.later),
        scheduled_before=subscription.seats - subscription.lasting_seats,
        waiting=share.waiting,
    )


def _where(subscription: Subscription) -> str:
    return "of a legacy subscription" if subscription.is_legacy else "inside the refund window"


def _after_return(subscription: Subscription, returned: int, later: int) -> int | None:
    """A change in mid-term deletes the schedule; what it said is said again, less what goes."""
    scheduled = subscription.scheduled_seats
    if scheduled is not None and scheduled > subscription.seats:
        return scheduled
    if scheduled is None and not later:
        return None
    return subscription.lasting_seats - returned - later


def _why_not_schedulable(subscription: Subscription) -> str | None:
    if subscription.is_legacy:
        return "legacy seats go back on any day, and no renewal is scheduled with fewer"
    if not subscription.auto_renew:
        return "a schedule needs auto-renew, which is off"
    scheduled = subscription.scheduled_seats
    if scheduled is not None and scheduled > subscription.seats:
        return f"somebody wants the renewal to start with {scheduled} seats"
    return None


def _renewal(subscription: Subscription) -> str:
    return f"renewal on {subscription.ends_at:%Y-%m-%d}"


def _seats(count: int) -> str:
    return f"{count} idle seat{'' if count == 1 else 's'}"


def _go(count: int) -> str:
    return "goes" if count == 1 else "go"


def _schedule(share: _Share) -> Decision:
    subscription = share.subscription
    target = subscription.lasting_seats - share.later
    return Decision(
        DecisionKind.SCHEDULE,
        subscription.id,
        subscription.name,
        subscription.sku,
        subscription.seats,
        target,
        f"{_seats(share.later)} past the refund window {_go(share.later)} at the "
        f"{_renewal(subscription)}, which starts with {target}{_of_waiting(share)}",
        effective_at=subscription.ends_at,
        scheduled_target=target,
        scheduled_before=subscription.seats - subscription.lasting_seats,
        waiting=share.waiting,
    )


def _why_nothing(subscription: Subscription, left: int, night: NightlyView, now: datetime) -> str:
    blocked = _why_left_alone(subscription, now)
    if blocked is not None:
        return blocked
    if left and not night.proves(subscription):
        return "the directory does not show it as bought through us"
    obstacle = _why_not_schedulable(subscription)
    if left and obstacle:
        past = "" if subscription.is_legacy else " past the refund window"
        return f"{_seats(left)}{past}, and {obstacle}"
    if left:
        return f"{_seats(left)}, and the product's minimum keeps what is here"
    if subscription.scheduled_seats is not None:
        return f"the renewal is scheduled to start with {subscription.scheduled_seats} seats"
    return "every seat is used, promised, kept spare or given back elsewhere"


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
