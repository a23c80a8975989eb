"""Remember every change of a subscription: who, when, why, and what Microsoft answered (law 8)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import CustomerId, OfferId, SubscriptionId
from shared.domain.money import Money
from shared.domain.subscriptions import EndOfTerm, Schedule, Subscription, SubscriptionStatus


class Origin(StrEnum):
    """Who made a change: us, Microsoft by renewing, or somebody past us."""

    SEATKEEPER = "seatkeeper"
    MICROSOFT = "microsoft"
    OUTSIDE = "outside"


class RecordStatus(StrEnum):
    """``INTENT`` stands from before anything is sent until its end is known."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What can be changed of a subscription, as it was or shall be at one moment."""

    offer: OfferId
    name: str
    seats: int
    status: SubscriptionStatus
    term: Term
    billing: BillingPlan
    ends_at: datetime
    auto_renew: bool
    end_of_term: EndOfTerm | None = None
    schedule: Schedule | None = None

    @property
    def lasting_seats(self) -> int:
        """Seats of this product that neither its status nor the next term's schedule takes."""
        if self.status is not SubscriptionStatus.ACTIVE:
            return 0
        if self.schedule is None:
            return self.seats
        converts = self.schedule.terms.offer.lower() != self.offer.lower()
        return 0 if converts else min(self.seats, self.schedule.seats)


def snapshot_of(subscription: Subscription) -> Snapshot:
    return Snapshot(
        offer=subscription.offer,
        name=subscription.name,
        seats=subscription.seats,
        status=subscription.status,
        term=subscription.term,
        billing=subscription.billing,
        ends_at=subscription.ends_at,
        auto_renew=subscription.auto_renew,
        end_of_term=subscription.end_of_term,
        schedule=subscription.schedule,
    )


def what_differs(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Name the fields that are not the same."""
    names = (f.name for f in fields(Snapshot))
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


CONCERNS: Mapping[str, frozenset[str]] = {
    "setSeats": frozenset({"seats"}),
    "suspend": frozenset({"status"}),
    "reactivate": frozenset({"status"}),
    "cancel": frozenset({"status"}),
    "rename": frozenset({"name"}),
    "setEndOfTerm": frozenset({"auto_renew", "end_of_term"}),
    "scheduleRenewal": frozenset({"schedule"}),
    "clearSchedule": frozenset({"schedule"}),
    "upgrade": frozenset({"offer", "seats"}),
}
"""By kind of change, the fields that say whether it has come about."""


@dataclass(frozen=True, slots=True)
class UpgradeTarget:
    """How many seats an upgrade moves, and where to."""

    offer: OfferId
    seats: int
    term: Term | None = None
    billing: BillingPlan | None = None
    into: SubscriptionId | None = None


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One change of one subscription; ``after`` is absolute and written before it is sent."""

    id: str
    customer_id: CustomerId
    subscription_id: SubscriptionId
    kind: str
    origin: Origin
    requested_by: str
    at: datetime
    before: Snapshot | None = None
    after: Snapshot | None = None
    status: RecordStatus = RecordStatus.DONE
    reason: str = ""
    note: str = ""
    correlation_id: str = ""
    price_now: Money | None = None
    price_until_term_end: Money | None = None
    refund: Money | None = None
    upgrade: UpgradeTarget | None = None
    taken_at: datetime | None = None
    """Since when Microsoft is known to be at work on it."""
    finished_at: datetime | None = None
    answers: int = 0
    """That Microsoft gave without settling it: each ends a request id."""
    is_choice: bool = False
    """Somebody asked for it; what a baseline or a policy does is nobody's word."""

    @property
    def is_open(self) -> bool:
        return self.status is RecordStatus.INTENT

    @property
    def touches(self) -> frozenset[str]:
        """The fields that it is about, and those that are others by it."""
        concerns = CONCERNS.get(self.kind, frozenset())
        if self.before is None or self.after is None:
            return concerns
        return concerns.union(what_differs(self.before, self.after))

    @property
    def takes_seats(self) -> bool:
        """Whether the subscription may hold fewer seats once it has come about."""
        if self.before is None or self.after is None:
            return False
        before, after = self.before, self.after
        return (
            after.seats < before.seats
            or after.offer != before.offer
            or after.status is not before.status
        )

    @property
    def seats_going(self) -> int:
        """Seats of its product that would last but for this change."""
        if self.before is None or self.after is None:
            return 0
        before, after = self.before, self.after
        moves_all = self.upgrade is not None and after.seats == before.seats
        left = 0 if moves_all else after.lasting_seats
        return max(0, before.lasting_seats - left)

    def is_slower_than(self, bound: timedelta, now: datetime) -> bool:
        return now - (self.taken_at or self.at) >= bound

    def ended(self, status: RecordStatus, at: datetime, note: str = "") -> "ChangeRecord":
        return replace(self, status=status, finished_at=at, note=note or self.note)


@dataclass(frozen=True, slots=True)
class OpenChange:
    """Where a change stands whose end is not known, and when it is next looked at."""

    id: str
    customer_id: CustomerId
    subscription_id: SubscriptionId
    look_at: datetime
