"""Offer promotions, say who may have them, and find the one that a cart gets by itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from simulator.nouns import Subscription
from simulator.partner_center.call import Call, require, whole_number
from simulator.partner_center.catalogue import parsed_item
from simulator.partner_center.documents import Json, collection, compact, time
from simulator.partner_center.errors import Refused
from simulator.products import Product, UnknownProduct


@dataclass(frozen=True)
class Promotion:
    """Less to pay for one term of one product, while it lasts."""

    id: str
    name: str
    key: str
    term: str
    billing: str
    discount: Decimal
    starts: datetime
    ends: datetime
    is_automatic: bool = True
    minimum_seats: int = 1
    maximum_seats: int = 2400
    is_first_purchase: bool = False


@dataclass(frozen=True)
class Wish:
    """What somebody wants to buy, as far as a promotion asks."""

    product: Product
    term: str
    billing_cycle: str
    quantity: int


_START, _END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
PROMOTIONS = (
    Promotion(
        "39NFJQT1PJQB:0001:39NFJQT1Q5KN",
        "Project Plan 3 on a yearly term",
        "CFQ7TTC0HDB0:0002",
        "P1Y",
        "Monthly",
        Decimal("0.05"),
        _START,
        _END,
    ),
    Promotion(
        "39NFJQT1PFPJ:000H:39NFJQT1Q5DK",
        "Visio Plan 2 for new customers",
        "CFQ7TTC0HD32:0002",
        "P1Y",
        "Annual",
        Decimal("0.15"),
        _START,
        _END,
        is_automatic=False,
        is_first_purchase=True,
    ),
    Promotion(
        "39NFJQT1PGVR:0003:39NFJQT1Q6RS",
        "Power BI Pro, the summer that was",
        "CFQ7TTC0LHSF:0001",
        "P1Y",
        "Monthly",
        Decimal("0.10"),
        _START,
        datetime(2025, 9, 1, tzinfo=UTC),
    ),
)


def listed(call: Call) -> Json:
    """Those of today."""
    require(dict(call.query), "country", "segment")
    segment = call.query["segment"].lower()
    return collection(_shown(one) for one in _current(call) if segment == "commercial")


def get(call: Call) -> Json:
    require(dict(call.query), "country")
    promotion = _by_id(call.params["promotion"])
    if promotion is None:
        raise Refused(1000)
    return _shown(promotion) | {"promotionConstraints": _constraints(promotion)}


def eligibilities(call: Call) -> Json:
    require(call.body, "items")
    items = call.body["items"]
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise Refused(3000, "items is not a list of objects.")
    return collection(_item(call, item) for item in call.body["items"])


def applied(call: Call, wish: Wish, asked: str | None) -> Promotion | None:
    """What a line gets: the one that it asks for, or one that comes by itself."""
    for one in _current(call):
        fits = one.id == asked if asked else one.is_automatic
        if fits and one.key == wish.product.key and not _obstacles(call, one, wish):
            return one
    return None


def is_known(promotion_id: str) -> bool:
    return _by_id(promotion_id) is not None


def _current(call: Call) -> list[Promotion]:
    if not call.switch("promotions.active"):
        return []
    return [one for one in PROMOTIONS if one.starts <= call.now < one.ends]


def _by_id(promotion_id: str) -> Promotion | None:
    wanted = promotion_id.upper()
    return next((one for one in PROMOTIONS if one.id == wanted), None)


def _item(call: Call, item: Json) -> Json:
    asked = ("id", "catalogItemId", "quantity", "termDuration", "billingCycle")
    shown = {name: item[name] for name in asked if name in item}
    return shown | {"eligibilities": _verdicts(call, item)}


def _verdicts(call: Call, item: Json) -> list[Json]:
    asked = item.get("promotionId")
    try:
        product, _ = parsed_item(str(item.get("catalogItemId")))
    except UnknownProduct:
        return [_verdict(asked, [{"type": "InvalidCatalogItemId"}])]
    wish = _wish(product, item)
    mine = [one for one in _current(call) if one.key == product.key]
    if asked:
        mine = [one for one in mine if one.id == asked]
        fallback = "InvalidPromotion"
    else:
        fallback = "NoPromotionsAvailable"
    verdicts = [_verdict(one.id, _obstacles(call, one, wish)) for one in mine]
    return verdicts or [_verdict(asked, [{"type": fallback}])]


def _wish(product: Product, item: Json) -> Wish:
    billing = str(item.get("billingCycle", ""))
    return Wish(
        product,
        str(item.get("termDuration")),
        billing,
        whole_number(str(item.get("quantity") or 0)),
    )


def _verdict(promotion_id: str | None, errors: list[Json]) -> Json:
    spelled = [{"description": f"{error['type']} stands against it."} | error for error in errors]
    verdict = {"promotionId": promotion_id, "isEligible": not errors, "errors": spelled or None}
    return compact(verdict)


def _obstacles(call: Call, promotion: Promotion, wish: Wish) -> list[Json]:
    found = []
    if (promotion.term, promotion.billing) != (wish.term, wish.billing_cycle.title()):
        found.append({"type": "Term"})
    owned = call.world.subscriptions_of(call.customer.id)
    had = any(f"{one.product_id}:{one.sku_id}" == promotion.key for one in owned)
    if promotion.is_first_purchase and had:
        found.append({"type": "OfferPurchasedPreviously"})
    return [*found, *_seat_obstacles(promotion, wish, owned)]


def _seat_obstacles(promotion: Promotion, wish: Wish, owned: list[Subscription]) -> list[Json]:
    used = [one for one in owned if one.promotion_id == promotion.id and one.status == "active"]
    left = promotion.maximum_seats - sum(one.quantity for one in used)
    if promotion.minimum_seats <= wish.quantity <= left:
        return []
    limits = {
        "minimumRequiredSeats": promotion.minimum_seats,
        "maximumRequiredSeats": promotion.maximum_seats,
    }
    return [{"type": "SeatCount", **limits, "availableSeats": left}]


def _shown(promotion: Promotion) -> Json:
    product_id, _, sku_id = promotion.key.partition(":")
    term = {"duration": promotion.term, "billingCycle": promotion.billing}
    policy = {"policyType": "PercentDiscount", "value": str(promotion.discount)}
    required = {"productId": product_id, "skuId": sku_id, "term": term, "pricingPolicies": [policy]}
    return {
        "id": promotion.id,
        "name": promotion.name,
        "description": promotion.name,
        "startDate": time(promotion.starts),
        "endDate": time(promotion.ends),
        "properties": {"isAutoApplicable": promotion.is_automatic},
        "requiredProducts": [required],
    }


def _constraints(promotion: Promotion) -> Json:
    seats = {
        "minSeats": promotion.minimum_seats,
        "maxSeats": promotion.maximum_seats,
        "type": "Customer",
    }
    first = {"isApplicable": promotion.is_first_purchase, "type": "FirstPurchase"}
    return {
        "seatConstraints": [seats],
        "assetOwnershipLimits": [],
        "eligibilityConstraints": [first],
        "productOwnershipConstraints": [],
    }
