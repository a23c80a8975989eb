"""The laws of seats and money, with a death at every kind of remote call."""

import asyncio

import pytest

from functions import build_app
from local.host import Host
from simulator.faults import Fault
from tests.portal import Json, Killed, Portal, Seatkeeper, row
from tests.stories.test_first_day import (
    a_customer,
    a_night,
    leave,
    seats_of,
    send_batch,
    user_body,
)

PEOPLE = 4
REMOTE_CALLS = 22
"""At least as many as a batch of four takes; the last runs die at no call at all."""


def growth_patches(seatkeeper: Seatkeeper) -> int:
    calls = seatkeeper.world.calls.since(0)
    return sum(c.method == "PATCH" and "/subscriptions/" in c.path for c in calls)


async def licensed(seatkeeper: Seatkeeper, customer: Json) -> list[str]:
    tenant = seatkeeper.world.tenants[customer["id"]]
    return sorted(u.user_principal_name for u in tenant.users.values() if u.licences)


@pytest.mark.parametrize("after_commit", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("call", range(1, REMOTE_CALLS + 1))
async def test_a_death_at_any_remote_call_buys_nothing_twice(
    seatkeeper: Seatkeeper, portal: Portal, call: int, after_commit: bool
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    wire = seatkeeper.wire
    wire.calls, wire.dies_at, wire.after_commit = 0, call, after_commit

    batch = await send_batch(seatkeeper, portal, customer, PEOPLE)

    wire.dies_at = 0
    assert batch["status"] == "done", batch
    assert batch["progress"]["done"] == PEOPLE
    assert await seats_of(portal, customer) == PEOPLE
    assert len(await licensed(seatkeeper, customer)) == PEOPLE
    assert len(batch["growths"]) == 1


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


async def test_a_stranger_at_the_subscription_ends_in_review_and_not_in_silence(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    held = next(iter(seatkeeper.world.subscriptions.values()))
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", drop_before_commit=True)
    )
    batch = await portal.post(
        "batches", {"customerId": customer["id"], "rows": [row(n) for n in range(1, 4)]}
    )
    while seatkeeper.world.faults.waiting:
        await seatkeeper.host.settle(30, delayed=False)
        await asyncio.sleep(0)
    await seatkeeper.sim(
        "PATCH", f"portal/customers/{customer['id']}/subscriptions/{held.id}", {"quantity": 7}
    )

    await seatkeeper.settle()

    ended = await portal.get(f"batches/{batch['id']}")
    assert ended["status"] in ("review", "done")
    if ended["status"] == "review":
        assert "7 seats" in ended["faults"][0]["detail"]
    assert await seats_of(portal, customer) in (3, 7)


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


async def test_licence_counts_that_lag_buy_no_second_seat(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    seatkeeper.world.switches.update({"lag.licenseCountsSeconds": 2})

    batch = await send_batch(seatkeeper, portal, customer, 5)
    answer = await portal.send("POST", f"customers/{customer['id']}/users", json=user_body())
    await seatkeeper.settle()

    assert batch["progress"]["done"] == 5, batch
    assert answer.status_code in (201, 202)
    assert await seats_of(portal, customer) == 6


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
    await portal.put(f"customers/{customer['id']}/policy", {"mode": "apply", "spareSeats": 2})
    await send_batch(seatkeeper, portal, customer, 6)
    await leave(seatkeeper, customer, 3)

    await a_night(seatkeeper, portal, days=1)
    second = await a_night(seatkeeper, portal, days=1)

    assert await seats_of(portal, customer) == 5
    assert second["summary"]["seatsGivenBack"] == 0


def test_a_death_is_nothing_that_our_code_may_catch() -> None:
    assert not issubclass(Killed, Exception)
