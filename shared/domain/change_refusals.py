"""Say why a subscription cannot be changed that way, and what can be done instead."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import assert_never

from shared.domain.change_bounds import (
    above_maximum,
    below_minimum,
    in_use,
    in_use_today,
    window_closed,
)
from shared.domain.changes import (
    Cancel,
    ClearSchedule,
    Reactivate,
    Refusal,
    Rename,
    ScheduleRenewal,
    SetEndOfTerm,
    SetSeats,
    Situation,
    SubscriptionChange,
    Suspend,
    Upgrade,
    UpgradeOption,
    Why,
)
from shared.domain.ends import told_end
from shared.domain.legacy_rules import of_legacy, of_legacy_return, of_legacy_seats
from shared.domain.subscriptions import (
    REFUND_WINDOW,
    RENEWAL_LOCK,
    UPDATE_LIMIT,
    UPDATES_KEPT_BACK,
    WINDOW_MARGIN,
    EndOfTerm,
    Subscription,
    SubscriptionStatus,
)

_MONTH = timedelta(days=31)


def refusals_of(situation: Situation, change: SubscriptionChange) -> tuple[Refusal, ...]:
    """What stands in the way; the state of the subscription goes before the change's own rules."""
    general = tuple(_general(situation, change))
    return general or tuple(_particular(situation, change))


def _general(situation: Situation, change: SubscriptionChange) -> Iterator[Refusal]:
    subscription, now = situation.subscription, situation.now
    yield from of_legacy(situation, change)
    yield from _of_status(subscription, change)
    if subscription.is_renewing(now):
        free_at = subscription.ends_at + RENEWAL_LOCK
        yield Refusal(
            Why.RENEWING,
            f"Its term ends {_day(subscription.ends_at)}, and within a day of that Microsoft "
            f"renews it and refuses or loses changes. Try again after {_moment(free_at)}.",
        )
    elif now > subscription.ends_at:
        yield Refusal(
            Why.TERM_ENDED,
            f"Its term ended {_day(subscription.ends_at)}. Read it anew; if it did not renew, buy "
            "a new subscription.",
        )
    yield from _of_updates(situation, change)


def _of_status(subscription: Subscription, change: SubscriptionChange) -> Iterator[Refusal]:
    suspended = subscription.status is SubscriptionStatus.SUSPENDED
    if isinstance(change, Reactivate) and not suspended:
        yield Refusal(
            Why.NOT_SUSPENDED, f"It is {subscription.status.value}; only a suspended one comes back"
        )
    elif suspended and not isinstance(change, Reactivate | Rename):
        yield Refusal(Why.SUSPENDED, "It is suspended. Reactivate it first, then change it.")
    elif not suspended and subscription.status is not SubscriptionStatus.ACTIVE:
        yield Refusal(Why.NOT_ACTIVE, _not_active(subscription))


def _not_active(subscription: Subscription) -> str:
    if subscription.status is SubscriptionStatus.PENDING:
        return "Microsoft has not finished with it yet. Try again in some minutes."
    return f"It is {subscription.status.value} and takes no change. Buy a new subscription."


def _of_updates(situation: Situation, change: SubscriptionChange) -> Iterator[Refusal]:
    kept_back = 0 if isinstance(change, Cancel | SetEndOfTerm) else UPDATES_KEPT_BACK
    if situation.updates >= UPDATE_LIMIT - kept_back:
        yield Refusal(
            Why.UPDATES_USED_UP,
            f"Microsoft takes about {UPDATE_LIMIT:,} updates of one subscription, and "
            f"{situation.updates:,} were made. Buy a second subscription of the same product.",
        )


def _particular(  # noqa: C901, PLR0911 (one line per change)
    situation: Situation, change: SubscriptionChange
) -> Iterator[Refusal]:
    match change:
        case SetSeats():
            return _of_seats(situation, change.seats)
        case Cancel():
            return _of_cancel(situation)
        case Suspend():
            return _of_suspension(situation)
        case Rename():
            return _same(change.name == situation.subscription.name, "It has that name already.")
        case SetEndOfTerm():
            return _of_end(situation, change.intent)
        case ScheduleRenewal():
            return _of_schedule(situation, change)
        case ClearSchedule():
            return _same(situation.subscription.schedule is None, "Nothing is scheduled.")
        case Upgrade():
            return _of_upgrade(situation, change)
        case Reactivate():
            return of_legacy_return(situation)
        case _:
            assert_never(change)


def _same(is_so: bool, sentence: str) -> Iterator[Refusal]:
    if is_so:
        yield Refusal(Why.NOTHING_TO_DO, sentence)


def _of_trial(subscription: Subscription) -> Iterator[Refusal]:
    if subscription.is_trial:
        yield Refusal(
            Why.TRIAL,
            "A trial's seats and state are fixed. Schedule what it renews to, or buy the paid "
            "product.",
        )


def _of_seats(situation: Situation, seats: int) -> Iterator[Refusal]:
    subscription = situation.subscription
    if subscription.is_trial:
        yield from _of_trial(subscription)
    elif seats == subscription.seats:
        yield from _same(is_so=True, sentence=f"It has {seats} seats already.")
    elif subscription.is_legacy:
        yield from of_legacy_seats(situation, seats)
    elif seats > subscription.seats:
        yield from above_maximum(situation.entry, seats)
    else:
        yield from _of_lowering(situation, seats)


def _of_lowering(situation: Situation, seats: int) -> Iterator[Refusal]:
    subscription = situation.subscription
    yield from below_minimum(situation.entry, seats)
    yield from in_use(situation, seats)
    allowed = subscription.refundable_seats(situation.now)
    if subscription.seats - seats > allowed:
        yield Refusal(Why.WINDOW_CLOSED, window_closed(situation, allowed))


