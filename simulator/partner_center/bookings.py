"""Write orders down: those that a partner places, and those that the system makes itself."""

from datetime import datetime
from typing import TYPE_CHECKING

from simulator.markets import MARKETS
from simulator.nouns import Order, Subscription
from simulator.partner_center.documents import Json
from simulator.partner_center.pricing import Bargain, extended_pricing, pricing
from simulator.products import by_sku

if TYPE_CHECKING:
    from simulator.world import World


def new_order(world: "World", customer_id: str, partner_id: str, line: Json, at: datetime) -> Order:
    """An order with no lines yet, in the billing cycle and the currency of its first one."""
    order = Order(
        id=world.new_guid().replace("-", "")[:12],
        customer_id=customer_id,
        partner_id=partner_id,
        created=at,
        created_real=world.clock.real(),
        billing_cycle=line["billingCycle"],
        currency=line["currencyCode"],
        lines=[],
    )
    world.orders[order.id] = order
    return order


def book(
    world: "World", subscription: Subscription, kind: str, quantity: int, at: datetime
) -> Order:
    """An order about a subscription that is there; it keeps the order that it came from."""
    line = _line(world, subscription, kind, quantity)
    order = new_order(world, subscription.customer_id, subscription.partner_id, line, at)
    order.lines.append(line)
    order.transaction_type = "SystemPurchase" if kind == "Renew" else "UserPurchase"
    return order


def _line(world: "World", subscription: Subscription, kind: str, quantity: int) -> Json:
    product = by_sku(subscription.product_id, subscription.sku_id)
    country = world.customers[subscription.customer_id].country
    bargain = Bargain(subscription.term, subscription.billing_cycle, quantity, country)
    is_extension = subscription.extended and kind == "Renew"
    return {
        "catalogItemId": f"{product.key}:{subscription.availability_id}",
        "quantity": quantity,
        "currencyCode": MARKETS[country].currency,
        "billingCycle": subscription.billing_cycle,
        "termDuration": subscription.term,
        "friendlyName": subscription.friendly_name,
        "transactionType": kind,
        "subscriptionId": subscription.id,
        "pricing": extended_pricing(product, quantity, country)
        if is_extension
        else pricing(product, bargain),
    }
