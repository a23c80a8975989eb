"""Read carts and orders, and write a cart of one line.

https://learn.microsoft.com/partner-center/developer/cart-resources
"""

from decimal import Decimal
from typing import Any

from shared.domain.ids import SubscriptionId
from shared.domain.subscriptions import Purchase
from shared.partner_center._wire import Code, EnumText, Guid, Moment, Pricing, Wire, money
from shared.workflows.ports import Cart, Order

_ENDED_BADLY = frozenset({"error", "cancelled", "partialsuccess", "poreviewrejected"})


class WireLineError(Wire):
    error_code: Code = ""
    error_description: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.error_code, self.error_description) if part)


class WireCartLine(Wire):
    catalog_item_id: str = ""
    friendly_name: str = ""
    quantity: int = 0
    currency_code: str = ""
    pricing: Pricing = Pricing()
    error: WireLineError | None = None


class WireCart(Wire):
    id: str
    status: EnumText = ""
    creation_timestamp: Moment | None = None
    line_items: tuple[WireCartLine, ...] = ()

    @property
    def line(self) -> WireCartLine:
        return self.line_items[0] if self.line_items else WireCartLine()

    def to_domain(self) -> Cart:
        fault = str(self.line.error or "an empty error") if self.line.error else ""
        return Cart(
            id=self.id,
            unit=self.line.pricing.unit(self.line.currency_code),
            extended=money(self.line.pricing.extended_price, self.line.currency_code),
            is_ordered=self.status == "ordered",
            fault=fault if self.line_items else "Microsoft put nothing into the cart",
        )


class WireOrderLine(Wire):
    offer_id: str = ""
    friendly_name: str = ""
    quantity: int = 0
    subscription_id: Guid | None = None
    pricing: Pricing = Pricing()


class WireOrder(Wire):
    id: str
    status: EnumText = ""
    currency_code: str = ""
    creation_date: Moment | None = None
    total_price: Decimal | None = None
    line_items: tuple[WireOrderLine, ...] = ()

    @property
    def has_failed(self) -> bool:
        return self.status.replace(" ", "").replace("_", "") in _ENDED_BADLY

    def came_of(self, cart: WireCart) -> bool:
        """Microsoft keeps no link between the two: same item, name and number, and not older."""
        made, began = self.creation_date, cart.creation_timestamp
        if made and began and made < began:
            return False
        wanted = (cart.line.catalog_item_id, cart.line.friendly_name, cart.line.quantity)
        return wanted in [(o.offer_id, o.friendly_name, o.quantity) for o in self.line_items]

    def to_domain(self, correlation_id: str) -> Order:
        line = self.line_items[0] if self.line_items else WireOrderLine()
        total = self.total_price
        extended = line.pricing.extended_price if total is None else total
        subscription = line.subscription_id
        return Order(
            id=self.id,
            subscription_id=SubscriptionId(subscription) if subscription else None,
            extended=money(extended, self.currency_code),
            correlation_id=correlation_id,
        )


class WireOrderError(Wire):
    code: Code = ""
    description: str = ""


class WireCheckout(Wire):
    orders: tuple[WireOrder, ...] = ()
    order_errors: tuple[WireOrderError, ...] = ()


def cart_body(purchase: Purchase, catalog_item: str) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": 0,
        "catalogItemId": catalog_item,
        "friendlyName": purchase.name,
        "quantity": purchase.seats,
        "termDuration": purchase.term.value,
        "billingCycle": purchase.billing.value,
    }
    if purchase.ends_at is not None:
        line["customTermEndDate"] = f"{purchase.ends_at:%Y-%m-%dT00:00:00Z}"
    if purchase.attested:
        line["attestationAccepted"] = True
    return {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}
