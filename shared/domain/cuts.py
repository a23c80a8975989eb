"""Know which renewals start with fewer seats because a night of ours scheduled them so (law 5).

Only those may be raised again by a later night: a smaller next term that somebody else asked for
is theirs.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.history import ChangeRecord
from shared.domain.seats import Growth
from shared.domain.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Cut:
    """A schedule as we left it, for the term that ends at ``ends_at``.

    ``stood`` is what somebody else's schedule said before our first cut: the renewal shall have
    no more than that.
    """

    seats: int
    ends_at: datetime
    stood: int | None = None

    def stands_in(self, subscription: Subscription) -> bool:
        """Whether what Microsoft holds is what we left; a renewal ends every cut."""
        now = subscription.scheduled_seats, subscription.ends_at
        return now == (self.seats, self.ends_at)

    def room(self, subscription: Subscription) -> int:
        """Seats that may be put back, never beyond the quantity of today."""
        most = subscription.seats if self.stood is None else min(self.stood, subscription.seats)
        return max(0, most - self.seats)


def cut_left_by(growth: Growth, before: Cut | None) -> Cut | None:
    """What a change of seats leaves: our cut goes on, a new one begins, or none stands.

    Batches and returns carry a schedule on as whose it was; only a night's change makes it ours,
    and only where it takes seats out of the next term.
    """
    left, found, term = growth.scheduled_target, growth.scheduled_base, growth.term_ends_at
    if left is None:
        return None
    if before is not None and before.seats == found and term in (None, before.ends_at):
        return replace(before, seats=left)
    if term is None or left >= (growth.target if found is None else found):
        return None
    return Cut(left, term, stood=found)


def cut_after_change(record: ChangeRecord, before: Cut | None) -> Cut | None:
    """A change that somebody asked for carries our cut on, unless it is about the schedule."""
    found = record.before.schedule if record.before else None
    left = record.after.schedule if record.after else None
    if before is None or found is None or left is None or found.seats != before.seats:
        return None
    return None if record.kind == "scheduleRenewal" else replace(before, seats=left.seats)
