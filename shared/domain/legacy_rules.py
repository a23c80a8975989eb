"""Say what a legacy subscription does not do, and what it does otherwise.

https://learn.microsoft.com/partner-center/developer/change-the-quantity-of-a-subscription
"""

from collections.abc import Iterator, Mapping

from shared.domain.change_bounds import above_maximum, below_minimum, in_use
from shared.domain.changes import Refusal, Situation, SubscriptionChange, Suspend, Why
from shared.domain.subscriptions import Subscription, SubscriptionStatus

_INSTEAD: Mapping[str, str] = {
    "cancel": "A legacy subscription is not cancelled. Suspend it: billing stops at once, and "
    "Microsoft deletes it after 90 days.",
    "setEndOfTerm": "A legacy subscription goes on by itself. Suspend it where it shall end.",
    "scheduleRenewal": "Nothing is scheduled for a legacy subscription. Set its seats on the day.",
    "clearSchedule": "Nothing is scheduled for a legacy subscription.",
    "upgrade": "Legacy subscriptions are not moved here. Migrate it to the new commerce in Partner "
    "Center, or buy the new-commerce product and suspend this one.",
}


def of_legacy(situation: Situation, change: SubscriptionChange) -> Iterator[Refusal]:
    """What Microsoft has no word for; the other changes have rules of their own."""
    if situation.subscription.is_legacy and change.kind in _INSTEAD:
        yield Refusal(Why.LEGACY, _INSTEAD[change.kind])


def of_legacy_seats(situation: Situation, seats: int) -> Iterator[Refusal]:
    """Up and down on any day; an add-on has no more seats than its base."""
    yield from above_maximum(situation.entry, seats)
    yield from below_minimum(situation.entry, seats)
    if seats < situation.subscription.seats:
        yield from in_use(situation, seats)
    base = _base(situation)
    if base is not None and seats > base.seats:
        yield Refusal(
            Why.ABOVE_MAXIMUM,
            f"It is an add-on, and its base has {base.seats} seats. Raise the base first.",
        )


def of_legacy_return(situation: Situation) -> Iterator[Refusal]:
    base = _base(situation)
    if base is not None and base.status is not SubscriptionStatus.ACTIVE:
        yield Refusal(
            Why.NOT_ACTIVE, f"It is an add-on, and its base is {base.status.value}. Base first."
        )


def legacy_notes(situation: Situation, change: SubscriptionChange) -> Iterator[str]:
    if not isinstance(change, Suspend):
        return
    yield (
        "Billing stops and nobody can work with it. Reactivate it within 90 days: after that "
        "Microsoft deletes it."
    )
    add_ons = [s for s in situation.held if s.parent == situation.subscription.id]
    if add_ons:
        yield f"Its {len(add_ons)} add-ons are suspended with it and come back one by one."


def _base(situation: Situation) -> Subscription | None:
    parent = situation.subscription.parent
    return next((s for s in situation.held if s.id == parent), None)
