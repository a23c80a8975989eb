"""Add a run up part by part, so that one over thousands of customers is never held as a whole."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import nlargest, nsmallest
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from shared.domain.decisions import DecisionKind
from shared.domain.drift_tally import DriftCounts
from shared.domain.money import Money
from shared.domain.night_facts import SavingKind, SkuFacts
from shared.domain.renewals import Renewal
from shared.domain.run_reports import (
    HORIZONS,
    LISTED,
    ConnectionFigures,
    CustomerDrift,
    CustomerFigures,
    CustomerRenewal,
    CustomerSaving,
    Failure,
    OtherProducts,
    ProductFigures,
    RenewalFigures,
    RunFigures,
    SavingFigures,
    SeatFigures,
    Unfinished,
)
from shared.domain.runs import CustomerRun, CustomerRunStatus, LeftOut

if TYPE_CHECKING:
    from shared.domain.ids import ConnectionId

_REASONS = 5
"""Of one customer's subscriptions; the run's parts list all."""
Line = TypeVar("Line")


class _First(Generic[Line]):
    """The lines that come first, and no more of them than are shown."""

    def __init__(self, pick: Callable[..., list[Line]], key: Callable[[Line], Any]) -> None:
        self._pick, self._key = pick, key
        self.lines: list[Line] = []

    def add(self, lines: Iterable[Line]) -> None:
        self.lines = self._pick(LISTED, [*self.lines, *lines], key=self._key)


@dataclass(slots=True)
class _Sum:
    """How many things, how many seats, how much money in each currency, and seats without any."""

    count: int = 0
    seats: int = 0
    unpriced: int = 0
    money: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, seats: int, amount: Money | None) -> None:
        self.count += 1
        self.seats += seats
        if amount is None:
            self.unpriced += seats
        else:
            self.money[amount.currency] += amount.amount

    @property
    def amounts(self) -> tuple[Money, ...]:
        return tuple(Money(amount, currency) for currency, amount in sorted(self.money.items()))


class RunTally:
    """The sums so far; memory is bound by products, connections and months, not by customers."""

    def __init__(self, at: datetime, left_out: tuple[LeftOut, ...] = ()) -> None:
        self._at, self._left_out = at, left_out
        self._connections: dict[ConnectionId, ConnectionFigures] = {}
        self._products: dict[str, ProductFigures] = {}
        self._savings: dict[tuple[SavingKind, str], _Sum] = defaultdict(_Sum)
        self._failures: Counter[str] = Counter()
        self._renewals = {days: _Sum() for days in HORIZONS}
        self._extended: Counter[int] = Counter()
        self._disagreeing: Counter[int] = Counter()
        self._drift = DriftCounts()
        self._idle = _First[CustomerFigures](nlargest, key=lambda c: c.seats.idle)
        self._open = _First[CustomerSaving](nsmallest, key=lambda s: s.saving.at)
        self._failed = _First[Failure](nsmallest, key=lambda f: (f.kind, f.customer_id))
        self._waiting = _First[Unfinished](nsmallest, key=lambda u: u.customer_id)
        # An entry's id sorts later moments first.
        self._drifted = _First[CustomerDrift](nsmallest, key=lambda d: d.entry.id)
        self._next = _First[CustomerRenewal](nsmallest, key=lambda r: r.renewal.renews_at)

    def add(self, part: CustomerRun) -> None:
        """Count one more customer in."""
        seats = _seats_of(part)
        self._add_connection(part, seats)
        self._add_products(part)
        self._add_savings(part)
        self._add_renewals(part)
        self._drift += part.drift.counts
        self._drifted.add(CustomerDrift(part.facts.company, e) for e in part.drift.entries)
        if seats.idle:
            self._idle.add([_customer(part, seats)])
        self._add_end(part)

    def _add_end(self, part: CustomerRun) -> None:
        where = part.customer_id, part.connection_id
        if part.status is CustomerRunStatus.FAILED:
            self._failures[part.failure] += 1
            self._failed.add([Failure(*where, part.failure, part.reason, part.facts.company)])
        if not part.status.is_final:
            self._waiting.add([Unfinished(*where)])

    def _add_connection(self, part: CustomerRun, seats: SeatFigures) -> None:
        id_ = part.connection_id
        so_far = self._connections.get(id_, ConnectionFigures(id_))
        self._connections[id_] = replace(
            so_far,
            customers=so_far.customers + 1,
            failed=so_far.failed + (part.status is CustomerRunStatus.FAILED),
            unfinished=so_far.unfinished + (not part.status.is_final),
            seats=so_far.seats + seats,
        )

    def _add_products(self, part: CustomerRun) -> None:
        for sku in part.facts.skus:
            nothing = ProductFigures(sku.name, SeatFigures(), sku.sku, sku.offer)
            so_far = self._products.get(sku.product, nothing)
            # Where one customer's market has no title for it, another's may.
            name = sku.name if so_far.name == sku.product else so_far.name
            seats = so_far.seats + _figures(sku)
            self._products[sku.product] = replace(so_far, name=name, seats=seats)

    def _add_savings(self, part: CustomerRun) -> None:
        for saving in part.facts.savings:
            self._savings[saving.kind, f"{saving.at:%Y-%m}"].add(saving.seats, saving.amount)
        self._open.add(
            CustomerSaving(part.customer_id, part.facts.company, saving)
            for saving in part.facts.savings
            if saving.kind is SavingKind.REALISABLE
        )

    def _add_renewals(self, part: CustomerRun) -> None:
        facts = part.facts
        for renewal in facts.renewals:
            for days in HORIZONS:
                if renewal.renews_at <= self._at + timedelta(days=days):
                    self._add_renewal(days, renewal)
        self._next.add(CustomerRenewal(facts.company, facts.zone, r) for r in facts.renewals)

    def _add_renewal(self, days: int, renewal: Renewal) -> None:
        self._renewals[days].add(renewal.renewal_seats, renewal.next_term)
        self._extended[days] += renewal.is_unwanted_extension
        self._disagreeing[days] += not renewal.agrees

    @property
    def figures(self) -> RunFigures:
        """What has been added so far."""
        connections = tuple(self._connections[id_] for id_ in sorted(self._connections))
        products = sorted(self._products.values(), key=lambda p: (-p.seats.bought, p.name))
        return RunFigures(
            customers=sum(c.customers for c in connections),
            failed=sum(c.failed for c in connections),
            unfinished=sum(c.unfinished for c in connections),
            seats=sum((c.seats for c in connections), SeatFigures()),
            connections=connections,
            products=tuple(products[:LISTED]),
            other_products=_others(products[LISTED:]),
            idle_customers=tuple(self._idle.lines),
            savings=self._saved(),
            to_realise=tuple(self._open.lines),
            failures=dict(self._failures),
            failed_customers=tuple(self._failed.lines),
            unfinished_customers=tuple(self._waiting.lines),
            left_out=self._left_out,
            drift=self._drift,
            drifted=tuple(self._drifted.lines),
            renewals=tuple(self._horizon(days) for days in HORIZONS),
            next_renewals=tuple(self._next.lines),
        )

    def _saved(self) -> tuple[SavingFigures, ...]:
        """Month by month."""
        found = sorted(self._savings.items(), key=lambda one: (one[0][1], one[0][0]))
        return tuple(SavingFigures(*place, s.seats, s.amounts, s.unpriced) for place, s in found)

    def _horizon(self, days: int) -> RenewalFigures:
        ending = self._renewals[days]
        return RenewalFigures(
            days,
            ending.count,
            ending.seats,
            self._extended[days],
            self._disagreeing[days],
            ending.amounts,
            ending.unpriced,
        )


def _figures(sku: SkuFacts) -> SeatFigures:
    return SeatFigures(sku.bought, sku.used, sku.reserved, sku.idle)


def _others(products: Sequence[ProductFigures]) -> OtherProducts:
    return OtherProducts(len(products), sum((p.seats for p in products), SeatFigures()))


def _seats_of(part: CustomerRun) -> SeatFigures:
    found = sum((_figures(sku) for sku in part.facts.skus), SeatFigures())
    return replace(
        found,
        given_back=part.given_back(DecisionKind.RETURN),
        scheduled=part.given_back(DecisionKind.SCHEDULE),
        restored=part.given_back(DecisionKind.RESTORE),
        at_risk=part.seats_at_risk,
    )


def _customer(part: CustomerRun, seats: SeatFigures) -> CustomerFigures:
    reasons = tuple(str(decision) for decision in part.decisions[:_REASONS])
    return CustomerFigures(part.customer_id, part.facts.company, seats, reasons)
