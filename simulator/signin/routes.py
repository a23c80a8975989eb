"""Take sign-in's HTTP in and give it out.

https://learn.microsoft.com/entra/identity-platform/v2-protocols
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from simulator.signin import switches as _  # noqa: F401 - declares its own
from simulator.signin.codes import Wish, fault, give, way_back, wish
from simulator.signin.errors import SignInRefused
from simulator.signin.keys import jwk
from simulator.signin.pages import consent_page, posting_page, trouble_page
from simulator.signin.rules import TokenRequest, asked_scope, grant, tenant_by

if TYPE_CHECKING:
    from simulator.world import World


_Page = Callable[[Request], Awaitable[Response]]


def origin_of(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def signin_routes(world: "World") -> list[BaseRoute]:
    # https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        authority = request.path_params["authority"]
        try:
            asked = TokenRequest(world, origin_of(request), authority, form, request.url.path)
            answer = grant(asked)
        except SignInRefused as refused:
            return JSONResponse(refused.body(world.clock.real()), refused.status)
        return JSONResponse(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    # https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
    async def configuration(request: Request) -> Response:
        authority = request.path_params["authority"]
        tenant = tenant_by(world, authority)
        if tenant is None and authority not in ("common", "organizations"):
            return JSONResponse(SignInRefused(90002, authority).body(world.clock.real()), 400)
        return JSONResponse(_configuration(origin_of(request), tenant.id if tenant else authority))

    # https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
    async def keys(_request: Request) -> Response:
        return JSONResponse({"keys": [jwk(world.key_pem)]})

    authorize = _authorize_page(world)
    return [
        Route("/{authority}/oauth2/v2.0/authorize", authorize, methods=["GET", "POST"]),
        Route("/{authority}/oauth2/authorize", authorize, methods=["GET", "POST"]),
        Route("/{authority}/oauth2/v2.0/token", token, methods=["POST"]),
        Route("/{authority}/oauth2/token", token, methods=["POST"]),
        Route("/{authority}/v2.0/.well-known/openid-configuration", configuration),
        Route("/{authority}/discovery/v2.0/keys", keys),
        Route("/{authority}/discovery/keys", keys),
    ]


# https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
def _authorize_page(world: "World") -> _Page:
    async def authorize(request: Request) -> Response:
        form = dict(request.query_params)
        if request.method == "POST":
            form |= dict(parse_qsl((await request.body()).decode()))
        try:
            return _authorize(world, request.path_params["authority"], form)
        except SignInRefused as refused:
            return trouble_page(refused)

    return authorize


def _authorize(world: "World", authority: str, form: dict[str, str]) -> Response:
    """Straight back with a code, unless a person is to be asked first."""
    decision = form.pop("decision", "")
    asked = wish(world, authority, form, asked_scope(form))
    refused = SignInRefused(65004) if decision == "cancel" else fault(asked)
    if refused is not None:
        text = f"AADSTS{refused.code}: {refused.sentence}"
        return _back(asked, error=refused.error, error_description=text)
    if not decision and not world.switches["signin.autoConsent"]:
        return consent_page(asked)
    return _back(asked, code=give(asked).code, session_state=world.new_guid())


def _back(asked: Wish, **answer: str) -> Response:
    if asked.form.get("response_mode") != "form_post":
        return RedirectResponse(way_back(asked, **answer), 302)
    state = asked.form.get("state", "")
    return posting_page(asked.redirect_uri, answer | ({"state": state} if state else {}))


_MICROSOFT = "https://login.microsoftonline.com"


def _configuration(origin: str, tenant: str) -> dict[str, object]:
    """MSAL refuses endpoints without TLS: they are spelled as Microsoft's, for it to rewrite."""
    base = f"{origin}/login/{tenant}"
    endpoints = f"{_MICROSOFT if origin.startswith('http:') else f'{origin}/login'}/{tenant}"
    return {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{endpoints}/oauth2/v2.0/authorize",
        "token_endpoint": f"{endpoints}/oauth2/v2.0/token",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "tenant_region_scope": "WW",
        "cloud_instance_name": "microsoftonline.com",
    }
