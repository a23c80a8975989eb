import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared.domain.errors import (
    MalformedRequest,
    RemoteRefused,
    RemoteThrottled,
    RemoteUnavailable,
)
from shared.graph.client import GraphClient, open_graph
from shared.transport.http import open_http
from shared.workflows.ports import Assignment, OutcomeKind
from tests.identity.northwind import QUICK

SKU = "3b555118-da6a-4418-894f-7df1e2096870"
OTHER = "f245ecc8-75af-4f8e-b61f-27d8114de5f3"
ADELE = {"id": "87D349ED-44D7-43E1-9A83-5F2406DEE5BD", "userPrincipalName": "Adele@contoso.com"}

Item = dict[str, Any]


class Graph:
    """Answers each item of a batch by a function, in reverse order."""

    def __init__(self, answer: Callable[[Item], Item]) -> None:
        self.answer = answer
        self.items: list[Item] = []
        self.envelopes = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.envelopes += 1
        asked = json.loads(request.content)["requests"]
        self.items += asked
        answers = [{"id": item["id"], **self.answer(item)} for item in reversed(asked)]
        return httpx.Response(200, json={"responses": answers})

    def client(self) -> GraphClient:
        return open_graph(
            open_http(transport=httpx.MockTransport(self)), sign_in=httpx.Auth(), retry=QUICK
        )


async def test_answers_are_told_apart_by_id_and_asked_for_by_field() -> None:
    graph = Graph(
        lambda item: {"status": 200, "body": ADELE} if "adele" in item["url"] else {"status": 404}
    )

    found = await graph.client().users_named(["adele@contoso.com", "nobody@contoso.com"])

    assert list(found) == ["adele@contoso.com"]
    assert found["adele@contoso.com"].id == ADELE["id"].lower()
    assert all("?$select=id,userPrincipalName" in item["url"] for item in graph.items)
    assert "onPremisesExtensionAttributes" in graph.items[0]["url"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param("a#b@contoso.com", "/users/a%23b%40contoso.com", id="a hash"),
        pytest.param("$a'b@c.com", "/users('%24a%27%27b%40c.com')", id="a dollar in front"),
    ],
)
async def test_names_are_encoded(name: str, path: str) -> None:
    graph = Graph(lambda _item: {"status": 404})

    await graph.client().users_named([name])

    assert graph.items[0]["url"].split("?")[0] == path


async def test_only_what_failed_for_a_moment_is_asked_again() -> None:
    failing = {"0": 2}

    def answer(item: Item) -> Item:
        if "adele" in item["url"] and failing["0"]:
            failing["0"] -= 1
            return {"status": 503}
        return {"status": 200, "body": ADELE}

    graph = Graph(answer)

    found = await graph.client().users_named(["adele@contoso.com", "alex@contoso.com"])

    assert len(found) == 2
    assert (graph.envelopes, len(graph.items)) == (3, 4)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param({"status": 503}, RemoteUnavailable, id="away"),
        pytest.param(
            {"status": 429, "headers": {"Retry-After": "90"}}, RemoteThrottled, id="throttled"
        ),
        pytest.param({"status": 403}, RemoteRefused, id="not allowed"),
        pytest.param({"status": 200, "body": {}}, RemoteRefused, id="not readable"),
    ],
)
async def test_a_read_that_stays_unanswered_is_an_error(
    answer: Item, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await Graph(lambda _item: answer).client().users_named(["adele@contoso.com"])


async def test_an_envelope_that_cannot_be_read_is_a_question_after_a_write() -> None:
    client = open_graph(
        open_http(transport=httpx.MockTransport(lambda _request: httpx.Response(200, text="<p>"))),
        sign_in=httpx.Auth(),
        retry=QUICK,
    )

    [outcome] = await client.assign([Assignment("1", {})])

    assert outcome.kind is OutcomeKind.UNKNOWN
    with pytest.raises(RemoteRefused):
        await client.users_named(["adele@contoso.com"])


async def test_only_direct_licences_that_hold_count() -> None:
    states = [
        {"skuId": SKU.upper(), "disabledPlans": [], "assignedByGroup": None, "state": "Active"},
        {"skuId": OTHER, "disabledPlans": [], "assignedByGroup": SKU, "state": "Active"},
        {"skuId": OTHER, "disabledPlans": [], "assignedByGroup": None, "state": "Error"},
    ]
    body = ADELE | {
        "licenseAssignmentStates": states,
        "onPremisesExtensionAttributes": {"extensionAttribute15": None},
        "usageLocation": None,
    }

    found = await Graph(lambda _item: {"status": 200, "body": body}).client().users_with_ids(["1"])

    assert found["1"].licences == {SKU: frozenset()}
    assert (found["1"].marker, found["1"].usage_location) == (None, None)


@pytest.mark.parametrize(
    "cursor",
    [
        "https://elsewhere.example/v1.0/users?$skiptoken=x",
        "https://graph.microsoft.com/v1.0/groups?$top=1",
        "https://graph.microsoft.com/v1.0/users?\n",
        "https://graph.microsoft.com.elsewhere.example/v1.0/users?x",
    ],
)
async def test_only_links_to_the_same_list_are_followed(cursor: str) -> None:
    graph = Graph(lambda _item: {"status": 200})

    with pytest.raises(MalformedRequest):
        await graph.client().users_page(cursor, 5)

    assert graph.envelopes == 0
