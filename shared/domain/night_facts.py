"""Know what a run's report is made of: one customer's seats, savings and renewals on one night."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.catalog import CatalogEntry
from shared.domain.decisions import Decision, DecisionKind
from shared.domain.ids import OfferId, SkuId, SubscriptionId
from shared.domain.money import Money
from shared.domain.next_terms import NextTerm, next_term
from shared.domain.night_views import NightlyView
from shared.domain.pricing import quote_growth
from shared.domain.renewals import Renewal
from shared.domain.subscriptions import Subscription, SubscriptionStatus


@dataclass(frozen=True, slots=True)
class SkuFacts:
    """One product of one customer, before the night changed anything.

    ``bought`` are our own active seats; ``used`` and ``reserved`` count all of the tenant, over
    all owners. ``idle`` is what could go, spare and held seats not among it.
    """

    name: str
    bought: int
    used: int = 0
    reserved: int = 0
    idle: int = 0
    sku: SkuId | None = None
    offer: OfferId | None = None
    """Where the catalog does not tell what is sold by it."""

    @property
    def product(self) -> str:
        """What is the same for all customers, whatever they call it."""
        return self.sku or self.offer or self.name


class SavingKind(StrEnum):
    REALISED = "realised"
    """Gone tonight: what the rest of the term would have cost."""
    SECURED = "secured"
    """Scheduled: what the next term would have cost."""
    REALISABLE = "realisable"
    """Would go on that day, if the policy, its limit or the end of the term let it."""


@dataclass(frozen=True, slots=True)
class Saving:
    """Seats of one subscription that cost nothing from ``at`` on; no amount without a price."""

    kind: SavingKind
    subscription_id: SubscriptionId
    name: str
    seats: int
    at: datetime
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class NightFacts:
    """One customer on one night."""

    company: str = ""
    zone: str = ""
    """IANA's name of the customer's time zone, empty where none is known."""
    skus: tuple[SkuFacts, ...] = ()
    savings: tuple[Saving, ...] = ()
    renewals: tuple[Renewal, ...] = ()


def sku_facts(
    views: Sequence[NightlyView],
    subscriptions: Iterable[Subscription],
    titles: Mapping[str, str],
) -> tuple[SkuFacts, ...]:
    """One line per product that the directory counts, and one per other product."""
    counted = tuple(_of_view(view, titles) for view in views)
    known = {view.seats.stock.sku for view in views}
    others: dict[str, SkuFacts] = {}
    for subscription in subscriptions:
        if subscription.sku not in known or subscription.sku is None:
            line = _alone(subscription, titles)
            so_far = others.setdefault(line.product, replace(line, bought=0))
            others[line.product] = replace(so_far, bought=so_far.bought + line.bought)
    return counted + tuple(others.values())


def titles_of(entries: Iterable[CatalogEntry]) -> Mapping[str, str]:
    """What each SKU, or an offer of none, is sold as; of several offers, the first by its id."""
    offers = sorted((e.offer for e in entries), key=lambda offer: offer.id, reverse=True)
    return {offer.sku or offer.id: offer.title for offer in offers}


def _alone(subscription: Subscription, titles: Mapping[str, str]) -> SkuFacts:
    """Not under the subscription's own name: each customer may have given it another one."""
    sku, offer = subscription.sku, subscription.offer
    name = titles.get(sku or offer) or sku or offer
    seats = _active_seats([subscription])
    return SkuFacts(name, seats, sku=sku, offer=None if sku else offer)


def _of_view(view: NightlyView, titles: Mapping[str, str]) -> SkuFacts:
    seats = view.seats
    sku = seats.stock.sku
    return SkuFacts(
        name=titles.get(sku) or seats.stock.part_number or sku,
        bought=_active_seats(seats.subscriptions),
        used=seats.in_use,
        reserved=seats.promised,
        idle=view.idle,
        sku=sku,
    )


def _active_seats(subscriptions: Iterable[Subscription]) -> int:
    return sum(s.seats for s in subscriptions if s.status is SubscriptionStatus.ACTIVE)


def savings_of(
    decisions: Iterable[Decision],
    subscriptions: Iterable[Subscription],
    entries: Mapping[OfferId, CatalogEntry],
    now: datetime,
) -> tuple[Saving, ...]:
    """Price what every decision saves or would save; the subscriptions as the night found them."""
    known = {s.id: s for s in subscriptions}
    found = []
    for decision in decisions:
        subscription = known.get(decision.subscription_id)
        if subscription is not None:
            found += _savings(decision, subscription, entries, now)
    return tuple(found)


def _savings(
    decision: Decision,
    subscription: Subscription,
    entries: Mapping[OfferId, CatalogEntry],
    now: datetime,
) -> list[Saving]:
    back, later, waiting = _parts(decision)
    gone = SavingKind.REALISED if decision.applied else SavingKind.REALISABLE
    planned = SavingKind.SECURED if decision.applied else SavingKind.REALISABLE
    closes, ends = subscription.refundable_until(now) or now, subscription.ends_at
    entry, follows = entries.get(subscription.offer), next_term(subscription, entries, now)
    lines = (
        (gone, back, now, _rest_of_term(subscription, back, entry, now)),
        (planned, later, ends, _of_next_term(follows, later)),
        (SavingKind.REALISABLE, decision.extended, ends, _of_next_term(follows, decision.extended)),
        (
            SavingKind.REALISABLE,
            waiting,
            closes,
            _rest_of_term(subscription, waiting, entry, closes),
        ),
    )
    return [
        Saving(kind, subscription.id, subscription.name, seats, at, amount)
        for kind, seats, at, amount in lines
        if seats > 0
    ]


def _parts(decision: Decision) -> tuple[int, int, int]:
    """Seats that go now, at the renewal, and before their window closes."""
    if decision.kind is DecisionKind.KEEP:
        return decision.withheld, decision.withheld_later, decision.waiting
    back = decision.seats_given_back if decision.kind is DecisionKind.RETURN else 0
    return back, decision.seats_scheduled, decision.waiting


def _rest_of_term(
    subscription: Subscription, seats: int, entry: CatalogEntry | None, at: datetime
) -> Money | None:
    quote = quote_growth(subscription, seats, entry, at) if entry else None
    return quote.until_term_end if quote else None


def _of_next_term(follows: NextTerm | None, seats: int) -> Money | None:
    return follows.cost_of(seats) if follows else None
