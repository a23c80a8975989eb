"""The laws of seats and money, with a death at every kind of remote call."""

import json
from collections.abc import Callable

import httpx
import pytest
from _pytest.mark.structures import ParameterSet
from azure.storage.queue.aio import QueueClient

from functions import build_app
from local.host import Host
from simulator.faults import Fault
from simulator.nouns import Subscription
from simulator.partner_center.changes import change_outside
from tests.everyday import (
    a_customer,
    a_night,
    growth_patches,
    leave,
    licensed,
    nothing_is_left_open,
    seats_of,
    send_batch,
    user_body,
)
from tests.portal import (
    BUSINESS_BASIC,
    BUSINESS_BASIC_SKU,
    Json,
    Killed,
    Portal,
    Seatkeeper,
    let_go,
    plan_body,
    row,
    subscription_body,
)

PEOPLE = 4
REMOTE_CALLS = 17
"""At least as many as a batch of four takes; the last runs die at no call at all."""


def deaths(calls: int, *, sharp: set[int]) -> list[ParameterSet]:
    """Every call is a trial; those around a change of seats or people are tried every time."""
    return [
        pytest.param(call, marks=() if call in sharp else pytest.mark.trial)
        for call in range(1, calls + 1)
    ]


@pytest.mark.parametrize("after_commit", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("call", deaths(REMOTE_CALLS, sharp={13}))
async def test_a_death_at_any_remote_call_buys_nothing_twice(
    seatkeeper: Seatkeeper, portal: Portal, call: int, after_commit: bool
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    before = growth_patches(seatkeeper)
    wire = seatkeeper.wire
    wire.calls, wire.dies_at, wire.after_commit = 0, call, after_commit

    batch = await send_batch(seatkeeper, portal, customer, PEOPLE)

    wire.dies_at = 0
    assert batch["status"] == "done", batch
    assert batch["progress"]["done"] == PEOPLE
    assert await seats_of(portal, customer) == PEOPLE
    assert len(await licensed(seatkeeper, customer)) == PEOPLE
    assert growth_patches(seatkeeper) - before <= 1 + (not after_commit)
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_lost_reply_to_the_growth_is_read_and_not_asked_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", drop_after_commit=True)
    )

    batch = await send_batch(seatkeeper, portal, customer, 3)

    assert batch["status"] == "done"
    assert await seats_of(portal, customer) == 3
    assert growth_patches(seatkeeper) == 1


async def test_a_growth_that_was_not_taken_is_sent_again_with_the_same_target(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", drop_before_commit=True)
    )

    batch = await send_batch(seatkeeper, portal, customer, 3)

    assert batch["status"] == "done"
    assert await seats_of(portal, customer) == 3


class Meddler:
    """Somebody in Partner Center, at the worst moment: right before our change arrives."""

    def __init__(self, seatkeeper: Seatkeeper, deed: Callable[[Subscription], None]) -> None:
        self.seatkeeper = seatkeeper
        self.deed = deed
        self.done = False
        seatkeeper.wire.before = self

    def __call__(self, request: httpx.Request) -> None:
        if request.method == "PATCH" and not self.done:
            self.done = True
            self.deed(next(iter(self.seatkeeper.world.subscriptions.values())))
            raise httpx.ReadTimeout("nothing came", request=request)


async def test_a_stranger_at_the_subscription_ends_in_review_and_not_in_silence(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    Meddler(seatkeeper, lambda held: change_outside(seatkeeper.world, held, {"quantity": 3}))

    batch = await send_batch(seatkeeper, portal, customer, 10)

    assert batch["status"] == "review", batch
    assert "3 seats" in batch["faults"][0]["detail"]
    assert await seats_of(portal, customer) == 3
    await nothing_is_left_open(seatkeeper, customer)


async def test_after_a_review_the_next_batch_counts_what_is_really_there(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    Meddler(seatkeeper, lambda held: change_outside(seatkeeper.world, held, {"quantity": 3}))
    await send_batch(seatkeeper, portal, customer, 10)

    again = await send_batch(seatkeeper, portal, customer, 10)

    assert again["progress"]["done"] == 10, again
    assert await seats_of(portal, customer) == 10


async def test_a_growth_that_microsoft_refuses_locks_nobody_out(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    refusal = {"code": 900150, "description": "no", "data": [], "source": "PartnerFD"}
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", status=403, body=refusal)
    )

    refused = await send_batch(seatkeeper, portal, customer, 4)
    again = await send_batch(seatkeeper, portal, customer, 4)

    assert refused["progress"]["done"] == 0
    assert again["progress"]["done"] == 4, again
    assert await seats_of(portal, customer) == 4
    await nothing_is_left_open(seatkeeper, customer)


async def test_two_batches_over_the_same_products_never_wait_for_each_other(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await seatkeeper.sell(portal, BUSINESS_BASIC)
    basic = {"offerId": BUSINESS_BASIC, "name": "Business Basic", "seats": 1}
    await portal.post(f"customers/{customer['id']}/subscriptions", subscription_body(**basic))
    await portal.post("plans", plan_body(id="lean", name="Lean", baseSkuId=BUSINESS_BASIC_SKU))
    for name, plans in (("north", ("office-worker", "lean")), ("south", ("lean", "office-worker"))):
        rows = [
            row(n, userPrincipalName=f"{name}{n}@contosotest.onmicrosoft.com", plan=plans[n % 2])
            for n in range(1, 11)
        ]
        await portal.post("batches", {"id": name, "customerId": customer["id"], "rows": rows})

    await seatkeeper.settle()

    for name in ("north", "south"):
        batch = await portal.get(f"batches/{name}")
        assert batch["progress"]["done"] == 10, batch
    await nothing_is_left_open(seatkeeper, customer)


@pytest.mark.parametrize(
    "after_commit",
    [
        pytest.param(False, marks=pytest.mark.trial, id="before it"),
        pytest.param(True, id="after it"),
    ],
)
@pytest.mark.parametrize("call", deaths(15, sharp={9}))
async def test_a_death_at_any_remote_call_of_the_night_gives_back_once_and_tells_it(
    seatkeeper: Seatkeeper, portal: Portal, call: int, after_commit: bool
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, spare=0)
    wire = seatkeeper.wire
    wire.calls, wire.dies_at, wire.after_commit = 0, call, after_commit

    night = await a_night(seatkeeper, portal, days=1)

    wire.dies_at = 0
    assert night["status"] == "done"
    assert night["summary"]["seatsGivenBack"] == 9
    assert await seats_of(portal, customer) == 1
    told = await portal.get(f"customers/{customer['id']}/transactions")
    assert [t["kind"] for t in told["items"]].count("givenBack") == 1
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_schedule_that_somebody_made_meanwhile_survives_the_growth(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, spare=0)
    await send_batch(seatkeeper, portal, customer, 10)
    await leave(seatkeeper, customer, 5)
    await a_night(seatkeeper, portal, days=30)

    batch = await send_batch_of(seatkeeper, portal, customer, "joiner", 8)

    held = next(iter(seatkeeper.world.subscriptions.values()))
    assert batch["progress"]["done"] == 8, batch
    assert held.quantity == 13
    assert held.schedule is not None
    assert held.schedule["quantity"] == 13


async def test_passwords_of_rows_that_are_not_made_yet_survive_an_acknowledgement(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await send_batch(seatkeeper, portal, customer, 2)
    first = f"batches/{batch['id']}/items/1/password"
    second = f"batches/{batch['id']}/items/2/password"

    await portal.post(f"{first}/acknowledge", key="")

    assert (await portal.send("POST", f"{first}/reveal")).status_code == 410
    assert (await portal.post(f"{second}/reveal", key=""))["password"]


async def send_batch_of(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, name: str, count: int
) -> Json:
    rows = [
        row(n, userPrincipalName=f"{name}{n}@contosotest.onmicrosoft.com")
        for n in range(1, count + 1)
    ]
    batch = await portal.post("batches", {"customerId": customer["id"], "rows": rows})
    await seatkeeper.settle()
    return await portal.get(f"batches/{batch['id']}")


async def test_two_batches_at_once_both_have_their_seats(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=3)
    for name in ("north", "south"):
        rows = [
            row(n, userPrincipalName=f"{name}{n}@contosotest.onmicrosoft.com") for n in range(1, 26)
        ]
        await portal.post("batches", {"id": name, "customerId": customer["id"], "rows": rows})

    await seatkeeper.settle()

    for name in ("north", "south"):
        batch = await portal.get(f"batches/{name}")
        assert batch["progress"]["done"] == 25, batch
    assert await seats_of(portal, customer) == 50


async def test_two_hosts_share_one_batch_and_grow_once(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    app = build_app(lambda: seatkeeper.works.office, seatkeeper.prefix)
    settings = {"AzureWebJobsStorage": azurite}
    async with Host(app, settings, time_scale=0.01):
        batch = await send_batch(seatkeeper, portal, customer, 60)

    assert batch["status"] == "done"
    assert await seats_of(portal, customer) == 60
    assert growth_patches(seatkeeper) == 1


async def test_the_same_batch_sent_twice_is_one_batch(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    body = {"id": "monday", "customerId": customer["id"], "rows": [row(1), row(2)]}

    await portal.post("batches", body)
    await portal.post("batches", body)
    await seatkeeper.settle()
    other = await portal.send("POST", "batches", json={**body, "rows": [row(3)]})

    assert other.status_code == 409
    assert await seats_of(portal, customer) == 2


async def test_a_message_that_is_not_ours_decides_nothing_about_the_batch_that_it_names(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    body = {"id": "healthy", "customerId": customer["id"], "rows": [row(1), row(2)]}
    await portal.post("batches", body)
    async with QueueClient.from_connection_string(azurite, f"{seatkeeper.prefix}chunks") as queue:
        await queue.create_queue()
        await queue.send_message(json.dumps({"batchId": "healthy", "chunk": "2"}))

    await seatkeeper.settle()

    batch = await portal.get("batches/healthy")
    assert batch["progress"]["done"] == 2, batch


async def test_the_same_idempotency_key_buys_once(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    place = f"customers/{customer['id']}/users"

    first = await portal.send("POST", place, json=user_body(), key="ada")
    again = await portal.send("POST", place, json=user_body(), key="ada")
    other = await portal.send("POST", place, json=user_body(displayName="A."), key="ada")

    assert first.status_code == 201
    assert again.json() == first.json()
    assert other.status_code == 422


async def test_two_nights_give_back_no_more_than_one(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, spare=2)
    await send_batch(seatkeeper, portal, customer, 6)
    await leave(seatkeeper, customer, 3)

    await a_night(seatkeeper, portal, days=1)
    second = await a_night(seatkeeper, portal, days=1)

    assert await seats_of(portal, customer) == 5
    assert second["summary"]["seatsGivenBack"] == 0


def test_a_death_is_nothing_that_our_code_may_catch() -> None:
    assert not issubclass(Killed, Exception)
