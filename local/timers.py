"""Fire a timer function at its hours, in one host of many, and remember when it last ran."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from azure.core.exceptions import ResourceNotFoundError
from azure.functions.timer import TimerRequest
from azure.storage.blob.aio import ContainerClient
from croniter import croniter

from local.functions import TimerFunction
from local.invocation import Invoker
from local.locks import HostLock
from local.scale import LISTENER_LOCK_RECOVERY, TimeScale

Clock = Callable[[], datetime]
FIELDS_WITHOUT_SECONDS = 5
SHORTEST_MONITORED = timedelta(minutes=1)
LONGEST_SLEEP_SECONDS = 60.0


class Schedule:
    """An NCRONTAB expression: six fields, seconds first, in UTC."""

    def __init__(self, expression: str) -> None:
        fields = expression.split()
        self._fields = " ".join(["0", *fields] if len(fields) == FIELDS_WITHOUT_SECONDS else fields)
        self.next_after(datetime(2024, 1, 1, tzinfo=UTC))

    def next_after(self, moment: datetime) -> datetime:
        # NCRONTAB wants both day fields to match where both are given; cron wants either.
        hours = croniter(self._fields, moment, second_at_beginning=True, day_or=False)
        following: datetime = hours.get_next(datetime)
        return following

    def is_monitored(self, now: datetime) -> bool:
        """The platform keeps no record of timers that fire more than once a minute."""
        first = self.next_after(now)
        return self.next_after(first) - first >= SHORTEST_MONITORED


@dataclass(frozen=True)
class Status:
    """The last run, the next one, and when this was written, as the platform keeps them."""

    last: datetime | None
    next: datetime
    updated: datetime

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Self:
        last = document.get("Last")
        return cls(
            last=datetime.fromisoformat(last) if last else None,
            next=datetime.fromisoformat(document["Next"]),
            updated=datetime.fromisoformat(document["LastUpdated"]),
        )

    def document(self) -> dict[str, str]:
        return {
            "Last": self.last.isoformat() if self.last else "",
            "Next": self.next.isoformat(),
            "LastUpdated": self.updated.isoformat(),
        }


@dataclass(frozen=True)
class StatusBlob:
    """Where one timer's status is kept."""

    container: ContainerClient
    name: str

    async def read(self) -> Status | None:
        try:
            stream = await self.container.download_blob(self.name)
            return Status.parse(json.loads(await stream.readall()))
        except (ResourceNotFoundError, ValueError, KeyError):
            return None

    async def write(self, status: Status) -> None:
        await self.container.upload_blob(
            self.name, json.dumps(status.document()).encode(), overwrite=True
        )


@dataclass
class TimerListener:
    """One timer function of one host."""

    function: TimerFunction
    host_id: str
    container: ContainerClient
    scale: TimeScale
    invoker: Invoker
    clock: Clock

    def __post_init__(self) -> None:
        self.stopping = asyncio.Event()
        self.schedule = Schedule(self.function.schedule)
        name = f"timers/{self.host_id}/Host.Functions.{self.function.name}/status"
        self.status = StatusBlob(self.container, name)
        self.firing = asyncio.Lock()
        self.lock = HostLock(
            container=self.container,
            name=f"locks/{self.host_id}/Host.Functions.{self.function.name}.Listener",
            seconds=self.scale.lease(),
        )

    async def listen(self) -> None:
        """Fire until cancelled."""
        async with self.lock.held(self.scale.seconds(LISTENER_LOCK_RECOVERY)):
            await self._fire_at_start()
            while True:
                due = self.schedule.next_after(self.clock())
                await self._until(due)
                await self._fire(due, past_due=False)

    def die(self) -> None:
        """Leave the lock as a killed process does: taken until its lease ends."""
        self.lock.abandoned = True

    async def finish(self) -> None:
        """Let a run under way end, and start no other, nor that one again."""
        self.stopping.set()
        async with self.firing:
            pass

    async def _fire_at_start(self) -> None:
        now = self.clock()
        past_due = self._monitors and await self._is_past_due(now)
        if past_due or self.function.run_on_startup:
            await self._fire(now, past_due=past_due)

    @property
    def _monitors(self) -> bool:
        return self.function.use_monitor and self.schedule.is_monitored(self.clock())

    async def _is_past_due(self, now: datetime) -> bool:
        """However many runs were missed, one is made up for."""
        status = await self.status.read()
        if status is None:
            await self.status.write(Status(None, self.schedule.next_after(now), now))
            return False
        expected = self.schedule.next_after(status.updated)
        if expected != status.next:
            await self.status.write(Status(status.last, self.schedule.next_after(now), now))
            return False
        return now > expected

    async def _until(self, due: datetime) -> None:
        while True:
            left = (due - self.clock()).total_seconds()
            if left <= 0:
                return
            await asyncio.sleep(min(left, LONGEST_SLEEP_SECONDS))

    async def _fire(self, due: datetime, *, past_due: bool) -> None:
        async with self.firing:
            if self.stopping.is_set():
                return
            status = await self.status.read() if self._monitors else None
            await self._run(to_functions(status, past_due=past_due))
            if self._monitors:
                now = self.clock()
                await self.status.write(Status(due, self.schedule.next_after(now), now))

    async def _run(self, request: TimerRequest) -> None:
        """Run the function, and again after each failure as often as its retry policy says.

        https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages: how often
        it was tried is known to this host only, and no other one goes on.
        """
        retries, tried = self.function.retries, 0
        while (await self.invoker.invoke(self.function, request)).error is not None:
            if tried == retries.most or await self._stops_within(retries.delay):
                return
            tried += 1

    async def _stops_within(self, delay: timedelta) -> bool:
        try:
            await asyncio.wait_for(self.stopping.wait(), self.scale.seconds(delay))
        except TimeoutError:
            return False
        return True


def to_functions(status: Status | None, *, past_due: bool) -> TimerRequest:
    kept = status.document() if status else {}
    return TimerRequest(past_due=past_due, schedule_status=kept, schedule={"AdjustForDST": True})
