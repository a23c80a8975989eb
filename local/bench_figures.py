"""Read off one run what it cost: calls, time, the bound that Microsoft sets, our process."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import psutil

from local.places import Json

MEBIBYTE = 1024 * 1024
_LOOK_SECONDS = 0.1


@dataclass(slots=True)
class Usage:
    """What a process took while it was watched."""

    cpu_seconds: float = 0.0
    peak_bytes: int = 0


@contextmanager
def watched(pid: int) -> Iterator[Usage]:
    """Look at a process ten times a second."""
    process, usage, over = psutil.Process(pid), Usage(), threading.Event()
    before = _cpu(process)

    def look() -> None:
        while not over.wait(_LOOK_SECONDS):
            usage.peak_bytes = max(usage.peak_bytes, process.memory_info().rss)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield usage
    finally:
        over.set()
        watcher.join()
        usage.cpu_seconds = _cpu(process) - before


def child_of_ours(word: str) -> int:
    """The process that we started whose command has this word in it."""
    started = psutil.Process().children()
    return next(p.pid for p in started if any(word in part for part in p.cmdline()))


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@dataclass(frozen=True, slots=True)
class Limits:
    """Microsoft's limit of writes to one tenant, in seconds of this machine."""

    writes: int
    window: float


@dataclass(frozen=True, slots=True)
class Run:
    """One batch of so many rows, and the calls that the simulator saw of it."""

    rows: int
    wall: float
    calls: Sequence[Json]
    growths: int
    usage: Usage = field(default_factory=Usage)

    @property
    def graph(self) -> list[Json]:
        return [call for call in self.calls if call["api"] == "graph"]

    @property
    def partner_center(self) -> list[Json]:
        return [call for call in self.calls if call["api"] == "partnercenter"]

    @property
    def throttled(self) -> int:
        """How often Microsoft said 429, to a request or to an item of a batch."""
        whole = [call for call in self.calls if call["status"] == HTTPStatus.TOO_MANY_REQUESTS]
        return len(whole) + sum(int(call["throttled"]) for call in self.calls)

    def bound(self, limits: Limits) -> float:
        """The least time that this run's latencies and the write window allow, in seconds.

        The calls that had to follow each other until the seats were there, as long as each took in
        this run; then the slowest creating, assigning and reading-back request (all others could
        run beside them); and the wait for as many write windows as the rows must fall into.
        """
        writes = 2 * self.rows
        windows = (writes - 1) // limits.writes
        return self._path_to_seats() + self._slowest_of_rows() + windows * limits.window

    def _path_to_seats(self) -> float:
        """Walk back from the first creation: each call's predecessor ended last before it began."""
        begun = min((call["at"] for call in self._row_work()), default=time.time())
        path = 0.0
        while before := [c for c in self.calls if _end(c) <= begun + _ROUNDING]:
            last = max(before, key=_end)
            path += last["ms"] / 1000
            begun = last["at"]
        return path

    def _slowest_of_rows(self) -> float:
        slowest: dict[str, float] = {}
        for call in self._row_work():
            kind = " ".join(call["kinds"])
            slowest[kind] = max(slowest.get(kind, 0.0), call["ms"] / 1000)
        return sum(slowest.values())

    def _row_work(self) -> list[Json]:
        """Every envelope from the first on that makes people."""
        made = [call["at"] for call in self.graph if "POST /users" in call["kinds"]]
        return [c for c in self.graph if c["batch"] and made and c["at"] >= min(made)]


_ROUNDING = 0.001


def _end(call: Json) -> float:
    return float(call["at"]) + float(call["ms"]) / 1000
