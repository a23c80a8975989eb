"""A partner's user consents in the browser, and the app turns the code into tokens once."""

import base64
import hashlib
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import anyio
import httpx
import jwt
import msal
import pytest

from simulator.seeds import NORTHWIND
from tests.simulator.northwind import PARTNER_CENTER, Northwind
from tests.simulator.test_signin import RewritingClient

CALLBACK = "http://localhost:7071/api/connections/callback"
SCOPE = f"{PARTNER_CENTER}/user_impersonation offline_access openid profile"
VERIFIER = "a-verifier-that-only-this-test-knows-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")


def visit(northwind: Northwind, **changes: str) -> str:
    query = {
        "client_id": northwind.partner.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": SCOPE,
        "state": "a state",
        "nonce": "n-1",
        "code_challenge": CHALLENGE.decode(),
        "code_challenge_method": "S256",
    }
    return f"/login/common/oauth2/v2.0/authorize?{urlencode(query | changes)}"


def answered(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    address = answer.headers["location"]
    assert address.startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def code_of(northwind: Northwind) -> str:
    return answered(await northwind.http.get(visit(northwind)))["code"]


async def redeem(northwind: Northwind, code: str, **changes: str) -> httpx.Response:
    form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, "scope": SCOPE}
    return await northwind.token(grant_type="authorization_code", **(form | changes))


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.mark.contract
async def test_consent_comes_back_with_a_code_and_the_state(northwind: Northwind) -> None:
    told = answered(await northwind.http.get(visit(northwind)))
    answer = (await redeem(northwind, told["code"])).json()

    assert told["state"] == "a state"
    assert claims(answer["id_token"])["nonce"] == "n-1"
    assert claims(answer["access_token"])["amr"] == ["pwd", "mfa"]
    assert claims(answer["access_token"])["aud"] == PARTNER_CENTER
    again = await northwind.redeem(refresh_token=answer["refresh_token"])
    assert claims(again["access_token"])["oid"] == northwind.partner.user.object_id


@pytest.mark.contract
async def test_without_offline_access_there_is_no_refresh_token(northwind: Northwind) -> None:
    page = visit(northwind, scope=f"{PARTNER_CENTER}/user_impersonation")
    code = answered(await northwind.http.get(page))["code"]

    assert "refresh_token" not in (await redeem(northwind, code)).json()


@pytest.mark.contract
async def test_a_code_is_good_once(northwind: Northwind) -> None:
    code = await code_of(northwind)

    first, second = await redeem(northwind, code), await redeem(northwind, code)

    assert first.status_code == 200
    assert second.json()["error_codes"] == [54005]


@pytest.mark.contract
@pytest.mark.parametrize(("minutes", "status"), [(9, 200), (10, 400)])
async def test_a_code_lives_ten_minutes(northwind: Northwind, minutes: int, status: int) -> None:
    code = await code_of(northwind)
    northwind.wait(minutes=minutes)

    assert (await redeem(northwind, code)).status_code == status


@pytest.mark.contract
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"code_verifier": "another"}, 501481, id="wrong verifier"),
        pytest.param({"code_verifier": ""}, 501481, id="no verifier"),
        pytest.param({"redirect_uri": "http://localhost/else"}, 500112, id="other address"),
        pytest.param({"code": "0.never"}, 70000, id="unknown code"),
        pytest.param({"client_secret": "wrong"}, 7000215, id="wrong secret"),
    ],
)
async def test_a_code_alone_is_not_enough(
    northwind: Northwind, changes: dict[str, str], code: int
) -> None:
    answer = await redeem(northwind, **({"code": await code_of(northwind)} | changes))

    assert answer.json()["error_codes"] == [code]
    assert "access_token" not in answer.json()


@pytest.mark.contract
async def test_who_declines_goes_back_with_access_denied(northwind: Northwind) -> None:
    northwind.world.switches["signin.declines"] = True

    told = answered(await northwind.http.get(visit(northwind)))

    assert (told["error"], told["state"]) == ("access_denied", "a state")
    assert "AADSTS65004" in told["error_description"]


@pytest.mark.contract
async def test_a_person_may_be_asked_first(northwind: Northwind) -> None:
    northwind.world.switches["signin.autoConsent"] = False

    page = await northwind.http.get(visit(northwind))
    accepted = await northwind.http.post(visit(northwind), data={"decision": "accept"})
    cancelled = await northwind.http.post(visit(northwind), data={"decision": "cancel"})

    assert page.headers["content-type"].startswith("text/html")
    assert "Accept" in page.text
    assert answered(accepted)["code"]
    assert answered(cancelled)["error"] == "access_denied"


