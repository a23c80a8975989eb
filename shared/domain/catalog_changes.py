"""Say what one synchronisation found different from the one before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.catalog import BillingPlan, CatalogEntry, Price, Term
from shared.domain.ids import ConnectionId, OfferId, OperationId
from shared.domain.money import Money

LISTED = 500
"""Changes of one sort and market that are kept by name; the counts are always whole."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Somebody decided that an offer is sold."""

    offer: OfferId
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NamedOffer:
    offer: OfferId
    title: str


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A line of the price sheet that is new, gone or dearer; None where there is none."""

    offer: OfferId
    title: str
    term: Term
    billing: BillingPlan
    before: Money | None
    after: Money | None


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """Something else about an offer: its title, its limits, what it needs."""

    offer: OfferId
    title: str
    attribute: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a market there is, and how much of it changed."""

    market: str
    offers: int
    added: int
    removed: int
    prices: int
    attributes: int


@dataclass(frozen=True, slots=True)
class MarketDifference:
    """What changed in one market; of each sort the first ones are named."""

    counts: Counts
    added: tuple[NamedOffer, ...] = ()
    removed: tuple[NamedOffer, ...] = ()
    prices: tuple[PriceChange, ...] = ()
    attributes: tuple[AttributeChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Sync:
    """One finished synchronisation of a connection."""

    operation_id: OperationId
    connection_id: ConnectionId
    finished_at: datetime
    markets: tuple[Counts, ...]


def compare(
    market: str, before: Mapping[OfferId, CatalogEntry], after: Iterable[CatalogEntry]
) -> MarketDifference:
    entries = {entry.offer.id: entry for entry in after}
    pairs = [(before[offer], entry) for offer, entry in entries.items() if offer in before]
    added = tuple(_named(e) for offer, e in entries.items() if offer not in before)
    removed = tuple(_named(e) for offer, e in before.items() if offer not in entries)
    prices = tuple(change for pair in pairs for change in _prices(*pair))
    attributes = tuple(change for pair in pairs for change in _attributes(*pair))
    return MarketDifference(
        Counts(market, len(entries), len(added), len(removed), len(prices), len(attributes)),
        added[:LISTED],
        removed[:LISTED],
        prices[:LISTED],
        attributes[:LISTED],
    )


def carried_over(before: CatalogEntry | None, after: CatalogEntry) -> CatalogEntry:
    """An entry that says the same stays the entry that it was, with its date."""
    if before is not None and replace(after, changed_at=before.changed_at) == before:
        return before
    return after


def _named(entry: CatalogEntry) -> NamedOffer:
    return NamedOffer(entry.offer.id, entry.offer.title)


def _prices(before: CatalogEntry, after: CatalogEntry) -> Iterator[PriceChange]:
    old, new = _newest(before.prices), _newest(after.prices)
    for term, billing in sorted(old.keys() | new.keys()):
        was, now = old.get((term, billing)), new.get((term, billing))
        if was != now:
            yield PriceChange(after.offer.id, after.offer.title, term, billing, was, now)


def _newest(prices: Iterable[Price]) -> dict[tuple[Term, BillingPlan], Money]:
    by_date = sorted(prices, key=lambda price: price.valid_from)
    return {(price.term, price.billing): price.unit for price in by_date}


def _attributes(before: CatalogEntry, after: CatalogEntry) -> Iterator[AttributeChange]:
    old, new = _described(before), _described(after)
    for attribute, now in new.items():
        if old[attribute] != now:
            yield AttributeChange(after.offer.id, after.offer.title, attribute, old[attribute], now)


def _described(entry: CatalogEntry) -> dict[str, str]:
    """In the words of the API, since people read it."""
    offer = entry.offer
    return {
        "title": offer.title,
        "skuId": offer.sku or "",
        "isAddOn": _yes(offer.is_addon),
        "isTrial": _yes(offer.is_trial),
        "isClosed": _yes(offer.is_closed),
        "prerequisites": ", ".join(sorted(offer.prerequisites)),
        "minimum": str(offer.minimum),
        "maximum": str(offer.maximum),
        "terms": ", ".join(f"{t.term.value} {t.billing.value}" for t in entry.terms),
    }


def _yes(fact: bool) -> str:
    return "true" if fact else "false"
