"""Say what a subscription may be upgraded to, and take the wish to do so."""

from simulator.nouns import Subscription
from simulator.partner_center import legacy_subscriptions, subscriptions, transitions
from simulator.partner_center.call import Call, require
from simulator.partner_center.catalogue import availability_id, catalog_item_id, parsed_item
from simulator.partner_center.change_rules import check_ready
from simulator.partner_center.documents import Json, collection, compact, kind
from simulator.partner_center.errors import Refused
from simulator.partner_center.gdap import TRANSFER_ROLES
from simulator.partner_center.terms import MONTHS
from simulator.products import Product, UnknownProduct, by_sku
from simulator.signin.rules import gdap_roles

_KINDS = ("transition_only", "transition_with_license_transfer")
_REASONS = {
    1: "The subscription is not active.",
    2: "The subscription can still be cancelled.",
    3: "The subscription's term is shorter.",
    4: "The subscription ends earlier.",
    9: "The subscription is not provisioned yet.",
    13: "The delegated administration is not enough.",
}


def eligibilities(call: Call) -> Json:
    subscription = _found(call)
    when = call.query.get("eligibilityType", "immediate").lower()
    if when not in ("immediate", "scheduled"):
        raise Refused(900126)
    return collection(_item(call, subscription, target, when) for target in _targets(subscription))


def listed(call: Call) -> Json:
    """The key is not always that of a collection."""
    subscription, wanted = _found(call), call.query.get("operationId", "").lower()
    rows = [
        transitions.shown(subscription, one)
        for one in subscription.transitions
        if wanted in ("", one.operation_id)
    ]
    return {"totalCount": len(rows), call.switch("transitions.key"): rows, **kind("Collection")}


def begin(call: Call) -> Json:
    subscription = _found(call)
    require(call.body, "toCatalogItemId", "quantity", "transitionType")
    check_ready(call.world, subscription, {})
    _check_source(call, subscription)
    wanted = _wanted(call, subscription)
    _check_target(call, subscription, wanted)
    transition = transitions.start(call, subscription, wanted)
    return transitions.shown(subscription, transition)


def _found(call: Call) -> Subscription:
    """The old commerce has upgrades of its own."""
    if legacy_subscriptions.found_or_none(call) is not None:
        raise Refused(900263)
    return subscriptions.found(call)


def _targets(subscription: Subscription) -> list[Product]:
    source = by_sku(subscription.product_id, subscription.sku_id)
    return [by_sku(*key.split(":")) for key in source.upgrades]


def _item(call: Call, subscription: Subscription, target: Product, when: str) -> Json:
    takes_in = when == "immediate" and not subscription.is_trial
    owned = call.world.subscriptions_of(call.customer.id) if takes_in else []
    same = [one for one in owned if f"{one.product_id}:{one.sku_id}" == target.key]
    return {
        "catalogItemId": catalog_item_id(call, target),
        "title": target.title,
        "description": target.title,
        "quantity": subscription.quantity,
        "eligibilities": [_general(call, subscription, name) for name in _KINDS],
        "subscriptionEligibilities": [_of_subscription(call, subscription, one) for one in same],
    }


def _general(call: Call, subscription: Subscription, name: str) -> Json:
    codes = [] if subscription.status == "active" else [9]
    if name == _KINDS[1] and not _may_transfer(call):
        codes.append(13)
    errors = _errors(codes)
    return compact({"isEligible": not errors, "transitionType": name, "errors": errors or None})


def _may_transfer(call: Call) -> bool:
    if not call.switch("gdap.enforced"):
        return True
    roles = gdap_roles(call.world, call.tenant, call.partner.tenant_id)
    return bool(TRANSFER_ROLES & set(roles))


def _of_subscription(call: Call, source: Subscription, target: Subscription) -> Json:
    errors = _errors(_obstacles(call, source, target))
    return compact(
        {
            "isEligible": not errors,
            "subscriptionId": target.id,
            "subscriptionFriendlyName": target.friendly_name,
            "subscriptionTermDuration": target.term,
            "subscriptionBillingCycle": target.billing_cycle,
            "errors": errors or None,
        }
    )


