"""Decide who gets which token: apps, partner users, and partner users in a customer's tenant."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from simulator.nouns import App, Partner, RefreshToken
from simulator.signin.codes import redeemable
from simulator.signin.errors import SignInRefused
from simulator.signin.tokens import (
    EXCHANGE,
    GRAPH,
    LIFETIME,
    PARTNER_CENTER,
    PRICE_SHEETS,
    resource_of,
    stamp,
)
from simulator.tenants import Tenant

if TYPE_CHECKING:
    from simulator.world import World

IDLE_LIFE = timedelta(days=90)
_MICROSOFT = (PARTNER_CENTER, PRICE_SHEETS, GRAPH, EXCHANGE)
ANY_TENANT = ("common", "organizations")


@dataclass(frozen=True)
class TokenRequest:
    """One POST to the token endpoint of one authority."""

    world: "World"
    origin: str
    authority: str
    form: dict[str, str]
    path: str = "/oauth2/v2.0/token"

    @property
    def scope(self) -> str:
        return asked_scope(self.form)


@dataclass(frozen=True)
class UserSignIn:
    """Who signed in, in which tenant, for what, and how well that was proved."""

    partner: Partner
    tenant: Tenant
    resource: str
    mfa: bool
    nonce: str = ""


def asked_scope(form: Mapping[str, str]) -> str:
    """The older endpoint names a resource, the newer one scopes."""
    resource = form.get("resource", "").rstrip("/")
    return f"{resource}/.default" if resource else form.get("scope", "")


def grant(request: TokenRequest) -> dict[str, Any]:
    kind = request.form.get("grant_type")
    if kind not in ("client_credentials", "refresh_token", "authorization_code"):
        raise SignInRefused(9002313 if not kind else 70003)
    tenant = _tenant(request)
    _refuse_on_demand(request.world, tenant)
    app = _app(request)
    if kind == "authorization_code":
        return _for_code(request, tenant, app)
    resource = resource_of(request.scope)
    if not resource:
        raise SignInRefused(70011)
    if kind == "client_credentials":
        return _for_app(request, tenant, app, resource)
    return _for_user(request, tenant, app, resource)


def _refuse_on_demand(world: "World", tenant: Tenant) -> None:
    wanted = world.switches["signin.refusals"]
    code = wanted.get(tenant.id) or wanted.get("*")
    if code:
        raise SignInRefused(int(code))


def tenant_by(world: "World", key: str) -> Tenant | None:
    """By id or by the name of one of its domains."""
    tenant = world.tenants.get(key.lower())
    owners = (one for one in world.tenants.values() if key.lower() in one.domains)
    return tenant or next(owners, None)


def mint_refresh_token(world: "World", partner: Partner, *, mfa: bool) -> str:
    token = RefreshToken(
        token=f"0.{secrets.token_urlsafe(48)}",
        tenant_id=partner.tenant_id,
        client_id=partner.client_id,
        mfa=mfa,
        issued=world.clock.now(),
    )
    world.refresh_tokens[token.token] = token
    return token.token


def app_claims(origin: str, tenant_id: str, app: App, resource: str) -> dict[str, Any]:
    """An API of the partner's own gets version 2 tokens, Microsoft's old ones version 1."""
    common = {"aud": resource, "tid": tenant_id, "oid": app.object_id, "sub": app.object_id}
    if resource in _MICROSOFT:
        old = {"iss": f"https://sts.windows.net/{tenant_id}/", "appid": app.client_id}
        return common | old | {"idtyp": "app", "ver": "1.0", "appidacr": "1"}
    new = {"iss": f"{origin}/login/{tenant_id}/v2.0", "azp": app.client_id, "azpacr": "1"}
    roles = {"roles": app.roles} if app.roles else {}
    return common | new | roles | {"ver": "2.0", "idtyp": "app"}


def user_claims(partner: Partner, tenant: Tenant, resource: str, *, mfa: bool) -> dict[str, Any]:
    user = partner.user
    return {
        "aud": resource,
        "iss": f"https://sts.windows.net/{tenant.id}/",
        "tid": tenant.id,
        "appid": partner.client_id,
        "oid": user.object_id,
        "sub": user.object_id,
        "upn": user.user_principal_name,
        "name": user.name,
        "scp": _scopes(partner, tenant, resource),
        "amr": ["pwd", "mfa"] if mfa else ["pwd"],
        "ver": "1.0",
    }


def _tenant(request: TokenRequest) -> Tenant:
    authority = request.authority.lower()
    if authority in ANY_TENANT:
        world, form = request.world, request.form
        token = world.refresh_tokens.get(form.get("refresh_token", ""))
        known = token or world.codes.get(form.get("code", ""))
        authority = known.tenant_id if known else authority
    if "." not in authority and not _is_guid(authority):
        raise SignInRefused(900023, authority)
    tenant = tenant_by(request.world, authority)
    if tenant is None:
        raise SignInRefused(90002, authority)
    return tenant


def _app(request: TokenRequest) -> App:
    app = request.world.apps.get(request.form.get("client_id", "").lower())
    if app is None:
        raise SignInRefused(700016, request.form.get("client_id", ""))
    secret = request.form.get("client_secret")
    if not secret:
        raise SignInRefused(7000218)
    if not secrets.compare_digest(secret.encode(), app.secret.encode()):
        raise SignInRefused(7000215, f"App {app.client_id}.")
    return app


def _for_app(request: TokenRequest, tenant: Tenant, app: App, resource: str) -> dict[str, Any]:
    if app.tenant_id != tenant.id and app.client_id not in tenant.consents:
        raise SignInRefused(700016, app.client_id)
    _check_resource(tenant, resource)
    claims = app_claims(request.origin, tenant.id, app, resource)
    return _answer(request, stamp(request.world, claims))


def _for_user(request: TokenRequest, tenant: Tenant, app: App, resource: str) -> dict[str, Any]:
    world = request.world
    token = _live(world, request.form.get("refresh_token", ""), app)
    partner = world.partners[token.tenant_id]
    if tenant.id != partner.tenant_id:
        _check_delegation(world, partner, tenant)
    if world.switches["signin.mfaDemanded"] and not token.mfa:
        raise SignInRefused(50076)
    _check_resource(tenant, resource)
    return _user_answer(request, UserSignIn(partner, tenant, resource, token.mfa))


def _for_code(request: TokenRequest, tenant: Tenant, app: App) -> dict[str, Any]:
    """The one redemption of a code; what was asked for at its start decides the resource."""
    code = redeemable(request.world, request.form, app)
    partner = request.world.partners[code.tenant_id]
    if tenant.id != partner.tenant_id:
        raise SignInRefused(50020, partner.user.user_principal_name)
    resource = resource_of(request.scope) or resource_of(code.scope) or GRAPH
    _check_resource(tenant, resource)
    code.redeemed = True
    answer = _user_answer(request, UserSignIn(partner, tenant, resource, code.mfa, code.nonce))
    if is_old(request.path) or "offline_access" in code.scope.split():
        return answer
    return {name: value for name, value in answer.items() if name != "refresh_token"}


def _user_answer(request: TokenRequest, who: UserSignIn) -> dict[str, Any]:
    world, partner = request.world, who.partner
    claims = user_claims(partner, who.tenant, who.resource, mfa=who.mfa)
    claims |= {"wids": gdap_roles(world, who.tenant, partner.tenant_id)}
    scope = " ".join(f"{who.resource}/{name}" for name in claims["scp"].split())
    answer = _answer(request, stamp(world, claims)) | {
        "scope": scope or request.scope,
        "refresh_token": mint_refresh_token(world, partner, mfa=who.mfa),
        "id_token": _id_token(request, who),
    }
    if request.form.get("client_info") == "1":
        answer["client_info"] = client_info(partner)
    return answer | (_old_members(who.resource) if is_old(request.path) else {})


def _live(world: "World", text: str, app: App) -> RefreshToken:
    token = world.refresh_tokens.get(text)
    if token is None or token.client_id != app.client_id:
        raise SignInRefused(70000)
    if token.revoked:
        raise SignInRefused(50173)
    if world.clock.now() >= token.issued + IDLE_LIFE:
        raise SignInRefused(700082)
    return token


def _check_delegation(world: "World", partner: Partner, tenant: Tenant) -> None:
    if not gdap_roles(world, tenant, partner.tenant_id):
        raise SignInRefused(50020, partner.user.user_principal_name)
    if not tenant.consents.get(partner.client_id):
        raise SignInRefused(65001, partner.client_id)


def gdap_roles(world: "World", tenant: Tenant, partner_id: str) -> list[str]:
    """The directory roles that live relationships give the partner in this tenant."""
    now = world.clock.now()
    live = (
        one
        for one in tenant.gdap
        if one.partner_tenant_id == partner_id and one.status == "active" and one.ends > now
    )
    return sorted({role for relationship in live for role in relationship.roles})


def _check_resource(tenant: Tenant, resource: str) -> None:
    from simulator.seeds import NORTHWIND  # noqa: PLC0415 - the seeds know the sign-in
    from simulator.world import AUDIENCE  # noqa: PLC0415 - so does the world

    if resource in _MICROSOFT or (resource == AUDIENCE and tenant.id == NORTHWIND):
        return
    raise SignInRefused(500011, resource)


def _scopes(partner: Partner, tenant: Tenant, resource: str) -> str:
    if resource in (PARTNER_CENTER, PRICE_SHEETS):
        return "user_impersonation"
    return " ".join(sorted(tenant.consents.get(partner.client_id, set())))


def _answer(request: TokenRequest, access_token: str) -> dict[str, Any]:
    lifetime = str(LIFETIME) if is_old(request.path) else LIFETIME
    return {
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": access_token,
    }


def is_old(path: str) -> bool:
    """Version 1 of the endpoint, which speaks of resources and of numbers as text."""
    return "/v2.0/" not in path


def _old_members(resource: str) -> dict[str, str]:
    now = int(time.time())
    return {"expires_on": str(now + LIFETIME), "not_before": str(now), "resource": resource}


def client_info(partner: Partner) -> str:
    document = {"uid": partner.user.object_id, "utid": partner.tenant_id}
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def _id_token(request: TokenRequest, who: UserSignIn) -> str:
    partner, tenant = who.partner, who.tenant
    claims = {
        "aud": request.form["client_id"],
        "iss": f"{request.origin}/login/{tenant.id}/v2.0",
        "tid": tenant.id,
        "oid": partner.user.object_id,
        "sub": partner.user.object_id,
        "preferred_username": partner.user.user_principal_name,
        "name": partner.user.name,
        "auth_time": int(time.time()),
        "ver": "1.0" if is_old(request.path) else "2.0",
    }
    if who.nonce:
        claims["nonce"] = who.nonce
    if is_old(request.path):
        claims["amr"] = ["pwd", "mfa"] if who.mfa else ["pwd"]
    return stamp(request.world, claims)


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
