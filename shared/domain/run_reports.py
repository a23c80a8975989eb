"""Know what a run's report says: the sums are whole, the lists hold the first or the largest."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.drift import DriftEntry
from shared.domain.drift_tally import DriftCounts
from shared.domain.ids import ConnectionId, CustomerId, OfferId, SkuId
from shared.domain.money import Money
from shared.domain.night_facts import Saving, SavingKind
from shared.domain.renewals import Renewal
from shared.domain.runs import LeftOut

LISTED = 50
"""Lines of each list; the sums count everything."""
HORIZONS = (30, 60, 90)
"""Days that the renewals are added up for."""


@dataclass(frozen=True, slots=True)
class SeatFigures:
    """Seats as the night found them, and what it did."""

    bought: int = 0
    used: int = 0
    reserved: int = 0
    idle: int = 0
    given_back: int = 0
    scheduled: int = 0
    restored: int = 0
    at_risk: int = 0
    """Seats in use that a renewal takes unless somebody does something."""

    def __add__(self, other: "SeatFigures") -> "SeatFigures":
        return SeatFigures(
            self.bought + other.bought,
            self.used + other.used,
            self.reserved + other.reserved,
            self.idle + other.idle,
            self.given_back + other.given_back,
            self.scheduled + other.scheduled,
            self.restored + other.restored,
            self.at_risk + other.at_risk,
        )


@dataclass(frozen=True, slots=True)
class ConnectionFigures:
    connection_id: ConnectionId
    customers: int = 0
    failed: int = 0
    unfinished: int = 0
    seats: SeatFigures = field(default_factory=SeatFigures)


@dataclass(frozen=True, slots=True)
class ProductFigures:
    """One product over all customers; under its offer where the catalog does not tell it."""

    name: str
    seats: SeatFigures
    sku: SkuId | None = None
    offer: OfferId | None = None


@dataclass(frozen=True, slots=True)
class OtherProducts:
    """Those that are not among the largest, as one sum."""

    products: int = 0
    seats: SeatFigures = field(default_factory=SeatFigures)


@dataclass(frozen=True, slots=True)
class CustomerFigures:
    """One customer with what stays idle there, and why."""

    customer_id: CustomerId
    company: str
    seats: SeatFigures
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavingFigures:
    """Seats and money of one kind that come in one month, written as YYYY-MM."""

    kind: SavingKind
    month: str
    seats: int
    amounts: tuple[Money, ...]
    unpriced: int = 0
    """Of these seats, those that no price is known of: no amount counts them."""


@dataclass(frozen=True, slots=True)
class CustomerSaving:
    customer_id: CustomerId
    company: str
    saving: Saving


@dataclass(frozen=True, slots=True)
class Failure:
    customer_id: CustomerId
    connection_id: ConnectionId
    kind: str
    reason: str
    company: str = ""
    """Where the run came so far as to learn it."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """One customer that the run has not come to the end of."""

    customer_id: CustomerId
    connection_id: ConnectionId


@dataclass(frozen=True, slots=True)
class CustomerDrift:
    company: str
    entry: DriftEntry


@dataclass(frozen=True, slots=True)
class CustomerRenewal:
    company: str
    zone: str
    renewal: Renewal


@dataclass(frozen=True, slots=True)
class RenewalFigures:
    """What ends within so many days of the run."""

    days: int
    subscriptions: int
    seats: int
    extended: int
    """Of these, terms that will go on as paid extended ones though nobody chose it."""
    disagreeing: int
    """Of these, ends that Microsoft holds otherwise than they were chosen."""
    amounts: tuple[Money, ...]
    unpriced: int = 0
    """Of these seats, those that no price is known of."""


@dataclass(frozen=True, slots=True)
class RunFigures:
    """A run added up."""

    customers: int
    failed: int
    unfinished: int
    seats: SeatFigures
    connections: tuple[ConnectionFigures, ...]
    products: tuple[ProductFigures, ...]
    other_products: OtherProducts
    idle_customers: tuple[CustomerFigures, ...]
    savings: tuple[SavingFigures, ...]
    to_realise: tuple[CustomerSaving, ...]
    failures: Mapping[str, int]
    failed_customers: tuple[Failure, ...]
    unfinished_customers: tuple[Unfinished, ...]
    left_out: tuple[LeftOut, ...]
    drift: DriftCounts
    drifted: tuple[CustomerDrift, ...]
    renewals: tuple[RenewalFigures, ...]
    next_renewals: tuple[CustomerRenewal, ...]
