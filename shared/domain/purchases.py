"""Know what a batch would buy: line by line, expected and at the most, and whether it was approved.

Expected: what the batch frees itself comes first and costs nothing. At the most: none of it is seen
free. Ceilings, approval and the update budget bind the highest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.catalog import BillingPlan, CatalogEntry, Term
from shared.domain.ids import OfferId, PlanId, SkuId
from shared.domain.money import Money
from shared.domain.pricing import Quote, quote_growth
from shared.domain.seat_plans import Raise, SeatPlan


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """Seats that one subscription would gain; without an id it would be bought as a first one.

    ``now`` is the rest of the running billing period by days, ``until_term_end`` includes it.
    """

    sku: SkuId
    offer: OfferId
    subscription_id: str
    subscription_name: str
    seats: int
    term: Term
    billing: BillingPlan
    is_standing: bool = False
    """They were missing before this batch came."""
    unit: Money | None = None
    now: Money | None = None
    until_term_end: Money | None = None
    price_valid_from: datetime | None = None
    locked_in_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """Everything that would be bought at once."""

    lines: tuple[PurchaseLine, ...] = ()

    @property
    def seats(self) -> int:
        return sum(line.seats for line in self.lines)

    def seats_of(self, sku: SkuId) -> int:
        return sum(line.seats for line in self.lines if line.sku == sku)

    @property
    def committed(self) -> tuple[Money, ...]:
        """What is owed until the terms end, one sum for each currency."""
        return _sums(line.until_term_end for line in self.lines)

    @property
    def now(self) -> tuple[Money, ...]:
        return _sums(line.now for line in self.lines)

    def is_covered_by(self, approved: "Purchase") -> bool:
        """Whether it asks no more of any subscription, at no higher price, than was approved."""
        most = approved.amounts()
        return all(
            key in most and seats <= most[key][0] and not _dearer(unit, most[key][1])
            for key, (seats, unit) in self.amounts().items()
        )

    def amounts(self) -> Mapping[tuple[str, str, str, str], tuple[int, Money | None]]:
        """Seats and unit price for each subscription, or for each kind of first one."""
        found: dict[tuple[str, str, str, str], tuple[int, Money | None]] = {}
        for line in self.lines:
            key = (line.subscription_id or line.offer, line.sku, line.term, line.billing)
            seats, _ = found.get(key, (0, None))
            found[key] = seats + line.seats, line.unit
        return found


@dataclass(frozen=True, slots=True)
class Demand:
    """What a ceiling is held against, beside the purchase itself.

    ``held`` are the seats of our subscriptions for each SKU, ``wanted`` the seats that the rows of
    each plan need.
    """

    held: Mapping[SkuId, int] = field(default_factory=dict)
    wanted: Mapping[PlanId, Mapping[SkuId, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a batch was found to need at one moment; it is what a person approves."""

    made_at: datetime
    expected: Purchase
    highest: Purchase
    digest: str
    people: int = 0
    """Who would be blocked, deleted or left without a licence."""
    people_total: int = 0
    demand: Demand = field(default_factory=Demand)


def plan_digest(document: str, highest: Purchase, people: int = 0) -> str:
    """Name a plan by its document, subscriptions, highest seats and unit prices.

    Live counts, dates and what proration makes of the price do not count: they move by the hour.
    """
    lines = sorted(
        [*key, str(seats), str(unit) if unit else ""]
        for key, (seats, unit) in highest.amounts().items()
    )
    text = json.dumps([document, people, lines], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def lines_of(
    plan: SeatPlan, entries: Mapping[OfferId, CatalogEntry], now: datetime
) -> tuple[PurchaseLine, ...]:
    """Price every raise; the seats that were missing before stand on lines of their own.

    The lines of one subscription add up to what its growth costs, to the minor unit.
    """
    lines: list[PurchaseLine] = []
    standing = plan.standing_deficit
    for part in plan.raises:
        bought = part.target - part.subscription.seats
        before = min(standing, bought)
        standing -= before
        lines += _split(plan.sku, part, before, entries.get(part.subscription.offer), now)
    return tuple(lines)


def _split(
    sku: SkuId, part: Raise, before: int, entry: CatalogEntry | None, now: datetime
) -> list[PurchaseLine]:
    bought = part.target - part.subscription.seats
    whole = quote_growth(part.subscription, bought, entry, now) if entry else None
    first = quote_growth(part.subscription, before, entry, now) if entry else None
    lines = []
    if before:
        lines.append(_line(sku, part, before, first, is_standing=True))
    if bought > before:
        rest = _without(whole, first) if before else whole
        lines.append(_line(sku, part, bought - before, rest, is_standing=False))
    return lines


def _without(whole: Quote | None, first: Quote | None) -> Quote | None:
    if whole is None or first is None:
        return None
    return Quote(
        whole.seats - first.seats,
        whole.unit,
        whole.now - first.now,
        whole.until_term_end - first.until_term_end,
        whole.price_valid_from,
    )


def _line(
    sku: SkuId, part: Raise, seats: int, quote: Quote | None, *, is_standing: bool
) -> PurchaseLine:
    subscription = part.subscription
    return PurchaseLine(
        sku,
        subscription.offer,
        subscription.id,
        subscription.name,
        seats,
        subscription.term,
        subscription.billing,
        is_standing,
        unit=quote.unit if quote else None,
        now=quote.now if quote else None,
        until_term_end=quote.until_term_end if quote else None,
        price_valid_from=quote.price_valid_from if quote else None,
        locked_in_until=subscription.ends_at,
    )


def _sums(amounts: Iterable[Money | None]) -> tuple[Money, ...]:
    sums: dict[str, Money] = {}
    for amount in amounts:
        if amount is not None:
            known = sums.get(amount.currency)
            sums[amount.currency] = known + amount if known else amount
    return tuple(sums[currency] for currency in sorted(sums))


def _dearer(unit: Money | None, than: Money | None) -> bool:
    if unit is None or than is None:
        return unit != than
    return unit.currency != than.currency or unit.amount > than.amount
