import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from shared.domain.callers import Caller
from shared.domain.errors import CallerUnknown, RemoteUnavailable
from shared.domain.organisations import Organisation
from shared.identity.callers import CallerTokens
from shared.transport.http import open_http
from tests.identity.northwind import QUICK

TENANT = "5e0a1b7c-3d52-4a88-9d0b-0c1f2a3b4c5d"
OID = "3d6f2c09-eb40-48ca-a4b3-d24c9c007531"
APP = "2f5e7c93-6b40-4dab-9e33-9c807f6e5d43"
KEYS = {kid: generate_private_key(65537, 2048) for kid in ("k1", "k2")}


class Entra:
    """A tenant that publishes keys and stamps tokens."""

    def __init__(self) -> None:
        self.published = ["k1"]
        self.asked = 0
        self.is_down = False
        self.now = 1000.0
        self.known: list[Organisation] = []

    async def organisations(self) -> list[Organisation]:
        return self.known

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.is_down or TENANT not in request.url.path:
            return httpx.Response(503)
        return httpx.Response(200, json={"keys": [_jwk(kid) for kid in self.published]})

    def reader(self, **changes: Any) -> CallerTokens:
        arguments: dict[str, Any] = {
            "tenants": [TENANT],
            "audience": "api://seatkeeper",
            "organisations": self.organisations,
            "retry": QUICK,
            "ticks": lambda: self.now,
        }
        http = open_http(transport=httpx.MockTransport(self))
        return CallerTokens(http, **(arguments | changes))


def _jwk(kid: str) -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(KEYS[kid].public_key())
    return {**json.loads(public), "kid": kid, "use": "sig"}


def a_token(
    kid: str = "k1", key: RSAPrivateKey | None = None, without: str = "", **changes: object
) -> str:
    now = time.time()
    claims: dict[str, object] = {
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "aud": "api://seatkeeper",
        "tid": TENANT,
        "oid": OID,
        "azp": APP,
        "roles": ["Operator"],
        "nbf": now - 5,
        "exp": now + 3600,
        "ver": "2.0",
    }
    claims |= changes
    claims.pop(without, None)
    return jwt.encode(claims, key or KEYS[kid], algorithm="RS256", headers={"kid": kid})


async def test_a_good_token_says_who_calls() -> None:
    caller = await Entra().reader().read(a_token())

    assert caller == Caller(OID, TENANT, frozenset({"Operator"}), APP)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("a.b.c", id="nonsense"),
        pytest.param(a_token(aud="https://graph.microsoft.com"), id="for somebody else"),
        pytest.param(a_token(iss="https://sts.windows.net/x/"), id="of another issuer"),
        pytest.param(a_token(tid=OID), id="of another tenant"),
        pytest.param(a_token(exp=time.time() - 120), id="expired"),
        pytest.param(a_token(nbf=time.time() + 36_000), id="not yet good"),
        pytest.param(a_token(key=KEYS["k2"]), id="signed by somebody else"),
        pytest.param(a_token(kid="k2"), id="signed with a key that is not published"),
        pytest.param(a_token(without="oid"), id="without a caller"),
        pytest.param(a_token(without="exp"), id="for ever"),
        pytest.param(
            jwt.encode({"tid": TENANT}, "", algorithm="none", headers={"kid": "k1"}),
            id="not signed",
        ),
        pytest.param(
            jwt.encode({"tid": TENANT}, "x" * 64, algorithm="HS256", headers={"kid": "k1"}),
            id="signed with a shared secret",
        ),
    ],
)
async def test_any_other_token_does_not_pass(token: str) -> None:
    with pytest.raises(CallerUnknown):
        await Entra().reader().read(token)


@pytest.mark.parametrize(
    "settings", [{"tenants": []}, {"tenants": [""]}, {"audience": ""}], ids=str
)
async def test_nobody_passes_where_nothing_is_configured(settings: Mapping[str, Any]) -> None:
    entra = Entra()

    with pytest.raises(CallerUnknown):
        await entra.reader(**settings).read(a_token())

    assert entra.asked == 0


async def test_clocks_may_differ_a_little() -> None:
    assert await Entra().reader().read(a_token(exp=time.time() - 20))


async def test_keys_are_asked_for_once() -> None:
    entra = Entra()
    reader = entra.reader()

    for _ in range(3):
        await reader.read(a_token())

    assert entra.asked == 1


async def test_a_key_that_is_not_known_is_looked_up_at_most_once_a_minute() -> None:
    entra = Entra()
    reader = entra.reader()
    await reader.read(a_token())
    entra.published = ["k1", "k2"]

    for _ in range(3):
        with pytest.raises(CallerUnknown):
            await reader.read(a_token(kid="k2"))
    entra.now += 61
    caller = await reader.read(a_token(kid="k2"))

    assert caller.id == OID
    assert entra.asked == 2


async def test_keys_that_we_have_outlast_a_failure_of_entra() -> None:
    entra = Entra()
    reader = entra.reader()
    await reader.read(a_token())
    entra.is_down = True
    entra.now += 25 * 3600

    assert await reader.read(a_token())


async def test_without_any_key_the_caller_has_to_come_back() -> None:
    entra = Entra()
    entra.is_down = True

    with pytest.raises(RemoteUnavailable):
        await entra.reader().read(a_token())


async def test_a_token_without_roles_is_a_caller_without_roles() -> None:
    caller = await Entra().reader().read(a_token(without="roles"))

    assert caller.roles == frozenset()


def fabrikam(tenants: tuple[str, ...] = (), callers: tuple[str, ...] = ()) -> Organisation:
    return Organisation("fabrikam", "Fabrikam", datetime(2026, 9, 1, tzinfo=UTC), tenants, callers)


async def test_callers_of_the_providers_tenant_are_the_providers() -> None:
    entra = Entra()
    entra.known = [fabrikam()]

    assert (await entra.reader().read(a_token())).organisation == "provider"


@pytest.mark.parametrize("caller", [OID, APP], ids=["a person", "a program"])
async def test_a_caller_that_an_organisation_lists_is_its_own(caller: str) -> None:
    entra = Entra()
    entra.known = [fabrikam(callers=(caller,))]

    assert (await entra.reader().read(a_token())).organisation == "fabrikam"


async def test_a_tenant_that_an_organisation_lists_is_let_in_as_its_own() -> None:
    entra = Entra()
    entra.known = [fabrikam(tenants=(TENANT,))]

    caller = await entra.reader(tenants=["another"]).read(a_token())

    assert caller.organisation == "fabrikam"


async def test_a_tenant_that_nobody_lists_is_not_let_in() -> None:
    with pytest.raises(CallerUnknown):
        await Entra().reader(tenants=["another"]).read(a_token())


async def test_nobody_of_another_tenant_is_ever_the_provider() -> None:
    entra = Entra()
    answers = [[fabrikam(tenants=(TENANT,))], []]

    async def gone_meanwhile() -> list[Organisation]:
        return answers.pop(0)

    reader = entra.reader(tenants=["another"], organisations=gone_meanwhile)
    with pytest.raises(CallerUnknown):
        await reader.read(a_token())
