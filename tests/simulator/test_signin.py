"""Sign-in gives every caller the token that Microsoft would, and refuses as Microsoft does."""

from typing import Any

import anyio
import anyio.from_thread
import httpx
import jwt
import msal
import pytest

from simulator.seeds import CLIENTS, NORTHWIND
from simulator.signin.rules import mint_refresh_token
from simulator.world import AUDIENCE, World
from tests.simulator.northwind import Northwind

GRAPH = "https://graph.microsoft.com"


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.mark.contract
async def test_an_app_signs_in_and_gets_no_refresh_token(northwind: Northwind) -> None:
    answer = await northwind.app_only()

    assert answer["expires_in"] == 3599
    assert "refresh_token" not in answer
    assert claims(answer["access_token"])["idtyp"] == "app"
    assert claims(answer["access_token"])["aud"] == "https://api.partnercenter.microsoft.com"


@pytest.mark.contract
async def test_each_redemption_gives_a_fresh_refresh_token_and_the_old_one_stays_valid(
    northwind: Northwind,
) -> None:
    old = mint_refresh_token(northwind.world, northwind.partner, mfa=True)

    first = await northwind.redeem(refresh_token=old)
    second = await northwind.redeem(refresh_token=old)

    assert len({old, first["refresh_token"], second["refresh_token"]}) == 3
    assert claims(first["access_token"])["amr"] == ["pwd", "mfa"]
    assert claims(first["access_token"])["scp"] == "user_impersonation"


@pytest.mark.contract
@pytest.mark.parametrize(("days", "status"), [(89, 200), (90, 400)])
async def test_a_refresh_token_lapses_after_ninety_business_days(
    northwind: Northwind, days: int, status: int
) -> None:
    token = mint_refresh_token(northwind.world, northwind.partner, mfa=True)
    northwind.wait(days=days)

    answer = await northwind.token(grant_type="refresh_token", refresh_token=token)

    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"] == "invalid_grant"
        assert answer.json()["error_codes"] == [700082]


REFUSALS = [
    pytest.param({"client_secret": "wrong"}, 401, 7000215, id="wrong secret"),
    pytest.param({"client_secret": ""}, 401, 7000218, id="no secret"),
    pytest.param({"client_id": NORTHWIND}, 400, 700016, id="unknown app"),
    pytest.param({"scope": "nothing"}, 400, 70011, id="no resource"),
    pytest.param({"scope": "api://elsewhere/.default"}, 400, 500011, id="unknown resource"),
    pytest.param({"grant_type": ""}, 400, 9002313, id="no grant"),
    pytest.param({"grant_type": "password"}, 400, 70003, id="other grant"),
    pytest.param(
        {"grant_type": "refresh_token", "refresh_token": "0.no"}, 400, 70000, id="unknown token"
    ),
]


@pytest.mark.contract
@pytest.mark.parametrize(("form", "status", "code"), REFUSALS)
async def test_refuses_with_the_number_that_clients_act_on(
    northwind: Northwind, form: dict[str, str], status: int, code: int
) -> None:
    answer = await northwind.token(**({"grant_type": "client_credentials"} | form))

    assert answer.status_code == status
    assert answer.json()["error_codes"] == [code]
    assert f"AADSTS{code}" in answer.json()["error_description"]


@pytest.mark.contract
async def test_a_tenant_that_nobody_founded_is_not_found(northwind: Northwind) -> None:
    stranger = "00000000-0000-4000-8000-00000000dead"

    answer = await northwind.token(stranger, grant_type="client_credentials")
    malformed = await northwind.token("nonsense", grant_type="client_credentials")

    assert answer.json()["error_codes"] == [90002]
    assert malformed.json()["error_codes"] == [900023]


