"""Decide which idle seats go back, now or at the renewal (laws 5 and 6).

https://learn.microsoft.com/partner-center/customers/new-commerce-cancellation-policy
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from shared.domain.decisions import Decision, DecisionKind, GiveBackPlan
from shared.domain.ends import why_end_is_lost
from shared.domain.ids import OfferId
from shared.domain.night_views import NightlyView
from shared.domain.rescues import plan_rescues
from shared.domain.shares import (
    Floors,
    Idle,
    Share,
    idle_in,
    resting_on,
    share_out,
    why_not_lasting,
    why_not_schedulable,
)
from shared.domain.subscriptions import Subscription


def plan_give_back(
    views: Iterable[NightlyView],
    uncounted: Iterable[Subscription],
    *,
    minimum_of: Mapping[OfferId, int],
    now: datetime,
    relying: bool = True,
) -> GiveBackPlan:
    """Give back what nobody uses, was promised or shall stay idle.

    ``views`` hold the SKUs that are counted by user; ``uncounted`` are subscriptions whose SKU the
    directory does not show, and which are therefore left alone. Add-ons stand before their bases
    where the views do, and a legacy base keeps a seat for each of its add-on's. Seats that an
    earlier night scheduled away and that are needed again are put back. Unless ``relying``, an
    add-on has the seats that were read, whatever is decided of it: Microsoft may refuse that.
    """
    decisions: list[Decision] = []
    views, uncounted = tuple(views), tuple(uncounted)
    known = [*(s for view in views for s in view.seats.subscriptions), *uncounted]
    for view in views:
        resting = resting_on(known, decisions if relying else [])
        decisions += _of_view(view, Floors(minimum_of, resting), now)
    decisions += [Decision.keep(s, _why_uncounted(s, now)) for s in uncounted]
    return GiveBackPlan(tuple(decisions))


def _of_view(night: NightlyView, floors: Floors, now: datetime) -> list[Decision]:
    view = night.seats
    if not view.stock.per_user:
        reason = "its seats are not counted by user assignment; reported only"
        return [Decision.keep(s, reason) for s in view.subscriptions]
    rescues = plan_rescues(night, now)
    idle = idle_in(night, sum(rescue.restored for rescue in rescues.values()))
    shares, left = share_out(night, idle, floors, now)
    decided = (
        replace(_decide(share, left, night, now), mode=night.mode, extended=share.extended)
        for share in shares
    )
    found = (rescues.get(d.subscription_id, d) for d in decided)
    # What is put back goes before what is taken on the strength of it.
    return sorted(found, key=lambda d: d.kind is not DecisionKind.RESTORE)


def _decide(share: Share, left: Idle, night: NightlyView, now: datetime) -> Decision:
    if share.back:
        return _return(share, left.of(share.subscription), now)
    if share.later:
        return _schedule(share)
    if share.waiting:
        return replace(
            Decision.keep(share.subscription, _why_waiting(share)), waiting=share.waiting
        )
    return Decision.keep(share.subscription, _why_nothing(share.subscription, left, night, now))


def _why_waiting(share: Share) -> str:
    wait, it = ("waits", "it has") if share.waiting == 1 else ("wait", "they have")
    return (
        f"{_seats(share.waiting)} {_where(share.subscription)} {wait}: {it} not been idle for as "
        "many nights as the policy asks"
    )


def _of_waiting(share: Share) -> str:
    return f"; {_why_waiting(share)}" if share.waiting else ""


def _return(share: Share, left: int, now: datetime) -> Decision:
    """What is past its window is scheduled with it: tomorrow may be too late to say so."""
    subscription, back = share.subscription, share.back
    reason = f"{_seats(back)} {_where(subscription)} {_go(back)} back now"
    obstacle = why_not_schedulable(subscription)
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
        scheduled_before=_scheduled_before(subscription, back),
        waiting=share.waiting,
    )


def _where(subscription: Subscription) -> str:
    return "of a legacy subscription" if subscription.is_legacy else "inside the refund window"


def _after_return(subscription: Subscription, returned: int, later: int) -> int | None:
    """A change in mid-term deletes the schedule; what it said is said again, less what goes."""
    scheduled = subscription.scheduled_seats
    if subscription.is_converting:
        return scheduled
    if scheduled is not None and scheduled > subscription.seats:
        return scheduled
    if scheduled is None and not later:
        return None
    return subscription.lasting_seats - returned - later


def _scheduled_before(subscription: Subscription, returned: int) -> int:
    """What another product starts with takes none of the seats that are given back."""
    scheduled = subscription.scheduled_seats
    if subscription.is_converting and scheduled is not None:
        return max(0, subscription.seats - returned - scheduled)
    return subscription.seats - subscription.lasting_seats


def _renewal(subscription: Subscription) -> str:
    return f"renewal on {subscription.ends_at:%Y-%m-%d}"


def _seats(count: int) -> str:
    return f"{count} idle seat{'' if count == 1 else 's'}"


def _go(count: int) -> str:
    return "goes" if count == 1 else "go"


def _schedule(share: Share) -> Decision:
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


def _why_nothing(subscription: Subscription, idle: Idle, night: NightlyView, now: datetime) -> str:
    blocked = subscription.why_not_shrinkable(now)
    if blocked is not None:
        return blocked
    if left := idle.of(subscription):
        return _why_idle(subscription, left, night, now)
    if subscription.is_converting:
        return why_not_lasting(subscription)
    if idle.seats:
        needed = "needed when others of it end or change with their term"
        return f"{_seats(idle.seats)} of this product, {needed}"
    if subscription.scheduled_seats is not None:
        return f"the renewal is scheduled to start with {subscription.scheduled_seats} seats"
    return "every seat is used, promised, kept spare or given back elsewhere"


def _why_uncounted(subscription: Subscription, now: datetime) -> str:
    blocked = subscription.why_not_shrinkable(now)
    if blocked is not None:
        return blocked
    if subscription.sku is None:
        return (
            "its offer is not in the catalog, so nobody knows which licences count for it: "
            "synchronise the connection"
        )
    return "the directory shows no licence counts for it, so nothing proves it idle"


def _why_idle(subscription: Subscription, left: int, night: NightlyView, now: datetime) -> str:
    if not night.proves(subscription):
        return "the directory does not show it as bought through us"
    lost = why_end_is_lost(subscription, speaks=night.speaks_of_ends)
    if lost and subscription.refundable_seats(now):
        return f"{_seats(left)}, and {lost}"
    obstacle = why_not_schedulable(subscription)
    if obstacle:
        past = "" if subscription.is_legacy else " past the refund window"
        return f"{_seats(left)}{past}, and {obstacle}"
    return f"{_seats(left)}, and the product's minimum or its add-ons keep what is here"