def _obstacles(call: Call, source: Subscription, target: Subscription) -> list[int]:
    until = target.window_opened + subscriptions.window(call.world)
    met = {
        1: target.status != "active",
        2: call.now <= until,
        3: MONTHS[target.term] < MONTHS[source.term],
        4: target.term_ends < source.term_ends,
    }
    return [code for code, is_met in met.items() if is_met]


def _errors(codes: list[int]) -> list[Json]:
    return [{"code": code, "description": _REASONS[code]} for code in codes]


def _check_source(call: Call, subscription: Subscription) -> None:
    status = subscription.status
    if status != "active":
        codes = {"suspended": 800091, "deleted": 2011}
        raise Refused(codes.get(status, 900279))
    if subscription.updates >= call.switch("subscriptions.updateLimit"):
        raise Refused(900311)


def _wanted(call: Call, subscription: Subscription) -> Json:
    """The wish with everything that it may leave out."""
    body = call.body
    default_term = "P1Y" if subscription.is_trial else subscription.term
    billing = str(body.get("billingCycle") or subscription.billing_cycle).lower()
    name = str(body["transitionType"])
    return body | {
        "transitionType": next((one for one in _KINDS if _folded(one) == _folded(name)), None),
        "termDuration": str(body.get("termDuration") or default_term).upper(),
        "billingCycle": billing,
    }


def _check_target(call: Call, subscription: Subscription, wanted: Json) -> None:
    if wanted["transitionType"] is None:
        raise Refused(900260)
    if wanted["transitionType"] == _KINDS[1] and not _may_transfer(call):
        raise Refused(900308)
    product = _product(call, subscription, wanted)
    quantity = wanted["quantity"]
    fits = isinstance(quantity, int) and 1 <= quantity <= subscription.quantity
    if not fits or (subscription.is_trial and quantity != subscription.quantity):
        raise Refused(900258)
    if product.maximum < quantity:
        raise Refused(2002)
    _check_term(subscription, product, wanted)
    _check_taker(call, subscription, product, wanted)


def _product(call: Call, subscription: Subscription, wanted: Json) -> Product:
    source = by_sku(subscription.product_id, subscription.sku_id)
    try:
        product, availability = parsed_item(str(wanted["toCatalogItemId"]))
    except UnknownProduct:
        raise Refused(900236) from None
    if product.key not in source.upgrades or availability != availability_id(call, product):
        raise Refused(900236)
    named = str(wanted.get("fromCatalogItemId") or source.key).upper()
    asked = str(wanted.get("fromSubscriptionId") or subscription.id).lower()
    if not named.startswith(source.key) or asked != subscription.id:
        raise Refused(900261)
    return product


def _check_term(subscription: Subscription, product: Product, wanted: Json) -> None:
    term = wanted["termDuration"]
    if term not in MONTHS:
        raise Refused(900268)
    if MONTHS[term] < MONTHS[subscription.term]:
        raise Refused(800122)
    if (term, wanted["billingCycle"].title()) not in product.terms:
        raise Refused(900270)


def _check_taker(call: Call, subscription: Subscription, product: Product, wanted: Json) -> None:
    """Seats may join a subscription of the new product that lives as long."""
    taker_id = wanted.get("toSubscriptionId")
    if not taker_id:
        return
    taker = call.world.subscriptions.get(str(taker_id).lower())
    if taker is None or taker.customer_id != subscription.customer_id or subscription.is_trial:
        raise Refused(900259)
    if f"{taker.product_id}:{taker.sku_id}" != product.key:
        raise Refused(900259)
    if _obstacles(call, subscription, taker):
        raise Refused(900259)
    if taker.quantity + wanted["quantity"] > product.maximum:
        raise Refused(2002)


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
