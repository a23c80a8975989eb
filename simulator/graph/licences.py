"""Give licences to a user and take them back: all of one call, or nothing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from simulator.graph import plan_rules, replication
from simulator.graph.call import Call
from simulator.graph.errors import GraphError, bad_request
from simulator.graph.stock import SkuStock, free_seats, plans_of, sku_stock
from simulator.graph.users import promoted
from simulator.plans import PLAN_IDS
from simulator.tenants import Licence, User


@dataclass(frozen=True)
class _Wish:
    """What the body asks for, once it can be read."""

    add: Mapping[str, list[str]]
    remove: Sequence[str]


def assign(call: Call, user: User) -> None:
    wish = _wish(call.payload)
    stock = {entry.sku_id: entry for entry in sku_stock(call.world, call.tenant.id)}
    _check_removals(user, wish)
    _check_additions(call, user, wish, stock)
    after = _after(call, user, wish)
    enabled = [plan for licence in after for plan in plans_of(licence)]
    plan_rules.check(enabled, PLAN_IDS)
    if call.chance.random() < call.switch("replication.license_lost_rate"):
        return
    _note_lag(call, user, after)
    call.tenant.set_licences(user, after, call.now)
    if plan_rules.has_mailbox(enabled):
        _address(call, user)


def _wish(payload: object) -> _Wish:
    body = payload if isinstance(payload, dict) else {}
    absent = [name for name in ("addLicenses", "removeLicenses") if body.get(name) is None]
    if absent:
        raise bad_request(
            "One or more parameters of the operation 'assignLicense' are missing from the request"
            f" payload. The missing parameters are: {', '.join(absent)}."
        )
    add, remove = body["addLicenses"], body["removeLicenses"]
    if not isinstance(add, list) or not isinstance(remove, list):
        raise _invalid()
    if not add and not remove:
        raise bad_request("No license changes provided.")
    return _distinct([_addition(entry) for entry in add], [_guid(entry) for entry in remove])


def _distinct(additions: list[tuple[str, list[str]]], removals: list[str]) -> _Wish:
    products = [sku_id for sku_id, _ in additions] + removals
    if len(set(products)) != len(products):
        raise _invalid()
    return _Wish(dict(additions), removals)


def _addition(entry: object) -> tuple[str, list[str]]:
    if not isinstance(entry, dict):
        raise _invalid()
    disabled = entry.get("disabledPlans") or []
    if not isinstance(disabled, list):
        raise _invalid()
    return _guid(entry.get("skuId")), [_guid(plan) for plan in disabled]


def _guid(value: object) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise _invalid() from None


def _invalid() -> GraphError:
    return bad_request("One or more properties contains invalid values.")


def _check_removals(user: User, wish: _Wish) -> None:
    for sku_id in wish.remove:
        if user.licence(sku_id):
            continue
        if any(entry.sku_id == sku_id for entry in user.licences):
            raise bad_request(
                "User license is inherited from a group membership and it cannot be removed"
                " directly from the user."
            )
        raise bad_request("User does not have a corresponding license.")


def _check_additions(call: Call, user: User, wish: _Wish, stock: Mapping[str, SkuStock]) -> None:
    for sku_id, disabled in wish.add.items():
        _check_product(stock.get(sku_id), sku_id, disabled)
    if wish.add and not _usage_location(call, user):
        raise bad_request("License assignment cannot be done for user with invalid usage location.")
    for sku_id in wish.add:
        holds = any(entry.sku_id == sku_id for entry in user.licences)
        if not holds and free_seats(call.world, stock[sku_id], call.tenant.id) < 1:
            raise bad_request(
                f"Subscription with SKU {sku_id} does not have any available licenses."
            )


def _check_product(stock: SkuStock | None, sku_id: str, disabled: list[str]) -> None:
    if stock is None:
        raise bad_request(f"License {sku_id} does not correspond to a valid company License.")
    if stock.applies_to != "User":
        raise bad_request(f"License {sku_id} cannot be assigned to a user.")
    for plan in disabled:
        if plan not in {own.id for own in stock.service_plans}:
            raise bad_request(f"The service plan {plan} does not belong to the license {sku_id}.")


def _usage_location(call: Call, user: User) -> object:
    behind = replication.stale(call.tenant, "usage_location", user.id)
    return behind.before if behind else user.properties.get("usageLocation")


def _after(call: Call, user: User, wish: _Wish) -> list[Licence]:
    touched = {*wish.add, *wish.remove}
    kept = [
        entry
        for entry in user.licences
        if entry.assigned_by_group is not None or entry.sku_id not in touched
    ]
    given = [Licence(sku_id, disabled, call.now) for sku_id, disabled in wish.add.items()]
    return kept + given


def _note_lag(call: Call, user: User, after: list[Licence]) -> None:
    visible = call.switch("replication.license_visible_ms")
    replication.note(call.tenant, "licences", user.id, visible, user.licences)
    held = {entry.sku_id for entry in user.licences}
    holds = {entry.sku_id for entry in after}
    counted = call.switch("replication.consumed_units_ms")
    for sku_id in held ^ holds:
        difference = 1 if sku_id in holds else -1
        replication.note_count(call.tenant, sku_id, difference, counted)


def _address(call: Call, user: User) -> None:
    """Who gets a mailbox gets an address, and a second one in the initial domain."""
    if user.proxy_addresses:
        return
    alias = f"{user.properties['mailNickname']}@{call.tenant.initial_domain}"
    name = user.user_principal_name
    same = alias.lower() == name.lower()
    addresses = promoted([] if same else [f"smtp:{alias}"], name)
    call.tenant.change_user(user, {}, call.now, addresses)
