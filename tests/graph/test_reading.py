import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

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


def a_page(*users: Item, link: str | None = None) -> Item:
    return {"status": 200, "body": {"value": list(users), "@odata.nextLink": link}}


def the_filter_of(item: Item) -> str:
    return parse_qs(urlsplit(item["url"]).query)["$filter"][0]


async def test_people_are_told_apart_by_their_own_names_and_asked_for_by_field() -> None:
    graph = Graph(lambda _item: a_page(ADELE))

    found = await graph.client().users_named(["adele@contoso.com", "nobody@contoso.com"])

    assert list(found) == ["adele@contoso.com"]
    assert found["adele@contoso.com"].id == ADELE["id"].lower()
    assert "/users?$select=id,userPrincipalName" in graph.items[0]["url"]
    assert "onPremisesExtensionAttributes" in graph.items[0]["url"]


async def test_three_hundred_people_cost_one_request() -> None:
    graph = Graph(lambda _item: a_page())

    await graph.client().users_named([f"user{number}@contoso.com" for number in range(300)])

    assert (graph.envelopes, len(graph.items)) == (1, 20)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a#b@contoso.com", "userPrincipalName in ('a#b@contoso.com')", id="a hash"),
        pytest.param("a'b@c.com", "userPrincipalName in ('a''b@c.com')", id="a quote"),
    ],
)
async def test_names_in_a_filter_are_quoted_and_encoded(name: str, text: str) -> None:
    graph = Graph(lambda _item: a_page())

    await graph.client().users_named([name])

    assert the_filter_of(graph.items[0]) == text


async def test_a_short_page_is_followed_to_the_next() -> None:
    link = "https://graph.microsoft.com/v1.0/users?$skiptoken=x"
    graph = Graph(lambda item: a_page(ADELE) if "skiptoken" in item["url"] else a_page(link=link))

    found = await graph.client().users_named(["adele@contoso.com"])

    assert list(found) == ["adele@contoso.com"]
    assert graph.items[1]["url"] == "/users?$skiptoken=x"


async def test_a_page_that_leads_elsewhere_is_not_followed() -> None:
    graph = Graph(lambda _item: a_page(link="https://elsewhere.example/v1.0/users?x"))

    with pytest.raises(RemoteRefused):
        await graph.client().users_named(["adele@contoso.com"])


async def test_whom_the_index_does_not_know_yet_is_asked_for_alone() -> None:
    id_ = ADELE["id"].lower()
    graph = Graph(
        lambda item: a_page() if "$filter" in item["url"] else {"status": 200, "body": ADELE}
    )

    found = await graph.client().users_with_ids([id_])

    assert list(found) == [id_]
    assert graph.items[1]["url"].split("?")[0] == f"/users/{id_}"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param("a#b@contoso.com", "/users/a%23b%40contoso.com", id="a hash"),
        pytest.param("$a'b@c.com", "/users('%24a%27%27b%40c.com')", id="a dollar in front"),
    ],
)
async def test_a_fresh_look_goes_past_the_index(name: str, path: str) -> None:
    graph = Graph(lambda _item: {"status": 404})

    found = await graph.client().users_named([name], fresh=True)

    assert not found
    assert graph.items[0]["url"].split("?")[0] == path


async def test_only_what_failed_for_a_moment_is_asked_again() -> None:
    failing = {"times": 2}

    def answer(item: Item) -> Item:
        if "adele" in item["url"] and failing["times"]:
            failing["times"] -= 1
            return {"status": 503}
        return {"status": 200, "body": ADELE}

    graph = Graph(answer)

    found = await graph.client().users_named(["adele@contoso.com", "alex@contoso.com"], fresh=True)

    assert len(found) == 2
    assert (graph.envelopes, len(graph.items)) == (3, 4)


@pytest.mark.parametrize("fresh", [True, False], ids=["alone", "by the index"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param({"status": 503}, RemoteUnavailable, id="away"),
        pytest.param(
            {"status": 429, "headers": {"Retry-After": "90"}}, RemoteThrottled, id="throttled"
        ),
        pytest.param({"status": 403}, RemoteRefused, id="not allowed"),
        pytest.param({"status": 200, "body": {}}, RemoteRefused, id="not readable"),
        pytest.param({"status": 200, "body": {"value": [{}]}}, RemoteRefused, id="not a user"),
    ],
)
async def test_a_read_that_stays_unanswered_is_an_error(
    answer: Item, error: type[Exception], *, fresh: bool
) -> None:
    with pytest.raises(error):
        await Graph(lambda _item: answer).client().users_named(["adele@contoso.com"], fresh=fresh)


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

    id_ = ADELE["id"].lower()

    found = await Graph(lambda _item: a_page(body)).client().users_with_ids([id_])

    assert found[id_].licences == {SKU: frozenset()}
    assert (found[id_].marker, found[id_].usage_location) == (None, None)


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
