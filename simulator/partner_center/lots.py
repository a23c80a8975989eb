"""Count which seats can still go back: each lot has its own seven days."""

from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.nouns import Lot


def refundable(lots: list[Lot], now: datetime, window: timedelta) -> list[Lot]:
    return [lot for lot in lots if lot.quantity > 0 and now <= lot.added + window]


def refundable_quantity(lots: list[Lot], now: datetime, window: timedelta) -> int:
    return sum(lot.quantity for lot in refundable(lots, now, window))


_KEYS: dict[str, Callable[[Lot], float]] = {
    "newest": lambda lot: -lot.added.timestamp(),
    "oldest": lambda lot: lot.added.timestamp(),
    "largest": lambda lot: -lot.quantity,
    "smallest": lambda lot: lot.quantity,
}


def give_back(
    lots: list[Lot], quantity: int, now: datetime, window: timedelta, order: str
) -> list[Lot]:
    """The lots without these seats; which lot goes first, Microsoft does not say."""
    left = {id(lot): lot.quantity for lot in lots}
    open_lots = refundable(lots, now, window)
    open_lots.sort(key=_KEYS[order])
    for lot in open_lots:
        taken = min(quantity, left[id(lot)])
        left[id(lot)] -= taken
        quantity -= taken
    return [Lot(left[id(lot)], lot.added) for lot in lots if left[id(lot)]]


def take(lots: list[Lot], quantity: int) -> tuple[list[Lot], list[Lot]]:
    """What stays and what goes where seats move to another product: the oldest go first."""
    stay, gone = [], []
    for lot in sorted(lots, key=_KEYS["oldest"]):
        moved = min(quantity, lot.quantity)
        quantity -= moved
        gone.extend([Lot(moved, lot.added)] if moved else [])
        stay.extend([Lot(lot.quantity - moved, lot.added)] if lot.quantity > moved else [])
    return stay, gone