def _of_cancel(situation: Situation) -> Iterator[Refusal]:
    subscription = situation.subscription
    until = subscription.cancellable_until
    if until is None or situation.now + WINDOW_MARGIN >= until:
        ended = until or subscription.starts_at + REFUND_WINDOW
        yield Refusal(
            Why.WINDOW_CLOSED,
            f"It could be cancelled until {_moment(ended)}. Say instead that it ends with its "
            f"term on {_day(subscription.ends_at)} (setEndOfTerm, cancel).",
        )
    yield from in_use(situation, 0)
    yield from _of_add_ons(situation, "cancel")


def _of_suspension(situation: Situation) -> Iterator[Refusal]:
    yield from _of_trial(situation.subscription)
    if not situation.subscription.is_legacy:
        yield from _of_add_ons(situation, "suspend")


def _of_add_ons(situation: Situation, deed: str) -> Iterator[Refusal]:
    """An add-on that rests on this base and on no other that is held."""
    resting = [s.name or s.id for s in situation.held if _rests_only_on(situation, s)]
    if resting:
        yield Refusal(
            Why.ADD_ON_RESTS,
            f"Add-ons rest on it: {', '.join(sorted(resting))}. {deed.capitalize()} those first.",
        )


def _rests_only_on(situation: Situation, add_on: Subscription) -> bool:
    entry = situation.entries.get(add_on.offer)
    if entry is None or not entry.offer.is_addon or add_on.status is not SubscriptionStatus.ACTIVE:
        return False
    bases = entry.offer.prerequisites
    others = {
        s.offer
        for s in situation.held
        if s.status is SubscriptionStatus.ACTIVE and s.id != situation.subscription.id
    }
    return situation.subscription.offer in bases and others.isdisjoint(bases)


def _of_end(situation: Situation, intent: EndOfTerm) -> Iterator[Refusal]:
    subscription = situation.subscription
    says = subscription.end_of_term or (EndOfTerm.RENEW if subscription.auto_renew else None)
    # What only a baseline, or Microsoft by itself, has brought about can still be chosen.
    is_chosen = (situation.chosen_end or told_end(subscription)) is intent
    is_so = says is intent and is_chosen
    yield from _same(is_so, f"Its term ends that way already ({intent.value}).")
    if intent is EndOfTerm.CANCEL and not situation.speaks_of_ends:
        yield Refusal(
            Why.END_OF_TERM_UNSPOKEN,
            "With auto-renew off and no word of cancelling, Microsoft goes on with a paid "
            "extended term, and this connection does not send Microsoft's end-of-term field. "
            "Switch it on for the connection, or cancel the renewal in Partner Center.",
        )


def _of_schedule(situation: Situation, change: ScheduleRenewal) -> Iterator[Refusal]:
    subscription = situation.subscription
    if not subscription.auto_renew:
        yield Refusal(
            Why.AUTO_RENEW_OFF,
            "A schedule needs auto-renew, which is off. Switch it on first (setEndOfTerm, renew).",
        )
    yield from _of_next_terms(situation, change)
    yield from in_use_today(situation, change.seats)
    ends_at = change.ends_at
    if ends_at is not None and not _in_next_term(subscription, change, ends_at):
        yield Refusal(
            Why.DATE_NOT_POSSIBLE,
            "The other end must lie inside the next term. Ask for the dates that Microsoft "
            "allows (subscriptions/coterm).",
        )


def _in_next_term(subscription: Subscription, change: ScheduleRenewal, ends_at: datetime) -> bool:
    longest = (change.term or subscription.term).months * _MONTH
    return subscription.ends_at < ends_at <= subscription.ends_at + longest


def _of_next_terms(situation: Situation, change: ScheduleRenewal) -> Iterator[Refusal]:
    subscription = situation.subscription
    entry = situation.entries.get(change.offer or subscription.offer)
    if entry is None:
        if change.offer or change.term or change.billing:
            yield from above_maximum(None, change.seats)
        return
    yield from below_minimum(entry, change.seats)
    yield from above_maximum(entry, change.seats)
    term, billing = change.term or subscription.term, change.billing or subscription.billing
    if entry.price(term, billing, situation.now) is None:
        sold = sorted({f"{p.term.value} {p.billing.value}" for p in entry.prices})
        yield Refusal(
            Why.NOT_SOLD_THAT_WAY,
            f"{entry.offer.title} is not sold for {term.value} billed {billing.value}; it is sold "
            f"for {', '.join(sold) or 'nothing at the moment'}.",
        )


def _of_upgrade(situation: Situation, change: Upgrade) -> Iterator[Refusal]:
    subscription = situation.subscription
    yield from _of_trial(subscription)
    entry = situation.entries.get(change.offer)
    yield from above_maximum(entry, change.seats)
    option = next((o for o in situation.upgrades if o.offer == change.offer), None)
    reason = _why_no_upgrade(situation, change, option)
    if reason:
        yield Refusal(Why.NOT_AN_UPGRADE, f"{reason} Its upgrades are listed under `upgrades`.")


def _why_no_upgrade(
    situation: Situation, change: Upgrade, option: UpgradeOption | None
) -> str | None:
    subscription = situation.subscription
    if change.seats > subscription.seats:
        return f"It has {subscription.seats} seats, so no {change.seats} can move."
    if change.term is not None and change.term.months < subscription.term.months:
        return f"A term of {subscription.term.value} is not shortened by an upgrade."
    if option is None:
        return "Microsoft offers no such upgrade of it."
    if not option.is_eligible:
        return f"Microsoft says no: {'; '.join(option.reasons) or 'no reason given'}."
    if change.into is not None and change.into not in option.into:
        return "Seats cannot move into that subscription."
    return None


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
