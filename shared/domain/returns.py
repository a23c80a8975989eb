"""Say how many seats of a growth go back because the rows that it was made for have failed."""

from datetime import datetime

from shared.domain.seats import Growth, SeatView
from shared.domain.subscriptions import Subscription


def undo_holder(holder: str) -> str:
    """Under which name the ledger keeps what a piece of work gives back of its own growths."""
    return f"{holder}/undo"


def seats_to_return(view: SeatView, growth: Growth, failed: int, now: datetime) -> int:
    """Never more than this growth bought, ``failed`` rows wanted, and Microsoft takes back today.

    What is in use, promised or to be kept as the view's floor stays.
    """
    held = next((s for s in view.subscriptions if s.id == growth.subscription_id), None)
    if held is None or held.why_not_shrinkable(now) is not None:
        return 0
    bought = min(growth.seats_bought, held.seats - growth.base)
    surplus = view.usable - view.wanted
    return max(0, min(surplus, failed, bought, held.refundable_seats(now)))


def schedule_after(held: Subscription, growth: Growth, returned: int) -> int | None:
    """What the renewal starts with: what the growth added to it goes again, all else stays."""
    scheduled = held.scheduled_seats
    if scheduled is None or growth.scheduled_base is None or scheduled != growth.scheduled_target:
        return scheduled
    return max(growth.scheduled_base, scheduled - returned)
