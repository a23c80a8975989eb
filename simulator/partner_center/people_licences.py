"""Give people licences through Partner Center, and show which they have."""

from collections.abc import Sequence

from simulator.graph import plan_rules
from simulator.graph.errors import GraphError
from simulator.graph.stock import SkuStock, free_seats, plans_of, sku_stock
from simulator.graph.users import promoted
from simulator.partner_center import people
from simulator.partner_center.call import Answer, Call
from simulator.partner_center.documents import Json, collection, kind
from simulator.partner_center.errors import Refused
from simulator.plans import PLAN_IDS
from simulator.products import by_entra_sku
from simulator.tenants import Licence, User

_GROUP = "group1"


def listed(call: Call) -> Answer:
    groups = {one.lower() for one in call.query.getlist("licenseGroupIds")}
    user = people.found(call)
    licences = user.licences if not groups or _GROUP in groups else []
    return Answer(200, collection(_shown(licence) for licence in licences))


def update(call: Call) -> Answer:
    """All of it or nothing; what a user has already is given once more without harm."""
    user = people.found(call)
    wanted = [_licence(call, one) for one in call.body.get("licensesToAssign") or []]
    removed = [str(one).lower() for one in call.body.get("licensesToRemove") or []]
    if not wanted and not removed:
        raise Refused(3000, "No licence is named.")
    _check_removed(user, removed)
    _check_free(call, user, wanted)
    after = _after(user, wanted, removed)
    _check_plans(after)
    call.tenant.set_licences(user, after, call.now)
    _address(call, user)
    return Answer(201, _echo(call))


def _echo(call: Call) -> Json:
    return {
        "licensesToAssign": call.body.get("licensesToAssign"),
        "licensesToRemove": call.body.get("licensesToRemove"),
        "licenseWarnings": [],
        **kind("LicenseUpdate"),
    }


def _licence(call: Call, wish: Json) -> Licence:
    excluded = [str(plan).lower() for plan in wish.get("excludedPlans") or []]
    return Licence(str(wish.get("skuId", "")).lower(), excluded, call.now)


def _check_removed(user: User, removed: Sequence[str]) -> None:
    for sku_id in removed:
        if user.licence(sku_id) is None:
            raise Refused(3000, "The user has no such licence.")


def _check_free(call: Call, user: User, wanted: Sequence[Licence]) -> None:
    if wanted and call.switch("people.locationNeeded") and not user.properties.get("usageLocation"):
        raise Refused(3000, "The user has no usage location.")
    stock = {row.sku_id: row for row in sku_stock(call.world, call.tenant.id)}
    for licence in wanted:
        _check_one(call, user, licence, stock.get(licence.sku_id))


def _check_one(call: Call, user: User, licence: Licence, stock: SkuStock | None) -> None:
    if stock is None:
        raise Refused(3000, "The customer has no such product.")
    if not set(licence.disabled_plans) <= {plan.id for plan in stock.service_plans}:
        raise Refused(3000, "A plan does not belong to the product.")
    has_it = any(one.sku_id == licence.sku_id for one in user.licences)
    if not has_it and free_seats(call.world, stock, call.tenant.id) < 1:
        text = f"LicenseQuotaExceededException : no free licence of SKU {licence.sku_id}"
        raise Refused(60012, data=[text])


def _after(user: User, wanted: Sequence[Licence], removed: Sequence[str]) -> list[Licence]:
    touched = {*removed, *(one.sku_id for one in wanted)}
    kept = [
        one
        for one in user.licences
        if one.assigned_by_group is not None or one.sku_id not in touched
    ]
    return [*kept, *wanted]


def _check_plans(licences: Sequence[Licence]) -> None:
    enabled = [plan for licence in licences for plan in plans_of(licence)]
    try:
        plan_rules.check(enabled, PLAN_IDS)
    except GraphError as refused:
        raise Refused(3000, refused.message) from refused


def _address(call: Call, user: User) -> None:
    """Who gets a mailbox gets an address."""
    enabled = [plan for licence in user.licences for plan in plans_of(licence)]
    if plan_rules.has_mailbox(enabled) and not user.proxy_addresses:
        addresses = promoted([], user.user_principal_name)
        call.tenant.change_user(user, {}, call.now, addresses)


def _shown(licence: Licence) -> Json:
    product = by_entra_sku(licence.sku_id)
    return {
        "servicePlans": [
            {
                "displayName": plan.name,
                "serviceName": plan.name,
                "id": plan.id,
                "capabilityStatus": "Assigned",
                "targetType": "User",
            }
            for plan in plans_of(licence)
        ],
        "productSku": {
            "id": licence.sku_id,
            "name": product.title,
            "skuPartNumber": product.part_number,
            "licenseGroupId": _GROUP,
        },
        **kind("License"),
    }
