"""Do what people do in Microsoft's own portals, behind the product's back."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

from simulator import estates, seeds
from simulator.graph.stock import free_seats, sku_stock
from simulator.nouns import ForeignPurchase, Partner
from simulator.partner_center import legacy_offers, legacy_orders
from simulator.partner_center.changes import change_outside
from simulator.products import by_entra_sku, by_sku
from simulator.tenants import Licence, Tenant, User
from simulator.webhooks.events import ACCEPTED, BASE, tell
from simulator.world import World

Json = dict[str, Any]


class NotThere(LookupError):
    """The thing to act on does not exist."""


def add_customer(world: World, _request: Request, body: Json) -> Json:
    partner_id = body.get("partner", seeds.NORTHWIND)
    name, country = body["companyName"], body.get("country", "US")
    customer = seeds.add_customer(world, partner_id, body["domain"].lower(), name, country)
    return {"id": customer.id}


def add_estates(world: World, _request: Request, body: Json) -> Json:
    """Many customers at once, with a subscription each, and people on as many seats as are said."""
    partner_id, product = body.get("partner", seeds.NORTHWIND), by_sku(*body["offer"].split(":"))
    made = []
    for number, size in enumerate(body["people"]):
        domain = f"{body['prefix']}{number}.onmicrosoft.com"
        customer = estates.found_customer(world, partner_id, domain)
        seats = max(1, int(size) + int(body.get("spare", 0)))
        estates.sell(world, customer, partner_id, product, seats=seats)
        estates.join(world, world.tenants[customer.id], int(size), product.entra_sku_id)
        made.append({"id": customer.id, "domain": domain, "country": customer.country})
    return {"customers": made}


def add_tenant(world: World, _request: Request, body: Json) -> Json:
    """An organisation that no partner serves yet."""
    domain, country = body["domain"].lower(), body.get("country", "US")
    return {"id": seeds.found_tenant(world, domain, body["companyName"], country).id}


def accept_partner(world: World, request: Request, body: Json) -> Json:
    """The customer's admin follows a partner's invitation: its link, or its id."""
    link = body.get("url", "").partition("#")[0]
    invited = parse_qs(urlsplit(link).query).get("partnerId")
    partner_id = invited[0] if invited else body.get("partner", seeds.NORTHWIND)
    if partner_id not in world.partners:
        raise NotThere("there is no such partner")
    customer = seeds.accept_partner(world, _tenant(world, request), partner_id)
    tell(world, partner_id, ACCEPTED, f"{BASE}/customers/{customer.id}", "customer")
    return {"id": customer.id, "partners": customer.partner_ids}


def sign_partner_agreement(world: World, request: Request, body: Json) -> Json:
    partner = _partner(world, request)
    partner.agreement_signed = bool(body.get("signed", True))
    return {"isSigned": partner.agreement_signed}


def sign_agreement(world: World, request: Request, _body: Json) -> Json:
    world.customers[_tenant(world, request).id].signed_directly = True
    return {"isSigned": True}


def approve_gdap(world: World, request: Request, body: Json) -> Json:
    roles = tuple(body.get("roles") or seeds.DEFAULT_GDAP_ROLES)
    partner_id = body.get("partner", seeds.NORTHWIND)
    relationship = seeds.approve_gdap(world, _tenant(world, request), partner_id, roles)
    relationship.extends_itself = bool(body.get("extendsItself", False))
    if "days" in body:
        relationship.ends = world.clock.now() + timedelta(days=int(body["days"]))
    return {"id": relationship.id, "roles": relationship.roles}


def end_gdap(world: World, request: Request, _body: Json) -> Json:
    relationships = _tenant(world, request).gdap
    for relationship in relationships:
        relationship.status = "terminated"
    return {"ended": len(relationships)}


def make_users(world: World, request: Request, body: Json) -> Json:
    """As many people as are asked for, all of whom hold a product where one is named."""
    tenant, count = _tenant(world, request), int(body["count"])
    sku_id = by_entra_sku(body["skuId"]).entra_sku_id if "skuId" in body else None
    if sku_id is not None and _free_seats(world, tenant, sku_id) < count:
        raise ValueError("too few seats are free")
    estates.join(world, tenant, count, sku_id)
    return {"made": count, "users": len(tenant.users)}


def remove_users(world: World, request: Request, body: Json) -> Json:
    """Deletes licensed people, by name or by number; never an administrator."""
    tenant = _tenant(world, request)
    chosen = _named(tenant, body) if "userPrincipalNames" in body else _licensed(tenant, body)
    for user in chosen:
        frees = world.switches["licences.deletedFree"]
        tenant.delete_user(user.id, world.clock.now(), frees=frees)
    return {"removed": [user.id for user in chosen]}


def edit(world: World, request: Request, body: Json) -> Json:
    subscription = world.subscriptions.get(request.path_params["sid"].lower())
    if subscription is None or subscription.customer_id != _tenant(world, request).id:
        raise NotThere("the customer has no such subscription")
    change_outside(world, subscription, body)
    return {"id": subscription.id, "quantity": subscription.quantity}


def purchase(world: World, request: Request, body: Json) -> Json:
    """Seats that are not the partner's: the customer's own, or another partner's."""
    tenant = _tenant(world, request)
    owner = body.get("owner", "customer")
    purchased = ForeignPurchase(
        id=world.new_guid(),
        tenant_id=tenant.id,
        sku_id=by_entra_sku(body["skuId"]).entra_sku_id,
        quantity=int(body["quantity"]),
        owner_tenant_id=tenant.id if owner == "customer" else owner,
        created=world.clock.now(),
        status=body.get("status", "Enabled"),
    )
    world.foreign_purchases[purchased.id] = purchased
    return {"id": purchased.id}


