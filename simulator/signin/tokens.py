"""Stamp access tokens, and read them back for the APIs that take them."""

import base64
import json
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jwt

from simulator.signin.keys import KEY_ID, private_key

if TYPE_CHECKING:
    from simulator.world import World

PARTNER_CENTER = "https://api.partnercenter.microsoft.com"
PRICE_SHEETS = "https://api.partner.microsoft.com"
GRAPH = "https://graph.microsoft.com"
EXCHANGE = "https://outlook.office365.com"
LIFETIME = 3599

# Resources may be named by their app id as well as by their address.
_ALIASES = {
    "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd": PARTNER_CENTER,
    "00000003-0000-0000-c000-000000000000": GRAPH,
    "00000002-0000-0ff1-ce00-000000000000": EXCHANGE,
}


class TokenRefused(Exception):
    """The bearer of this token is not let in."""


@dataclass(frozen=True)
class Claims:
    """Who calls, as the sign-in service has stamped it."""

    document: dict[str, Any]

    @property
    def aud(self) -> str:
        audience = str(self.document.get("aud", "")).rstrip("/")
        return _ALIASES.get(audience, audience)

    @property
    def tid(self) -> str:
        return str(self.document.get("tid", ""))

    @property
    def appid(self) -> str:
        return str(self.document.get("appid") or self.document.get("azp") or "")

    @property
    def oid(self) -> str:
        return str(self.document.get("oid", ""))

    @property
    def app_only(self) -> bool:
        return "scp" not in self.document

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(str(self.document.get("scp", "")).split())

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.document.get("roles", []))

    @property
    def directory_roles(self) -> frozenset[str]:
        return frozenset(self.document.get("wids", []))

    @property
    def is_partner_token(self) -> bool:
        """Made by Partner Center itself, as until 2023."""
        return "pcp" in self.document

    @property
    def has_mfa(self) -> bool:
        return "mfa" in self.document.get("amr", [])


def resource_of(scope: str) -> str:
    """The resource that a v2.0 scope belongs to: `api://x/.default` is of `api://x`."""
    wanted = [one for one in scope.split() if one not in ("openid", "profile", "offline_access")]
    resource = wanted[0].rpartition("/")[0].rstrip("/") if wanted else ""
    return _ALIASES.get(resource, resource)


def stamp(world: "World", claims: dict[str, Any], *, lifetime: int = LIFETIME) -> str:
    """Signs with real time: a token's life is never on the business clock."""
    now = int(time.time())
    whole = {"iat": now, "nbf": now - 5, "exp": now + lifetime} | claims
    return sign(whole, world.key_pem)


def sign(claims: dict[str, Any], pem: str, key_id: str = KEY_ID) -> str:
    headers = {"kid": key_id, "x5t": key_id}
    return jwt.encode(claims, private_key(pem), algorithm="RS256", headers=headers)


def read_bearer(world: "World", authorization: str | None) -> Claims:
    """Checks form, signature and time; audience and tenant are the API's own questions."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused("no bearer token was sent")
    try:
        document = _verified(token, world.key_pem)
    except jwt.PyJWTError as error:
        raise TokenRefused(str(error)) from error
    if time.time() >= document["exp"]:
        raise TokenRefused("Signature has expired")
    return Claims(document)


def unverified(token: str) -> dict[str, Any]:
    """Only for the log of calls: nothing is decided by it."""
    try:
        payload = token.split(".")[1]
        padded = payload + "=" * (-len(payload) % 4)
        return dict(json.loads(base64.urlsafe_b64decode(padded)))
    except (IndexError, ValueError):
        return {}


@lru_cache(1024)
def _verified(token: str, pem: str) -> dict[str, Any]:
    """Bulk runs bring the same token thousands of times; its time is checked each time."""
    return jwt.decode(
        token,
        private_key(pem).public_key(),
        algorithms=["RS256"],
        options={"verify_aud": False, "require": ["exp", "iss", "tid"]},
    )
