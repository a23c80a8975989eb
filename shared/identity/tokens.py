"""Hand out access tokens as `httpx.Auth`: cached, fetched once at a time, renewed on a 401.

https://learn.microsoft.com/partner-center/developer/enable-secure-app-model
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from http import HTTPStatus

import httpx

from shared.domain.connections import Connection
from shared.domain.errors import SignInRefused
from shared.domain.health import MFA_MISSING, SignInFailure
from shared.domain.ids import ConnectionId, CustomerId
from shared.domain.passwords import Secret
from shared.identity.entra import LOGIN_URL, Entra, Grant, Granted
from shared.identity.refusals import missing
from shared.transport.retry import Retry
from shared.workflows.ports import Healths, Secrets

GRAPH_SCOPE = "https://graph.microsoft.com/.default"
_EARLY = 120.0
"""Seconds before its end from which a token counts as expired."""
_CACHED = 10_000
_OF_CONNECTION = frozenset({"400", "800001", "900329", "900420", MFA_MISSING})


def client_secret_name(connection: ConnectionId) -> str:
    return f"connection-{connection}-client-secret"


def refresh_token_name(connection: ConnectionId) -> str:
    return f"connection-{connection}-refresh-token"


class _Kind(Enum):
    APP = "client credentials"
    USER = "refresh token"


@dataclass(frozen=True, slots=True)
class _Key:
    """Tokens are the same where all of this is the same."""

    connection_id: ConnectionId
    partner_tenant_id: str
    tenant_id: str
    client_id: str
    scope: str
    kind: _Kind


@dataclass(frozen=True, slots=True)
class _Token:
    secret: Secret
    good_until: float


@dataclass(frozen=True, slots=True)
class Witness:
    """Puts on record how sign-ins of connections went, by business time."""

    healths: Healths
    now: Callable[[], Awaitable[datetime]]

    async def renewed(self, connection: ConnectionId) -> None:
        await self.healths.note(connection, refresh_token_at=await self.now())

    async def refused(self, connection: ConnectionId, error: SignInRefused) -> None:
        """A missing second factor is remembered by itself: only another sign-in mends it.

        What Partner Center says about one customer's roles is not the connection's fault.
        """
        if error.answer.api == "partner_center" and error.answer.code not in _OF_CONNECTION:
            return
        now = await self.now()
        failure = SignInFailure(now, error.answer.code or "none", str(error))
        if error.answer.code == MFA_MISSING:
            await self.healths.note(connection, last_failure=failure, mfa_missing_at=now)
        else:
            await self.healths.note(connection, last_failure=failure)


class Tokens:
    """Every token of this host; another host has its own."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        secrets: Secrets,
        login_url: str = LOGIN_URL,
        *,
        witness: Witness | None = None,
        retry: Retry | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entra = Entra(http, login_url, retry)
        self._secrets = secrets
        self._witness = witness
        self._ticks = ticks
        self._tokens: dict[_Key, _Token] = {}
        self._locks: dict[_Key, asyncio.Lock] = {}

    def app_only(self, connection: Connection, scope: str) -> httpx.Auth:
        """As the application, in the partner's tenant."""
        return self._bearer(connection, connection.partner_tenant_id, scope, _Kind.APP)

    def app_and_user(self, connection: Connection, scope: str) -> httpx.Auth:
        """As the partner's user, in the partner's tenant."""
        return self._bearer(connection, connection.partner_tenant_id, scope, _Kind.USER)

    def for_customer(
        self, connection: Connection, customer: CustomerId, scope: str = GRAPH_SCOPE
    ) -> httpx.Auth:
        """As the partner's user, in the customer's tenant."""
        return self._bearer(connection, customer, scope, _Kind.USER)

    def forget(self, tenant_id: str) -> None:
        """Drop a tenant's tokens, whose power a consent has just changed."""
        for key in [key for key in self._tokens if key.tenant_id == tenant_id]:
            del self._tokens[key]

    def _bearer(self, connection: Connection, tenant: str, scope: str, kind: _Kind) -> "_Bearer":
        return _Bearer(
            self,
            _Key(
                connection.id,
                connection.partner_tenant_id,
                tenant,
                connection.client_id,
                scope,
                kind,
            ),
        )

    async def _get(self, key: _Key) -> Secret:
        token = self._tokens.get(key)
        if token is None or token.good_until <= self._ticks():
            async with self._locks.setdefault(key, asyncio.Lock()):
                token = self._tokens.get(key)
                if token is None or token.good_until <= self._ticks():
                    token = await self._fetch(key)
        return token.secret

    def _drop(self, key: _Key, refused: Secret) -> None:
        """Unless somebody else has fetched another one meanwhile."""
        token = self._tokens.get(key)
        if token is not None and token.secret == refused:
            del self._tokens[key]

    async def _fetch(self, key: _Key) -> _Token:
        refresh = await self._refresh_token(key) if key.kind is _Kind.USER else None
        secret = await self._secrets.get(client_secret_name(key.connection_id))
        if secret is None:
            raise missing("client secret")
        granted = await self._redeem(
            key, Grant(key.tenant_id, key.client_id, secret, key.scope, refresh)
        )
        if key.tenant_id == key.partner_tenant_id:
            await self._keep(key, refresh, granted.refresh_token)
        token = _Token(granted.access_token, self._ticks() + granted.seconds - _EARLY)
        self._remember(key, token)
        return token

    async def _redeem(self, key: _Key, grant: Grant) -> Granted:
        """What a customer's authority refuses says nothing about the connection itself."""
        try:
            return await self._entra.redeem(grant)
        except SignInRefused as error:
            if self._witness is not None and key.tenant_id == key.partner_tenant_id:
                await self._witness.refused(key.connection_id, error)
            raise

    async def _refresh_token(self, key: _Key) -> Secret:
        token = await self._secrets.get(refresh_token_name(key.connection_id))
        if token is None:
            raise missing("refresh token")
        return token

    async def _keep(self, key: _Key, old: Secret | None, fresh: Secret | None) -> None:
        """Only the partner's own authority renews the token that every customer rests on."""
        if old is not None and fresh is not None and fresh != old:
            await self._secrets.put(refresh_token_name(key.connection_id), fresh)
            if self._witness is not None:
                await self._witness.renewed(key.connection_id)

    def _remember(self, key: _Key, token: _Token) -> None:
        if len(self._tokens) >= _CACHED:
            now = self._ticks()
            self._tokens = {k: t for k, t in self._tokens.items() if t.good_until > now}
        self._tokens[key] = token


class _Bearer(httpx.Auth):
    """Signs a request; a 401 is answered once with a token made afresh."""

    def __init__(self, tokens: Tokens, key: _Key) -> None:
        self._tokens = tokens
        self._key = key

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        token = await self._tokens._get(self._key)  # noqa: SLF001 - two halves of one thing
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._tokens._drop(self._key, token)  # noqa: SLF001
            token = await self._tokens._get(self._key)  # noqa: SLF001
            request.headers["Authorization"] = f"Bearer {token.value}"
            yield request
