"""Mint what a person's sign-in would give, and the tokens that nobody should take."""

import time
from typing import Any

import jwt

from simulator.nouns import Partner
from simulator.seeds import CLIENTS, NORTHWIND
from simulator.signin.keys import wrong_key_pem
from simulator.signin.rules import mint_refresh_token, user_claims
from simulator.signin.tokens import LIFETIME, sign
from simulator.world import AUDIENCE, World

Json = dict[str, Any]


def known(world: World, origin: str) -> Json:
    """Who is there to sign in as; the secrets are this world's own."""
    return {
        "audience": AUDIENCE,
        "apiTenantId": NORTHWIND,
        "issuer": f"{origin}/login/{NORTHWIND}/v2.0",
        "partners": [_partner(world, partner) for partner in world.partners.values()],
        "clients": {name: _client(world, client_id) for name, (client_id, _) in CLIENTS.items()},
    }


def mint(world: World, origin: str, wish: Json) -> Json:
    if wish["kind"] == "refresh":
        partner = world.partners[wish.get("partner", NORTHWIND)]
        return {"refreshToken": mint_refresh_token(world, partner, mfa=wish.get("mfa", True))}
    if wish["kind"] == "partnerUser":
        return {"accessToken": _partner_user(world, wish)}
    return {"accessToken": _signed(world, _api_claims(world, origin, wish), wish)}


def _partner(world: World, partner: Partner) -> Json:
    return {
        "tenantId": partner.tenant_id,
        "name": partner.name,
        "domain": partner.domain,
        "kind": partner.kind,
        "environment": partner.environment,
        "mpnId": partner.mpn_id,
        "clientId": partner.client_id,
        "clientSecret": world.apps[partner.client_id].secret,
        "userPrincipalName": partner.user.user_principal_name,
        "userObjectId": partner.user.object_id,
    }


def _client(world: World, client_id: str) -> Json:
    app = world.apps[client_id]
    return {
        "clientId": client_id,
        "clientSecret": app.secret,
        "tenantId": app.tenant_id,
        "objectId": app.object_id,
        "roles": app.roles,
    }


def _partner_user(world: World, wish: Json) -> str:
    """A delegated token without its detour over a refresh token."""
    partner = world.partners[wish.get("partner", NORTHWIND)]
    tenant = world.tenants[wish.get("tenantId", partner.tenant_id)]
    claims = user_claims(partner, tenant, wish["audience"], mfa=wish.get("mfa", True))
    return _signed(world, claims, wish)


def _api_claims(world: World, origin: str, wish: Json) -> Json:
    """A v2.0 token for the product's API, as a user or an app of the tenant would bring it."""
    tenant_id = wish.get("tenantId", NORTHWIND)
    claims = {
        "aud": wish.get("audience", AUDIENCE),
        "iss": wish.get("issuer", f"{origin}/login/{tenant_id}/v2.0"),
        "tid": tenant_id,
        "oid": wish.get("oid") or world.new_guid(),
        "ver": "2.0",
        "azp": wish.get("clientId", CLIENTS["portal"][0]),
    }
    claims["sub"] = claims["oid"]
    if wish["kind"] == "user":
        claims |= {"name": wish.get("name", "Ada Moss"), "scp": "access_as_user"}
        claims["preferred_username"] = wish.get("upn", "ada@northwindcloud.onmicrosoft.com")
    else:
        claims["idtyp"] = "app"
    return claims | ({"roles": wish["roles"]} if wish.get("roles") else {})


def _signed(world: World, claims: Json, wish: Json) -> str:
    now = int(time.time())
    expires = now + wish.get("expiresIn", LIFETIME)
    whole = claims | {"iat": min(now, expires) - 5, "nbf": min(now, expires) - 5, "exp": expires}
    whole |= wish.get("claims", {})
    if wish.get("alg") == "none":
        return jwt.encode(whole, key="", algorithm="none")
    pem = wrong_key_pem() if wish.get("key") == "wrong" else world.key_pem
    return sign(whole, pem, wish.get("kid", "sim-key-1"))
