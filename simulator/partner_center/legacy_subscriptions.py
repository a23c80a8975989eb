"""Show and change the old commerce's subscriptions: by etag, and down on any day."""

import base64
import json
from typing import TYPE_CHECKING

from simulator.legacy import OFFERS, LegacySubscription
from simulator.nouns import StockEntry
from simulator.partner_center import legacy_switches as _  # noqa: F401 - declares its own
from simulator.partner_center import subscriptions
from simulator.partner_center.call import Answer, Call, Handler
from simulator.partner_center.documents import Json, collection, compact, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.terms import last_day

if TYPE_CHECKING:
    from simulator.world import World

_MOVES = {("active", "suspended"), ("suspended", "active")}


def listed_with(handler: Handler) -> Handler:
    """Both commerces stand in one list."""

    def listed(call: Call) -> Answer:
        answer = handler(call)
        if not isinstance(answer, Answer):
            raise TypeError("the list of subscriptions is answered at once")
        order_id, reseller = call.query.get("order_id", "").lower(), call.query.get("mpn_id")
        mine = [
            one
            for one in sold_by(call)
            if order_id in ("", one.order_id) and reseller in (None, one.reseller_mpn_id)
        ]
        return Answer(200, collection([*answer.body["items"], *(shown(call, one) for one in mine)]))

    return listed


def or_legacy(handler: Handler, legacy: Handler) -> Handler:
    """The same address serves both commerces; the id says which."""

    def either(call: Call) -> object:
        return (legacy if found_or_none(call) else handler)(call)

    return either  # type: ignore[return-value]


def get(call: Call) -> Answer:
    return Answer(200, shown(call, found(call)))


def addons(call: Call) -> Answer:
    """In the new commerce nothing hangs on anything."""
    parent = found_or_none(call)
    if parent is None:
        subscriptions.found(call)
    mine = [one for one in sold_by(call) if parent is not None and one.parent_id == parent.id]
    return Answer(200, collection(shown(call, one) for one in mine))


def patch(call: Call) -> Answer:
    subscription = found(call)
    _check(call, subscription)
    body = call.body
    quantity = body.get("quantity", subscription.quantity)
    status = str(body.get("status", subscription.status)).lower()
    subscription.friendly_name = body.get("friendlyName") or subscription.friendly_name
    subscription.quantity = quantity
    subscription.version += 1
    if status != subscription.status:
        _move(call, subscription, status)
    note(call.world, subscription)
    return Answer(200, shown(call, subscription))


def found(call: Call) -> LegacySubscription:
    subscription = found_or_none(call)
    if subscription is None:
        raise Refused(20003)
    return subscription


def found_or_none(call: Call) -> LegacySubscription | None:
    wanted = call.params["subscription"].lower()
    return next((one for one in sold_by(call) if one.id == wanted), None)


def sold_by(call: Call) -> list[LegacySubscription]:
    mine = call.partner.tenant_id
    return [one for one in call.world.legacy_of(call.customer.id) if one.partner_id == mine]


def note(world: "World", subscription: LegacySubscription) -> None:
    entry = StockEntry(world.clock.real(), subscription.quantity, subscription.status)
    subscription.stock = [*subscription.stock[-20:], entry]


def etag(subscription: LegacySubscription) -> str:
    content = json.dumps({"id": subscription.id, "version": subscription.version})
    return base64.b64encode(content.encode()).decode()


def shown(call: Call, subscription: LegacySubscription) -> Json:
    offer = OFFERS[subscription.offer_id]
    has_addons = any(offer.id in one.bases for one in OFFERS.values())
    parent = subscription.parent_id
    document = {
        "id": subscription.id.upper(),
        "offerId": offer.id,
        "offerName": offer.name,
        "friendlyName": subscription.friendly_name,
        "quantity": subscription.quantity,
        "unitType": "Licenses",
        "parentSubscriptionId": parent.upper() if parent else None,
        "hasPurchasableAddons": has_addons,
        "creationDate": time(subscription.created),
        "effectiveStartDate": f"{subscription.created:%Y-%m-%d}T00:00:00Z",
        "commitmentEndDate": time(last_day(subscription.term_ends)),
        "status": subscription.status,
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": subscription.billing_cycle,
        "termDuration": "P1Y",
        "isMicrosoftProduct": True,
        "partnerId": subscription.reseller_mpn_id,
        "actions": ["Edit", "Cancel"],
        "contractType": "subscription",
        "links": _links(call, subscription),
        "orderId": subscription.order_id.upper(),
    }
    return compact(document) | kind("Subscription", etag=etag(subscription))


def _links(call: Call, subscription: LegacySubscription) -> Json:
    customer = f"/customers/{subscription.customer_id}/subscriptions"
    links = {"offer": link(f"/offers/{subscription.offer_id}?country={call.customer.country}")}
    if subscription.parent_id:
        links["parentSubscription"] = link(f"{customer}/{subscription.parent_id.upper()}")
    return links | {"self": link(f"{customer}/{subscription.id.upper()}")}


def _check(call: Call, subscription: LegacySubscription) -> None:
    """Refuses before anything is changed."""
    body = call.body
    if subscription.status == "deleted":
        raise Refused(2011)
    _check_etag(call, subscription)
    billing = str(body.get("billingCycle") or subscription.billing_cycle).lower()
    if billing != subscription.billing_cycle:
        raise Refused(2054)
    if body.get("autoRenewEnabled") is False:
        raise Refused(800093)
    _check_quantity(call, subscription, body.get("quantity", subscription.quantity))
    _check_status(call, subscription, str(body.get("status", subscription.status)).lower())


def _check_etag(call: Call, subscription: LegacySubscription) -> None:
    given = (call.body.get("attributes") or {}).get("etag")
    given = given or call.headers.get("if-match", "").strip('"')
    is_needed = given or call.switch("legacy.etagRequired")
    if is_needed and given != etag(subscription):
        raise Refused(2055, status=call.switch("etag.staleStatus"))


def _check_quantity(call: Call, subscription: LegacySubscription, quantity: object) -> None:
    if quantity == subscription.quantity:
        return
    if subscription.status == "suspended":
        raise Refused(2001)
    parent = call.world.legacy_subscriptions.get(subscription.parent_id or "")
    check_seats(subscription.offer_id, quantity, parent)


def check_seats(offer_id: str, quantity: object, parent: LegacySubscription | None) -> None:
    """An add-on has no more seats than its base."""
    offer = OFFERS[offer_id]
    most = min(offer.maximum, parent.quantity) if parent else offer.maximum
    is_number = isinstance(quantity, int) and not isinstance(quantity, bool)
    if not is_number or not offer.minimum <= int(str(quantity)) <= most:
        raise Refused(2002)


def _check_status(call: Call, subscription: LegacySubscription, status: str) -> None:
    if status == subscription.status:
        return
    if (subscription.status, status) not in _MOVES:
        raise Refused(800040)
    parent = call.world.legacy_subscriptions.get(subscription.parent_id or "")
    if status == "active" and parent is not None and parent.status != "active":
        raise Refused(27009)


def _move(call: Call, subscription: LegacySubscription, status: str) -> None:
    """Add-ons go to sleep with their base; they are woken one by one."""
    subscription.status, subscription.status_since = status, call.now
    if status != "suspended":
        return
    for addon in call.world.legacy_of(subscription.customer_id):
        if addon.parent_id == subscription.id and addon.status == "active":
            addon.status, addon.status_since = status, call.now
            addon.version += 1
            note(call.world, addon)
