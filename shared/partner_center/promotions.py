"""Read what Microsoft sells for less, and whether one customer's purchase would get it.

https://learn.microsoft.com/partner-center/developer/verify-promotion-eligibility
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.ids import CustomerId
from shared.domain.promotions import Eligibility, Promotion
from shared.domain.subscriptions import Purchase
from shared.partner_center._wire import dumps
from shared.partner_center._wire_promotions import WireEligibility, WirePromotion
from shared.partner_center.catalogue import Catalogue
from shared.transport.call import Call


@dataclass(frozen=True, kw_only=True)
class Promotions(Catalogue):
    async def promotions(self, market: str) -> Sequence[Promotion]:
        call = Call(
            method="GET",
            route="/v1/productpromotions",
            params={"country": market, "segment": "commercial"},
        )
        found = [wire async for wire in self.calls.items(WirePromotion, call)]
        return [promotion for wire in found for promotion in wire.to_domain()]

    async def eligibilities(
        self, customer: CustomerId, purchase: Purchase
    ) -> Sequence[Eligibility]:
        item = await self.catalog_item(customer, purchase.offer, purchase.term, purchase.billing)
        asked = {
            "id": 0,
            "catalogItemId": item,
            "quantity": purchase.seats,
            "termDuration": purchase.term.value,
            "billingCycle": purchase.billing.value.title(),
        }
        call = Call(
            method="POST",
            route="/v1/customers/{customer}/promotionEligibilities",
            place={"customer": customer},
            content=dumps({"items": [asked]}),
            # Asked, and nothing made.
            repeatable=True,
        )
        found = [wire async for wire in self.calls.items(WireEligibility, call)]
        verdicts = [verdict for wire in found for verdict in wire.eligibilities]
        return [verdict.to_domain() for verdict in verdicts if verdict.is_about_something]
