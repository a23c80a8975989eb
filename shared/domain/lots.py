"""Keep count of which seats can still go back, lot by lot, from our own changes.

Every lot has its own week. Which lot a decrease is taken from Microsoft does not say, so both
extremes are carried along: taken from the newest first, least stays open; from the oldest first,
most does. What Microsoft tells in `refundableQuantity` settles it.

https://learn.microsoft.com/partner-center/developer/change-the-quantity-of-a-subscription
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.subscriptions import REFUND_WINDOW, WINDOW_MARGIN, Lot

Lots = tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class LotLedger:
    """The lots of one subscription, under both orders, the earliest deadline first."""

    least: Lots = ()
    most: Lots = ()

    def added(self, seats: int, at: datetime) -> "LotLedger":
        """Seats that were bought, or joined in the middle of a term."""
        lot = Lot(seats, at + REFUND_WINDOW)
        return LotLedger(_in_order((*self.least, lot)), _in_order((*self.most, lot)))

    def lowered(self, seats: int, at: datetime) -> "LotLedger":
        return LotLedger(
            _without(self.least, seats, at, newest_first=True),
            _without(self.most, seats, at, newest_first=False),
        )

    def renewed(self, seats: int, at: datetime) -> "LotLedger":
        """Where a renewal is complete the whole quantity is one lot again."""
        lots = (Lot(seats, at + REFUND_WINDOW),)
        return LotLedger(lots, lots)

    def reconciled(self, told: Sequence[Lot], at: datetime) -> "LotLedger":
        """What Microsoft tells is so; of what is closed the last deadline is remembered."""
        last = self.last_deadline(at)
        closed = () if last is None or last > at else (Lot(0, last),)
        lots = (*closed, *_in_order(tuple(told)))
        return LotLedger(lots, lots)

    def certain(self, now: datetime) -> int:
        """Seats that may go back whichever order Microsoft keeps, a margin before the deadline."""
        return min(_open_seats(lots, now, early=True) for lots in (self.least, self.most))

    def possible(self, now: datetime) -> int:
        """Beyond these Microsoft refuses, whichever order it keeps."""
        return max(_open_seats(lots, now, early=False) for lots in (self.least, self.most))

    def last_deadline(self, now: datetime) -> datetime | None:
        """When the last window closes, or, where none is open, when the last one closed."""
        deadlines = [lot.refundable_until for lot in (*self.least, *self.most)]
        still_open = [d for d in deadlines if d > now]
        return max(still_open or deadlines, default=None)


def _in_order(lots: Lots) -> Lots:
    return tuple(sorted(lots, key=lambda lot: lot.refundable_until))


def _open_seats(lots: Lots, now: datetime, *, early: bool) -> int:
    by = now + WINDOW_MARGIN if early else now
    return sum(lot.seats for lot in lots if by <= lot.refundable_until)


def _without(lots: Lots, seats: int, at: datetime, *, newest_first: bool) -> Lots:
    left = {number: lot for number, lot in enumerate(lots) if at <= lot.refundable_until}
    for number in sorted(left, reverse=newest_first):
        taken = min(seats, left[number].seats)
        left[number] = replace(left[number], seats=left[number].seats - taken)
        seats -= taken
    return tuple(left.get(number, lot) for number, lot in enumerate(lots))
