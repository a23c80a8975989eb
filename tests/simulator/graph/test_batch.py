from typing import Any

import httpx
import pytest

from simulator.faults import Fault
from simulator.tenants import Tenant
from simulator.world import World
from tests.simulator.graph.contoso import Graph, a_user, refuses

pytestmark = pytest.mark.contract

JSON = {"content-type": "application/json"}


def creation(key: str, name: str, **more: Any) -> dict[str, Any]:
    body = a_user(name)
    return {"id": key, "method": "POST", "url": "/users", "headers": JSON, "body": body, **more}


def reading(key: str, url: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "method": "GET", "url": url, **more}


def by_id(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {response["id"]: response for response in answer.json()["responses"]}


async def test_every_item_has_a_status_of_its_own(graph: Graph) -> None:
    await graph.create("adele")

    answers = by_id(
        await graph.batch(
            reading("a", "/users/adele@contoso.com"),
            reading("b", "users/nobody@contoso.com"),
            creation("c", "adele"),
            {"id": "d", "method": "DELETE", "url": "/users/adele%40contoso.com"},
        )
    )

    assert answers["b"]["status"] == 404
    assert answers["d"]["status"] == 204
    assert "body" not in answers["d"]
    assert answers["b"]["body"]["error"]["innerError"]["request-id"]


async def test_what_depends_on_a_failure_fails(graph: Graph) -> None:
    answers = by_id(
        await graph.batch(
            reading("1", "/users/nobody@contoso.com"),
            reading("2", "/users", dependsOn=["1"]),
            reading("3", "/users", dependsOn=["2"]),
        )
    )

    assert [answers[key]["status"] for key in "123"] == [404, 424, 424]
    assert answers["2"]["body"]["error"]["code"] == "FailedDependency"


async def test_a_chain_runs_in_its_order(graph: Graph) -> None:
    url = "/users/adele@contoso.com"
    rename = {"id": "2", "method": "PATCH", "url": url, "headers": JSON, "dependsOn": ["1"]}

    answers = by_id(
        await graph.batch(
            creation("1", "adele"),
            {**rename, "body": {"displayName": "Renamed"}},
            reading("3", f"{url}?$select=displayName", dependsOn=["2"]),
        )
    )

    assert answers["3"]["body"]["displayName"] == "Renamed"


async def test_answers_come_in_no_particular_order(graph: Graph) -> None:
    items = [reading(str(number), "/organization") for number in range(20)]

    answer = await graph.batch(*items)

    order = [response["id"] for response in answer.json()["responses"]]
    assert order != [item["id"] for item in items]
    assert sorted(order) == sorted(item["id"] for item in items)


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([], id="nothing"),
        pytest.param([reading(str(number), "/users") for number in range(21)], id="21 items"),
        pytest.param([reading("a", "/users"), reading("A", "/users")], id="one id twice"),
        pytest.param([reading("", "/users")], id="an empty id"),
        pytest.param([{"id": "1", "url": "/users"}], id="no method"),
        pytest.param([{"id": "1", "method": "GET"}], id="no url"),
        pytest.param([reading("1", "/users", dependsOn=["9"])], id="depends on nobody"),
        pytest.param(
            [reading("1", "/users", dependsOn=["2"]), reading("2", "/users")], id="on a later one"
        ),
    ],
)
async def test_a_malformed_envelope_is_refused_whole(
    graph: Graph, items: list[dict[str, Any]]
) -> None:
    answer = await graph.batch(*items)

    assert refuses(answer, "", "BadRequest")


async def test_takes_the_form_of_microsofts_own_client(graph: Graph) -> None:
    await graph.create()
    url = "http://simulator.test/graph/v1.0/users/adele%40contoso.com"

    answers = by_id(await graph.batch(reading("1", url, depends_on=["7"])))

    assert answers["1"]["status"] == 200


async def test_no_batch_within_a_batch(graph: Graph) -> None:
    inner = {"id": "1", "method": "POST", "url": "/$batch", "headers": JSON, "body": {}}

    assert by_id(await graph.batch(inner))["1"]["status"] == 400


async def test_an_item_with_a_body_needs_its_content_type(graph: Graph) -> None:
    answers = by_id(await graph.batch(creation("1", "adele", headers={})))

    assert answers["1"]["status"] == 400


async def test_one_item_can_be_asked_to_wait(graph: Graph, world: World, contoso: Tenant) -> None:
    world.faults.add(Fault(path="/graph/v1.0/users", method="POST", status=429, retry_after=7))

    answers = by_id(await graph.batch(creation("1", "adele"), creation("2", "bella")))

    (throttled,) = [answer for answer in answers.values() if answer["status"] == 429]
    assert throttled["headers"]["Retry-After"] == "7"
    assert throttled["body"]["error"]["code"] == "TooManyRequests"
    assert len(contoso.users) == 1


async def test_an_items_write_may_have_happened_behind_a_504(
    graph: Graph, world: World, contoso: Tenant
) -> None:
    world.faults.add(Fault(path="/graph/v1.0/users", method="POST", drop_after_commit=True))

    answers = by_id(await graph.batch(creation("1", "adele")))

    assert answers["1"]["status"] == 504
    assert contoso.user("adele@contoso.com")


async def test_items_are_throttled_one_by_one(graph: Graph, world: World) -> None:
    world.switches.update({"graph.throttle.enabled": True, "graph.throttle.writes": 3})

    answers = by_id(await graph.batch(*(creation(str(n), f"user{n}") for n in range(5))))

    statuses = sorted(answer["status"] for answer in answers.values())
    assert statuses == [201, 201, 201, 429, 429]


async def test_dependencies_come_as_a_list(graph: Graph) -> None:
    answer = await graph.batch(reading("1", "/users", dependsOn=5))

    assert refuses(answer, "Invalid batch payload format", "BadRequest")