@pytest.mark.contract
async def test_a_customers_door_opens_by_delegation_and_consent_together(
    northwind: Northwind,
) -> None:
    customer = await northwind.customer()
    tenant = northwind.world.tenants[customer.id]
    token = mint_refresh_token(northwind.world, northwind.partner, mfa=True)

    async def redeem() -> httpx.Response:
        scope, grant = f"{GRAPH}/.default", "refresh_token"
        return await northwind.token(tenant.id, grant_type=grant, refresh_token=token, scope=scope)

    without_consent = await redeem()
    tenant.consents[northwind.partner.client_id] = {"User.ReadWrite.All"}
    with_both = await redeem()
    tenant.gdap.clear()
    without_delegation = await redeem()

    assert without_consent.json()["error_codes"] == [65001]
    assert without_consent.json()["suberror"] == "consent_required"
    assert claims(with_both.json()["access_token"])["scp"] == "User.ReadWrite.All"
    assert claims(with_both.json()["access_token"])["tid"] == tenant.id
    assert without_delegation.json()["error_codes"] == [50020]


@pytest.mark.contract
async def test_an_app_without_consent_is_not_present_in_the_customers_tenant(
    northwind: Northwind,
) -> None:
    customer = await northwind.customer()

    answer = await northwind.token(customer.id, grant_type="client_credentials")

    assert answer.status_code == 400
    assert answer.json()["error"] == "unauthorized_client"
    assert answer.json()["error_codes"] == [700016]


@pytest.mark.parametrize("name", CLIENTS)
async def test_the_apis_clients_get_version_two_tokens_with_their_role(
    world: World, http: httpx.AsyncClient, name: str
) -> None:
    client_id, roles = CLIENTS[name]
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": world.apps[client_id].secret,
        "scope": f"{AUDIENCE}/.default",
    }

    answer = await http.post(f"/login/{NORTHWIND}/oauth2/v2.0/token", data=form)

    found = claims(answer.json()["access_token"])
    assert found["iss"] == f"http://simulator.test/login/{NORTHWIND}/v2.0"
    assert (found["aud"], found["ver"], found["azp"]) == (AUDIENCE, "2.0", client_id)
    assert found.get("roles", []) == roles


async def test_tokens_are_signed_with_the_published_key(
    northwind: Northwind, http: httpx.AsyncClient
) -> None:
    configuration = await http.get(f"/login/{NORTHWIND}/v2.0/.well-known/openid-configuration")
    keys = (await http.get(configuration.json()["jwks_uri"])).json()

    key = jwt.PyJWKSet.from_dict(keys).keys[0]
    audience = "https://api.partnercenter.microsoft.com"
    jwt.decode(northwind.app_token, key, algorithms=["RS256"], audience=audience)


class RewritingClient:
    """What MSAL is given as its HTTP client: the same requests, to the simulator."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    def get(self, url: str, **options: object) -> httpx.Response:
        return self._send("GET", url, **options)

    def post(self, url: str, **options: object) -> httpx.Response:
        return self._send("POST", url, **options)

    def close(self) -> None:
        return

    def _send(self, method: str, url: str, **options: object) -> httpx.Response:
        known: Any = {name: options.get(name) for name in ("params", "data", "headers")}
        target = url.replace("https://login.microsoftonline.com", "http://simulator.test/login")

        async def send() -> httpx.Response:
            return await self._http.request(method, target, **known)

        return anyio.from_thread.run(send)


async def test_the_real_msal_signs_in_as_the_app_and_as_the_user(
    northwind: Northwind, http: httpx.AsyncClient
) -> None:
    token = mint_refresh_token(northwind.world, northwind.partner, mfa=True)
    scopes = ["https://api.partnercenter.microsoft.com/.default"]

    def sign_in() -> tuple[dict[str, Any], dict[str, Any]]:
        app = msal.ConfidentialClientApplication(
            northwind.partner.client_id,
            authority=f"https://login.microsoftonline.com/{NORTHWIND}",
            client_credential=northwind.world.apps[northwind.partner.client_id].secret,
            instance_discovery=False,
            http_client=RewritingClient(http),
        )
        return (
            app.acquire_token_for_client(scopes),
            app.acquire_token_by_refresh_token(token, scopes),
        )

    as_app, as_user = await anyio.to_thread.run_sync(sign_in)

    assert claims(as_app["access_token"])["idtyp"] == "app"
    assert claims(as_user["access_token"])["oid"] == northwind.partner.user.object_id
    assert as_user["refresh_token"] != token
    assert as_user["id_token_claims"]["tid"] == NORTHWIND