def purchase_legacy(world: World, request: Request, body: Json) -> Json:
    """What the partner sold years ago, when the old commerce was open."""
    customer_id = _tenant(world, request).id
    partner_id = body.get("partner", seeds.NORTHWIND)
    offer = legacy_offers.found(str(body["offerId"]))
    line = {"offerId": offer.id, "quantity": int(body["quantity"])}
    line |= {"parentSubscriptionId": body.get("parentSubscriptionId")}
    base = legacy_orders.base_of(world, customer_id, line)
    billing = body.get("billingCycle", "monthly")
    order = legacy_orders.new_order(world, customer_id, partner_id, billing)
    made = legacy_orders.subscribe(world, order, line, base)
    return {"id": made.id.upper(), "orderId": order.id.upper()}


def assign(world: World, request: Request, body: Json) -> Json:
    tenant = _tenant(world, request)
    user = tenant.user(body["userPrincipalName"])
    if user is None:
        raise NotThere("the tenant has no such user")
    sku_id = by_entra_sku(body["skuId"]).entra_sku_id
    if user.licence(sku_id) is not None:
        return {"userId": user.id}
    if _free_seats(world, tenant, sku_id) < 1:
        raise ValueError("no seat is free")
    licence = Licence(sku_id, [], world.clock.now())
    tenant.set_licences(user, [*user.licences, licence], world.clock.now())
    return {"userId": user.id}


def revoke(world: World, request: Request, _body: Json) -> Json:
    """The partner's user changes the password: every refresh token so far is void (50173)."""
    partner = _partner(world, request)
    theirs = [t for t in world.refresh_tokens.values() if t.tenant_id == partner.tenant_id]
    for token in theirs:
        token.revoked = True
    return {"revoked": len(theirs)}


def register_redirect(world: World, request: Request, body: Json) -> Json:
    app = world.apps[_partner(world, request).client_id]
    app.redirect_uris.append(body["redirectUri"])
    return {"redirectUris": app.redirect_uris}


def _partner(world: World, request: Request) -> Partner:
    partner = world.partners.get(request.path_params["tenant"].lower())
    if partner is None:
        raise NotThere("there is no such partner")
    return partner


def _tenant(world: World, request: Request) -> Tenant:
    tenant = world.tenants.get(request.path_params["id"].lower())
    if tenant is None:
        raise NotThere("there is no such customer")
    return tenant


def _named(tenant: Tenant, body: Json) -> list[User]:
    found = [tenant.user(name) for name in body["userPrincipalNames"]]
    return [user for user in found if user is not None and not user.roles]


def _licensed(tenant: Tenant, body: Json) -> list[User]:
    licensed = [user for user in tenant.users.values() if user.licences and not user.roles]
    return licensed[: int(body["count"])]


def _free_seats(world: World, tenant: Tenant, sku_id: str) -> int:
    rows = [row for row in sku_stock(world, tenant.id) if row.sku_id == sku_id]
    return free_seats(world, rows[0], tenant.id) if rows else 0
