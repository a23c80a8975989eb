"""Answer what else is asked about subscriptions: provisioning, support, registration, overage."""

from datetime import timedelta

from simulator.company import visible_stock
from simulator.nouns import Subscription
from simulator.partner_center import orders, subscriptions
from simulator.partner_center.call import Answer, Call, require
from simulator.partner_center.documents import Json, collection, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.terms import last_day
from simulator.products import by_sku

_PHONE = "CFQ7TTC0LH0T"


def provisioning_status(call: Call) -> Json:
    subscription = subscriptions.found(call)
    product = by_sku(subscription.product_id, subscription.sku_id)
    stock = visible_stock(call.world, subscription)
    return {
        "skuId": product.entra_sku_id.upper(),
        "status": _status(call, subscription),
        "quantity": stock.quantity if stock else 0,
        "endDate": time(last_day(subscription.term_ends)),
        **kind("SubscriptionProvisioningStatus"),
    }


def support_contact(call: Call) -> Json:
    subscription = subscriptions.found(call)
    partner = call.partner
    known = subscription.support_contact or {
        "supportTenantId": partner.tenant_id,
        "supportMpnId": partner.mpn_id,
        "name": partner.name,
    }
    return known | kind("SupportContact")


def set_support_contact(call: Call) -> Json:
    subscription = subscriptions.found(call)
    names = ("supportTenantId", "supportMpnId", "name")
    require(call.body, *names)
    subscription.support_contact = {name: call.body[name] for name in names}
    return support_contact(call)


def register(call: Call) -> Answer:
    subscription = subscriptions.found(call)
    wait = timedelta(seconds=call.switch("lag.registrationSeconds"))
    subscription.registers = subscription.registers or call.world.clock.real() + wait
    path = f"/customers/{subscription.customer_id}/subscriptions/{subscription.id}"
    return Answer(202, headers={"Location": f"{path}/registrationstatus"})


def registration_status(call: Call) -> Json:
    subscription = subscriptions.found(call)
    due = subscription.registers
    status = "notRegistered"
    if due is not None:
        status = "registered" if call.world.clock.real() >= due else "registering"
    return {"subscriptionId": subscription.id, "status": status, **kind("RegistrationStatus")}


def subscription_activation_links(call: Call) -> Json:
    """Microsoft's own seats need no activation."""
    subscriptions.found(call)
    return collection([])


def order_activation_links(call: Call) -> Json:
    order = orders.found(call)
    number = call.params.get("line")
    if number is not None and not (number.isdigit() and int(number) < len(order.lines)):
        raise Refused(1000)
    return collection([])


def overage(call: Call) -> Json:
    return collection(_overage(call, one) for one in call.customer.overage)


def set_overage(call: Call) -> Json:
    """Pay as you go, for those who have a phone."""
    require(call.body, "azureEntitlementId")
    owned = call.world.subscriptions_of(call.customer.id)
    if not any(one.product_id == _PHONE and one.status == "active" for one in owned):
        raise Refused(800112)
    row = {
        "azureEntitlementId": call.body["azureEntitlementId"],
        "partnerId": call.body.get("partnerId") or call.partner.mpn_id,
        "type": "PhoneServices",
        "overageEnabled": call.body.get("overageEnabled") is True,
    }
    call.customer.overage = [row]
    return _overage(call, row)


def _overage(call: Call, row: Json) -> Json:
    links = {"overage": link(f"/customers/{call.customer.id}/subscriptions/overage")}
    return row | {"links": links} | kind("Overage")


def _status(call: Call, subscription: Subscription) -> str:
    if subscription.status in ("deleted", "disabled"):
        return "none"
    lag = timedelta(seconds=call.switch("lag.provisioningSeconds"))
    is_late = call.world.clock.real() < subscription.stock[-1].at + lag
    return "pending" if is_late else "success"
