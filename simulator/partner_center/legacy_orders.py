"""Place and change orders of the old commerce: by offer, with add-ons on a base."""

from collections.abc import Awaitable
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.legacy import OFFERS, LegacyOrder, LegacySubscription, is_guid
from simulator.markets import MARKETS
from simulator.partner_center.agreements import is_signed
from simulator.partner_center.call import Answer, Call, Handler, require
from simulator.partner_center.cart_lines import said
from simulator.partner_center.documents import Json, collection, compact, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.legacy_offers import found as found_offer
from simulator.partner_center.legacy_subscriptions import check_seats, etag, note
from simulator.partner_center.terms import term_end

if TYPE_CHECKING:
    from simulator.world import World

_CYCLES = ("monthly", "annual")


def created_or(handler: Handler) -> Handler:
    """An order whose first line names an offer is one of the old commerce."""

    def either(call: Call) -> Answer | Awaitable[Answer]:
        lines = call.body.get("lineItems") or [{}]
        return _create(call) if is_guid(lines[0].get("offerId")) else handler(call)

    return either


def shown_or(handler: Handler) -> Handler:
    def either(call: Call) -> Answer | Awaitable[Answer]:
        order = _found(call)
        return Answer(200, _shown(call, order)) if order else handler(call)

    return either


def listed_with(handler: Handler) -> Handler:
    def both(call: Call) -> Answer:
        answer = handler(call)
        if not isinstance(answer, Answer):
            raise TypeError("the list of orders is answered at once")
        billing = call.query.get("billingType", "").lower()
        mine = [one for one in _orders(call) if billing in ("", one.billing_cycle)]
        old = [_shown(call, order) for order in mine]
        return Answer(200, collection([*answer.body["items"], *old]))

    return both


def patched_or(handler: Handler) -> Handler:
    """An add-on is bought, or the billing changed, through the order of the base."""

    def either(call: Call) -> Answer | Awaitable[Answer]:
        order = _found(call)
        return _patch(call, order) if order else handler(call)

    return either


def closes_cart(handler: Handler) -> Handler:
    """Offers are not bought through carts here: closed, or to be ordered."""

    async def closing(call: Call) -> Answer:
        made = handler(call)
        answer = made if isinstance(made, Answer) else await made
        for line in call.world.carts[answer.body["id"]].lines:
            if is_guid(line.get("catalogItemId")):
                line.pop("pricing", None)
                text = "The offer is not eligible for purchase any more."
                line["error"] = said(call, 500600, text)
                line["orderGroup"] = "OMS-0"
        return answer

    return closing


def subscribe(
    world: "World", order: LegacyOrder, line: Json, parent: LegacySubscription | None
) -> LegacySubscription:
    now = world.clock.now()
    offer = OFFERS[line["offerId"]]
    subscription = LegacySubscription(
        id=world.new_guid(),
        customer_id=order.customer_id,
        partner_id=order.partner_id,
        order_id=order.id,
        offer_id=offer.id,
        friendly_name=line.get("friendlyName") or offer.name,
        quantity=line["quantity"],
        billing_cycle=order.billing_cycle,
        created=now,
        term_ends=parent.term_ends if parent else term_end(now, "P1Y"),
        stock=[],
        parent_id=parent.id if parent else None,
        reseller_mpn_id=str(line.get("partnerIdOnRecord") or ""),
    )
    world.legacy_subscriptions[subscription.id] = subscription
    note(world, subscription)
    named = {"subscriptionId": subscription.id.upper(), "lineItemNumber": len(order.lines)}
    order.lines.append({**line, **named})
    return subscription


def new_order(world: "World", customer_id: str, partner_id: str, billing: str) -> LegacyOrder:
    country = world.customers[customer_id].country
    order = LegacyOrder(
        id=world.new_guid(),
        customer_id=customer_id,
        partner_id=partner_id,
        created=world.clock.now(),
        billing_cycle=billing,
        currency=MARKETS[country].currency,
        lines=[],
    )
    world.legacy_orders[order.id] = order
    return order


def base_of(world: "World", customer_id: str, line: Json) -> LegacySubscription | None:
    """The base that an add-on names, if the two go together and the base is awake."""
    offer = OFFERS[line["offerId"]]
    if not offer.is_addon:
        return None
    parent = world.legacy_subscriptions.get(str(line.get("parentSubscriptionId") or "").lower())
    if parent is None or parent.customer_id != customer_id or parent.offer_id not in offer.bases:
        raise Refused(800029)
    if parent.status != "active":
        raise Refused(27009)
    return parent


