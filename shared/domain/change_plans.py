"""Plan a change of a subscription: what becomes of it, what it costs, what it commits to.

https://learn.microsoft.com/partner-center/developer/create-scheduled-changes
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from shared.domain.change_refusals import refusals_of
from shared.domain.changes import (
    Cancel,
    ChangePlan,
    ClearSchedule,
    Reactivate,
    Rename,
    ScheduleRenewal,
    SetEndOfTerm,
    SetSeats,
    Situation,
    SubscriptionChange,
    Suspend,
    Upgrade,
)
from shared.domain.history import Snapshot, snapshot_of
from shared.domain.legacy_rules import legacy_notes
from shared.domain.money import Money
from shared.domain.next_terms import renewed
from shared.domain.pricing import Quote, quote_growth, quote_purchase
from shared.domain.subscriptions import (
    REFUND_WINDOW,
    RENEWAL_LOCK,
    UPDATE_LIMIT,
    EndOfTerm,
    Schedule,
    SubscriptionStatus,
    Terms,
)

_FEW_UPDATES_LEFT = 100
_EXTENDED = (
    "When the term ends it goes on by the month as a paid extended term (about 3 % dearer, about "
    "23 % where the product has no monthly plan) until somebody cancels it."
)


def plan_change(situation: Situation, change: SubscriptionChange) -> ChangePlan:
    """Decide without doing anything; a plan that is refused still says all that it can."""
    subscription = situation.subscription
    after = _after(situation, change)
    words_of = legacy_notes if subscription.is_legacy else _notes
    wiped = subscription.schedule if _wipes(change, snapshot_of(subscription), after) else None
    return ChangePlan(
        change=change,
        subscription=subscription,
        after=after,
        refusals=refusals_of(situation, change),
        quote=_quote(situation, change),
        refund=_refund(situation, change),
        price_next_term=_next_term(situation, after.schedule),
        undo_until=_undo_until(situation, change),
        wiped=wiped,
        restored=after.schedule if wiped else None,
        notes=(*_general_notes(situation, change), *words_of(situation, change)),
        rests_on=_rests_on(situation),
    )


def _after(  # noqa: C901, PLR0911 (one line per change)
    situation: Situation, change: SubscriptionChange
) -> Snapshot:
    before = snapshot_of(situation.subscription)
    match change:
        case SetSeats(seats):
            return replace(before, seats=seats, schedule=_replanned(situation, seats))
        case Suspend():
            if situation.subscription.is_legacy:
                return replace(before, status=SubscriptionStatus.SUSPENDED)
            off = replace(before, auto_renew=False, end_of_term=None, schedule=None)
            return replace(off, status=SubscriptionStatus.SUSPENDED)
        case Reactivate():
            return replace(before, status=SubscriptionStatus.ACTIVE)
        case Cancel():
            return replace(before, status=SubscriptionStatus.DELETED, schedule=None)
        case Rename(name):
            return replace(before, name=name)
        case SetEndOfTerm(intent):
            return _ending(situation, before, intent)
        case ScheduleRenewal():
            return replace(before, schedule=_scheduled(situation, change))
        case ClearSchedule():
            return replace(before, schedule=None)
        case Upgrade():
            return _upgraded(situation, before, change)
        case _:
            assert_never(change)


def _ending(situation: Situation, before: Snapshot, intent: EndOfTerm) -> Snapshot:
    renews = intent is EndOfTerm.RENEW
    is_said = situation.speaks_of_ends or before.end_of_term is intent
    return replace(
        before,
        auto_renew=renews,
        end_of_term=intent if is_said else None,
        schedule=before.schedule if renews else None,
    )


def _scheduled(situation: Situation, change: ScheduleRenewal) -> Schedule:
    subscription = situation.subscription
    terms = Terms(
        change.offer or subscription.offer,
        change.term or subscription.term,
        change.billing or subscription.billing,
        change.ends_at,
    )
    return Schedule(change.seats, terms)


def _upgraded(situation: Situation, before: Snapshot, change: Upgrade) -> Snapshot:
    """What stays behind; only a move of all seats in place turns this one into the product."""
    left = before.seats - change.seats
    if change.into is not None or left:
        schedule = _replanned(situation, left) if left else None
        return replace(before, seats=left or before.seats, schedule=schedule)
    return replace(
        before,
        offer=change.offer,
        term=change.term or before.term,
        billing=change.billing or before.billing,
        schedule=None,
    )


def _replanned(situation: Situation, seats: int) -> Schedule | None:
    """What the renewal shall start with once the change has deleted what was scheduled.

    Seats that join stay beyond the renewal, seats that go are not brought back by it, and nobody
    loses a seat that is in use, promised or kept spare. A larger next term, which somebody asked
    for, stays.
    """
    subscription = situation.subscription
    schedule = subscription.schedule
    if schedule is None:
        return None
    joined = seats - subscription.seats
    wanted = schedule.seats
    if wanted <= subscription.seats:
        wanted = wanted + joined if joined > 0 else min(wanted, seats)
    wanted = max(wanted, situation.needed_seats + situation.spare if situation.view else 0)
    if schedule.seats > subscription.seats:
        wanted = max(wanted, seats)
    entry = situation.entries.get(schedule.terms.offer)
    maximum = entry.offer.maximum if entry else max(wanted, seats)
    return Schedule(min(wanted, maximum), schedule.terms)


def _wipes(change: SubscriptionChange, before: Snapshot, after: Snapshot) -> bool:
    """Every change in mid-term deletes what is scheduled, but for a name and the schedule's own."""
    if isinstance(change, Rename | ScheduleRenewal | ClearSchedule | Reactivate):
        return False
    return not (isinstance(change, SetEndOfTerm) and before.auto_renew is after.auto_renew)


