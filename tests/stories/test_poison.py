"""A message that cannot be handled ends its work with a reason, and waits for a person."""

import json
from contextlib import suppress

import httpx
import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue.aio import QueueClient

from tests.everyday import a_customer, nothing_is_left_open, seats_of, send_batch
from tests.portal import Json, Killed, Portal, Seatkeeper, allow, row


async def drop(azurite: str, seatkeeper: Seatkeeper, queue: str, message: Json) -> None:
    name = f"{seatkeeper.prefix}{queue}"
    async with QueueClient.from_connection_string(azurite, name) as client:
        with suppress(ResourceExistsError):
            await client.create_queue()
        await client.send_message(json.dumps(message))
    await seatkeeper.settle()


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        pytest.param(RuntimeError("a bug"), "A fault of ours", id="fails"),
        # A dead host's message comes back late, eight times.
        pytest.param(
            Killed(), "never brought to an end", id="kills its host", marks=pytest.mark.trial
        ),
    ],
)
async def test_a_growth_that_always_dies_is_settled_and_bought_by_nobody(
    seatkeeper: Seatkeeper, portal: Portal, end: BaseException, reason: str
) -> None:
    def die(request: httpx.Request) -> None:
        if request.method == "PATCH":
            raise end

    customer = await a_customer(seatkeeper, portal, seats=1)
    seatkeeper.wire.before = die

    batch = await send_batch(seatkeeper, portal, customer, 3)

    assert batch["status"] == "done"
    assert batch["progress"]["failed"] == 3
    assert reason in batch["faults"][0]["detail"]
    assert await seats_of(portal, customer) == 1
    assert [m["queue"] for m in (await portal.get("poison"))["items"]] == ["growths"]
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_chunk_that_is_given_up_ends_its_rows_and_the_batch_goes_on(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=150)
    rows = [row(number) for number in range(1, 151)]
    batch = await portal.post("batches", {"customerId": customer["id"], "rows": rows})
    await seatkeeper.host.run("plan_batch", json.dumps({"batchId": batch["id"]}))
    await seatkeeper.host.run("provision", json.dumps({"batchId": batch["id"], "chunk": 1}))

    await seatkeeper.host.run("provision_poison", json.dumps({"batchId": batch["id"], "chunk": 2}))

    shown = await portal.get(f"batches/{batch['id']}")
    assert (shown["status"], shown["progress"]["done"], shown["progress"]["failed"]) == (
        "done",
        100,
        50,
    )
    assert "chunk 2" in shown["faults"][0]["detail"]


async def lose_messages(azurite: str, seatkeeper: Seatkeeper, *queues: str) -> None:
    for queue in queues:
        name = f"{seatkeeper.prefix}{queue}"
        async with QueueClient.from_connection_string(azurite, name) as client:
            await client.clear_messages()


async def test_rows_of_a_later_stage_do_not_wait_for_a_chunk_that_was_given_up(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=101)
    await allow(portal, customer, peoplePercent=100)
    here = [row(number) for number in range(1, 101)]
    await portal.post("batches", {"customerId": customer["id"], "rows": here})
    await seatkeeper.settle()
    leave = [
        {"action": "deprovision", "userPrincipalName": one["userPrincipalName"]} for one in here
    ]
    rows = [*leave, row(101)]
    batch = await portal.post("batches", {"customerId": customer["id"], "rows": rows})
    await seatkeeper.host.run("plan_batch", json.dumps({"batchId": batch["id"]}))
    await lose_messages(azurite, seatkeeper, "batches", "chunks")

    await seatkeeper.host.run("provision_poison", json.dumps({"batchId": batch["id"], "chunk": 1}))
    await seatkeeper.settle()

    shown = await portal.get(f"batches/{batch['id']}")
    assert (shown["status"], shown["progress"]["done"], shown["progress"]["failed"]) == (
        "done",
        1,
        100,
    )


async def test_a_drop_with_a_mistake_is_kept_and_can_be_sent_again(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    message = {"id": "hires", "customerId": customer["id"], "rows": [row(1, plan="clerks")]}
    await drop(azurite, seatkeeper, "batches", message)
    (aside,) = (await portal.get("poison"))["items"]
    assert "clerks" in aside["reason"]

    await portal.post("plans", {**(await portal.get("plans"))["items"][0], "id": "clerks"})
    sent = await portal.post(f"poison/{aside['id']}/retry")
    await seatkeeper.settle()

    assert sent["retriedAt"]
    assert (await portal.get("batches/hires"))["status"] == "done"


async def test_a_message_that_fails_again_is_open_again(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await drop(azurite, seatkeeper, "batches", {"hello": "world"})
    (aside,) = (await portal.get("poison"))["items"]

    await portal.post(f"poison/{aside['id']}/retry")
    await seatkeeper.settle()

    (again,) = (await portal.get("poison"))["items"]
    assert again["times"] == 2
    assert "retriedAt" not in again


async def test_a_message_that_is_not_ours_decides_nothing_about_what_it_names(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    batch = await portal.post("batches", {"customerId": customer["id"], "rows": [row(1)]})

    await drop(azurite, seatkeeper, "chunks", {"batchId": batch["id"], "chunk": "first"})

    assert (await portal.get(f"batches/{batch['id']}"))["status"] == "done"


async def test_a_drop_with_mistakes_ends_no_batch_that_it_names(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    batch = await portal.post("batches", {"customerId": customer["id"], "rows": [row(1)]})

    for field in ("rows", "blob"):
        await drop(azurite, seatkeeper, "batches", {"batchId": batch["id"], field: "?"})

    assert (await portal.get(f"batches/{batch['id']}"))["status"] == "done"
    assert len((await portal.get("poison"))["items"]) == 2


async def test_only_operators_see_what_was_put_aside(seatkeeper: Seatkeeper) -> None:
    reader = await seatkeeper.portal("reader")

    answer = await reader.send("GET", "poison")

    assert answer.status_code == 403
