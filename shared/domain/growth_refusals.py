"""Say why a change of seats that was written down is not sent any more."""

from datetime import datetime

from shared.domain.ends import why_end_is_lost
from shared.domain.seats import Growth
from shared.domain.subscriptions import Subscription


def why_not_changed(
    growth: Growth, subscription: Subscription, now: datetime, *, speaks: bool
) -> str | None:
    """What stands in the way of its seats, in words; None where they may change.

    ``speaks`` says whether the connection may tell Microsoft how a term ends.
    """
    if growth.target < growth.base:
        lost = why_end_is_lost(subscription, speaks=speaks)
        return subscription.why_not_shrinkable(now) or lost
    return subscription.why_not_changeable(now)


def why_too_late(growth: Growth, subscription: Subscription, now: datetime) -> str | None:
    """A night's change of the schedule alone is planned anew where the renewal has moved on."""
    if growth.term_ends_at is None or growth.base != growth.target:
        return None
    if refusal := subscription.why_not_changeable(now):
        return f"The renewal's schedule cannot change: {refusal}."
    planned = growth.scheduled_base, growth.term_ends_at
    if (subscription.scheduled_seats, subscription.ends_at) == planned:
        return None
    return "Somebody changed the renewal's schedule meanwhile; the next night looks again."
