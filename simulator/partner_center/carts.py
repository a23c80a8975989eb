"""Fill carts and check them out: bad lines are reported in the line, never by the call."""

import asyncio
from datetime import timedelta

from simulator.markets import MARKETS, periods, unit_price
from simulator.nouns import Cart
from simulator.partner_center import orders
from simulator.partner_center.agreements import is_signed
from simulator.partner_center.call import Call, require
from simulator.partner_center.catalogue import availability_id
from simulator.partner_center.documents import Json, compact, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.products import Product, UnknownProduct, by_sku

_KEPT = ("friendlyName", "participants", "promotionId")


def create(call: Call) -> Json:
    _check(call)
    now = call.now
    cart = Cart(
        id=call.world.new_guid(),
        customer_id=call.customer.id,
        partner_id=call.partner.tenant_id,
        lines=_lines(call),
        created=now,
        modified=now,
        expires=now + timedelta(days=call.switch("cart.days")),
        modified_by=call.claims.oid,
    )
    call.world.carts[cart.id] = cart
    return shown(cart)


def get(call: Call) -> Json:
    return shown(found(call))


def replace(call: Call) -> Json:
    cart = found(call)
    if cart.result is not None:
        raise Refused(800065)
    _check(call)
    cart.lines, cart.modified, cart.modified_by = _lines(call), call.now, call.claims.oid
    return shown(cart)


async def check_out(call: Call) -> Json:
    """Once: whoever calls again gets the first result, or 800065 where the switch says so."""
    cart = found(call)
    if cart.busy:
        raise Refused(800064)
    if cart.result is not None and call.switch("cart.strictCheckout"):
        raise Refused(800065)
    if cart.result is None:
        await _order(call, cart)
    made = [call.world.orders[order_id] for order_id in (cart.result or {})["orders"]]
    shown_orders = [orders.shown(call, order) for order in made]
    return {"orders": shown_orders, "orderErrors": [], **kind("CartCheckoutResult")}


def found(call: Call) -> Cart:
    cart = call.world.carts.get(call.params["cart"].lower())
    if cart is None or cart.customer_id != call.customer.id:
        raise Refused(800008)
    if cart.result is None and call.now >= cart.expires:
        raise Refused(800008)
    return cart


def shown(cart: Cart) -> Json:
    return {
        "id": cart.id,
        "creationTimestamp": time(cart.created),
        "lastModifiedTimestamp": time(cart.modified),
        "expirationTimestamp": time(cart.expires),
        "lastModifiedUser": cart.modified_by,
        "status": "Active" if cart.result is None else "Ordered",
        "lineItems": cart.lines,
        "links": {"self": link(f"/customers/{cart.customer_id}/carts/{cart.id}")},
        **kind("Cart"),
    }


async def _order(call: Call, cart: Cart) -> None:
    if not is_signed(call.customer):
        raise Refused(13605)
    if any("error" in line for line in cart.lines):
        raise Refused(800009, data=[line["error"] for line in cart.lines if "error" in line])
    for line in cart.lines:
        _check_still_sold(call, line)
    if seconds := call.switch("cart.checkoutSeconds"):
        cart.busy = True
        await asyncio.sleep(seconds)
        cart.busy = False
    cart.result = {"orders": orders.place(call, cart)}


def _check_still_sold(call: Call, line: Json) -> None:
    product, availability = parsed(line["catalogItemId"])
    if availability != availability_id(call, product):
        raise Refused(400019)


def parsed(catalog_item_id: str) -> tuple[Product, str]:
    product_id, _, rest = catalog_item_id.partition(":")
    sku_id, _, availability = rest.partition(":")
    return by_sku(product_id, sku_id), availability.upper()


def _check(call: Call) -> None:
    require(call.body, "lineItems")
    accepted = call.body.get("partnerOnRecordAttestationAccepted") is True
    if call.switch("cart.attestationRequired") and not accepted:
        raise Refused(900206)


def _lines(call: Call) -> list[Json]:
    given = call.body["lineItems"]
    cycles: list[str] = []
    lines = []
    for number, line in enumerate(given):
        billing = str(line.get("billingCycle", "")).lower()
        cycles.extend([billing] if billing not in cycles else [])
        lines.append(_line(call, number, line, str(cycles.index(billing))))
    return lines


def _line(call: Call, number: int, given: Json, group: str) -> Json:
    """Lines of one billing cycle become one order."""
    line = {
        "id": given.get("id", number),
        "catalogItemId": given.get("catalogItemId"),
        "quantity": given.get("quantity"),
        "currencyCode": MARKETS[call.customer.country].currency,
        "billingCycle": str(given.get("billingCycle", "")).lower(),
        "termDuration": given.get("termDuration"),
        "provisioningContext": given.get("provisioningContext") or {},
        "orderGroup": group,
        **{name: given[name] for name in _KEPT if given.get(name)},
    }
    error = _unwritten(given) or _error(call, line)
    if error is not None:
        code, text = error
        wrong = {"errorCode": code, "errorDescription": text, "additionalInformation": {}}
        return compact(line) | {"error": wrong}
    return line | {"pricing": pricing(call, line)}


def _unwritten(given: Json) -> tuple[int, str] | None:
    """An end date of one's own would be lost in silence."""
    if given.get("customTermEndDate"):
        return 10016, "Custom term end dates are not simulated."
    return None


def _error(call: Call, line: Json) -> tuple[int, str] | None:
    try:
        product, availability = parsed(str(line["catalogItemId"]))
    except UnknownProduct:
        return 10001, "The catalogue has no such item."
    if availability != availability_id(call, product):
        return 10001, "The availability is not offered any more."
    return _quantity_error(product, line) or _term_error(product, line) or _base(call, product)


def _quantity_error(product: Product, line: Json) -> tuple[int, str] | None:
    quantity = line["quantity"]
    if not isinstance(quantity, int) or quantity < product.minimum:
        return 10010, "The quantity is not valid."
    if quantity > product.maximum:
        return 10015, f"At most {product.maximum} seats can be bought."
    return None


def _term_error(product: Product, line: Json) -> tuple[int, str] | None:
    if (line["termDuration"], line["billingCycle"].title()) not in product.terms:
        return 10013, "The billing plan does not go with the term."
    return None


def _base(call: Call, product: Product) -> tuple[int, str] | None:
    """A base that is owned already, or bought in the same cart, carries an add-on."""
    owned = {
        f"{one.product_id}:{one.sku_id}"
        for one in call.world.subscriptions_of(call.customer.id)
        if one.status == "active"
    }
    items = (str(line.get("catalogItemId", "")) for line in call.body["lineItems"])
    bought = {item.rpartition(":")[0] for item in items}
    if not product.is_addon or (owned | bought) & set(product.prerequisites):
        return None
    return 400041, "The add-on cannot be bought without a base product that it goes with."


def pricing(call: Call, line: Json) -> Json:
    """A seat's price is per billing period; the extended one is for all seats and the term."""
    product, _ = parsed(line["catalogItemId"])
    term, billing = line["termDuration"], line["billingCycle"].title()
    price = unit_price(product, term, billing, call.customer.country)
    whole = price * periods(term, billing) * line["quantity"]
    names = ("listPrice", "discountedPrice", "proratedPrice", "price")
    return {name: float(price) for name in names} | {"extendedPrice": float(whole)}
