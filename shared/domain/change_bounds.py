"""Say what bounds a number of seats: the catalog, those who use them, Microsoft's windows."""

from collections.abc import Iterator

from shared.domain.catalog import CatalogEntry
from shared.domain.changes import Refusal, Situation, Why
from shared.domain.subscriptions import REFUND_WINDOW


def above_maximum(entry: CatalogEntry | None, seats: int) -> Iterator[Refusal]:
    if entry is None:
        yield Refusal(
            Why.NOT_IN_CATALOG,
            "Its product is not in our catalog, so neither price nor maximum is known. "
            "Synchronise the connection and look again.",
        )
    elif seats > entry.offer.maximum:
        yield Refusal(
            Why.ABOVE_MAXIMUM,
            f"{entry.offer.title} is sold in at most {entry.offer.maximum:,} seats a "
            "subscription. Take the rest from another product.",
        )


def below_minimum(entry: CatalogEntry | None, seats: int) -> Iterator[Refusal]:
    minimum = max(1, entry.offer.minimum) if entry else 1
    if seats < minimum:
        yield Refusal(
            Why.BELOW_MINIMUM,
            f"The product's minimum is {minimum} seat{'' if minimum == 1 else 's'}. To have none, "
            "cancel it, or say that it ends with its term.",
        )


def in_use(situation: Situation, seats: int) -> Iterator[Refusal]:
    needed = situation.needed_seats
    if seats < needed:
        yield Refusal(
            Why.IN_USE,
            f"{needed} of its seats are in use or promised. Take licences away from people "
            "first, then look again.",
        )


def in_use_today(situation: Situation, seats: int) -> Iterator[Refusal]:
    """Where the next term would start with fewer."""
    needed = situation.needed_seats
    keeps_spare = situation.view is not None and situation.view.floor
    how = "in use, promised or kept spare" if keeps_spare else "in use or promised"
    if seats < needed:
        yield Refusal(
            Why.IN_USE,
            f"{needed} of its seats are {how} today. Take licences away from people first, then "
            "schedule.",
        )


def window_closed(situation: Situation, allowed: int) -> str:
    subscription = situation.subscription
    last = situation.last_window or subscription.starts_at + REFUND_WINDOW
    until = (
        "" if last > situation.now else f", and the last week for the others ended {last:%Y-%m-%d}"
    )
    return (
        f"Microsoft takes seats back for seven days after they came: {allowed} can go now{until}. "
        f"Schedule the lower number for the renewal on {subscription.ends_at:%Y-%m-%d} instead."
    )