def _quote(situation: Situation, change: SubscriptionChange) -> Quote | None:
    subscription, entry = situation.subscription, situation.entry
    if isinstance(change, Upgrade):
        return _quote_upgrade(situation, change)
    if not isinstance(change, SetSeats) or entry is None or change.seats <= subscription.seats:
        return None
    return quote_growth(subscription, change.seats - subscription.seats, entry, situation.now)


def _quote_upgrade(situation: Situation, change: Upgrade) -> Quote | None:
    entry = situation.entries.get(change.offer)
    if entry is None:
        return None
    subscription = situation.subscription
    term, billing = change.term or subscription.term, change.billing or subscription.billing
    if term is subscription.term:
        moved = replace(subscription, offer=change.offer, billing=billing)
        return quote_growth(moved, change.seats, entry, situation.now)
    price = entry.price(term, billing, situation.now)
    return quote_purchase(price, change.seats) if price else None


def _refund(situation: Situation, change: SubscriptionChange) -> Money | None:
    """The unused days of the running billing period, which is what has been paid for."""
    subscription, entry = situation.subscription, situation.entry
    match change:
        case SetSeats(seats):
            going = subscription.seats - seats
        case Cancel():
            going = subscription.seats
        case Upgrade():
            going = change.seats
        case _:
            going = 0
    if going <= 0 or entry is None:
        return None
    quote = quote_growth(subscription, going, entry, situation.now)
    return quote.now if quote else None


def _next_term(situation: Situation, schedule: Schedule | None) -> Money | None:
    if schedule is None:
        return None
    ends_at = situation.subscription.ends_at
    return renewed(ends_at, schedule, situation.entries, situation.now).cost


def _undo_until(situation: Situation, change: SubscriptionChange) -> datetime | None:
    subscription = situation.subscription
    match change:
        case SetSeats(seats):
            raised = seats > subscription.seats and not subscription.is_legacy
            return situation.now + REFUND_WINDOW if raised else subscription.ends_at
        case Suspend() | Reactivate() | Rename():
            return subscription.ends_at
        case SetEndOfTerm() | ScheduleRenewal() | ClearSchedule():
            return subscription.ends_at - RENEWAL_LOCK
        case Cancel() | Upgrade():
            return None
        case _:
            assert_never(change)


def _notes(situation: Situation, change: SubscriptionChange) -> Iterator[str]:
    """What it commits to that the numbers do not show."""
    match change:
        case SetSeats(seats):
            yield from _seat_notes(situation, seats)
        case Suspend():
            yield from _suspension_notes(situation)
        case Reactivate():
            yield f"Auto-renew stays off until somebody switches it on. {_EXTENDED}"
        case Cancel():
            yield "It ends at once and for good; nobody can bring it back."
        case SetEndOfTerm(intent):
            yield from _end_notes(situation, intent)
        case Upgrade():
            yield "An upgrade has no cancellation window and no way back to the smaller product."
        case ScheduleRenewal() | ClearSchedule() | Rename():
            return
        case _:
            assert_never(change)


def _general_notes(situation: Situation, change: SubscriptionChange) -> Iterator[str]:
    left = UPDATE_LIMIT - situation.updates
    if left <= _FEW_UPDATES_LEFT:
        yield f"Microsoft takes about {left} more updates of this subscription."
    unsaid = situation.subscription.end_of_term and not situation.speaks_of_ends
    if unsaid and not isinstance(change, SetEndOfTerm):
        yield (
            "It carries an end-of-term instruction that this connection does not send back: look "
            "at it in Partner Center afterwards."
        )


def _seat_notes(situation: Situation, seats: int) -> Iterator[str]:
    subscription = situation.subscription
    if seats > subscription.seats:
        until = f"{situation.now + REFUND_WINDOW:%Y-%m-%d %H:%M} UTC"
        yield (
            f"The seats can go back until {until}; after that they are paid for until "
            f"{subscription.ends_at:%Y-%m-%d}."
        )
    elif situation.view is None:
        yield "Its licences are not counted by user, so nothing proves that the seats are idle."


def _suspension_notes(situation: Situation) -> Iterator[str]:
    subscription = situation.subscription
    entry = situation.entry
    quote = quote_growth(subscription, subscription.seats, entry, situation.now) if entry else None
    rest = quote.until_term_end - quote.now if quote else None
    amount = f" ({rest} is still to come)" if rest else ""
    yield (
        f"A suspended subscription is billed until its term ends on "
        f"{subscription.ends_at:%Y-%m-%d}{amount}, and nobody can work with it."
    )
    yield "Auto-renew goes off and what is scheduled is deleted; neither comes back by itself."


def _end_notes(situation: Situation, intent: EndOfTerm) -> Iterator[str]:
    if intent is EndOfTerm.EXTEND:
        yield _EXTENDED
    if intent is EndOfTerm.CANCEL:
        ends = situation.subscription.ends_at
        yield f"It ends on {ends:%Y-%m-%d}; whoever uses its seats loses them then."


def _rests_on(situation: Situation) -> tuple[str, ...]:
    subscription = situation.subscription
    open_lots = [lot for lot in subscription.lots if lot.refundable_until > situation.now]
    entry = situation.entry
    price = entry.price(subscription.term, subscription.billing, situation.now) if entry else None
    return (repr(open_lots), str(subscription.cancellable_until), str(price and price.unit))
