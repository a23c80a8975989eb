import asyncio
import base64
import json
from collections.abc import Awaitable, Callable

import azure.functions as func
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from local.host import Host, StillBusy

Handler = Callable[[func.QueueMessage], Awaitable[None]]


def host_json(**queues: object) -> dict[str, object]:
    return {"extensions": {"queues": {"messageEncoding": "none", **queues}}}


def draining(handler: Handler) -> func.FunctionApp:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.queue_trigger("message", queue_name="%QUEUE%", connection="AzureWebJobsStorage")
    async def drain(message: func.QueueMessage) -> None:
        await handler(message)

    return app


class Record:
    """Remembers what arrived, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.bodies: list[str] = []
        self.messages: list[func.QueueMessage] = []
        self.failures = failures

    async def __call__(self, message: func.QueueMessage) -> None:
        self.bodies.append(message.get_body().decode())
        self.messages.append(message)
        if len(self.bodies) <= self.failures:
            raise RuntimeError("not this time")


async def texts(queue: QueueClient) -> list[str]:
    return [message.content for message in await queue.peek_messages(max_messages=32)]


async def test_hands_over_the_real_message(queue: QueueClient, settings: dict[str, str]) -> None:
    record = Record()
    sent = await queue.send_message(json.dumps({"name": "Zoë"}))

    await Host(draining(record), settings, host_json()).settle()

    message = record.messages[0]
    assert message.get_json() == {"name": "Zoë"}
    assert message.id == sent.id
    assert message.dequeue_count == 1
    assert message.insertion_time == sent.inserted_on
    assert message.expiration_time == sent.expires_on
    assert message.pop_receipt
    assert await texts(queue) == []


async def test_a_failed_message_comes_again(queue: QueueClient, settings: dict[str, str]) -> None:
    record = Record(failures=2)
    await queue.send_message("work")

    await Host(draining(record), settings, host_json()).settle()

    assert [message.dequeue_count for message in record.messages] == [1, 2, 3]


async def test_waits_the_visibility_timeout_after_a_failure(
    queue: QueueClient, settings: dict[str, str]
) -> None:
    record = Record(failures=1)
    await queue.send_message("work")
    host = Host(draining(record), settings, host_json(visibilityTimeout="00:05:00"), 0.01)

    with pytest.raises(StillBusy):
        await host.settle(within=1)
    await host.settle()

    assert len(record.bodies) == 2


async def test_a_message_that_never_succeeds_ends_in_the_poison_queue(
    queue: QueueClient, poison: QueueClient, settings: dict[str, str]
) -> None:
    record = Record(failures=9)
    await queue.send_message("bad")

    await Host(draining(record), settings, host_json(maxDequeueCount=3)).settle()

    assert record.bodies == ["bad"] * 3
    assert await texts(poison) == ["bad"]


async def test_base64_messages_arrive_decoded(queue: QueueClient, settings: dict[str, str]) -> None:
    record = Record()
    await queue.send_message(base64.b64encode(b"plain inside").decode())

    await Host(draining(record), settings, host_json(messageEncoding="base64")).settle()

    assert record.bodies == ["plain inside"]


async def test_text_that_is_not_base64_is_poison_unseen(
    queue: QueueClient, poison: QueueClient, settings: dict[str, str]
) -> None:
    record = Record()
    await queue.send_message('{"typed": "by hand"}')

    await Host(draining(record), settings, host_json(messageEncoding="base64")).settle()

    assert record.bodies == []
    assert await texts(poison) == ['{"typed": "by hand"}']


async def test_runs_no_more_at_a_time_than_the_batch_and_its_threshold(
    queue: QueueClient, settings: dict[str, str]
) -> None:
    running = most = 0

    async def slow(message: func.QueueMessage) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1

    for number in range(12):
        await queue.send_message(str(number))

    host = Host(draining(slow), settings, host_json(batchSize=3, newBatchThreshold=1))
    await host.settle()

    assert 3 <= most <= 4


async def test_two_hosts_share_one_queue(queue: QueueClient, settings: dict[str, str]) -> None:
    first, second = Record(), Record()

    def slowly(record: Record) -> Handler:
        async def handler(message: func.QueueMessage) -> None:
            await record(message)
            await asyncio.sleep(0.02)

        return handler

    for number in range(12):
        await queue.send_message(str(number))

    one = host_json(batchSize=1, newBatchThreshold=0)
    async with (
        Host(draining(slowly(first)), settings, one) as host,
        Host(draining(slowly(second)), settings, one),
    ):
        await host.settle()

    assert sorted(first.bodies + second.bodies, key=int) == [str(n) for n in range(12)]
    assert first.bodies
    assert second.bodies


async def test_a_dead_hosts_message_comes_back(
    queue: QueueClient, settings: dict[str, str]
) -> None:
    started = asyncio.Event()
    record = Record()

    async def never_ends(message: func.QueueMessage) -> None:
        started.set()
        await asyncio.sleep(3600)

    await queue.send_message("orphan")
    doomed = Host(draining(never_ends), settings, host_json(), 0.003)
    await doomed.start()
    await started.wait()
    await doomed.die()

    await Host(draining(record), settings, host_json(), 0.003).settle()

    assert record.bodies == ["orphan"]
    assert record.messages[0].dequeue_count == 2


async def test_a_long_run_keeps_its_message_to_itself(
    queue: QueueClient, settings: dict[str, str]
) -> None:
    record = Record()

    async def longer_than_the_hold(message: func.QueueMessage) -> None:
        await record(message)
        await asyncio.sleep(3)

    await queue.send_message("once")
    await Host(draining(longer_than_the_hold), settings, host_json(), 0.003).settle()

    assert record.bodies == ["once"]


async def test_stopping_finishes_what_runs_and_takes_nothing_more(
    queue: QueueClient, settings: dict[str, str]
) -> None:
    started = asyncio.Event()
    done: list[str] = []

    async def slow(message: func.QueueMessage) -> None:
        started.set()
        await asyncio.sleep(0.2)
        done.append(message.get_body().decode())

    for text in ("first", "second"):
        await queue.send_message(text)
    async with Host(draining(slow), settings, host_json(batchSize=1, newBatchThreshold=0)):
        await started.wait()

    assert done == ["first"]
    assert await texts(queue) == ["second"]


async def test_a_missing_queue_is_an_empty_one(
    azurite: str, settings: dict[str, str], prefix: str
) -> None:
    record = Record()
    host = Host(draining(record), settings, host_json(), 0.01)

    async with host, QueueClient.from_connection_string(azurite, prefix) as late:
        await host.settle()
        with pytest.raises(ResourceNotFoundError):
            await late.get_queue_properties()
        await late.create_queue()
        await late.send_message("late")
        await host.settle()

    assert record.bodies == ["late"]


async def test_settling_may_leave_delayed_messages(
    queue: QueueClient, settings: dict[str, str]
) -> None:
    record = Record()
    await queue.send_message("later", visibility_timeout=600)
    await queue.send_message("now")

    await Host(draining(record), settings, host_json()).settle(delayed=False)

    assert record.bodies == ["now"]
