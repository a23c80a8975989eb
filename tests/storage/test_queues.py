import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from azure.storage.queue.aio import QueueClient

from shared.domain.errors import BodyTooLarge
from shared.storage.queues import StorageQueues


@pytest.fixture
async def peeking(azurite: str, prefix: str) -> AsyncIterator[QueueClient]:
    async with QueueClient.from_connection_string(azurite, f"{prefix}batches") as client:
        yield client


async def texts(client: QueueClient) -> list[str]:
    return [str(message.content) async for message in client.receive_messages()]


async def test_a_message_is_plain_json_that_never_expires(
    queues: StorageQueues, peeking: QueueClient
) -> None:
    await queues.send("batches", {"batch": "b/ü&<1>", "chunk": 3})

    (message,) = [m async for m in peeking.receive_messages()]
    assert json.loads(message.content) == {"batch": "b/ü&<1>", "chunk": 3}
    assert message.expires_on is not None
    assert message.expires_on.year == 9999


async def test_a_delayed_message_stays_out_of_sight(
    queues: StorageQueues, peeking: QueueClient
) -> None:
    await queues.send("batches", {"later": True}, timedelta(days=30))

    assert await texts(peeking) == []
    assert (await peeking.get_queue_properties()).approximate_message_count == 1


async def test_a_wait_shrunk_below_a_second_is_sat_out(
    queues: StorageQueues, peeking: QueueClient
) -> None:
    await queues.send("batches", {"soon": True}, timedelta(milliseconds=5))

    assert await texts(peeking) == ['{"soon":true}']


async def test_the_largest_message_fits_and_the_next_larger_is_refused(
    queues: StorageQueues, peeking: QueueClient
) -> None:
    await queues.send_raw("batches", "<" * 65_536)
    with pytest.raises(BodyTooLarge, match="batches"):
        await queues.send_raw("batches", "x" * 65_537)

    assert await texts(peeking) == ["<" * 65_536]


async def test_a_message_put_aside_stays_as_it_came(
    queues: StorageQueues, peeking: QueueClient
) -> None:
    await queues.send_raw("batches", "not json, <tags> & ünïcode")

    assert await texts(peeking) == ["not json, <tags> & ünïcode"]


async def test_a_message_that_no_queue_can_carry_is_put_aside_in_base64(
    queues: StorageQueues, peeking: QueueClient
) -> None:
    await queues.send_raw("batches", "bell \x07")

    (text,) = await texts(peeking)
    assert base64.b64decode(text) == b"bell \x07"
