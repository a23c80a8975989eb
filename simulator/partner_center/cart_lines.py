"""Judge the lines of a cart: what is wrong is said in the line, never by the call."""

from simulator.markets import MARKETS
from simulator.partner_center import promotions
from simulator.partner_center.call import Call
from simulator.partner_center.catalogue import availability_id, needs_attestation, parsed_item
from simulator.partner_center.coterm import may_end, share_of_term
from simulator.partner_center.documents import Json, compact
from simulator.partner_center.pricing import Bargain, pricing
from simulator.products import Product, UnknownProduct

_KEYS = frozenset(
    "transaction_reseller additional_transaction_reseller consumption_reseller".split()
)
_NAMED = {
    10000: "currency_is_not_supported",
    10001: "catalog_item_id_is_not_valid",
    10004: "participants_is_not_valid_for_partner",
    10009: "sandbox_limit",
    10010: "invalid_input",
    10012: "attestation_required",
    10013: "billing_plan_not_supported",
    10014: "promotion_not_valid",
    10015: "max_quantity_exceeded",
    10016: "custom_term_end_date_product",
    10017: "custom_term_end_date",
    400041: "addon_without_base",
    500600: "legacy_offer_not_eligible_for_purchase",
}
_KEPT = ("friendlyName", "participants", "promotionId", "customTermEndDate", "renewsTo")
_MOST_PARTICIPANTS = 6
_Fault = tuple[int, str] | None


def lines_of(call: Call) -> list[Json]:
    given = call.body["lineItems"]
    cycles: list[str] = []
    lines = []
    for number, line in enumerate(given):
        billing = str(line.get("billingCycle", "")).lower()
        cycles.extend([billing] if billing not in cycles else [])
        groups = {"together": 0, "apart": number, "byBillingCycle": cycles.index(billing)}
        lines.append(_line(call, number, line, str(groups[call.switch("cart.groups")])))
    return lines


def line_error(call: Call, line: Json) -> _Fault:
    """The code of the first thing that is wrong with a line, in a cart or an order."""
    try:
        product, availability = parsed_item(str(line["catalogItemId"]))
    except UnknownProduct:
        return 10001, "The catalogue has no such item."
    if availability != availability_id(call, product):
        return 10001, "The availability is not offered any more."
    return (
        _currency_error(call, line)
        or _participants_error(line)
        or _quantity_error(product, line)
        or _term_error(product, line)
        or _base(call, product)
        or _attestation_error(call, product, line)
        or _end_error(call, product, line)
        or _promotion_error(call, product, line)
    )


def priced(call: Call, line: Json) -> Json:
    """The line with its promotion, where one applies, and what it costs."""
    product, _ = parsed_item(line["catalogItemId"])
    wish = _wish(product, line)
    promotion = promotions.applied(call, wish, line.get("promotionId"))
    bargain = Bargain(
        line["termDuration"], line["billingCycle"], line["quantity"], call.customer.country
    )
    share = share_of_term(call.now, bargain.term, line.get("customTermEndDate"))
    discount = promotion.discount if promotion else bargain.discount
    bargain = bargain.cut(discount, share)
    named = {"promotionId": promotion.id} if promotion else {}
    return line | named | {"pricing": pricing(product, bargain)}


def said(call: Call, code: int, text: str) -> Json:
    """The number in some of Microsoft's sources, a name in others."""
    spelled = _NAMED[code] if call.switch("cart.errorNames") else code
    return {"errorCode": spelled, "errorDescription": text, "additionalInformation": {}}


def _line(call: Call, number: int, given: Json, group: str) -> Json:
    line = {
        "id": given.get("id", number),
        "catalogItemId": given.get("catalogItemId"),
        "quantity": given.get("quantity"),
        "currencyCode": given.get("currencyCode") or MARKETS[call.customer.country].currency,
        "billingCycle": str(given.get("billingCycle", "")).lower(),
        "termDuration": given.get("termDuration"),
        "provisioningContext": given.get("provisioningContext") or {},
        "orderGroup": group,
        "attestationAccepted": True if given.get("attestationAccepted") is True else None,
        **{name: given[name] for name in _KEPT if given.get(name)},
    }
    error = line_error(call, line)
    if error is not None:
        return compact(line) | {"error": said(call, *error)}
    return compact(priced(call, line))


def _currency_error(call: Call, line: Json) -> _Fault:
    if str(line["currencyCode"]).upper() != MARKETS[call.customer.country].currency:
        return 10000, "The customer's market has another currency."
    return None


def _participants_error(line: Json) -> _Fault:
    given = line.get("participants") or []
    if not isinstance(given, list):
        return 10004, "The participants are no list."
    known = [one for one in given if isinstance(one, dict) and one.get("key") in _KEYS]
    if len(given) > _MOST_PARTICIPANTS or len(known) != len(given):
        return 10004, "The participants are not known."
    return None


def _quantity_error(product: Product, line: Json) -> _Fault:
    quantity = line["quantity"]
    if not isinstance(quantity, int) or quantity < product.minimum:
        return 10010, "The quantity is not valid."
    if quantity > product.maximum:
        return 10015, f"At most {product.maximum} seats can be bought."
    return None


def _term_error(product: Product, line: Json) -> _Fault:
    if (line["termDuration"], line["billingCycle"].title()) not in product.terms:
        return 10013, "The billing plan does not go with the term."
    return None


def _base(call: Call, product: Product) -> _Fault:
    """A base that is owned already, or bought in the same cart, carries an add-on."""
    owned = {
        f"{one.product_id}:{one.sku_id}"
        for one in call.world.subscriptions_of(call.customer.id)
        if one.status == "active"
    }
    given = call.body["lineItems"]
    items = (str(line.get("catalogItemId") or line.get("offerId", "")) for line in given)
    bought = {item.rpartition(":")[0] for item in items}
    if not product.is_addon or (owned | bought) & set(product.prerequisites):
        return None
    return 400041, "The add-on cannot be bought without a base product that it goes with."


def _attestation_error(call: Call, product: Product, line: Json) -> _Fault:
    if needs_attestation(call, product) and not line.get("attestationAccepted"):
        return 10012, "The line must be attested."
    return None


def _end_error(call: Call, product: Product, line: Json) -> _Fault:
    day = line.get("customTermEndDate")
    if not day:
        return None
    if product.is_trial:
        return 10016, "A trial has no end of its own."
    if not may_end(call.world, call.customer.id, line["termDuration"], call.now, day):
        return 10017, "The first term cannot end on this day."
    return None


def _promotion_error(call: Call, product: Product, line: Json) -> _Fault:
    asked = line.get("promotionId")
    if asked and promotions.applied(call, _wish(product, line), asked) is None:
        return 10014, "The promotion cannot be had for this line."
    return None


def _wish(product: Product, line: Json) -> promotions.Wish:
    return promotions.Wish(product, line["termDuration"], line["billingCycle"], line["quantity"])
