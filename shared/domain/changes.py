"""Name the changes that a subscription can be put through, and what a plan of one says."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias

from shared.domain.catalog import BillingPlan, CatalogEntry, Term
from shared.domain.history import Snapshot, snapshot_of
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.money import Money
from shared.domain.pricing import Quote
from shared.domain.seats import SeatView
from shared.domain.subscriptions import EndOfTerm, Schedule, Subscription


@dataclass(frozen=True, slots=True)
class SetSeats:
    """Raise or lower to an absolute number."""

    kind: ClassVar[str] = "setSeats"
    seats: int


@dataclass(frozen=True, slots=True)
class Suspend:
    kind: ClassVar[str] = "suspend"


@dataclass(frozen=True, slots=True)
class Reactivate:
    kind: ClassVar[str] = "reactivate"


@dataclass(frozen=True, slots=True)
class Cancel:
    """End it at once and for good; possible in the first week of a term."""

    kind: ClassVar[str] = "cancel"


@dataclass(frozen=True, slots=True)
class Rename:
    kind: ClassVar[str] = "rename"
    name: str


@dataclass(frozen=True, slots=True)
class SetEndOfTerm:
    kind: ClassVar[str] = "setEndOfTerm"
    intent: EndOfTerm


@dataclass(frozen=True, slots=True)
class ScheduleRenewal:
    """Say what the next term starts with; what is not named stays as it is."""

    kind: ClassVar[str] = "scheduleRenewal"
    seats: int
    offer: OfferId | None = None
    term: Term | None = None
    billing: BillingPlan | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClearSchedule:
    kind: ClassVar[str] = "clearSchedule"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Move seats to a larger product: into the same subscription, a new one, or one held."""

    kind: ClassVar[str] = "upgrade"
    offer: OfferId
    seats: int
    term: Term | None = None
    billing: BillingPlan | None = None
    into: SubscriptionId | None = None


SubscriptionChange: TypeAlias = (
    SetSeats
    | Suspend
    | Reactivate
    | Cancel
    | Rename
    | SetEndOfTerm
    | ScheduleRenewal
    | ClearSchedule
    | Upgrade
)


class Why(StrEnum):
    """Why a change is refused; `docs/subscriptions.md` says what to do about each."""

    NOTHING_TO_DO = "nothingToDo"
    NOT_ACTIVE = "notActive"
    SUSPENDED = "suspended"
    NOT_SUSPENDED = "notSuspended"
    RENEWING = "renewing"
    TERM_ENDED = "termEnded"
    TRIAL = "trial"
    BELOW_MINIMUM = "belowMinimum"
    ABOVE_MAXIMUM = "aboveMaximum"
    IN_USE = "inUse"
    WINDOW_CLOSED = "windowClosed"
    AUTO_RENEW_OFF = "autoRenewOff"
    ADD_ON_RESTS = "addOnRests"
    NOT_IN_CATALOG = "notInCatalog"
    NOT_SOLD_THAT_WAY = "notSoldThatWay"
    DATE_NOT_POSSIBLE = "dateNotPossible"
    UPDATES_USED_UP = "updatesUsedUp"
    END_OF_TERM_UNSPOKEN = "endOfTermUnspoken"
    NOT_AN_UPGRADE = "notAnUpgrade"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, in words, with what to do instead."""

    why: Why
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class UpgradeOption:
    """One product that Microsoft lets a subscription's seats move to, or why it does not.

    ``catalog_item`` is what the move names it by; ``into`` are subscriptions held already.
    """

    offer: OfferId
    catalog_item: str
    title: str
    seats: int
    is_eligible: bool
    moves_licences: bool
    reasons: tuple[str, ...] = ()
    into: tuple[SubscriptionId, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a change is judged by, as it was read at one moment.

    ``held`` are all of the customer's subscriptions; ``view`` counts what is in use and promised,
    None where the directory does not count the SKU by user. ``spare`` stays idle by policy;
    ``updates`` were made so far; ``last_window`` is when seats could last go back.
    ``speaks_of_ends`` where Microsoft takes our end-of-term intents; ``chosen_end`` is the last
    word that somebody had on it.
    """

    subscription: Subscription
    now: datetime
    entries: Mapping[OfferId, CatalogEntry]
    held: tuple[Subscription, ...] = ()
    view: SeatView | None = None
    spare: int = 0
    updates: int = 0
    last_window: datetime | None = None
    speaks_of_ends: bool = False
    chosen_end: EndOfTerm | None = None
    upgrades: Sequence[UpgradeOption] = ()

    @property
    def entry(self) -> CatalogEntry | None:
        return self.entries.get(self.subscription.offer)

    @property
    def needed_seats(self) -> int:
        """What must stay in this subscription so that everybody in the tenant keeps a seat."""
        if self.view is None:
            return 0
        shown = self.view.shown_without(self.view.subscriptions)
        own = 0 if self.subscription.is_passing else self.subscription.lasting_seats
        others = min(self.view.lasting, shown) - own
        return max(0, self.view.wanted - max(0, others))


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What would happen: allowed or not, what it costs, and what Microsoft would lock in.

    ``refund`` is an estimate: Microsoft quotes none. ``undo_until`` is None where it cannot be
    undone. ``wiped`` is the schedule that the change deletes, ``restored`` the one that is put in
    its place at once.
    """

    change: SubscriptionChange
    subscription: Subscription
    after: Snapshot
    refusals: tuple[Refusal, ...] = ()
    quote: Quote | None = None
    refund: Money | None = None
    price_next_term: Money | None = None
    undo_until: datetime | None = None
    wiped: Schedule | None = None
    restored: Schedule | None = None
    notes: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_allowed(self) -> bool:
        return not self.refusals

    @property
    def before(self) -> Snapshot:
        return snapshot_of(self.subscription)

    @property
    def digest(self) -> str:
        """The same as long as nothing changes that the plan rests on.

        Not the prorated price, which is another every day: the unit price is in it.
        """
        unit = (str(self.quote.unit), str(self.quote.price_valid_from)) if self.quote else ()
        parts = (
            repr(self.change),
            self.subscription.id,
            repr(self.before),
            repr(self.after),
            repr(self.refusals),
            *self.rests_on,
            *unit,
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
