"""Stay inside what Microsoft allows per minute, together with every other host.

A host takes its calls in slices from a row that all hosts share, and writes to it once per slice.
A 429 that one host meets is written into the same row, and the others find it when they look:
every two seconds at most, and with every slice. Where the row cannot be reached, the host goes on
with a limit of its own: Microsoft's 429 is still there, and a call is worth more than the count.

All times are the machine's own.
"""

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from aiolimiter import AsyncLimiter

from shared.domain.budgets import SPANS, Allowance, Priority, Slice, Spending
from shared.domain.errors import ChangedMeanwhile, RemoteAnswer, RemoteThrottled
from shared.transport.call import Call
from shared.transport.priority import current_priority

_TRIES = 5
_LOOKS = 30
"""In one minute."""
_MOMENTS = 12
"""In one minute; how long nobody calls whom Microsoft asked to wait without a time."""
_log = logging.getLogger(__name__)


class SpendingRows(Protocol):
    """One row per key, which all hosts share."""

    async def read(self, key: str, /) -> Spending: ...
    async def write(self, key: str, spending: Spending, /) -> Spending:
        """Answer it with its new ETag; raise `ChangedMeanwhile` where another host was first."""
        ...


class Budget(Protocol):
    """What a channel asks before each attempt, and tells of each 429."""

    async def take(self, key: str, /) -> None:
        """Wait for a call; raise `RemoteThrottled` where that takes longer than a function has."""
        ...

    async def pause(self, key: str, wait: timedelta | None, /) -> None:
        """Let nobody call for so long; for a moment, where Microsoft does not say how long."""
        ...


@dataclass(frozen=True, slots=True)
class Meter:
    """One partner's budget, as a channel uses it; ``per_customer`` where each has its own.

    Microsoft keys its limits by partner, or by partner and customer, and does not say for each API.
    """

    budget: Budget
    partner_tenant: str
    per_customer: bool = False

    async def take(self, call: Call) -> None:
        await self.budget.take(self.key_of(call))

    async def pause(self, call: Call, wait: timedelta | None) -> None:
        await self.budget.pause(self.key_of(call), wait)

    def key_of(self, call: Call) -> str:
        customer = call.place.get("customer", "") if self.per_customer else ""
        return f"{self.partner_tenant}|{customer}".lower()


@dataclass(slots=True)
class _Purse:
    """What this host knows and holds of one key."""

    spending: Spending = field(default_factory=Spending)
    slice: Slice = field(default_factory=Slice)
    looked: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SharedBudget:
    """One host's hand in the budgets of all; ``window`` is Microsoft's minute.

    ``longest`` is how long a call may wait here; beyond, its work belongs back into the queue.
    """

    def __init__(
        self,
        rows: SpendingRows,
        limit: int,
        *,
        window: timedelta = timedelta(minutes=1),
        longest: timedelta = timedelta(seconds=20),
        patience: timedelta = timedelta(seconds=2),
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rows = rows
        self._allowance = Allowance(limit)
        self._window = window.total_seconds()
        self._longest = longest.total_seconds()
        self._patience = patience.total_seconds()
        self._now = now
        self._sleep = sleep
        self._purses: defaultdict[str, _Purse] = defaultdict(_Purse)
        self._alone_until = float("-inf")
        self._alone = AsyncLimiter(limit, self._window)

    async def take(self, key: str) -> None:
        priority, deadline = current_priority(), self._now() + self._longest
        while (wait := await self._wait_for_one(key, priority)) > 0:
            if self._now() + wait > deadline:
                raise _throttled(wait)
            # All who wait for the same span would else come at the same moment.
            await self._sleep(wait * (1 + random.random() / 10))  # noqa: S311 (no secret)

    async def pause(self, key: str, wait: timedelta | None) -> None:
        seconds = self._window / _MOMENTS if wait is None else wait.total_seconds()
        until = datetime.fromtimestamp(self._now() + seconds, UTC)
        purse = self._purses[key]
        async with purse.lock:
            purse.spending = purse.spending.paused(until)
            await self._shared(lambda: self._tell(key, purse, until))

    async def _wait_for_one(self, key: str, priority: Priority) -> float:
        """Seconds until it is worth asking again; 0 where the call may go now."""
        purse = self._purses[key]
        async with purse.lock:
            if self._now() - purse.looked >= self._window / _LOOKS:
                await self._shared(lambda: self._look(key, purse))
            pause = self._pause_of(purse)
            if pause > 0:
                return pause
            if purse.slice.serves(self._span(), priority):
                purse.slice = purse.slice.less_one()
                return 0
            wait = await self._shared(lambda: self._lease(key, purse, priority))
        return await self._go_alone() if wait is None else wait

    async def _look(self, key: str, purse: _Purse) -> float:
        until = purse.spending.paused_until
        purse.spending = await self._rows.read(key)
        if until is not None:
            purse.spending = purse.spending.paused(until)
        purse.looked = self._now()
        return 0

    async def _lease(self, key: str, purse: _Purse, priority: Priority) -> float:
        """Take a slice and give back what is left of the last, in one write."""
        for _ in range(_TRIES):
            spending = purse.spending.at(self._span()).with_back(purse.slice)
            after, cut = spending.cut(self._allowance, priority)
            if not cut.calls:
                return self._until(spending.spans_to_wait(self._allowance, priority))
            try:
                purse.spending = await self._rows.write(key, after)
            except ChangedMeanwhile:
                await self._look(key, purse)
                continue
            purse.slice = replace(cut, calls=cut.calls - 1)
            return 0
        return self._window / _LOOKS

    async def _tell(self, key: str, purse: _Purse, until: datetime) -> float:
        for _ in range(_TRIES):
            try:
                purse.spending = await self._rows.write(key, purse.spending.paused(until))
            except ChangedMeanwhile:
                await self._look(key, purse)
                continue
            break
        return 0

    async def _shared(self, work: Callable[[], Awaitable[float]]) -> float | None:
        """Do something at the shared row; None where it cannot be reached, or not in time."""
        if self._now() < self._alone_until:
            return None
        try:
            async with asyncio.timeout(self._patience):
                return await work()
        except Exception:  # noqa: BLE001 (whatever ails the count, the call itself may go)
            self._alone_until = self._now() + self._window / 2
            _log.warning("the shared budget of calls cannot be reached; this host counts alone")
            return None

    async def _go_alone(self) -> float:
        if not self._alone.has_capacity():
            return self._window / _LOOKS
        await self._alone.acquire()
        return 0

    def _pause_of(self, purse: _Purse) -> float:
        until = purse.spending.paused_until
        return until.timestamp() - self._now() if until is not None else 0

    def _span(self) -> int:
        return int(self._now() * SPANS / self._window)

    def _until(self, spans: int) -> float:
        length = self._window / SPANS
        return max(length / 100, (self._span() + spans) * length - self._now())


def _throttled(wait: float) -> RemoteThrottled:
    return RemoteThrottled(
        "This minute's calls to Partner Center are used up, or it asked us to wait",
        RemoteAnswer("partner_center"),
        timedelta(seconds=wait),
    )
