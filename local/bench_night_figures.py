"""Print what a night over many customers cost, beside what it was to cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

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
class Night:
    """One night over so many customers, the reading before it, and the simulator's record of it."""

    customers: int
    people: int
    reading: float
    wall: float
    calls: Sequence[Json]
    hosts: Sequence[Usage]

    def requests(self, api: str) -> list[Json]:
        return [call for call in self.calls if call["api"] == api]

    @property
    def requests_per_customer(self) -> float:
        asked = self.requests("partnercenter") + self.requests("graph")
        return len(asked) / self.customers

    @property
    def throttled(self) -> int:
        whole = [call for call in self.calls if call["status"] == HTTPStatus.TOO_MANY_REQUESTS]
        return len(whole) + sum(int(call["throttled"]) for call in self.calls)

    def bound(self, scale: float) -> float:
        """As long as one key needs for this night's requests to Partner Center, in seconds."""
        return len(self.requests("partnercenter")) / A_MINUTE * 60 * scale

    @property
    def cpu_per_customer(self) -> float:
        return sum(usage.cpu_seconds for usage in self.hosts) / self.customers


def report(nights: Sequence[Night], scale: float) -> Group:
    table = Table(title="A night in which nothing happened", title_justify="left")
    table.add_column("")
    for night in nights:
        table.add_column(f"{night.customers:,} customers", justify="right")
    for name, cells in _lines(nights, scale).items():
        table.add_row(name, *cells)
    return Group(_stated(scale), table, AIMS)


def _stated(scale: float) -> str:
    return (
        f"One scale of time for latencies and limits: a second of Microsoft's is {scale:g} s here. "
        f"The bound is {A_MINUTE} requests a minute to Partner Center for one key. Times are real "
        "seconds of this machine; requests are HTTP requests, a $batch is one. The first reading "
        "meets no latencies and no limits."
    )


def _lines(nights: Sequence[Night], scale: float) -> dict[str, list[str]]:
    bounds = [night.bound(scale) for night in nights]
    pairs = list(zip(nights, bounds, strict=True))
    return {
        "people": [f"{night.people:,}" for night in nights],
        "requests per customer": [f"{night.requests_per_customer:.2f}" for night in nights],
        "sign-ins per customer": [
            f"{len(night.requests('login')) / night.customers:.2f}" for night in nights
        ],
        "answers 429": [f"{night.throttled}" for night in nights],
        "wall time": [f"{night.wall:.1f} s" for night in nights],
        "bound": [f"{bound:.1f} s" for bound in bounds],
        "wall time / bound": [f"{night.wall / bound:.2f}" for night, bound in pairs],
        "CPU of all hosts per customer": [
            f"{night.cpu_per_customer * 1000:.0f} ms" for night in nights
        ],
        "CPU of each host": [_each([f"{u.cpu_seconds:.1f}" for u in n.hosts], "s") for n in nights],
        "peak memory of each host": [
            _each([f"{u.peak_bytes / MEBIBYTE:.0f}" for u in n.hosts], "MiB") for n in nights
        ],
        "first reading of everybody": [f"{night.reading:.1f} s" for night in nights],
    }


def _each(figures: Sequence[str], unit: str) -> str:
    return f"{' + '.join(figures)} {unit}"
