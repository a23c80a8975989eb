"""Read what can be sold in a market, and the id to buy it by."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from shared.domain.catalog import BillingPlan, Offer, OfferedTerm, Term
from shared.domain.errors import OfferNotFound
from shared.domain.ids import CustomerId, OfferId
from shared.partner_center._wire_catalogue import (
    WireAvailability,
    WireLegacyOffer,
    WireProduct,
    WireSku,
)
from shared.partner_center.calls import Calls
from shared.transport.call import Call

_WIDTH = 6
"""Products whose SKUs are asked for at the same time."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    calls: Calls

    async def offers(self, market: str) -> AsyncIterator[Offer]:
        # https://learn.microsoft.com/partner-center/developer/get-a-list-of-products
        call = Call(
            method="GET",
            route="/v1/products",
            params={"country": market, "targetView": "OnlineServices"},
        )
        products = [p async for p in self.calls.items(WireProduct, call) if p.is_new_commerce]
        for at in range(0, len(products), _WIDTH):
            asked = (self._offers_of(product, market) for product in products[at : at + _WIDTH])
            for offers in await asyncio.gather(*asked):
                for offer in offers:
                    yield offer

    async def _offers_of(self, product: WireProduct, market: str) -> list[Offer]:
        # https://learn.microsoft.com/partner-center/developer/get-a-list-of-skus-for-a-product
        call = Call(
            method="GET",
            route="/v1/products/{product}/skus",
            place={"product": product.id},
            params={"country": market},
        )
        return [sku.to_domain(product) async for sku in self.calls.items(WireSku, call)]

    async def legacy_offers(self, market: str) -> AsyncIterator[Offer]:
        # https://learn.microsoft.com/partner-center/developer/get-a-list-of-offers-for-a-market
        call = Call(
            method="GET",
            route="/v1/offers",
            params={"country": market},
            headers={"X-Locale": "en-US"},
        )
        async for wire in self.calls.items(WireLegacyOffer, call):
            if wire.billing != "usage":
                yield wire.to_domain()

    async def terms(self, market: str, offer: OfferId) -> Sequence[OfferedTerm]:
        # https://learn.microsoft.com/partner-center/developer/get-a-list-of-availabilities-for-a-sku
        product, _, sku = offer.partition(":")
        call = Call(
            method="GET",
            route="/v1/products/{product}/skus/{sku}/availabilities",
            place={"product": product, "sku": sku},
            params={"country": market, "targetSegment": "commercial"},
        )
        sold = {
            term
            async for availability in self.calls.items(WireAvailability, call)
            for term in availability.offered()
        }
        return sorted(sold, key=lambda one: (one.term.months, one.billing.months))

    async def catalog_item(
        self, customer: CustomerId, offer: OfferId, term: Term, billing: BillingPlan
    ) -> str:
        # https://learn.microsoft.com/partner-center/developer/get-a-list-of-availabilities-for-a-sku-by-customer
        product, _, sku = offer.partition(":")
        call = Call(
            method="GET",
            route="/v1/customers/{customer}/products/{product}/skus/{sku}/availabilities",
            place={"customer": customer, "product": product, "sku": sku},
        )
        fitting = [
            availability
            async for availability in self.calls.items(WireAvailability, call)
            if availability.sells(term, billing)
        ]
        if not fitting:
            raise OfferNotFound(f"{offer} for {term.value}, paid {billing.value}")
        fitting.sort(key=lambda availability: availability.segment != "commercial")
        return fitting[0].catalog_item_id
