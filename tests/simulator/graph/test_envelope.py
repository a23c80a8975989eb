import asyncio

import pytest

from simulator.world import World
from tests.simulator.graph.contoso import BASIC, TENANT, Graph, a_user, refuses, seats

pytestmark = pytest.mark.contract

NOBODY = "00000000-1111-4222-8333-444444444444"


async def test_asks_for_a_token_before_anything_else(graph: Graph) -> None:
    answer = await graph.http.get("/users")

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert answer.json()["error"]["message"] == "Access token is empty."


@pytest.mark.parametrize(
    ("claims", "fragment"),
    [
        pytest.param({"aud": "https://outlook.office365.com"}, "Invalid audience", id="audience"),
        pytest.param({"exp": 1_000_000}, "expired", id="an hour that is over"),
    ],
)
async def test_refuses_a_token_of_another(
    graph: Graph, claims: dict[str, object], fragment: str
) -> None:
    bearer = {"Authorization": f"Bearer {graph.token(**claims)}"}

    answer = await graph.http.get("/users", headers=bearer)

    assert answer.status_code == 401
    assert fragment in answer.json()["error"]["message"]


async def test_knows_no_tenant_that_is_not_there(graph: Graph) -> None:
    bearer = {"Authorization": f"Bearer {graph.token(tid=NOBODY)}"}

    answer = await graph.http.get("/users", headers=bearer)

    assert answer.status_code == 404


async def test_a_token_reaches_its_own_tenant_only(graph: Graph, world: World) -> None:
    adele = await graph.create()
    partner = next(iter(world.partners))

    bearer = {"Authorization": f"Bearer {graph.token(tid=partner)}"}
    answer = await graph.http.get(f"/users/{adele['id']}", headers=bearer)

    assert answer.status_code == 404


async def test_a_missing_user_is_named_in_the_refusal(graph: Graph) -> None:
    answer = await graph.get(f"/users/{NOBODY}")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "Request_ResourceNotFound"
    assert answer.json()["error"]["message"].startswith(f"Resource '{NOBODY}' does not exist")


async def test_a_wrong_verb_is_405(graph: Graph) -> None:
    answer = await graph.send("PUT", f"/users/{NOBODY}")

    assert answer.status_code == 405
    assert "Specified HTTP method is not allowed" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/toasters", "/users/adele@contoso.com/toaster"])
async def test_a_segment_that_graph_has_never_had_is_refused_as_graph_does(
    graph: Graph, path: str
) -> None:
    answer = await graph.get(path)

    assert refuses(answer, "Resource not found for the segment 'toaster", "BadRequest")


@pytest.mark.parametrize("path", ["/groups", "/users/adele@contoso.com/memberOf", "/me"])
async def test_what_only_the_simulator_lacks_says_so(graph: Graph, path: str) -> None:
    answer = await graph.get(path)

    assert answer.status_code == 501
    assert "not simulated" in answer.text


@pytest.mark.parametrize(
    ("path", "cost"),
    [("/subscribedSkus", "3"), ("/users", "2"), ("/users?$select=id", "1")],
)
async def test_tells_what_a_call_costs(graph: Graph, path: str, cost: str) -> None:
    answer = await graph.get(path)

    assert answer.headers["x-ms-resource-unit"] == cost


async def test_echoes_the_callers_own_request_id(graph: Graph) -> None:
    answer = await graph.get("/users/nobody@contoso.com", headers={"client-request-id": "mine"})

    inner = answer.json()["error"]["innerError"]
    assert answer.headers["client-request-id"] == inner["client-request-id"] == "mine"
    assert answer.headers["request-id"] == inner["request-id"] != "mine"


async def test_a_call_needs_a_scope_that_fits(graph: Graph) -> None:
    graph.scopes = "User.Read.All"

    read = await graph.get("/users")
    written = await graph.post("/users", {})

    assert read.status_code == 200
    assert written.status_code == 403
    assert written.json()["error"]["code"] == "Authorization_RequestDenied"


async def test_licences_can_be_assigned_with_the_narrow_scope(graph: Graph, world: World) -> None:
    seats(world)
    adele = await graph.create()
    graph.scopes = "LicenseAssignment.ReadWrite.All"

    answer = await graph.assign(adele["id"], BASIC)

    assert answer.status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
async def test_a_body_that_is_not_json_is_refused(graph: Graph, headers: dict[str, str]) -> None:
    answer = await graph.send("POST", "/users", content=b"{oops", headers=headers)

    assert refuses(answer, "Unable to read JSON request payload", "BadRequest")


async def test_too_many_writes_are_asked_to_wait(graph: Graph, world: World) -> None:
    world.switches.update({"graph.throttle.enabled": True, "graph.throttle.writes": 2})
    await graph.create("adele")
    await graph.create("bella")

    third = await graph.delete("/users/adele@contoso.com")
    read = await graph.get("/users/adele@contoso.com")

    assert third.status_code == 429
    assert third.headers["Retry-After"] == "10"
    assert TENANT in third.headers["x-ms-throttle-scope"]
    assert read.status_code == 200


async def test_names_the_organisation_and_its_domains(graph: Graph) -> None:
    organization = (await graph.get("/organization")).json()["value"][0]
    domain = await graph.get("/domains/CONTOSO.com")

    names = {entry["name"]: entry for entry in organization["verifiedDomains"]}
    assert organization["id"] == TENANT
    assert names["contoso.onmicrosoft.com"]["isInitial"] is True
    assert domain.json()["isVerified"] is True


async def test_an_unknown_domain_is_404(graph: Graph) -> None:
    answer = await graph.get("/domains/fabrikam.com")

    assert answer.status_code == 404


async def test_the_write_limit_shrinks_with_the_scale_of_time(graph: Graph, world: World) -> None:
    world.switches.update({"graph.throttle.enabled": True, "graph.throttle.writes": 1})
    world.switches.update({"timeScale": 0.0005, "graph.throttle.retry_after_s": 3000})

    await graph.create("adele")
    told = (await graph.post("/users", a_user("alex"))).headers["Retry-After"]
    await asyncio.sleep(0.1)
    later = await graph.post("/users", a_user("alex"))

    assert told == "2"
    assert later.status_code == 201
