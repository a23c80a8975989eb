"""Keep carts and check them out, group by group, once."""

import asyncio
from datetime import timedelta

from simulator.nouns import Cart
from simulator.partner_center import orders
from simulator.partner_center.agreements import is_signed
from simulator.partner_center.call import Answer, Call, require
from simulator.partner_center.cart_lines import lines_of
from simulator.partner_center.catalogue import availability_id, parsed_item
from simulator.partner_center.coterm import may_end
from simulator.partner_center.documents import Json, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.placing import place

_NOT_ATTESTED = (10012, "attestation_required")


def create(call: Call) -> Json:
    _check(call)
    now = call.now
    cart = Cart(
        id=call.world.new_guid(),
        customer_id=call.customer.id,
        partner_id=call.partner.tenant_id,
        lines=lines_of(call),
        created=now,
        modified=now,
        expires=now + timedelta(days=call.switch("cart.days")),
        modified_by=call.claims.oid,
    )
    call.world.carts[cart.id] = cart
    return shown(cart)


def get(call: Call) -> Json:
    return shown(found(call))


def replace(call: Call) -> Answer:
    cart = found(call)
    if cart.result is not None and cart.result["orders"]:
        raise Refused(800065)
    _check(call)
    cart.result = None
    cart.lines, cart.modified, cart.modified_by = lines_of(call), call.now, call.claims.oid
    return Answer(call.switch("cart.replaceStatus"), shown(cart))


async def check_out(call: Call) -> Json:
    """Once: whoever calls again gets the first result, or 800065 where the switch says so.

    Groups that failed are tried again: what is ordered stays ordered.
    """
    cart = found(call)
    if cart.busy:
        raise Refused(800064)
    if cart.result is not None and call.switch("cart.strictCheckout"):
        raise Refused(800065)
    if cart.result is None or cart.result["errors"]:
        await _order(call, cart)
    result = cart.result or {"orders": {}, "errors": []}
    made = [call.world.orders[order_id] for order_id in result["orders"].values()]
    shown_orders = [orders.shown(call, order) for order in made]
    return {"orders": shown_orders, "orderErrors": result["errors"], **kind("CartCheckoutResult")}


def found(call: Call) -> Cart:
    cart = call.world.carts.get(call.params["cart"].lower())
    mine = (call.customer.id, call.partner.tenant_id)
    if cart is None or (cart.customer_id, cart.partner_id) != mine:
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
        "status": "Ordered" if cart.result and cart.result["orders"] else "Active",
        "lineItems": cart.lines,
        "links": {"self": link(f"/customers/{cart.customer_id}/carts/{cart.id}")},
        **kind("Cart"),
    }


async def _order(call: Call, cart: Cart) -> None:
    if not is_signed(call.customer):
        raise Refused(13605)
    _check_errors([line["error"] for line in cart.lines if "error" in line])
    for line in cart.lines:
        _check_still_sold(call, line)
        _check_end(call, line)
    if seconds := call.switch("cart.checkoutSeconds"):
        cart.busy = True
        await asyncio.sleep(seconds)
        cart.busy = False
    cart.result = _result(call, cart)


def _result(call: Call, cart: Cart) -> Json:
    """Groups succeed or fail apart."""
    done: dict[str, str] = dict((cart.result or {}).get("orders", {}))
    errors = []
    for group in dict.fromkeys(line["orderGroup"] for line in cart.lines):
        lines = [line for line in cart.lines if line["orderGroup"] == group]
        refused = None if group in done else _failure(call, lines)
        if refused is not None:
            reason = {"code": refused.code, "description": refused.description}
            errors.append({"orderGroupId": group, **reason})
        elif group not in done:
            done[group] = place(call, lines).id
    return {"orders": done, "errors": errors}


def _failure(call: Call, lines: list[Json]) -> Refused | None:
    failing = call.switch("checkout.failing")
    keys = (parsed_item(line["catalogItemId"])[0].key for line in lines)
    codes = [failing[key] for key in keys if key in failing]
    return Refused(codes[0]) if codes else None


def _check_errors(errors: list[Json]) -> None:
    if errors and all(error["errorCode"] in _NOT_ATTESTED for error in errors):
        raise Refused(900203)
    if errors:
        raise Refused(800009, data=errors)


def _check_end(call: Call, line: Json) -> None:
    """A day that was good when the cart was filled may have passed."""
    day, term = line.get("customTermEndDate"), line["termDuration"]
    if day and not may_end(call.world, call.customer.id, term, call.now, day):
        raise Refused(900242)


def _check_still_sold(call: Call, line: Json) -> None:
    product, availability = parsed_item(line["catalogItemId"])
    if availability != availability_id(call, product):
        raise Refused(400019)


def _check(call: Call) -> None:
    require(call.body, "lineItems")
    accepted = call.body.get("partnerOnRecordAttestationAccepted") is True
    if call.switch("cart.attestationRequired") and not accepted:
        raise Refused(900206)
