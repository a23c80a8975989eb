"""Know what a customer's directory holds beside its people: seats, whose they are, and domains."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.ids import CustomerId, SkuId
from shared.domain.seats import Holding, SkuStock
from shared.domain.subscriptions import Subscription


class Owner(StrEnum):
    """Whose seats they are."""

    OURS = "ours"
    OTHER_PARTNER = "otherPartner"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class OwnedSeats:
    """One subscription as the directory shows it; ``status`` is Microsoft's own word.

    ``commerce_id`` is the one by which Partner Center knows it.
    """

    id: str
    commerce_id: str
    sku: SkuId
    owner: Owner
    seats: int
    status: str
    is_trial: bool = False


@dataclass(frozen=True, slots=True)
class DomainState:
    """A DNS name that a tenant owns, or says that it owns."""

    name: str
    is_verified: bool
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Estate:
    """As it was last found to differ; ``changed_at`` is None where it was never read."""

    customer_id: CustomerId
    stocks: tuple[SkuStock, ...] = ()
    holdings: tuple[OwnedSeats, ...] = ()
    domains: tuple[DomainState, ...] = ()
    changed_at: datetime | None = None
    etag: str = field(default="", compare=False)

    @property
    def is_known(self) -> bool:
        return self.changed_at is not None

    def is_as(self, other: "Estate") -> bool:
        return replace(self, changed_at=None) == replace(other, changed_at=None)


def stocks_kept(stocks: Iterable[SkuStock]) -> tuple[SkuStock, ...]:
    """Without their service plans, which are Microsoft's to change, and many."""
    kept = (replace(stock, service_plans={}) for stock in stocks)
    return tuple(sorted(kept, key=lambda stock: stock.sku))


def owned(
    holdings: Iterable[Holding],
    customer: CustomerId,
    partner: str,
    subscriptions: Sequence[Subscription],
) -> tuple[OwnedSeats, ...]:
    """Ours are those of our tenant's, and those that Partner Center lists as ours."""
    found = (
        OwnedSeats(
            id=holding.id,
            commerce_id=holding.commerce_id,
            sku=holding.sku,
            owner=_owner(holding, customer, partner, subscriptions),
            seats=holding.seats,
            status=holding.status,
            is_trial=holding.is_trial,
        )
        for holding in holdings
    )
    return tuple(sorted(found, key=lambda one: one.id))


def _owner(
    holding: Holding, customer: CustomerId, partner: str, subscriptions: Sequence[Subscription]
) -> Owner:
    tenant = (holding.owner_tenant_id or "").lower()
    known = any(s.is_known_as(holding.commerce_id, holding.id) for s in subscriptions)
    if known or tenant == partner.lower():
        return Owner.OURS
    return Owner.CUSTOMER if tenant in ("", customer.lower()) else Owner.OTHER_PARTNER
