"""Know what can be sold: offers, their terms and their prices.

https://learn.microsoft.com/partner-center/developer/product-resources
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.domain.ids import ConnectionId, OfferId, SkuId
from shared.domain.money import Money


class Term(StrEnum):
    """How long one commits."""

    MONTH = "P1M"
    YEAR = "P1Y"
    THREE_YEARS = "P3Y"

    @property
    def months(self) -> int:
        return {"P1M": 1, "P1Y": 12, "P3Y": 36}[self.value]


class BillingPlan(StrEnum):
    """How often one pays within the term."""

    MONTHLY = "monthly"
    ANNUAL = "annual"
    TRIENNIAL = "triennial"

    @property
    def months(self) -> int:
        return {"monthly": 1, "annual": 12, "triennial": 36}[self.value]


class OfferKind(StrEnum):
    """Legacy offers were sold before the new commerce experience; few still are."""

    NEW_COMMERCE = "newCommerce"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class OfferedTerm:
    """A term and how it is paid, as Microsoft sells it in one market."""

    term: Term
    billing: BillingPlan


@dataclass(frozen=True, slots=True)
class Offer:
    """A product's SKU as Partner Center sells it.

    ``sku`` is the Entra SKU that its licences are counted by; Microsoft may leave it out, and then
    we cannot count seats of it. ``is_closed`` where Microsoft sells it to nobody any more.
    """

    id: OfferId
    title: str
    sku: SkuId | None
    is_addon: bool = False
    is_trial: bool = False
    prerequisites: tuple[OfferId, ...] = ()
    minimum: int = 1
    maximum: int = 10_000_000
    kind: OfferKind = OfferKind.NEW_COMMERCE
    is_closed: bool = False
    needs_attestation: bool = False
    """Somebody has to confirm that the customer is of the kind that it is made for."""

    @property
    def why_never_sold(self) -> str:
        """Say why nobody can tick it, or nothing where somebody may."""
        if self.is_closed:
            return (
                f"Microsoft has closed {self.title} ({self.id}): it is not sold to anybody new. "
                "Sell its new-commerce successor."
            )
        if self.kind is OfferKind.LEGACY:
            return (
                f"{self.title} ({self.id}) is a legacy offer: it is listed for what runs of it, "
                "and bought nowhere here. Sell its new-commerce successor."
            )
        return ""

    @property
    def product_id(self) -> str:
        return self.id.split(":")[0]


@dataclass(frozen=True, slots=True)
class Price:
    """What one seat costs for one billing period, from the price sheet of one market."""

    offer: OfferId
    term: Term
    billing: BillingPlan
    market: str
    unit: Money
    valid_from: datetime
    valid_until: datetime | None = None

    def valid_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)

    @property
    def per_term(self) -> Money:
        """One seat over the whole term."""
        return self.unit * Decimal(self.term.months // self.billing.months)


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """An offer with its prices in one market, as a connection's last synchronisation left it.

    ``prices`` are those of its day, ``announced`` ones come later, and ``extended`` ones are of a
    month in an extended term. ``terms`` are read for what is ticked for sale, and empty for the
    rest.
    """

    connection_id: ConnectionId
    market: str
    offer: Offer
    prices: tuple[Price, ...]
    changed_at: datetime
    terms: tuple[OfferedTerm, ...] = ()
    announced: tuple[Price, ...] = ()
    extended: tuple[Price, ...] = ()

    def price(self, term: Term, billing: BillingPlan, moment: datetime) -> Price | None:
        """Answer the newest price in force at a moment, as far as the sheets tell."""
        return _newest((*self.prices, *self.announced), term, billing, moment)

    def extended_price(self, moment: datetime) -> Price | None:
        """What goes on as an extended term is paid by the month, however it was paid before.

        https://learn.microsoft.com/partner-center/customers/extended-service-terms
        """
        return _newest(self.extended, Term.MONTH, BillingPlan.MONTHLY, moment)

    def is_offered(self, term: Term, billing: BillingPlan) -> bool:
        """Whether Microsoft sells it so, as far as we have asked."""
        return not self.terms or OfferedTerm(term, billing) in self.terms


def _newest(
    prices: Iterable[Price], term: Term, billing: BillingPlan, moment: datetime
) -> Price | None:
    fitting = (p for p in prices if (p.term, p.billing) == (term, billing) and p.valid_at(moment))
    return max(fitting, key=lambda p: p.valid_from, default=None)