@pytest.mark.contract
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"redirect_uri": "https://evil.example/cb"}, 50011, id="foreign address"),
        pytest.param({"client_id": NORTHWIND}, 700016, id="unknown app"),
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_the_apps(
    northwind: Northwind, changes: dict[str, str], code: int
) -> None:
    answer = await northwind.http.get(visit(northwind, **changes))

    assert answer.status_code == 400
    assert f"AADSTS{code}" in answer.text


@pytest.mark.contract
async def test_an_address_that_was_registered_is_the_apps(northwind: Northwind) -> None:
    address = "https://seatkeeper.example/callback"
    path = f"/_sim/portal/partners/{NORTHWIND}/redirecturis"
    await northwind.http.post(path, json={"redirectUri": address})

    answer = await northwind.http.get(visit(northwind, redirect_uri=address))

    assert answer.headers["location"].startswith(f"{address}?code=")


@pytest.mark.contract
async def test_the_older_endpoint_speaks_of_resources(northwind: Northwind) -> None:
    page = visit(northwind, resource=PARTNER_CENTER, scope="").replace("/v2.0/", "/")
    code = answered(await northwind.http.get(page))["code"]
    app = northwind.world.apps[northwind.partner.client_id]
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.secret,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        "resource": PARTNER_CENTER,
    }

    answer = (await northwind.http.post(f"/login/{NORTHWIND}/oauth2/token", data=form)).json()

    assert answer["expires_in"] == "3599"
    assert answer["resource"] == PARTNER_CENTER
    assert answer["refresh_token"]


@pytest.mark.contract
async def test_a_revoked_sign_in_needs_a_person_again(northwind: Northwind) -> None:
    answer = (await redeem(northwind, await code_of(northwind))).json()
    await northwind.http.post(f"/_sim/portal/partners/{NORTHWIND}/revoke")

    form = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    refused = await northwind.token(**form)
    fresh = await redeem(northwind, await code_of(northwind))

    assert refused.json()["error"] == "invalid_grant"
    assert refused.json()["error_codes"] == [50173]
    assert fresh.status_code == 200


@pytest.mark.contract
async def test_a_sign_in_without_mfa_is_told_and_refused(northwind: Northwind) -> None:
    northwind.world.switches["signin.mfa"] = False
    answer = (await redeem(northwind, await code_of(northwind))).json()
    northwind.user_token = answer["access_token"]
    path, ask = "/v1/customers/relationshiprequests", {"ValidateMfa": "true"}

    refused = await northwind.call("GET", path, user=True, **ask)
    northwind.world.switches["mfa.enforced"] = False
    tolerated = await northwind.call("GET", path, user=True, **ask)

    assert (refused.status_code, refused.json()["code"]) == (401, 900421)
    assert tolerated.status_code == 200
    assert tolerated.headers["ismfacompliant"] == "false"


@pytest.mark.contract
async def test_any_refusal_of_entra_can_be_asked_for(northwind: Northwind) -> None:
    northwind.world.switches["signin.refusals"] = {"*": 7000222}

    answer = await northwind.token(grant_type="client_credentials")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_codes"] == [7000222]


def posted(answer: httpx.Response) -> dict[str, str]:
    """What a browser would send on from a page of response_mode=form_post."""
    assert f'action="{CALLBACK}"' in answer.text
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', unescape(answer.text)))


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended:UserWarning")
@pytest.mark.parametrize(
    ("mode", "read"),
    [pytest.param(None, answered, id="query"), pytest.param("form_post", posted, id="form_post")],
)
async def test_the_real_msal_carries_the_whole_consent(
    northwind: Northwind, mode: str | None, read: Callable[[httpx.Response], dict[str, str]]
) -> None:
    def app() -> msal.ConfidentialClientApplication:
        return msal.ConfidentialClientApplication(
            northwind.partner.client_id,
            authority=f"https://login.microsoftonline.com/{NORTHWIND}",
            client_credential=northwind.world.apps[northwind.partner.client_id].secret,
            instance_discovery=False,
            http_client=RewritingClient(northwind.http),
        )

    def start() -> dict[str, Any]:
        scopes = [f"{PARTNER_CENTER}/user_impersonation"]
        started = app().initiate_auth_code_flow(scopes, redirect_uri=CALLBACK, response_mode=mode)
        return dict(started)

    flow = await anyio.to_thread.run_sync(start)
    page = flow["auth_uri"].replace("https://login.microsoftonline.com", "/login")
    told = read(await northwind.http.get(page))

    def finish() -> dict[str, Any]:
        return dict(app().acquire_token_by_auth_code_flow(flow, told))

    answer = await anyio.to_thread.run_sync(finish)

    assert "error" not in answer
    assert answer["id_token_claims"]["tid"] == NORTHWIND
    assert claims(answer["access_token"])["scp"] == "user_impersonation"
    assert answer["refresh_token"]
