"""Keep one host's writes inside a limit that Microsoft counts over a sliding window.

A write counts from the moment it is let go until a window after its answer, since Microsoft counts
it somewhere in between. Who has to wait for long is sent away with a time of its own, so that many
who wait do not all come back at once. Other hosts are not seen here: where they write to the same
tenant, Microsoft's own 429 holds everybody back (`hold`).

All times are seconds of the machine's own clock.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain


class Pace:
    """The writes of one application to one tenant."""

    def __init__(
        self, limit: int, window: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._window = window
        self._now = now
        self._flying = 0
        self._landed: deque[tuple[float, int]] = deque()
        self._expected: deque[tuple[float, int]] = deque()
        self._held_until = float("-inf")

    def enter(self, count: int) -> float:
        """Let so many writes go (0), or answer after how many seconds they may."""
        count = min(count, self._limit)
        self._forget()
        held = self._held_until - self._now()
        if held > 0:
            return held
        missing = self._used() + count - self._limit
        if missing > 0:
            return self._until_free(missing)
        self._flying += count
        return 0

    def leave(self, count: int) -> None:
        """All that was let go has been answered, or is lost."""
        count = min(count, self._limit)
        self._flying -= count
        self._landed.append((self._now() + self._window, count))

    def expect(self, count: int, seconds: float) -> None:
        """Keep a place for somebody who was told to come back after so long."""
        self._expected.append((self._now() + seconds, min(count, self._limit)))

    def hold(self, seconds: float) -> None:
        """Microsoft asked to be left alone for so long."""
        self._held_until = max(self._held_until, self._now() + seconds)

    def _forget(self) -> None:
        now = self._now()
        for queue in (self._landed, self._expected):
            while queue and queue[0][0] <= now:
                queue.popleft()

    def _used(self) -> int:
        landed = sum(count for _, count in self._landed)
        return self._flying + landed + sum(count for _, count in self._expected)

    def _until_free(self, missing: int) -> float:
        now = self._now()
        for when, count in self._releases(now):
            missing -= count
            if missing <= 0:
                return when - now
        return self._window

    def _releases(self, now: float) -> Iterator[tuple[float, int]]:
        """When what counts stops counting, the earliest first, as far as anybody can know."""
        flying = ((now + self._window, self._flying),)
        later = ((when + self._window, count) for when, count in self._expected)
        return chain(self._landed, flying, later)


class Paces:
    """A host's paces, one per application and tenant."""

    def __init__(self, limit: int, window: float) -> None:
        self._limit = limit
        self._window = window
        self._of: dict[str, Pace] = {}

    def of(self, key: str) -> Pace:
        return self._of.setdefault(key, Pace(self._limit, self._window))
