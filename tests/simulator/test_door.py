"""Partner Center lets in whom it should, in the order it should, and speaks as it does."""

import asyncio
import uuid

import httpx
import pytest

from simulator.seeds import TAILSPIN
from simulator.world import World
from tests.simulator.northwind import Northwind, new_customer

PARTNER_CENTER = "https://api.partnercenter.microsoft.com"
NOBODY = "00000000-0000-4000-8000-00000000dead"


async def mint(http: httpx.AsyncClient, **wish: object) -> str:
    known = {"kind": "partnerUser", "audience": PARTNER_CENTER}
    answer = await http.post("/_sim/signin", json=known | wish)
    return str(answer.raise_for_status().json()["accessToken"])


HOSTILE = [
    pytest.param({"key": "wrong"}, 400, id="signed by somebody else"),
    pytest.param({"expiresIn": -10}, 400, id="expired"),
    pytest.param({"alg": "none"}, 400, id="not signed at all"),
    pytest.param({"audience": "https://graph.windows.net"}, 900420, id="retired audience"),
    pytest.param({"audience": "https://graph.microsoft.com"}, 900420, id="other audience"),
    pytest.param({"mfa": False}, 900421, id="without MFA"),
]


@pytest.mark.case(2)
@pytest.mark.parametrize(("wish", "code"), HOSTILE)
async def test_hostile_tokens_get_401(
    http: httpx.AsyncClient, wish: dict[str, object], code: int
) -> None:
    token = await mint(http, **wish)

    headers = {"Authorization": f"Bearer {token}"}
    answer = await http.get("/partnercenter/v1/customers", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["code"] == code


async def test_an_app_of_nobodys_is_refused(
    http: httpx.AsyncClient, northwind: Northwind, world: World
) -> None:
    customer = await northwind.customer()
    claims = {"tid": customer.id}
    token = await mint(http, claims=claims)

    headers = {"Authorization": f"Bearer {token}"}
    answer = await http.get("/partnercenter/v1/customers", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, 2032)


@pytest.mark.contract
@pytest.mark.parametrize("path", ["subscribedskus", "profiles/company", "agreements"])
async def test_app_only_tokens_do_not_pass_where_a_user_is_needed(
    northwind: Northwind, path: str
) -> None:
    customer = await northwind.customer()

    answer = await northwind.call("GET", f"/v1/customers/{customer.id}/{path}")

    assert (answer.status_code, answer.json()["code"]) == (403, 900329)


@pytest.mark.contract
async def test_licence_counts_need_delegated_administration(northwind: Northwind) -> None:
    customer = await northwind.customer()
    northwind.world.tenants[customer.id].gdap.clear()

    path = f"/v1/customers/{customer.id}/subscribedskus"
    answer = await northwind.call("GET", path, user=True)

    assert (answer.status_code, answer.json()["code"]) == (403, 900308)


@pytest.mark.contract
async def test_echoes_the_ids_and_speaks_camel_case_json(northwind: Northwind) -> None:
    answer = await northwind.call(
        "GET", "/v1/customers", MS_RequestId=NOBODY, MS_CorrelationId=NOBODY, X_Locale="en-US"
    )

    assert answer.headers["ms-requestid"] == NOBODY
    assert answer.headers["ms-correlationid"] == NOBODY
    assert answer.headers["x-locale"] == "en-US"
    assert answer.headers["ms-cv"].endswith(".0")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.contract
async def test_an_error_has_code_description_data_and_source(northwind: Northwind) -> None:
    answer = await northwind.call("GET", f"/v1/customers/{NOBODY}")

    assert answer.status_code == 404
    assert answer.json().keys() == {"code", "description", "data", "source"}
    assert answer.json()["code"] == 60003


async def test_an_error_code_is_text_where_the_switch_says_so(northwind: Northwind) -> None:
    northwind.world.switches["partnercenter.codesAsText"] = True

    answer = await northwind.call("GET", f"/v1/customers/{NOBODY}")

    assert answer.json()["code"] == "60003"


@pytest.mark.contract
async def test_a_tenant_that_is_no_customer_is_refused(northwind: Northwind) -> None:
    answer = await northwind.call("GET", f"/v1/customers/{TAILSPIN}")
    malformed = await northwind.call("GET", "/v1/customers/nonsense")

    assert (answer.status_code, answer.json()["code"]) == (403, 20002)
    assert (malformed.status_code, malformed.json()["code"]) == (400, 900118)


@pytest.mark.case(11)
async def test_a_crowd_is_throttled_by_the_gateway(northwind: Northwind) -> None:
    switches = northwind.world.switches
    switches.update({"partnercenter.throttle.enabled": True})
    switches.update({"partnercenter.throttle.perMinute": 2})

    answers = [await northwind.call("GET", "/v1/customers") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "57"
    assert answers[-1].json()["statusCode"] == 429
    assert "57 seconds" in answers[-1].json()["message"]


async def test_a_crowd_is_counted_by_customer_where_the_switch_says_so(
    northwind: Northwind,
) -> None:
    switches = northwind.world.switches
    switches.update({"partnercenter.throttle.enabled": True, "partnercenter.throttle.perMinute": 1})
    switches.update({"partnercenter.throttle.key": "customer"})
    one, other = (f"/v1/customers/{uuid.uuid4()}" for _ in range(2))

    answers = [await northwind.call("GET", path) for path in (one, other, one)]

    assert [answer.status_code for answer in answers] == [404, 404, 429]


async def test_a_shorter_window_forgets_sooner(northwind: Northwind) -> None:
    switches = northwind.world.switches
    switches.update({"partnercenter.throttle.enabled": True, "partnercenter.throttle.perMinute": 1})
    switches.update({"partnercenter.throttle.windowSeconds": 0.05})

    first = await northwind.call("GET", "/v1/customers")
    await asyncio.sleep(0.1)
    second = await northwind.call("GET", "/v1/customers")

    assert [first.status_code, second.status_code] == [200, 200]


@pytest.mark.contract
async def test_the_organisation_profile_opens_with_a_byte_order_mark(northwind: Northwind) -> None:
    marked = await northwind.call("GET", "/v1/profiles/organization")
    northwind.world.switches["partnercenter.bom"] = False
    plain = await northwind.call("GET", "/v1/profiles/organization")

    assert marked.content.startswith(b"\xef\xbb\xbf{")
    assert plain.content.startswith(b"{")


@pytest.mark.contract
async def test_bodies_in_pascal_case_mean_the_same(northwind: Northwind) -> None:
    def pascal(value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {key[:1].upper() + key[1:]: pascal(entry) for key, entry in value.items()}

    answer = await northwind.call("POST", "/v1/customers", pascal(new_customer()))

    assert answer.status_code == 201
    assert answer.json()["billingProfile"]["defaultAddress"]["city"] == "Redmond"


async def test_a_body_that_is_no_json_is_refused(northwind: Northwind) -> None:
    headers = {"Authorization": f"Bearer {northwind.app_token}"}

    answer = await northwind.http.post("/partnercenter/v1/customers", content=b"{", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


async def test_an_indirect_reseller_sells_nothing(world: World, http: httpx.AsyncClient) -> None:
    tailspin = Northwind(world, http, TAILSPIN)
    await tailspin.sign_in()

    created = await tailspin.call("POST", "/v1/customers", new_customer())
    listed = await tailspin.get("/v1/customers")

    assert (created.status_code, created.json()["code"]) == (403, 800039)
    assert listed["items"] == []


@pytest.mark.parametrize(
    "path", ["/partnercenter/v1/invoices", "/exchange/adminapi/x", "/elsewhere"]
)
async def test_what_nobody_wrote_answers_501(northwind: Northwind, path: str) -> None:
    answer = await northwind.http.get(path)

    assert answer.status_code == 501
    assert answer.json()["error"] == "not simulated"
