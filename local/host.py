"""Run a function app as the platform would: its HTTP routes, its queues, its timers.

`python -m local.host` serves the repository's own app; tests build a `Host` in process.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import azure.functions as func
from azure.functions.timer import TimerRequest
from azure.storage.blob.aio import ContainerClient
from azure.storage.queue.aio import QueueClient

from local import queues
from local.admin import Admin
from local.functions import (
    Function,
    HttpFunction,
    NotSupportedHere,
    QueueFunction,
    TimerFunction,
    functions_of,
)
from local.http import HttpDoor
from local.invocation import Invoker, Outcome
from local.queues import QueueListener
from local.scale import TimeScale
from local.settings import (
    DEFAULT_CONNECTION,
    HostSettings,
    SettingMissing,
    connection_string,
    resolve,
)
from local.timers import Clock, TimerListener

ROOT = Path(__file__).parent.parent
HOSTS_CONTAINER = "azure-webjobs-hosts"
QUIET_LOOK_SECONDS = 0.05
SOON_SECONDS = 0.01
"""Until the next look where nothing runs, and something is about to."""

# The listeners' loops are the real retry; these bridge a dropped connection.
FEW_RETRIES: dict[str, Any] = {"retry_total": 2, "initial_backoff": 1, "increment_base": 1}

logger = logging.getLogger("local.host")


class StillBusy(TimeoutError):
    """The queues were not empty in time."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Host:
    """One functions host; any number of them may run on one storage account."""

    def __init__(
        self,
        app: func.FunctionApp,
        settings: Mapping[str, str],
        host_json: Mapping[str, Any] | None = None,
        time_scale: float = 1.0,
        clock: Clock = utc_now,
    ) -> None:
        self.settings = settings
        self.functions = functions_of(app)
        self.host_id = settings.get("AzureFunctionsWebHost__hostid", "local")
        self.configuration = (
            HostSettings.read(ROOT / "host.json", settings)
            if host_json is None
            else HostSettings.parse(host_json)
        )
        self._scale = TimeScale(time_scale)
        self._clock = clock
        self._invoker = Invoker(self.configuration.function_timeout, after_each=self._ring)
        self._queues: list[QueueListener] = []
        self._timers: list[TimerListener] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._by_hand: set[asyncio.Task[Outcome]] = set()
        self._clients = AsyncExitStack()
        self.asgi = self._door()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self, *, timers: bool = True, called: bool = False) -> None:
        """Begin to drain the queues and to watch the clock.

        Where somebody looks into every queue anyway, the listeners may wait until they are
        ``called``: twenty that poll in vain cost more than the work.
        """
        for function in self.functions:
            try:
                await self._listen_to(function, timers=timers)
            except (SettingMissing, ValueError) as error:
                logger.error("%s gets no listener: %s", function.name, error)  # noqa: TRY400
        for queue in self._queues:
            queue.waits_to_be_called = called
        loops = [*(q.listen() for q in self._queues), *(t.listen() for t in self._timers)]
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Take nothing more, finish what runs, hand back the locks."""
        for queue in self._queues:
            queue.stop()
        for timer in self._timers:
            await timer.finish()
        await asyncio.gather(*self._by_hand)
        await self._end(self._tasks[len(self._queues) :])
        await asyncio.gather(*self._tasks[: len(self._queues)])
        await self._forget()

    async def die(self) -> None:
        """End on the spot, as a killed process does: messages stay taken until they return."""
        for queue in self._queues:
            queue.die()
        for timer in self._timers:
            timer.die()
        await self._end(self._tasks)
        await self._forget()

    async def settle(self, within: float = 30.0, *, delayed: bool = True) -> None:
        """Work until every queue of the app is empty (or holds delayed messages only)."""
        begun_here = not self._tasks
        if begun_here:
            await self.start(timers=False, called=True)
        try:
            async with asyncio.timeout(within):
                await self._until_quiet(delayed=delayed)
        except TimeoutError as error:
            raise StillBusy(f"after {within} s: {await self.depths()}") from error
        finally:
            if begun_here:
                await self.stop()

    async def depths(self, *, delayed: bool = True) -> dict[str, int]:
        """Count the messages of every queue that a function of this app drains."""
        counts = await asyncio.gather(*(q.depth(delayed=delayed) for q in self._queues))
        return {q.queue.queue_name: n for q, n in zip(self._queues, counts, strict=True)}

    async def run(self, name: str, given: str = "") -> Outcome:
        """Run a queue or timer function by hand and wait for its outcome."""
        function = next(f for f in self.functions if f.name == name)
        return await self._run_by_hand(function, given)

    def _door(self) -> HttpDoor:
        return HttpDoor(
            [f for f in self.functions if isinstance(f, HttpFunction)],
            self.configuration.route_prefix,
            self._invoker,
            Admin(self.host_id, self.functions, self._start_by_hand),
        )

    async def _listen_to(self, function: Function, *, timers: bool) -> None:
        match function:
            case QueueFunction():
                self._queues.append(await self._queue_listener(function))
            case TimerFunction() if timers:
                self._timers.append(await self._timer_listener(function))

    async def _queue_listener(self, function: QueueFunction) -> QueueListener:
        account = connection_string(function.connection, self.settings)
        name = resolve(function.queue, self.settings).lower()
        return QueueListener(
            function=function,
            queue=await self._queue_client(account, name),
            poison=await self._queue_client(account, name + queues.POISON),
            settings=self.configuration.queues,
            scale=self._scale,
            invoker=self._invoker,
        )

    async def _queue_client(self, account: str, name: str) -> QueueClient:
        client = QueueClient.from_connection_string(account, name, **FEW_RETRIES)
        return await self._clients.enter_async_context(client)

    async def _timer_listener(self, function: TimerFunction) -> TimerListener:
        account = connection_string(DEFAULT_CONNECTION, self.settings)
        client = ContainerClient.from_connection_string(account, HOSTS_CONTAINER, **FEW_RETRIES)
        return TimerListener(
            function=replace(function, schedule=resolve(function.schedule, self.settings)),
            host_id=self.host_id,
            container=await self._clients.enter_async_context(client),
            scale=self._scale,
            invoker=self._invoker,
            clock=self._clock,
        )

    def _ring(self, value: object) -> None:
        """Whatever a function did may have filled a queue: look at once, unless it only read."""
        if isinstance(value, func.HttpRequest) and value.method in ("GET", "HEAD"):
            return
        for listener in self._queues:
            if not listener.waits_to_be_called:
                listener.bell.set()

    async def _until_quiet(self, *, delayed: bool) -> None:
        while True:
            if await self._is_quiet(delayed=delayed):
                return
            await asyncio.sleep(QUIET_LOOK_SECONDS if self._invoker.running else SOON_SECONDS)

    async def _is_quiet(self, *, delayed: bool) -> bool:
        finished = self._invoker.finished
        waiting = sum((await self.depths(delayed=delayed)).values())
        moved = self._invoker.finished != finished or self._invoker.running
        return not waiting and not moved

    async def _start_by_hand(self, function: Function, given: str) -> None:
        task = asyncio.create_task(self._run_by_hand(function, given))
        self._by_hand.add(task)
        task.add_done_callback(self._by_hand.discard)

    async def _run_by_hand(self, function: Function, given: str) -> Outcome:
        match function:
            case TimerFunction():
                return await self._invoker.invoke(function, TimerRequest())
            case QueueFunction():
                return await self._invoker.invoke(function, queues.by_hand(given))
        raise NotSupportedHere(f"{function.name} is started over HTTP")

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _forget(self) -> None:
        self._queues, self._timers, self._tasks = [], [], []
        await self._clients.aclose()
        self._clients = AsyncExitStack()


if __name__ == "__main__":
    from local.serving import main

    main()
