"""Place orders: from a cart's lines, or from an order that says everything itself."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.company import note_stock
from simulator.markets import MARKETS
from simulator.nouns import Lot, Order, Subscription
from simulator.partner_center.agreements import is_signed
from simulator.partner_center.bookings import new_order
from simulator.partner_center.call import Call, require
from simulator.partner_center.cart_lines import line_error, priced
from simulator.partner_center.coterm import ends_of
from simulator.partner_center.documents import Json
from simulator.partner_center.errors import Refused
from simulator.products import by_sku

if TYPE_CHECKING:
    from simulator.world import World

_RESELLER = "transaction_reseller"
_CODES = {
    10000: 900169,
    10004: 2072,
    10001: 400019,
    10010: 900275,
    10012: 900203,
    10013: 900270,
    10014: 900269,
    10015: 900275,
    10016: 900242,
    10017: 900242,
    400041: 400041,
}


def place(call: Call, lines: list[Json]) -> Order:
    order = new_order(call.world, call.customer.id, call.partner.tenant_id, lines[0], call.now)
    for line in lines:
        subscription = subscribe(call.world, order, line, call.now)
        order.lines.append({**line, "subscriptionId": subscription.id})
    return order


def ordered(call: Call) -> Order:
    """An order without a cart: the same rules, but whatever is wrong refuses all of it."""
    require(call.body, "lineItems")
    accepted = call.body.get("partnerOnRecordAttestationAccepted") is True
    if call.switch("cart.attestationRequired") and not accepted:
        raise Refused(900206)
    if not is_signed(call.customer):
        raise Refused(13605)
    given = call.body["lineItems"]
    if [line.get("lineItemNumber") for line in given] != list(range(len(given))):
        raise Refused(800071)
    return place(call, [_sound(call, line) for line in given])


def reseller_of(line: Json) -> str:
    named = [one for one in line.get("participants", []) if one.get("key") == _RESELLER]
    return str(named[0].get("value", "")) if named else ""


def _sound(call: Call, given: Json) -> Json:
    line = _line(call, given)
    error = line_error(call, line)
    if error is not None:
        code, text = error
        raise Refused(_CODES[code], text)
    return priced(call, line)


def _line(call: Call, given: Json) -> Json:
    kept = ("friendlyName", "promotionId", "customTermEndDate", "renewsTo", "attestationAccepted")
    reseller = given.get("partnerIdOnRecord")
    participants = [{"key": _RESELLER, "value": reseller}] if reseller else []
    return {
        "catalogItemId": given.get("offerId"),
        "quantity": given.get("quantity"),
        "currencyCode": call.body.get("currencyCode") or MARKETS[call.customer.country].currency,
        "billingCycle": str(call.body.get("billingCycle", "")).lower(),
        "termDuration": given.get("termDuration"),
        "participants": participants,
        **{name: given[name] for name in kept if given.get(name)},
    }


def subscribe(world: "World", order: Order, line: Json, now: datetime) -> Subscription:
    """What a line of an order comes to."""
    product_id, sku_id, availability_id = line["catalogItemId"].upper().split(":")
    product, term = by_sku(product_id, sku_id), line["termDuration"]
    activation = timedelta(seconds=world.switches["lag.activationSeconds"])
    subscription = Subscription(
        id=world.new_guid(),
        customer_id=order.customer_id,
        partner_id=order.partner_id,
        order_id=order.id,
        entitlement_id=world.new_guid(),
        product_id=product_id,
        sku_id=sku_id,
        availability_id=availability_id,
        friendly_name=line.get("friendlyName") or product.title,
        quantity=line["quantity"],
        term=term,
        billing_cycle=line["billingCycle"],
        created=now,
        term_started=now,
        term_ends=ends_of(now, term, line.get("customTermEndDate")),
        window_opened=now,
        lots=[Lot(line["quantity"], now)],
        stock=[],
        schedule=_conversion(line) if product.is_trial else None,
        reseller_mpn_id=reseller_of(line),
        promotion_id=line.get("promotionId"),
        is_trial=product.is_trial,
        activates=world.clock.real() + activation if activation else None,
    )
    world.subscriptions[subscription.id] = subscription
    note_stock(world, subscription)
    return subscription


def _conversion(line: Json) -> Json:
    """What a trial becomes at its end, if nobody says otherwise."""
    product_id, sku_id, _ = line["catalogItemId"].upper().split(":")
    paid, _, paid_sku = by_sku(product_id, sku_id).upgrades[0].partition(":")
    term = (line.get("renewsTo") or {}).get("termDuration", "P1Y")
    product = {"productId": paid, "skuId": paid_sku, "termDuration": term}
    return {"product": product | {"billingCycle": "monthly"}, "quantity": line["quantity"]}
