"""Sign a partner's user in for a connection: authorization code, PKCE, nonce, second factor.

https://learn.microsoft.com/partner-center/developer/enable-secure-app-model
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import httpx

from shared.domain.connections import Connection
from shared.domain.errors import ConsentRefused, RemoteAnswer, SignInRefused
from shared.domain.passwords import Secret
from shared.identity.entra import LOGIN_URL, Entra, Grant
from shared.identity.refusals import missing
from shared.identity.tokens import Tokens, client_secret_name
from shared.transport.retry import Retry
from shared.workflows.ports import ConsentStart, Secrets, SignedIn

SCOPE = "https://api.partnercenter.microsoft.com/user_impersonation"
_FOREIGN = ConsentRefused(
    "What Microsoft sent back does not belong to the sign-in that was started here."
)


class Consents:
    """Fulfils the port; the flow travels as a secret, never in a cookie or an address."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        secrets: Secrets,
        tokens: Tokens,
        login_url: str = LOGIN_URL,
        retry: Retry | None = None,
    ) -> None:
        self._entra = Entra(http, login_url, retry)
        self._secrets = secrets
        self._tokens = tokens

    async def begin(self, connection: Connection, redirect_uri: str, state: str) -> ConsentStart:
        grant = await self._grant(connection)
        url, flow = await self._entra.begin_code_flow(grant, redirect_uri, state)
        return ConsentStart(url, Secret(json.dumps(flow)))

    async def redeem(
        self, connection: Connection, flow: Secret, answer: Mapping[str, str]
    ) -> SignedIn:
        grant = await self._grant(connection)
        try:
            result = await self._entra.redeem_code(grant, json.loads(flow.value), answer)
        except (ValueError, RuntimeError, KeyError) as error:
            # MSAL's own sentence quotes what came: nothing of it may be shown or logged.
            raise _FOREIGN from error
        return _signed_in(result, connection)

    def forget(self, connection: Connection) -> None:
        self._tokens.forget(connection.partner_tenant_id)

    async def _grant(self, connection: Connection) -> Grant:
        secret = await self._secrets.get(client_secret_name(connection.id))
        if secret is None:
            raise missing("client secret")
        return Grant(connection.partner_tenant_id, connection.client_id, secret, SCOPE)


def _signed_in(result: Mapping[str, Any], connection: Connection) -> SignedIn:
    claims = result.get("id_token_claims")
    if not isinstance(claims, Mapping):
        raise SignInRefused(
            "Microsoft did not say who signed in: start the consent again", RemoteAnswer("entra")
        )
    if claims.get("aud") != connection.client_id:
        raise _FOREIGN
    refresh = result.get("refresh_token")
    return SignedIn(
        tenant_id=str(claims.get("tid", "")).lower(),
        user_id=str(claims.get("oid", "")).lower(),
        multi_factor="mfa" in _methods(claims, str(result["access_token"])),
        refresh_token=Secret(str(refresh)) if refresh else None,
    )


def _methods(claims: Mapping[str, Any], access_token: str) -> list[str]:
    """Version 2 id tokens leave `amr` out; Partner Center's access token carries it."""
    found = claims.get("amr") or _payload(access_token).get("amr") or []
    return [str(method) for method in found] if isinstance(found, list) else []


def _payload(token: str) -> Mapping[str, Any]:
    """Read a token that came straight from Entra over our own connection."""
    try:
        middle = token.split(".")[1]
        read = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, binascii.Error, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
