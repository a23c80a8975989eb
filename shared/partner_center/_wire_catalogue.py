"""Read products, their SKUs and what of them can be bought.

https://learn.microsoft.com/partner-center/developer/product-resources
"""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from shared.domain.catalog import BillingPlan, Offer, OfferedTerm, OfferKind, Term
from shared.domain.ids import OfferId, SkuId
from shared.partner_center._wire import EnumText, Wire
from shared.partner_center._wire_subscriptions import NEW_COMMERCE, WireProductType
from shared.transport.call import is_guid

UNLIMITED = 10_000_000


class WireProduct(Wire):
    id: str
    title: str = ""
    product_type: WireProductType = WireProductType()

    @property
    def is_new_commerce(self) -> bool:
        return self.product_type.id == NEW_COMMERCE


class WireAttestation(Wire):
    enforce_attestation: bool = False


class WireSku(Wire):
    """The attributes are a bag whose keys Microsoft may take away without notice."""

    id: str
    product_id: str
    title: str = ""
    minimum_quantity: int = 1
    maximum_quantity: int = UNLIMITED
    is_trial: bool = False
    dynamic_attributes: dict[str, Any] = Field(default_factory=dict)
    attestation_properties: WireAttestation = WireAttestation()

    def to_domain(self, product: WireProduct) -> Offer:
        provisioning = str(self.dynamic_attributes.get("provisioningId") or "").lower()
        prerequisites = self.dynamic_attributes.get("prerequisiteSkus") or ()
        return Offer(
            id=OfferId(f"{self.product_id}:{self.id}"),
            title=self.title or product.title,
            sku=SkuId(provisioning) if is_guid(provisioning) else None,
            is_addon=self.dynamic_attributes.get("isAddon") in (True, "true", "True"),
            is_trial=self.is_trial,
            prerequisites=tuple(OfferId(str(item)) for item in prerequisites),
            needs_attestation=self.attestation_properties.enforce_attestation,
            minimum=max(1, self.minimum_quantity),
            maximum=self.maximum_quantity,
        )


class WireLegacyProduct(Wire):
    id: str = ""


class WireLegacyOffer(Wire):
    """An offer of the old commerce; add-ons name their bases, so one list holds them all."""

    id: str
    name: str = ""
    minimum_quantity: int = 1
    maximum_quantity: int = UNLIMITED
    is_add_on: bool = False
    is_trial: bool = False
    is_available_for_purchase: bool = False
    prerequisite_offers: tuple[str, ...] = ()
    billing: EnumText = ""
    product: WireLegacyProduct = WireLegacyProduct()

    def to_domain(self) -> Offer:
        sku = self.product.id.lower()
        return Offer(
            id=OfferId(self.id.lower()),
            title=self.name,
            sku=SkuId(sku) if is_guid(sku) else None,
            is_addon=self.is_add_on,
            is_trial=self.is_trial,
            prerequisites=tuple(OfferId(base.lower()) for base in self.prerequisite_offers),
            minimum=max(1, self.minimum_quantity),
            maximum=self.maximum_quantity,
            kind=OfferKind.LEGACY,
            is_closed=not self.is_available_for_purchase,
        )


class WireTerm(Wire):
    duration: str = ""
    billing_cycle: EnumText = ""


class WireAvailability(Wire):
    catalog_item_id: str = ""
    segment: EnumText = ""
    is_purchasable: bool = False
    terms: tuple[WireTerm, ...] = ()

    def offered(self) -> Iterator[OfferedTerm]:
        """Terms that we know how to count with; perpetual and one-time ones are left out."""
        if not self.is_purchasable or not self.catalog_item_id:
            return
        for one in self.terms:
            if one.duration in set(Term) and one.billing_cycle in set(BillingPlan):
                yield OfferedTerm(Term(one.duration), BillingPlan(one.billing_cycle))

    def sells(self, term: Term, billing: BillingPlan) -> bool:
        wanted = (term.value, billing.value)
        return (
            self.is_purchasable
            and bool(self.catalog_item_id)
            and any((t.duration, t.billing_cycle) == wanted for t in self.terms)
        )
