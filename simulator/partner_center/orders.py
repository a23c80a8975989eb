"""Show orders, at Microsoft's pace."""

from datetime import timedelta

from simulator.markets import MARKETS
from simulator.nouns import Order
from simulator.partner_center.call import Call
from simulator.partner_center.documents import Json, collection, compact, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.placing import reseller_of


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
    if order.looks < call.switch("lag.provisioningInfoLooks"):
        order.looks += 1
        raise Refused(800007)
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
    if order is None or order not in _orders_of(call):
        raise Refused(20000)
    return order


def refuse_patch(call: Call) -> Json:
    """Seats of the new commerce are given back through the subscription."""
    found(call)
    raise Refused(800077)


def shown(call: Call, order: Order) -> Json:
    uri = f"/customers/{order.customer_id}/orders/{order.id}"
    return {
        "id": order.id,
        "alternateId": order.id,
        "referenceCustomerId": order.customer_id,
        "billingCycle": order.billing_cycle,
        "currencyCode": order.currency,
        "currencySymbol": MARKETS[call.customer.country].symbol,
        "lineItems": [_line(call, order, number) for number in range(len(order.lines))],
        "creationDate": time(order.created),
        "status": _status(call, order),
        "transactionType": order.transaction_type,
        "links": {
            "self": link(uri),
            "provisioningStatus": link(f"{uri}/provisioningstatus"),
            "patchOperation": link(uri, "PATCH"),
        },
        "totalPrice": sum(line["pricing"]["extendedPrice"] for line in order.lines),
        "client": {},
        **kind("Order"),
    }


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
            "transactionType": line.get("transactionType", "New"),
            "friendlyName": line.get("friendlyName"),
            "quantity": line["quantity"],
            "partnerIdOnRecord": reseller_of(line) or None,
            "promotionId": line.get("promotionId"),
            "customTermEndDate": line.get("customTermEndDate"),
            "pricing": line["pricing"],
            "links": {
                "product": link(f"{uri}{where}"),
                "sku": link(f"{sku_uri}{where}"),
                "availability": link(f"{sku_uri}/availabilities/{availability_id}{where}"),
            },
        }
    )


def _status(call: Call, order: Order) -> str:
    if order.lines and all(line["quantity"] == 0 for line in order.lines):
        return "cancelled"
    done = call.switch("orders.doneStatus")
    return str(done) if _is_complete(call, order) else "pending"


def _is_complete(call: Call, order: Order) -> bool:
    by_system = order.transaction_type != "UserPurchase"
    return by_system or bool(order.looks >= call.switch("lag.orderCompletionLooks"))


def _orders_of(call: Call) -> list[Order]:
    """Only what this partner ordered."""
    place = (call.customer.id, call.partner.tenant_id)
    orders = call.world.orders.values()
    return [one for one in orders if (one.customer_id, one.partner_id) == place]
