"""Keep one host's writes inside a limit that Microsoft counts over a sliding window.

A write counts from the moment it is let go until a window after its answer, since Microsoft counts
it somewhere in between. Who has to wait for long is sent away and keeps a place, so that many who
wait do not all come back at once; whoever comes when there is room may go all the same. Other
hosts are not seen here: where they write to the same tenant, Microsoft's own 429 holds everybody
back (`hold`).

All times are seconds of the machine's own clock.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
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
        self._places: deque[tuple[float, int]] = deque()
        self._held_until = float("-inf")

    def enter(self, count: int) -> float:
        """Let so many writes go (0), or answer after how many seconds there is room for them."""
        count = min(count, self._limit)
        self._forget()
        now = self._now()
        if self._held_until > now:
            return self._held_until - now
        missing = self._used + count - self._limit
        if missing > 0:
            return _until_free(missing, self._releases(now), now)
        self._flying += count
        return 0

    def leave(self, count: int) -> None:
        """All that was let go has been answered, or is lost."""
        count = min(count, self._limit)
        self._flying -= count
        self._landed.append((self._now() + self._window, count))

    def place(self, count: int) -> float:
        """Keep a place behind all who wait; answer in how many seconds it comes."""
        count = min(count, self._limit)
        self._forget()
        now = self._now()
        missing = self._used + sum(n for _, n in self._places) + count - self._limit
        later = ((when + self._window, n) for when, n in self._places)
        wait = _until_free(missing, chain(self._releases(now), later), now)
        wait = max(wait, self._held_until - now)
        self._places.append((now + wait, count))
        return wait

    def hold(self, seconds: float) -> None:
        """Microsoft asked to be left alone for so long."""
        self._held_until = max(self._held_until, self._now() + seconds)

    @property
    def _used(self) -> int:
        return self._flying + sum(count for _, count in self._landed)

    def _forget(self) -> None:
        now = self._now()
        for queue in (self._landed, self._places):
            while queue and queue[0][0] <= now:
                queue.popleft()

    def _releases(self, now: float) -> Iterator[tuple[float, int]]:
        """When what counts stops counting, the earliest first; what flies may land any moment."""
        return chain(self._landed, ((now + self._window, self._flying),))


def _until_free(missing: int, releases: Iterable[tuple[float, int]], now: float) -> float:
    waits, left = iter(releases), missing
    until = now
    while left > 0:
        until, count = next(waits)
        left -= count
    return until - now


class Paces:
    """A host's paces, one per application and tenant."""

    def __init__(self, limit: int, window: float) -> None:
        self._limit = limit
        self._window = window
        self._of: dict[str, Pace] = {}

    def of(self, key: str) -> Pace:
        return self._of.setdefault(key, Pace(self._limit, self._window))