def settle_legacy(world: "World") -> None:
    """Terms go on by themselves; what sleeps for too long is deleted."""
    now = world.clock.now()
    for subscription in world.legacy_subscriptions.values():
        while subscription.status == "active" and now >= subscription.term_ends:
            subscription.term_ends = term_end(subscription.term_ends, "P1Y")
            subscription.version += 1
        if subscription.status == "suspended" and _slept_too_long(world, subscription, now):
            subscription.status, subscription.status_since = "deleted", now
            note(world, subscription)


def _slept_too_long(world: "World", subscription: LegacySubscription, now: datetime) -> bool:
    since = subscription.status_since or now
    return (now - since).days >= int(world.switches["legacy.suspendedDays"])


def _create(call: Call) -> Answer:
    if not is_signed(call.customer):
        raise Refused(13605)
    billing = str(call.body.get("billingCycle") or "monthly").lower()
    if billing not in _CYCLES:
        raise Refused(900126)
    given = call.body["lineItems"]
    if [line.get("lineItemNumber") for line in given] != list(range(len(given))):
        raise Refused(800071)
    lines = [_line(call, line) for line in given]
    bases = [base_of(call.world, call.customer.id, line) for line in lines]
    order = new_order(call.world, call.customer.id, call.partner.tenant_id, billing)
    for line, base in zip(lines, bases, strict=True):
        subscribe(call.world, order, line, base)
    return Answer(201, _shown(call, order))


def _line(call: Call, given: Json) -> Json:
    require(given, "offerId", "quantity")
    offer = found_offer(str(given["offerId"]))
    if call.switch("legacy.closed") and not offer.is_addon:
        raise Refused(800020)
    parent = call.world.legacy_subscriptions.get(
        str(given.get("parentSubscriptionId") or "").lower()
    )
    check_seats(offer.id, given["quantity"], parent)
    kept = ("quantity", "friendlyName", "partnerIdOnRecord", "parentSubscriptionId")
    return {"offerId": offer.id} | {name: given[name] for name in kept if given.get(name)}


def _patch(call: Call, order: LegacyOrder) -> Answer:
    if str(call.body.get("status", "")).lower() == "cancelled":
        raise Refused(800077)
    billing = str(call.body.get("billingCycle") or order.billing_cycle).lower()
    if billing not in _CYCLES:
        raise Refused(900126)
    lines = [_line(call, line) for line in _new_lines(call, order)]
    bases = [base_of(call.world, call.customer.id, line) for line in lines]
    _bill(call, order, billing)
    for line, base in zip(lines, bases, strict=True):
        subscribe(call.world, order, line, base)
    return Answer(200, _shown(call, order))


def _new_lines(call: Call, order: LegacyOrder) -> list[Json]:
    """The whole order may be sent back; what it has already is not bought again."""
    known = {str(line["subscriptionId"]).lower() for line in order.lines}
    given = call.body.get("lineItems") or []
    return [one for one in given if str(one.get("subscriptionId") or "").lower() not in known]


def _bill(call: Call, order: LegacyOrder, billing: str) -> None:
    if billing == order.billing_cycle:
        return
    order.billing_cycle = billing
    for line in order.lines:
        subscription = call.world.legacy_subscriptions[line["subscriptionId"].lower()]
        subscription.billing_cycle = billing
        subscription.version += 1


def _found(call: Call) -> LegacyOrder | None:
    wanted = call.params["order"].lower()
    return next((one for one in _orders(call) if one.id == wanted), None)


def _orders(call: Call) -> list[LegacyOrder]:
    return [one for one in call.world.legacy_orders.values() if one.customer_id == call.customer.id]


def _shown(call: Call, order: LegacyOrder) -> Json:
    uri = f"/customers/{order.customer_id}/orders/{order.id.upper()}"
    return {
        "id": order.id.upper(),
        "alternateId": order.id.upper(),
        "referenceCustomerId": order.customer_id,
        "billingCycle": order.billing_cycle,
        "currencyCode": order.currency,
        "currencySymbol": MARKETS[call.customer.country].symbol,
        "lineItems": [_shown_line(call, line) for line in order.lines],
        "creationDate": time(order.created),
        "status": "completed",
        "transactionType": "UserPurchase",
        "links": {"self": link(uri), "patchOperation": link(uri, "PATCH")},
        **kind("Order", etag=_etag(call, order)),
    }


def _shown_line(call: Call, line: Json) -> Json:
    uri = f"/customers/{call.customer.id}/subscriptions/{line['subscriptionId']}"
    offer = link(f"/offers/{line['offerId']}?country={call.customer.country}")
    return compact({**line, "links": {"offer": offer, "subscription": link(uri)}})


def _etag(call: Call, order: LegacyOrder) -> str:
    """As opaque as a subscription's, and moved by every change of its first one."""
    first = order.lines[0]["subscriptionId"].lower()
    return etag(call.world.legacy_subscriptions[first])
