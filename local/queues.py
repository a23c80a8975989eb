"""Drain one queue as the platform's queue trigger does: at least once, several at a time."""

import asyncio
import base64
import logging
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.functions.queue import QueueMessage
from azure.storage.queue import QueueMessage as StoredMessage
from azure.storage.queue.aio import QueueClient

from local.functions import QueueFunction
from local.invocation import Invoker, Outcome
from local.scale import SHORTEST_POLL, TimeScale
from local.settings import QueueSettings

POISON = "-poison"
LARGEST_BATCH = 32

logger = logging.getLogger("local.host")


@dataclass
class QueueListener:
    """One queue function of one host."""

    function: QueueFunction
    queue: QueueClient
    poison: QueueClient
    settings: QueueSettings
    scale: TimeScale
    invoker: Invoker
    waits_to_be_called: bool = False
    """It polls where somebody counted messages, and never by itself."""
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    in_flight: set[asyncio.Task[None]] = field(default_factory=set)
    _pause: float = 0.0
    _deafness: float = 0.0

    async def listen(self) -> None:
        """Poll until stopped, then wait for what is in flight."""
        if self.waits_to_be_called:
            await self.bell.wait()
        while not self.over.is_set():
            self.bell.clear()
            if await self._receive_batch():
                self._pause = self._deafness = 0.0
                await self._room_for_a_batch()
            elif self.waits_to_be_called:
                await self.bell.wait()
            else:
                await self._rest()
        while self.in_flight:
            await asyncio.wait(self.in_flight)

    def stop(self) -> None:
        self.over.set()
        self.bell.set()

    def die(self) -> None:
        """Drop everything on the spot, as a killed process does."""
        self.over.set()
        for task in self.in_flight:
            task.cancel()

    async def depth(self, *, delayed: bool = True) -> int:
        """Count what is left to do: in flight, waiting, and (unless told otherwise) delayed.

        What waits calls the listener.
        """
        with suppress(ResourceNotFoundError):
            if not delayed:
                waiting = len(await self.queue.peek_messages())
                return len(self.in_flight) + self._called_by(waiting)
            properties = await self.queue.get_queue_properties()
            kept = properties.approximate_message_count or 0
            self._called_by(kept - len(self.in_flight))
            return max(len(self.in_flight), kept)
        return len(self.in_flight)

    def _called_by(self, waiting: int) -> int:
        if waiting > 0 and self.waits_to_be_called:
            self.bell.set()
        return waiting

    async def _receive_batch(self) -> int:
        try:
            messages = await self._next_messages()
        except ResourceNotFoundError:
            return 0
        except AzureError:
            logger.warning("Queue %s cannot be read", self.function.queue, exc_info=True)
            return 0
        for message in messages:
            task = asyncio.create_task(self._process(message))
            self.in_flight.add(task)
            task.add_done_callback(self.in_flight.discard)
        return len(messages)

    async def _next_messages(self) -> list[StoredMessage]:
        size = min(self.settings.batch_size, LARGEST_BATCH)
        pages = self.queue.receive_messages(
            messages_per_page=size, max_messages=size, visibility_timeout=self.scale.in_flight()
        ).by_page()
        async for page in pages:
            return [message async for message in page]
        return []

    async def _room_for_a_batch(self) -> None:
        while len(self.in_flight) > self.settings.new_batch_threshold:
            await asyncio.wait(self.in_flight, return_when=asyncio.FIRST_COMPLETED)

    async def _rest(self) -> None:
        """Wait ever longer on an empty queue, unless some function has just done something.

        Who is rung up in vain again and again hears ever later, or one busy queue would keep a
        host looking at all the others.
        """
        self._pause = self._longer(self._pause)
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 (spreads hosts, guards nothing)
        if await _is_set_within(self.bell, self._pause * jitter):
            await _is_set_within(self.over, self._deafness)
            self._deafness = self._longer(self._deafness)
        else:
            self._deafness /= 2

    def _longer(self, wait: float) -> float:
        """Between the platform's shortest poll and the longest that host.json allows."""
        longest = self.scale.poll(self.settings.max_polling_interval)
        return min(longest, max(self.scale.poll(SHORTEST_POLL), wait * 2))

    async def _process(self, message: StoredMessage) -> None:
        try:
            await self._run(message)
        except ResourceNotFoundError:
            logger.warning("Message %s went to somebody else meanwhile", message.id)
        except AzureError:
            logger.warning("Message %s could not be settled", message.id, exc_info=True)

    async def _run(self, message: StoredMessage) -> None:
        body = decoded(message.content, self.settings.message_encoding)
        if body is None or (message.dequeue_count or 0) > self.settings.max_dequeue_count:
            await self._to_poison(message)
        else:
            async with self._held(message):
                outcome = await self.invoker.invoke(self.function, to_functions(message, body))
            await self._settle(message, outcome)

    @asynccontextmanager
    async def _held(self, message: StoredMessage) -> AsyncIterator[None]:
        """Keep a message unseen by others for as long as its function runs."""
        done = asyncio.Event()
        renewing = asyncio.create_task(self._renew(message, done))
        try:
            yield
            done.set()
            await renewing
        finally:
            renewing.cancel()

    async def _renew(self, message: StoredMessage, done: asyncio.Event) -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), self.scale.in_flight() / 2)
                return
            with suppress(AzureError):
                await self._postpone(message, self.scale.in_flight())

    async def _settle(self, message: StoredMessage, outcome: Outcome) -> None:
        if outcome.error is None:
            await self._delete(message)
        elif self.function.queue.endswith(POISON):
            # The platform spares it a fast endless loop: it comes back as a dead host's would.
            logger.warning("Message %s of a poison queue failed and rests", message.id)
        elif (message.dequeue_count or 0) >= self.settings.max_dequeue_count:
            await self._to_poison(message)
        else:
            delay = self.settings.visibility_timeout
            await self._postpone(message, self.scale.visibility_after_failure(delay))

    async def _to_poison(self, message: StoredMessage) -> None:
        """Copy the text as it is, then delete: a crash between the two leaves both."""
        if self.function.queue.endswith(POISON):
            return
        logger.error("Message %s goes to %s", message.id, self.poison.queue_name)
        try:
            await self.poison.send_message(message.content)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                await self.poison.create_queue()
            await self.poison.send_message(message.content)
        await self._delete(message)

    async def _delete(self, message: StoredMessage) -> None:
        await self.queue.delete_message(message.id, message.pop_receipt)

    async def _postpone(self, message: StoredMessage, seconds: int) -> None:
        renewed = await self.queue.update_message(
            message.id, message.pop_receipt, visibility_timeout=seconds
        )
        message.pop_receipt = renewed.pop_receipt


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def decoded(text: str, encoding: str) -> bytes | None:
    """Answer the bytes that a message carries, or None where host.json promises base64 in vain."""
    if encoding == "none":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def to_functions(message: StoredMessage, body: bytes) -> QueueMessage:
    return QueueMessage(
        id=message.id,
        body=body,
        dequeue_count=message.dequeue_count,
        insertion_time=message.inserted_on,
        expiration_time=message.expires_on,
        time_next_visible=message.next_visible_on,
        pop_receipt=message.pop_receipt,
    )


def by_hand(text: str) -> QueueMessage:
    """What a queue function is given when the admin endpoint starts it."""
    return QueueMessage(id=str(uuid.uuid4()), body=text, dequeue_count=0, pop_receipt="")
