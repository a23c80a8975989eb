"""Turn carts into orders and orders into subscriptions, at Microsoft's pace."""

from datetime import timedelta

from simulator.company import note_stock
from simulator.markets import MARKETS
from simulator.nouns import Cart, Lot, Order, Subscription
from simulator.partner_center.call import Call
from simulator.partner_center.documents import Json, collection, compact, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.terms import term_end
from simulator.products import by_sku

_RESELLER = "transaction_reseller"


def place(call: Call, cart: Cart) -> list[str]:
    """One order per group of lines; the ids of the orders."""
    groups = dict.fromkeys(line["orderGroup"] for line in cart.lines)
    return [
        _place(call, [line for line in cart.lines if line["orderGroup"] == group]).id
        for group in groups
    ]


def get(call: Call) -> Json:
    order = found(call)
    order.looks += 1
    return shown(call, order)


def listed(call: Call) -> Json:
    lag = timedelta(seconds=call.switch("lag.orderListSeconds"))
    limit = call.world.clock.real() - lag
    mine = [one for one in _orders_of(call) if one.created_real <= limit]
    billing = call.query.get("billingType", "").lower()
    wanted = [one for one in mine if billing in ("", one.billing_cycle)]
    return collection(shown(call, order) for order in wanted)


def provisioning_status(call: Call) -> Json:
    order = found(call)
    status = "fulfilled" if _is_complete(call, order) else "prefulfillmentPending"
    return collection(
        {
            "lineItemNumber": number,
            "status": status,
            "quantityProvisioningInformation": [{"quantity": line["quantity"], "status": status}],
        }
        for number, line in enumerate(order.lines)
    )


def found(call: Call) -> Order:
    order = call.world.orders.get(call.params["order"].lower())
    if order is None or order.customer_id != call.customer.id:
        raise Refused(20000)
    return order


def refuse_patch(call: Call) -> Json:
    """Seats of the new commerce are given back through the subscription."""
    found(call)
    raise Refused(800077)


def shown(call: Call, order: Order) -> Json:
    uri = f"/customers/{order.customer_id}/orders/{order.id}"
    complete = _is_complete(call, order)
    return {
        "id": order.id,
        "alternateId": order.id,
        "referenceCustomerId": order.customer_id,
        "billingCycle": order.billing_cycle,
        "currencyCode": order.currency,
        "currencySymbol": MARKETS[call.customer.country].symbol,
        "lineItems": [_line(call, order, number) for number in range(len(order.lines))],
        "creationDate": time(order.created),
        "status": "completed" if complete else "pending",
        "transactionType": "UserPurchase",
        "links": {
            "self": link(uri),
            "provisioningStatus": link(f"{uri}/provisioningstatus"),
            "patchOperation": link(uri, "PATCH"),
        },
        "totalPrice": sum(line["pricing"]["extendedPrice"] for line in order.lines),
        "client": {},
        **kind("Order"),
    }


def _place(call: Call, lines: list[Json]) -> Order:
    order = Order(
        id=call.world.new_guid().replace("-", "")[:12],
        customer_id=call.customer.id,
        partner_id=call.partner.tenant_id,
        created=call.now,
        created_real=call.world.clock.real(),
        billing_cycle=lines[0]["billingCycle"],
        currency=lines[0]["currencyCode"],
        lines=[],
    )
    call.world.orders[order.id] = order
    for line in lines:
        subscription = _subscribe(call, order, line)
        order.lines.append({**line, "subscriptionId": subscription.id})
    return order


def _subscribe(call: Call, order: Order, line: Json) -> Subscription:
    product_id, sku_id, availability_id = line["catalogItemId"].upper().split(":")
    now = call.now
    subscription = Subscription(
        id=call.world.new_guid(),
        customer_id=order.customer_id,
        partner_id=order.partner_id,
        order_id=order.id,
        entitlement_id=call.world.new_guid(),
        product_id=product_id,
        sku_id=sku_id,
        availability_id=availability_id,
        friendly_name=line.get("friendlyName") or by_sku(product_id, sku_id).title,
        quantity=line["quantity"],
        term=line["termDuration"],
        billing_cycle=line["billingCycle"],
        created=now,
        term_started=now,
        term_ends=term_end(now, line["termDuration"]),
        window_opened=now,
        lots=[Lot(line["quantity"], now)],
        stock=[],
        reseller_mpn_id=_reseller(line),
        promotion_id=line.get("promotionId"),
    )
    call.world.subscriptions[subscription.id] = subscription
    note_stock(call.world, subscription)
    return subscription


def _reseller(line: Json) -> str:
    named = [one for one in line.get("participants", []) if one.get("key") == _RESELLER]
    return str(named[0].get("value", "")) if named else ""


def _line(call: Call, order: Order, number: int) -> Json:
    line = order.lines[number]
    product_id, sku_id, availability_id = line["catalogItemId"].split(":")
    uri, where = f"/products/{product_id}", f"?country={call.customer.country}"
    sku_uri = f"{uri}/skus/{sku_id}"
    is_known = order.looks >= call.switch("lag.subscriptionIdLooks")
    return compact(
        {
            "lineItemNumber": number,
            "offerId": line["catalogItemId"],
            "subscriptionId": line["subscriptionId"] if is_known else None,
            "termDuration": line["termDuration"],
            "transactionType": "New",
            "friendlyName": line.get("friendlyName"),
            "quantity": line["quantity"],
            "partnerIdOnRecord": _reseller(line) or None,
            "pricing": line["pricing"],
            "links": {
                "product": link(f"{uri}{where}"),
                "sku": link(f"{sku_uri}{where}"),
                "availability": link(f"{sku_uri}/availabilities/{availability_id}{where}"),
            },
        }
    )


def _is_complete(call: Call, order: Order) -> bool:
    return bool(order.looks >= call.switch("lag.orderCompletionLooks"))


def _orders_of(call: Call) -> list[Order]:
    return [one for one in call.world.orders.values() if one.customer_id == call.customer.id]
