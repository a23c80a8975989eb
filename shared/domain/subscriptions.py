"""Know a subscription: its seats, its lots and its windows.

https://learn.microsoft.com/partner-center/developer/subscription-resources
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import CustomerId, OfferId, SkuId, SubscriptionId

RENEWAL_LOCK = timedelta(hours=24)
"""Around the end of a term Microsoft renews, and refuses or loses what is sent meanwhile."""
REFUND_WINDOW = timedelta(hours=168)
"""How long Microsoft takes new seats back, counted from the moment they were added."""
WINDOW_MARGIN = timedelta(minutes=15)
"""Seats are not given back in the last minutes of their window: the request may arrive late."""

UPDATE_LIMIT = 1200
"""Microsoft refuses updates of one subscription beyond about this many."""
UPDATES_KEPT_BACK = 10
"""For what must still be possible then: to cancel it, or to say how it ends."""


class SubscriptionStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    DISABLED = "disabled"
    DELETED = "deleted"
    UNKNOWN = "unknown"


class EndOfTerm(StrEnum):
    """What shall become of a subscription when its term is over.

    Since 2026 a term that neither renews nor is told to end goes on by the month, at a higher
    price. https://learn.microsoft.com/partner-center/customers/extended-service-terms
    """

    RENEW = "renew"
    CANCEL = "cancel"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is committed to, beside the seats; ``ends_at`` where the end is not the usual one."""

    offer: OfferId
    term: Term
    billing: BillingPlan
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the renewal starts with."""

    seats: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Lot:
    """Seats that came together and may go back until one moment."""

    seats: int
    refundable_until: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """A commitment to a number of seats, as Microsoft last told it.

    ``scheduled_seats`` is the quantity that the next term starts with, where one is scheduled.
    """

    id: SubscriptionId
    customer_id: CustomerId
    offer: OfferId
    name: str
    seats: int
    status: SubscriptionStatus
    term: Term
    billing: BillingPlan
    starts_at: datetime
    ends_at: datetime
    auto_renew: bool
    sku: SkuId | None = None
    is_trial: bool = False
    scheduled_seats: int | None = None
    lots: tuple[Lot, ...] = ()
    billing_period_ends_at: datetime | None = None
    order_id: str = ""
    entitlement_id: str = ""
    """Where Microsoft gives one, the directory may know the subscription by it."""
    next_terms: Terms | None = None
    """With `scheduled_seats`: what the schedule says beside them."""
    end_of_term: EndOfTerm | None = None
    """As Microsoft was told in so many words; `auto_renew` alone says less."""
    cancellable_until: datetime | None = None
    lots_told: bool = True
    """Whether Microsoft said which seats can go back."""
    parent: SubscriptionId | None = None
    """The base that a legacy add-on hangs on."""
    other_end: str = ""
    """What Microsoft was told of its end, where `EndOfTerm` has no word for it."""
    moves: bool = False
    """Microsoft was told to make another product of it, otherwise than by `next_terms`."""

    @property
    def is_legacy(self) -> bool:
        """Sold before the new commerce: by offer, without windows, and it goes on by itself."""
        return ":" not in self.offer

    @property
    def terms(self) -> Terms:
        return Terms(self.offer, self.term, self.billing)

    @property
    def schedule(self) -> Schedule | None:
        if self.scheduled_seats is None:
            return None
        return Schedule(self.scheduled_seats, self.next_terms or self.terms)

    def is_known_as(self, *ids: str) -> bool:
        """Whether one of the directory's ids, its own or the commerce's, means this one."""
        return not ({self.id, self.entitlement_id} - {""}).isdisjoint(ids)

    @property
    def is_ending(self) -> bool:
        """Nothing follows its term: somebody cancelled it for then, or it does not renew.

        What Microsoft was told in words that we do not know is taken for an end.
        """
        if self.other_end:
            return True
        if self.end_of_term is not None:
            return self.end_of_term is EndOfTerm.CANCEL
        return not self.auto_renew and (self.is_legacy or self.is_trial)

    @property
    def is_converting(self) -> bool:
        """Its next term is another product, so that people lose the licences of this one."""
        if self.next_terms is None:
            return self.moves
        return self.moves or self.next_terms.offer.lower() != self.offer.lower()

    @property
    def is_unsaid(self) -> bool:
        """It does not renew, and nobody said what follows: nothing, or a paid extended term."""
        return not self.auto_renew and self.end_of_term is None and not self.is_ending

    @property
    def unless_extended(self) -> "Subscription":
        """As it counts where an extended term that Microsoft fills in by itself may be ended."""
        if self.end_of_term is not EndOfTerm.EXTEND:
            return self
        return replace(self, auto_renew=False, end_of_term=None)

    @property
    def is_passing(self) -> bool:
        """People may use its seats today, and nobody may count on them for tomorrow."""
        return self.is_trial or self.is_ending or self.is_converting or self.is_unsaid

    @property
    def lasting_seats(self) -> int:
        """Seats that no schedule will take away at the renewal, where there is one.

        A schedule of another product says nothing of this one's seats.
        """
        if self.scheduled_seats is None or self.is_converting:
            return self.seats
        return min(self.seats, self.scheduled_seats)

    def refundable_seats(self, now: datetime) -> int:
        """Seats that may go back at this moment, with a margin before each deadline."""
        if self.is_legacy:
            return self.seats
        open_lots = (lot for lot in self.lots if now + WINDOW_MARGIN < lot.refundable_until)
        return min(self.seats, sum(lot.seats for lot in open_lots))

    def refundable_until(self, now: datetime) -> datetime | None:
        """When the first open window closes."""
        return min(
            (lot.refundable_until for lot in self.lots if lot.refundable_until > now), default=None
        )

    def is_renewing(self, now: datetime) -> bool:
        """Within a day of the term's end Microsoft may refuse or lose a change."""
        return abs(now - self.ends_at) <= RENEWAL_LOCK

    def why_not_changeable(self, now: datetime) -> str | None:
        """Say in words why its quantity should be left alone, or None where it may change."""
        if self.status is not SubscriptionStatus.ACTIVE:
            return f"it is {self.status.value}"
        if self.is_legacy:
            return "it is a legacy subscription, which changes only when somebody asks for it"
        if self.is_trial:
            return "a trial's seats are fixed"
        if self.is_renewing(now):
            return "its renewal is within a day"
        if now > self.ends_at:
            return "its term has ended"
        return None

    def why_not_shrinkable(self, now: datetime) -> str | None:
        """As `why_not_changeable`; legacy seats go back on any day, the renewal's too."""
        if self.is_legacy and self.status is SubscriptionStatus.ACTIVE and not self.is_trial:
            return None
        return self.why_not_changeable(now)


@dataclass(frozen=True, slots=True)
class Purchase:
    """A first lot of seats of one offer."""

    offer: OfferId
    seats: int
    term: Term
    billing: BillingPlan
    name: str
    ends_at: datetime | None = None
    """The last day of a first term that is cut to fit another end."""
    end_of_term: EndOfTerm | None = None
    """None: as the connection's baseline has it."""
    attested: bool = False
    """Somebody confirmed that the customer may have what asks for it."""
