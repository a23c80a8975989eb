"""Put messages on the account's queues: plain JSON, without expiry, in the queue's own time."""

import asyncio
import base64
import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from shared.domain.errors import BodyTooLarge
from shared.storage.account import DIRECT, default_credential
from shared.storage.failures import state_unavailable

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

LONGEST_DELAY = timedelta(days=7)
LARGEST_MESSAGE = 64 * 1024
_NEVER = -1
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class StorageQueues:
    """One service client for all queues of this process, and a prefix for their names."""

    def __init__(
        self, connection_string: str = "", *, endpoint: str = "", prefix: str = ""
    ) -> None:
        self._prefix = prefix
        self._queues: dict[str, QueueClient] = {}
        self._credential: AsyncTokenCredential | None = None
        if connection_string:
            self._service = QueueServiceClient.from_connection_string(connection_string, **DIRECT)
        else:
            self._credential = default_credential()
            self._service = QueueServiceClient(endpoint, credential=self._credential, **DIRECT)

    async def send(
        self, queue: str, message: Mapping[str, object], delay: timedelta = timedelta(0)
    ) -> None:
        """A delay beyond seven days comes after seven; handlers look again and wait on."""
        await self._put(queue, json.dumps(message, separators=(",", ":")), delay)

    async def send_raw(self, queue: str, text: str, delay: timedelta = timedelta(0)) -> None:
        if _NOT_IN_XML.search(text):
            # The queue's own envelope is XML; our readers take base64 as well as JSON.
            text = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
        await self._put(queue, text, delay)

    async def close(self) -> None:
        await self._service.close()
        if self._credential is not None:
            await self._credential.close()

    async def _put(self, queue: str, text: str, delay: timedelta) -> None:
        size = len(text.encode())
        if size > LARGEST_MESSAGE:
            raise BodyTooLarge(f"A message of {size} bytes does not fit the queue {queue!r}.")
        seconds = await _whole_seconds(delay)
        try:
            client = await self._ready(queue)
            await client.send_message(text, visibility_timeout=seconds, time_to_live=_NEVER)
        except AzureError as error:
            raise state_unavailable() from error

    async def _ready(self, queue: str) -> QueueClient:
        if queue not in self._queues:
            client = self._service.get_queue_client(self._prefix + queue)
            with suppress(ResourceExistsError):
                await client.create_queue()
            self._queues[queue] = client
        return self._queues[queue]


async def _whole_seconds(delay: timedelta) -> int:
    """Queues count whole seconds; a host that shrinks its waits has shorter ones to sit out."""
    delay = min(delay, LONGEST_DELAY)
    if timedelta(0) < delay < timedelta(seconds=1):
        await asyncio.sleep(delay.total_seconds())
        return 0
    return max(0, math.ceil(delay.total_seconds()))
