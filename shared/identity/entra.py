"""Let MSAL do every grant, over the HTTP client that everything else goes through.

MSAL is synchronous and takes no http authority: it works in a thread, keeps the public authority,
and its requests are turned to the configured sign-in host on their way out.
"""

import asyncio
import json
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from shared.domain.passwords import Secret
from shared.identity.refusals import refusal_of
from shared.transport.call import Call
from shared.transport.channel import Channel, Dialect
from shared.transport.retry import Retry

LOGIN_URL = "https://login.microsoftonline.com"
_DISCOVERY = "/v2.0/.well-known/openid-configuration"
_TOKEN = "/oauth2/v2.0/token"  # noqa: S105 - a path
_ANSWERED = frozenset({400, 401, 403})
_TIMEOUT = 10.0
_RETRY = Retry(attempts=3, longest=timedelta(seconds=10))
_APPLICATIONS = 500
"""Tenants whose application object is kept."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What is asked for; with a refresh token on behalf of its user, else as the application."""

    tenant_id: str
    client_id: str
    client_secret: Secret
    scope: str
    refresh_token: Secret | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    access_token: Secret
    seconds: float
    refresh_token: Secret | None = None


class Entra:
    """The token endpoint of any tenant."""

    def __init__(
        self, http: httpx.AsyncClient, login_url: str = LOGIN_URL, retry: Retry | None = None
    ) -> None:
        self._wire = _Wire(Channel(http, login_url.rstrip("/"), _DIALECT, retry or _RETRY))
        self._applications: OrderedDict[tuple[str, str], tuple[Secret, Any]] = OrderedDict()

    async def redeem(self, grant: Grant) -> Granted:
        self._wire.loop = asyncio.get_running_loop()
        result = await asyncio.to_thread(self._ask, grant)
        if "access_token" not in result:
            raise refusal_of(result)
        refreshed = result.get("refresh_token")
        return Granted(
            Secret(result["access_token"]),
            float(result.get("expires_in", 0)),
            Secret(refreshed) if refreshed else None,
        )

    async def begin_code_flow(
        self, grant: Grant, redirect_uri: str, state: str
    ) -> tuple[str, dict[str, Any]]:
        """Answer where the person goes, and the flow that their answer is checked against."""
        # The code comes back in an address: it is good once, and worth nothing without the flow.
        warnings.filterwarnings("ignore", "response_mode='form_post' is recommended", UserWarning)
        flow: dict[str, Any] = await asyncio.to_thread(
            lambda: self._open(grant).initiate_auth_code_flow(
                [grant.scope], redirect_uri=redirect_uri, state=state, prompt="select_account"
            )
        )
        return flow["auth_uri"].replace(LOGIN_URL, self._wire.channel.base_url, 1), flow

    async def redeem_code(
        self, grant: Grant, flow: Mapping[str, Any], answer: Mapping[str, str]
    ) -> dict[str, Any]:
        """Raise `ValueError` or `RuntimeError` for an answer that is not this flow's."""
        self._wire.loop = asyncio.get_running_loop()
        result = await asyncio.to_thread(
            lambda: self._open(grant).acquire_token_by_auth_code_flow(dict(flow), dict(answer))
        )
        if "access_token" not in result:
            raise refusal_of(result)
        return dict(result)

    def _ask(self, grant: Grant) -> dict[str, Any]:
        application = self._application(grant)
        if grant.refresh_token is None:
            # MSAL's own cache would answer a token that the API has just refused.
            application.remove_tokens_for_client()
            return dict(application.acquire_token_for_client([grant.scope]))
        return dict(
            application.acquire_token_by_refresh_token(grant.refresh_token.value, [grant.scope])
        )

    def _application(self, grant: Grant) -> Any:  # noqa: ANN401 - MSAL is not typed
        key = (grant.tenant_id, grant.client_id)
        secret, application = self._applications.get(key, (None, None))
        if secret != grant.client_secret:
            application = self._open(grant)
            self._applications[key] = (grant.client_secret, application)
            while len(self._applications) > _APPLICATIONS:
                self._applications.popitem(last=False)
        return application

    def _open(self, grant: Grant) -> Any:  # noqa: ANN401 - MSAL is not typed
        import msal  # noqa: PLC0415 - heavy, and most hosts that wake up sign in to nothing

        return msal.ConfidentialClientApplication(
            grant.client_id,
            client_credential=grant.client_secret.value,
            authority=f"{LOGIN_URL}/{grant.tenant_id}",
            instance_discovery=False,
            http_client=self._wire,
            http_cache=_Forgetful(),
        )


class _Forgetful(dict[str, Any]):
    """MSAL remembers refusals for a minute; a consent that was just given must count at once."""

    def __setitem__(self, key: str, value: object) -> None:
        """Keep nothing."""


class _Wire:
    """The HTTP client that MSAL asks for: synchronous outside, the shared one inside."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.loop: asyncio.AbstractEventLoop | None = None

    def get(self, url: str, **_options: object) -> httpx.Response:
        """Answer a tenant's discovery document: its parts are fixed, so the call is spared."""
        authority = url.removesuffix(_DISCOVERY)
        document = {
            "issuer": f"{authority}/v2.0",
            "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
            "token_endpoint": f"{authority}{_TOKEN}",
        }
        return httpx.Response(200, text=json.dumps(document))

    def post(
        self, url: str, data: Mapping[str, str | None], headers: Mapping[str, str], **_: object
    ) -> httpx.Response:
        form = {name: value for name, value in data.items() if value is not None}
        call = Call(
            method="POST",
            route=f"/{{tenant}}{_TOKEN}",
            place={"tenant": url.removeprefix(f"{LOGIN_URL}/").removesuffix(_TOKEN)},
            content=urlencode(form).encode(),
            headers=dict(headers) | {"Content-Type": "application/x-www-form-urlencoded"},
            repeatable=True,
            writes=False,
            allow=_ANSWERED,
            timeout=_TIMEOUT,
        )
        if self.loop is None:
            raise RuntimeError("MSAL was called outside of a redemption")
        return asyncio.run_coroutine_threadsafe(self.channel.send(call), self.loop).result()

    def close(self) -> None:
        """The shared client is closed by whoever opened it."""


def _read_fault(response: httpx.Response) -> tuple[str, str]:
    try:
        body = response.json()
    except ValueError:
        return "", ""
    return str(body.get("error", "")) if isinstance(body, dict) else "", ""


_DIALECT = Dialect(
    api="entra",
    correlation_header="client-request-id",
    read_fault=_read_fault,
    answer_header="x-ms-request-id",
)
