"""Nights of three customers: their timer, their sweep, and what became of them."""

import pytest
from azure.storage.queue.aio import QueueClient

from shared.workflows.sweep_runs import sweep_runs
from tests.portal import Portal, Seatkeeper, customer_body


async def customers(portal: Portal, seatkeeper: Seatkeeper, count: int) -> None:
    for number in range(count):
        await portal.post("customers", customer_body(f"contoso{number}"))
    await seatkeeper.settle()


@pytest.fixture
async def three(seatkeeper: Seatkeeper, portal: Portal) -> Seatkeeper:
    await seatkeeper.connect(portal)
    await customers(portal, seatkeeper, 3)
    return seatkeeper


async def fire(seatkeeper: Seatkeeper) -> None:
    await seatkeeper.host.run("nightly")


async def later(seatkeeper: Seatkeeper) -> None:
    """Let the sweep come by until it takes what does not move for one that is left."""
    desk = seatkeeper.works.office.desk
    await sweep_runs(desk)
    await seatkeeper.sim("POST", "clock/advance", {"minutes": 25})
    await sweep_runs(desk)
    await seatkeeper.settle()


async def a_lost_night(seatkeeper: Seatkeeper, portal: Portal) -> str:
    """Let a night begin whose customers' messages are lost."""
    await fire(seatkeeper)
    run = (await portal.get("runs"))["items"][0]["id"]
    [connection] = await taken(seatkeeper, "nightly-connections")
    await seatkeeper.host.run("nightly_connection", connection)
    assert len(await taken(seatkeeper, "nightly-customers")) == 3
    return str(run)


async def taken(seatkeeper: Seatkeeper, queue: str) -> list[str]:
    storage = seatkeeper.host.settings["AzureWebJobsStorage"]
    async with QueueClient.from_connection_string(storage, seatkeeper.prefix + queue) as client:
        messages = [m async for m in client.receive_messages()]
        for message in messages:
            await client.delete_message(message)
    return [str(m.content) for m in messages]
