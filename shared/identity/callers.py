"""Know callers by their Entra access tokens: issuer, audience, signature and time.

https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from shared.domain.callers import PROVIDER, Caller
from shared.domain.errors import CallerUnknown, RemoteError
from shared.domain.organisations import Organisation, place_of
from shared.identity.entra import LOGIN_URL
from shared.transport.call import Call
from shared.transport.channel import Channel, Dialect
from shared.transport.retry import Retry

if TYPE_CHECKING:
    from jwt import PyJWK

_LEEWAY = 60
"""Seconds by which two clocks may differ."""
_REFETCH = 60.0
"""Seconds between two looks at a tenant's keys because of a key id that is not known."""
_AGE = 24 * 3600.0
_REQUIRED = ["exp", "iss", "aud", "tid", "oid"]


class CallerTokens:
    """Reads the tokens of callers from the tenants that we accept; of no tenant where empty.

    Beside the provider's own tenants those are let in that an organisation lists, as its callers
    and nothing else.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        tenants: Iterable[str],
        audience: str,
        organisations: Callable[[], Awaitable[Sequence[Organisation]]],
        login_url: str = LOGIN_URL,
        retry: Retry | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._login_url = login_url.rstrip("/")
        self._tenants = frozenset(tenant.lower() for tenant in tenants if tenant)
        self._audience = audience
        self._organisations = organisations
        self._channel = Channel(http, self._login_url, _DIALECT, retry or Retry())
        self._ticks = ticks
        self._keys: dict[str, dict[str, PyJWK]] = {}
        self._looked: dict[str, float] = {}
        self._lock = asyncio.Lock()

    async def read(self, token: str) -> Caller:
        """Answer who calls; raise `CallerUnknown` where the token does not pass."""
        import jwt  # noqa: PLC0415 - with its cryptography heavy, and only this door needs it

        if not self._tenants or not self._audience:
            raise CallerUnknown("No tenant is configured whose callers are let in.")
        try:
            tenant = _tenant_of(jwt.decode(token, options={"verify_signature": False}))
            await self._require_let_in(tenant)
            key = await self._key(tenant, jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audience,
                issuer=f"{self._login_url}/{tenant}/v2.0",
                leeway=_LEEWAY,
                options={"require": _REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise CallerUnknown("The access token does not pass.") from error
        return await self._placed(_caller(claims))

    async def _require_let_in(self, tenant: str) -> None:
        if tenant in self._tenants:
            return
        listed = {one for o in await self._organisations() for one in o.tenants}
        if tenant not in listed:
            raise CallerUnknown("The access token is of a tenant that is not let in.")

    async def _placed(self, caller: Caller) -> Caller:
        """Nobody of another tenant is the provider, even where its organisation has just gone."""
        place = place_of(caller, await self._organisations())
        if place == PROVIDER and caller.tenant_id not in self._tenants:
            raise CallerUnknown("The access token is of a tenant that is not let in.")
        return replace(caller, organisation=place)

    async def _key(self, tenant: str, kid: object) -> "PyJWK":
        async with self._lock:
            if self._should_look(tenant, kid):
                await self._look_again(tenant)
        key = self._keys.get(tenant, {}).get(str(kid))
        if key is None:
            raise CallerUnknown("The access token is signed with a key that its tenant lacks.")
        return key

    def _should_look(self, tenant: str, kid: object) -> bool:
        looked = self._looked.get(tenant)
        if looked is None:
            return True
        age = self._ticks() - looked
        return age >= _AGE or (str(kid) not in self._keys.get(tenant, {}) and age >= _REFETCH)

    async def _look_again(self, tenant: str) -> None:
        """Keys that we have stay good while Entra cannot be reached."""
        try:
            await self._look(tenant)
        except RemoteError:
            if tenant not in self._keys:
                raise

    async def _look(self, tenant: str) -> None:
        import jwt  # noqa: PLC0415 - see above

        call = Call(method="GET", route="/{tenant}/discovery/v2.0/keys", place={"tenant": tenant})
        response = await self._channel.send(call)
        keys = jwt.PyJWKSet.from_dict(response.json()).keys
        self._keys[tenant] = {key.key_id: key for key in keys if key.key_id}
        self._looked[tenant] = self._ticks()


def _tenant_of(claims: Mapping[str, Any]) -> str:
    """Name the issuer whose keys are asked, as far as we know it; its signature comes later."""
    return str(claims.get("tid", "")).lower()


def _caller(claims: Mapping[str, Any]) -> Caller:
    roles = claims.get("roles")
    return Caller(
        id=str(claims["oid"]).lower(),
        tenant_id=str(claims["tid"]).lower(),
        roles=frozenset(map(str, roles)) if isinstance(roles, list) else frozenset(),
        app_id=str(claims.get("azp") or claims.get("appid") or "").lower(),
    )


_DIALECT = Dialect(
    api="entra", correlation_header="client-request-id", read_fault=lambda _response: ("", "")
)
