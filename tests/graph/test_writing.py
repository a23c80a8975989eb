from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.ids import SkuId
from shared.domain.passwords import Secret
from shared.domain.users import NewUser
from shared.transport.pace import Pace
from shared.workflows.ports import Assignment, OutcomeKind, UserChange, UserToCreate
from tests.graph.test_reading import Graph, Item

SKU = SkuId("3b555118-da6a-4418-894f-7df1e2096870")
OTHER = SkuId("f245ecc8-75af-4f8e-b61f-27d8114de5f3")
WAIT_LONG = {"status": 429, "headers": {"retry-after": "30"}}
WAIT_SHORT = {"status": 429, "headers": {"Retry-After": "0"}}
FINE = {"status": 204}


def first_then(first: Item, then: Item) -> Callable[[Item], Item]:
    """Answer every URL one way the first time it is asked, and another way from then on."""
    seen: Counter[str] = Counter()

    def answer(item: Item) -> Item:
        seen[item["url"]] += 1
        return first if seen[item["url"]] == 1 else then

    return answer


async def test_only_items_that_failed_for_a_moment_are_sent_again() -> None:
    moody = first_then({"status": 503}, FINE)
    graph = Graph(lambda item: moody(item) if item["url"] == "/users/a" else FINE)

    outcomes = await graph.client().block(["a", "b"])

    assert [o.kind for o in outcomes] == [OutcomeKind.DONE] * 2
    assert sorted(item["url"] for item in graph.items) == ["/users/a", "/users/a", "/users/b"]


async def test_a_create_whose_reply_is_lost_is_not_sent_again() -> None:
    graph = Graph(lambda _item: {"status": 504})

    [outcome] = await graph.client().create_users([a_user()])

    assert outcome.kind is OutcomeKind.UNKNOWN
    assert len(graph.items) == 1


async def test_a_create_that_was_throttled_is_sent_again_soon() -> None:
    graph = Graph(first_then(WAIT_SHORT, {"status": 201, "body": {"id": "1"}}))

    [outcome] = await graph.client().create_users([a_user()])

    assert (outcome.kind, outcome.user_id) == (OutcomeKind.DONE, "1")


async def test_a_long_wait_is_passed_up_and_not_slept() -> None:
    graph = Graph(lambda _item: WAIT_LONG)

    [outcome] = await graph.client().block(["a"])

    assert (outcome.kind, outcome.retry_after) == (OutcomeKind.THROTTLED, timedelta(seconds=30))
    assert len(graph.items) == 1


async def test_trying_again_ends() -> None:
    graph = Graph(lambda _item: WAIT_SHORT)

    [outcome] = await graph.client().block(["a"])

    assert outcome.kind is OutcomeKind.THROTTLED
    assert len(graph.items) < 9


async def test_outcomes_come_in_the_order_asked_over_many_envelopes() -> None:
    graph = Graph(lambda item: {"status": 403} if "7/" in item["url"] else FINE)
    ids = [f"user{number}" for number in range(95)]

    outcomes = await graph.client().revoke_sessions(ids)

    refused = {o.user_id for o in outcomes if o.kind is OutcomeKind.REFUSED}
    assert [o.user_id for o in outcomes] == ids
    assert refused == {id_ for id_ in ids if id_.endswith("7")}
    assert graph.envelopes == 5


async def test_somebody_who_is_gone_is_deleted() -> None:
    graph = Graph(lambda _item: {"status": 404})

    [deleted] = await graph.client().delete_users(["a"])
    [blocked] = await graph.client().block(["a"])

    assert (deleted.kind, blocked.kind) == (OutcomeKind.DONE, OutcomeKind.NOT_YET)


async def test_a_plan_change_gives_and_takes_in_one_call() -> None:
    graph = Graph(lambda _item: FINE)

    await graph.client().assign([Assignment("a", {SKU: ()}, remove=(OTHER,))])

    assert graph.items[0]["body"] == {
        "addLicenses": [{"skuId": SKU, "disabledPlans": []}],
        "removeLicenses": [OTHER],
    }


async def test_a_licence_that_was_taken_before_is_a_question() -> None:
    sentence = "User does not have a corresponding license."
    body = {"error": {"code": "Request_BadRequest", "message": sentence}}
    graph = Graph(lambda _item: {"status": 400, "body": body})

    [outcome] = await graph.client().assign([Assignment("a", remove=(SKU,))])

    assert outcome.kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    ("change", "body"),
    [
        pytest.param(UserChange("a", usage_location="GB"), {"usageLocation": "GB"}, id="a country"),
        pytest.param(UserChange("a", enabled=False), {"accountEnabled": False}, id="a block"),
    ],
)
async def test_a_change_says_only_what_changes(change: UserChange, body: Item) -> None:
    graph = Graph(lambda _item: FINE)

    await graph.client().update_users([change])

    assert graph.items[0]["body"] == body


async def test_a_password_may_stay_and_last() -> None:
    graph = Graph(lambda _item: {"status": 201, "body": {"id": "1"}})

    await graph.client().create_users([a_user(force_change=False, never_expires=True)])

    body = graph.items[0]["body"]
    assert body["passwordProfile"]["forceChangePasswordNextSignIn"] is False
    assert body["passwordPolicies"] == "DisablePasswordExpiration"


def a_user(*, force_change: bool = True, never_expires: bool = False) -> UserToCreate:
    return UserToCreate(
        NewUser("adele@contoso.com", "Adele Vance", "GB"),
        "seatkeeper:batch-1/1",
        Secret("xWwvJ]6NMw+bWH-d"),
        force_change=force_change,
        never_expires=never_expires,
    )


async def test_a_429_that_asks_for_long_keeps_the_next_write_at_home() -> None:
    graph = Graph(lambda _item: WAIT_LONG)
    client = graph.client()
    await client.block(["a"])

    [outcome] = await client.block(["b"])

    assert outcome.kind is OutcomeKind.THROTTLED
    assert outcome.retry_after is not None
    assert timedelta(seconds=20) < outcome.retry_after <= timedelta(seconds=30)
    assert len(graph.items) == 1


async def test_what_does_not_fit_the_window_is_sent_away_whole() -> None:
    graph = Graph(lambda _item: FINE)
    client = replace(graph.client(), pace=Pace(limit=50, window=150))

    first = await client.block([f"user{number}" for number in range(30)])
    second = await client.block([f"late{number}" for number in range(30)])

    assert {o.kind for o in first} == {OutcomeKind.DONE}
    assert {o.kind for o in second} == {OutcomeKind.THROTTLED}
    assert len(graph.items) == 30


async def test_a_short_wait_for_the_window_is_slept_through() -> None:
    graph = Graph(lambda _item: FINE)
    client = replace(graph.client(), pace=Pace(limit=20, window=0.05))

    outcomes = [await client.block([f"user{n}" for n in range(20)]) for _ in range(3)]

    assert {o.kind for part in outcomes for o in part} == {OutcomeKind.DONE}
