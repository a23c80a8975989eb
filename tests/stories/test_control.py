"""A batch is paused, resumed, cancelled, sent again and found again, and loses nothing by it."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from azure.core.exceptions import ResourceNotFoundError

from shared.domain.batches import Batch, BatchStatus
from shared.domain.ids import BatchId
from shared.workflows.fan_out import give_up_chunk
from shared.workflows.ports import Batches
from shared.workflows.provision_chunk import provision_chunk
from shared.workflows.sweep import sweep, sweep_batches
from simulator.faults import Fault
from tests.everyday import (
    a_customer,
    growth_patches,
    licensed,
    nothing_is_left_open,
    seats_of,
    send_batch,
)
from tests.portal import Json, Killed, Portal, Seatkeeper, allow, row
from tests.stories.test_actions import an_action


async def accepted(portal: Portal, customer: Json, people: int = 3, **more: Any) -> str:
    rows = [row(number) for number in range(1, people + 1)]
    batch = await portal.post("batches", {"customerId": customer["id"], "rows": rows, **more})
    return str(batch["id"])


async def pass_time(seatkeeper: Seatkeeper, time: timedelta) -> None:
    await seatkeeper.sim("POST", "clock/advance", {"seconds": time.total_seconds()})


async def run_until(seatkeeper: Seatkeeper, portal: Portal, batch: str, status: str) -> None:
    """Plan the batch by hand, and let nothing else of it be worked."""
    await seatkeeper.host.run("plan_batch", f'{{"batchId": "{batch}"}}')
    assert (await portal.get(f"batches/{batch}"))["status"] == status


async def test_a_paused_batch_keeps_its_seats_and_begins_no_row(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await accepted(portal, customer)
    await run_until(seatkeeper, portal, batch, "growing")

    await portal.post(f"batches/{batch}/pause")
    await seatkeeper.settle()

    shown = await portal.get(f"batches/{batch}")
    assert (shown["status"], shown["progress"]["waiting"]) == ("paused", 3)
    assert await seats_of(portal, customer) == 3
    assert not await licensed(seatkeeper, customer)


async def test_a_resumed_batch_ends_as_if_nothing_had_been(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await accepted(portal, customer)
    await run_until(seatkeeper, portal, batch, "growing")
    await portal.post(f"batches/{batch}/pause")
    await seatkeeper.settle()
    await pass_time(seatkeeper, timedelta(hours=5))

    await portal.post(f"batches/{batch}/resume")
    await seatkeeper.settle()

    shown = await portal.get(f"batches/{batch}")
    assert (shown["status"], shown["progress"]["done"]) == ("done", 3)
    assert growth_patches(seatkeeper) == 1
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_batch_that_is_cancelled_before_it_bought_anything_buys_nothing(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await accepted(portal, customer)
    await run_until(seatkeeper, portal, batch, "growing")

    await portal.post(f"batches/{batch}/cancel")
    await seatkeeper.settle()

    shown = await portal.get(f"batches/{batch}")
    assert (shown["status"], shown["progress"]["failed"]) == ("cancelled", 3)
    assert "Cancelled" in (await portal.get(f"batches/{batch}/items"))["items"][0]["reason"]
    assert await seats_of(portal, customer) == 1
    await nothing_is_left_open(seatkeeper, customer)


async def test_seats_that_a_cancelled_batch_bought_are_listed_until_when_they_can_be_undone(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await accepted(portal, customer)
    await run_until(seatkeeper, portal, batch, "growing")
    await portal.post(f"batches/{batch}/pause")
    await seatkeeper.settle()

    await portal.post(f"batches/{batch}/cancel")
    await seatkeeper.settle()

    shown = await portal.get(f"batches/{batch}")
    (growth,) = shown["growths"]
    assert shown["status"] == "cancelled"
    assert growth["status"] == "applied"
    assert datetime.fromisoformat(growth["undoUntil"])
    assert not await licensed(seatkeeper, customer)
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_paused_batch_that_is_forgotten_is_cancelled_after_a_day(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await accepted(portal, customer)
    await run_until(seatkeeper, portal, batch, "growing")
    await portal.post(f"batches/{batch}/pause")
    await seatkeeper.settle()

    await pass_time(seatkeeper, timedelta(hours=23))
    await sweep(seatkeeper.works.office.desk)
    kept = await portal.get(f"batches/{batch}")
    await pass_time(seatkeeper, timedelta(hours=2))
    await sweep(seatkeeper.works.office.desk)
    await seatkeeper.settle()

    shown = await portal.get(f"batches/{batch}")
    assert kept["status"] == "paused"
    assert (shown["status"], shown["progress"]["failed"]) == ("cancelled", 3)
    await nothing_is_left_open(seatkeeper, customer)


async def test_only_the_failed_rows_are_sent_again(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    first = await accepted(portal, customer, people=2)
    await run_until(seatkeeper, portal, first, "growing")
    await portal.post(f"batches/{first}/cancel")
    await seatkeeper.settle()

    again = await portal.post(f"batches/{first}/retry", key="once")
    await seatkeeper.settle()
    same = await portal.post(f"batches/{first}/retry", key="once")

    shown = await portal.get(f"batches/{again['id']}")
    assert same["id"] == again["id"] != first
    assert shown["retryOf"] == first
    assert (shown["status"], shown["progress"]["done"]) == ("done", 2)
    assert await seats_of(portal, customer) == 2


async def die_at_creation(seatkeeper: Seatkeeper, portal: Portal, people: int = 2) -> str:
    """Let the host die that had people made, before it could write any of them down."""
    customer = await a_customer(seatkeeper, portal, seats=5)
    batch = await accepted(portal, customer, people=people)
    await run_until(seatkeeper, portal, batch, "running")
    desk, wire = seatkeeper.works.office.desk, seatkeeper.wire
    directory = seatkeeper.world.tenants[customer["id"]].users
    before, wire.after_commit, wire.dies_at = len(directory), True, 0
    while len(directory) == before:
        wire.calls, wire.dies_at = 0, wire.dies_at + 1
        with suppress(Killed):
            await provision_chunk(desk, BatchId(batch), 1)
    wire.dies_at = 0
    assert len(directory) == before + people
    return batch


async def test_who_was_made_by_a_host_that_died_is_not_called_untouched_when_it_is_cancelled(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    batch = await die_at_creation(seatkeeper, portal)

    await portal.post(f"batches/{batch}/cancel")
    await seatkeeper.settle()

    items = (await portal.get(f"batches/{batch}/items"))["items"]
    assert [(i["status"], bool(i["userId"])) for i in items] == [("done", True)] * 2


async def test_an_account_that_nobody_wrote_down_is_found_when_its_row_is_sent_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    batch = await die_at_creation(seatkeeper, portal)
    await give_up_chunk(seatkeeper.works.office.desk, BatchId(batch), 1, "It failed eight times.")

    again = await portal.post(f"batches/{batch}/retry")
    await seatkeeper.settle()

    items = (await portal.get(f"batches/{again['id']}/items"))["items"]
    assert [i["status"] for i in items] == ["done", "done"], items
    assert not any("passwordUrl" in i for i in items)


class DiesWhenItGrows:
    """A host that promised the seats of a stage and died before the batch said so."""

    def __init__(self, inner: Batches) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def save(self, batch: Batch) -> Batch:
        if batch.status is BatchStatus.GROWING:
            raise Killed
        return await self.inner.save(batch)


async def test_growths_of_a_later_stage_that_nobody_came_to_send_are_closed_by_the_cancellation(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await send_batch(seatkeeper, portal, customer, 2)
    await allow(portal, customer, peoplePercent=100)
    rows = [an_action("deprovision", 1), *(row(n) for n in (101, 102, 103))]
    batch = (await portal.post("batches", {"customerId": customer["id"], "rows": rows}))["id"]
    await run_until(seatkeeper, portal, batch, "releasing")
    desk = seatkeeper.works.office.desk
    dying = replace(desk, batches=cast("Batches", DiesWhenItGrows(desk.batches)))
    with pytest.raises(Killed):
        await provision_chunk(dying, batch, 1)

    await portal.post(f"batches/{batch}/cancel")
    await seatkeeper.settle()

    assert (await portal.get(f"batches/{batch}"))["status"] == "cancelled"
    assert await seats_of(portal, customer) == 2
    await nothing_is_left_open(seatkeeper, customer)


async def test_an_account_that_a_failed_row_left_is_used_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=5)
    refusal = Fault(path="*/assignLicense", status=400, body={"error": {"code": "BadRequest"}})
    seatkeeper.world.faults.add(refusal)
    first = await send_batch(seatkeeper, portal, customer, 1)
    (failed,) = (await portal.get(f"batches/{first['id']}/items"))["items"]
    assert (failed["status"], bool(failed["userId"])) == ("failed", True)

    again = await portal.post(f"batches/{first['id']}/retry")
    await seatkeeper.settle()

    (item,) = (await portal.get(f"batches/{again['id']}/items"))["items"]
    assert (item["status"], item["userId"]) == ("done", failed["userId"])
    assert "passwordUrl" not in item
    assert await portal.post(f"{failed['passwordUrl']}/reveal")


async def test_what_has_ended_well_cannot_be_sent_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    batch = await send_batch(seatkeeper, portal, customer, 1)

    for verb in ("pause", "resume", "cancel", "retry"):
        answer = await portal.send("POST", f"batches/{batch['id']}/{verb}")

        assert answer.status_code == 409
        assert answer.json()["type"].endswith("wrong-moment")


async def lose_every_message(seatkeeper: Seatkeeper) -> None:
    for name in ("batches", "growths", "chunks"):
        client = seatkeeper.works.queues._service.get_queue_client(seatkeeper.prefix + name)
        with suppress(ResourceNotFoundError):
            await client.clear_messages()


@pytest.mark.parametrize("status", ["accepted", "growing"])
async def test_a_batch_whose_messages_are_lost_is_found_by_the_sweep(
    seatkeeper: Seatkeeper, portal: Portal, status: str
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await accepted(portal, customer)
    if status == "growing":
        await run_until(seatkeeper, portal, batch, "growing")
    await lose_every_message(seatkeeper)

    await sweep(seatkeeper.works.office.desk)
    await seatkeeper.settle()
    too_soon = await portal.get(f"batches/{batch}")
    await pass_time(seatkeeper, timedelta(minutes=21))
    await sweep(seatkeeper.works.office.desk)
    await seatkeeper.settle()

    assert too_soon["status"] == status
    assert (await portal.get(f"batches/{batch}"))["status"] == "done"
    assert growth_patches(seatkeeper) == 1
    await nothing_is_left_open(seatkeeper, customer)


async def test_the_sweep_leaves_alone_what_has_ended(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    await send_batch(seatkeeper, portal, customer, 1)
    await pass_time(seatkeeper, timedelta(hours=1))
    calls = seatkeeper.wire.calls

    await sweep(seatkeeper.works.office.desk)
    await seatkeeper.settle()

    assert seatkeeper.wire.calls == calls


async def test_the_timer_sweeps(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal)
    batch = await accepted(portal, customer)
    await lose_every_message(seatkeeper)
    await pass_time(seatkeeper, timedelta(minutes=21))

    await seatkeeper.host.run("sweep")
    await seatkeeper.settle()

    assert (await portal.get(f"batches/{batch}"))["status"] == "done"


async def test_a_cancellation_whose_message_is_lost_is_carried_out_by_one_of_two_sweeps(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    batch = await accepted(portal, customer)
    await run_until(seatkeeper, portal, batch, "growing")
    await portal.post(f"batches/{batch}/cancel")
    await lose_every_message(seatkeeper)
    await pass_time(seatkeeper, timedelta(minutes=21))
    desk = seatkeeper.works.office.desk

    queued = await asyncio.gather(sweep_batches(desk), sweep_batches(desk))
    await seatkeeper.settle()

    assert sum(queued) == 1
    assert (await portal.get(f"batches/{batch}"))["status"] == "cancelled"
    assert growth_patches(seatkeeper) == 0
    await nothing_is_left_open(seatkeeper, customer)
