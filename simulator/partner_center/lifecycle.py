"""Let time do its work, in its order: late changes, renewals, expiry, the end of the unpaid."""

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from simulator.company import note_stock
from simulator.nouns import Subscription
from simulator.partner_center.change_rules import check
from simulator.partner_center.changes import apply
from simulator.partner_center.errors import Refused
from simulator.partner_center.legacy_orders import settle_legacy
from simulator.partner_center.renewals import change_charge, extend, is_extended, renew
from simulator.partner_center.transitions import complete, running

if TYPE_CHECKING:
    from simulator.world import World

_Event = tuple[datetime, Callable[[], None]]


def settle(world: "World") -> None:
    """Brings every subscription to where it is by the clock, one event after the other."""
    settle_legacy(world)
    now = world.clock.now()
    queue: list[tuple[datetime, int, Subscription]] = []
    known = 0
    while queue or known < len(world.subscriptions):
        known = _look(world, queue, known, now)
        if queue:
            _, number, subscription = heapq.heappop(queue)
            event = next_event(world, subscription)
            if event is not None:
                event[1]()
            _queue(world, queue, number, subscription, now)


def next_event(world: "World", subscription: Subscription) -> _Event | None:
    """What comes next by itself, and when; of two at one moment, the first one named."""
    return min(_events(world, subscription), key=lambda event: event[0], default=None)


def _look(
    world: "World", queue: list[tuple[datetime, int, Subscription]], known: int, now: datetime
) -> int:
    """Puts those in the queue that are not known yet: events make subscriptions too."""
    found = enumerate(islice(world.subscriptions.values(), known, None), known)
    # Nearly all end here, at nearly every call: a world of thousands cannot afford a function.
    restless = [
        (number, one)
        for number, one in found
        if one.term_ends <= now
        or one.status != "active"
        or one.pending is not None
        or one.transitions
        or one.next_charge_due is not None
    ]
    for number, subscription in restless:
        _queue(world, queue, number, subscription, now)
    return len(world.subscriptions)


def _queue(
    world: "World",
    queue: list[tuple[datetime, int, Subscription]],
    number: int,
    subscription: Subscription,
    now: datetime,
) -> None:
    if _is_quiet(subscription, now):
        return
    event = next_event(world, subscription)
    if event is not None and event[0] <= now:
        heapq.heappush(queue, (event[0], number, subscription))


def _is_quiet(subscription: Subscription, now: datetime) -> bool:
    """Of those that are not plainly in the middle of their term, many are all the same."""
    if subscription.status == "deleted" and subscription.pending is None:
        return running(subscription) is None
    is_early = subscription.status in ("active", "suspended") and now < subscription.term_ends
    charge = subscription.next_charge_due
    if not is_early or subscription.pending is not None or (charge is not None and charge <= now):
        return False
    return running(subscription) is None


def _events(world: "World", subscription: Subscription) -> Iterator[_Event]:
    real = world.clock.real()
    pending, transition = subscription.pending, running(subscription)
    if pending is not None and real >= pending.due:
        moment = pending.at or world.clock.now()
        yield moment, partial(_apply_pending, world, subscription, moment)
    if transition is not None and real >= transition.due:
        yield transition.started, partial(complete, world, subscription, transition)
    if subscription.status == "active":
        yield from _ends_of_active(world, subscription)
    elif subscription.status != "deleted":
        yield _decay(world, subscription)


def _ends_of_active(world: "World", subscription: Subscription) -> Iterator[_Event]:
    charge, ends = subscription.next_charge_due, subscription.term_ends
    if charge is not None:
        yield charge, partial(change_charge, subscription)
    if subscription.auto_renew:
        completed = ends + timedelta(seconds=world.switches["renewal.seconds"])
        yield completed, partial(renew, world, subscription, completed)
    elif is_extended(world, subscription):
        yield ends, partial(extend, world, subscription)
    else:
        yield ends, partial(_become, world, subscription, "expired", ends)


def _decay(world: "World", subscription: Subscription) -> _Event:
    since = subscription.status_since or subscription.term_ends
    status, due = "disabled", subscription.term_ends
    if subscription.status == "expired":
        due = since + timedelta(days=world.switches["lifecycle.expiredDays"])
    elif subscription.status == "disabled":
        days = world.switches["lifecycle.disabledDays"]
        # What was suspended had no grace of its own: it stays disabled for both.
        if since == subscription.term_ends:
            days += world.switches["lifecycle.expiredDays"]
        status, due = "deleted", since + timedelta(days=days)
    return due, partial(_become, world, subscription, status, due)


def _become(world: "World", subscription: Subscription, status: str, at: datetime) -> None:
    subscription.status, subscription.status_since = status, at
    note_stock(world, subscription)


def _apply_pending(world: "World", subscription: Subscription, at: datetime) -> None:
    pending, subscription.pending = subscription.pending, None
    if pending is None:
        return
    try:
        check(world, subscription, pending.body, at)
    except Refused:
        # Accepted and then not done: Microsoft never says so either.
        return
    apply(world, subscription, pending.body, at)
