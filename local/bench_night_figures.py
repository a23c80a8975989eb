"""Print what a night over many customers cost, beside what it was to cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import psutil
from rich.console import Group
from rich.table import Table

from local.bench_figures import MEBIBYTE, Usage
from local.places import Json

A_MINUTE = 500
"""https://learn.microsoft.com/partner-center/developer/api-throttling-guidance"""
AIMS = (
    "Aims: at most 4 requests for a customer in which nothing happened; wall time at most 1.2 "
    "times the bound; peak memory and CPU per customer flat."
)


@dataclass(frozen=True, slots=True)
class Part:
    """One run: how long it took, the simulator's record of it, and what each process took.

    ``theirs`` are the processes that stand for a cloud on this machine.
    """

    wall: float
    calls: Sequence[Json]
    hosts: Sequence[Usage] = ()
    theirs: Mapping[str, Usage] = field(default_factory=dict)

    def requests(self, api: str) -> list[Json]:
        return [call for call in self.calls if call["api"] == api]

    @property
    def asked(self) -> int:
        return len(self.requests("partnercenter")) + len(self.requests("graph"))

    @property
    def throttled(self) -> int:
        whole = [call for call in self.calls if call["status"] == HTTPStatus.TOO_MANY_REQUESTS]
        return len(whole) + sum(int(call["throttled"]) for call in self.calls)

    def bound(self, scale: float) -> float:
        """As long as one key needs for this run's requests to Partner Center, in seconds."""
        return len(self.requests("partnercenter")) / A_MINUTE * 60 * scale

    @property
    def of_this_machine(self) -> float:
        """As long as its processors need at the least, in seconds; each process is one thread."""
        taken = [usage.cpu_seconds for usage in (*self.hosts, *self.theirs.values())]
        return max(*taken, sum(taken) / (psutil.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Night:
    """One night over so many customers, and the first reading of everybody before it."""

    customers: int
    people: int
    reading: Part
    night: Part

    @property
    def requests_per_customer(self) -> float:
        return self.night.asked / self.customers


def report(nights: Sequence[Night], scale: float) -> Group:
    table = Table(title="A night in which nothing happened", title_justify="left")
    table.add_column("")
    for night in nights:
        table.add_column(f"{night.customers:,} customers", justify="right")
    for name, cells in {**_of_nights(nights, scale), **_of_readings(nights)}.items():
        table.add_row(name, *cells)
    return Group(_stated(scale), table, AIMS)


def _stated(scale: float) -> str:
    return (
        f"One scale of time for latencies and limits: a second of Microsoft's is {scale:g} s here. "
        f"The bound is {A_MINUTE} requests a minute to Partner Center for one key. Times are real "
        "seconds of this machine; requests are HTTP requests, a $batch is one. What this machine's "
        "processors set is the least time in which it can run the hosts, the simulator and the "
        "storage emulator: where it is not far below the bound, choose a larger --scale. The first "
        "reading meets no latencies and no limits."
    )


def _of_nights(nights: Sequence[Night], scale: float) -> dict[str, list[str]]:
    parts = [(night.night, night.customers) for night in nights]
    bounds = [part.bound(scale) for part, _ in parts]
    return {
        "people": [f"{night.people:,}" for night in nights],
        "requests per customer": [f"{night.requests_per_customer:.2f}" for night in nights],
        "sign-ins per customer": [f"{len(p.requests('login')) / n:.2f}" for p, n in parts],
        "answers 429": [f"{part.throttled}" for part, _ in parts],
        "wall time": [f"{part.wall:.1f} s" for part, _ in parts],
        "bound": [f"{bound:.1f} s" for bound in bounds],
        "wall time / bound": [f"{p.wall / b:.2f}" for (p, _), b in zip(parts, bounds, strict=True)],
        "what this machine's processors set": [f"{p.of_this_machine:.1f} s" for p, _ in parts],
        "CPU per customer, all hosts": [
            _milliseconds(sum(u.cpu_seconds for u in p.hosts) / n) for p, n in parts
        ],
        **{
            f"CPU per customer, {name}": [
                _milliseconds(p.theirs[name].cpu_seconds / n) for p, n in parts
            ]
            for name in parts[0][0].theirs
        },
        "CPU of each host": [_cpu(part) for part, _ in parts],
        "peak memory of each host": [_peak(part) for part, _ in parts],
    }


def _of_readings(nights: Sequence[Night]) -> dict[str, list[str]]:
    readings = [(night.reading, max(1, night.people)) for night in nights]
    return {
        "first reading: wall time": [f"{part.wall:.1f} s" for part, _ in readings],
        "first reading: requests": [f"{part.asked:,}" for part, _ in readings],
        "first reading: CPU per person, all hosts": [
            _milliseconds(sum(u.cpu_seconds for u in p.hosts) / people) for p, people in readings
        ],
        "first reading: peak memory of each host": [_peak(part) for part, _ in readings],
    }


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _cpu(part: Part) -> str:
    return _each([f"{usage.cpu_seconds:.1f}" for usage in part.hosts], "s")


def _peak(part: Part) -> str:
    return _each([f"{usage.peak_bytes / MEBIBYTE:.0f}" for usage in part.hosts], "MiB")


def _each(figures: Sequence[str], unit: str) -> str:
    return f"{' + '.join(figures)} {unit}"
