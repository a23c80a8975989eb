"""Print what the bench of bulk work found, beside what it was to find."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group
from rich.table import Table

from local.bench_figures import MEBIBYTE, Limits, Run
from local.places import Json

UPDATES_OF_A_SUBSCRIPTION = 1200
AIMS = (
    "Aims: one growth at every size; at most 0.15 requests to Graph per user from 1,000 rows on; "
    "wall time at most 1.2 times the bound; at most 64 MiB more memory at 10,000 rows than at 100; "
    "CPU per row flat."
)


@dataclass(frozen=True, slots=True)
class OneByOneRun:
    """People who were provisioned without batches, a growth for each."""

    rows: int
    wall: float
    calls: Sequence[Json]

    @property
    def calls_per_user(self) -> float:
        return len(self.calls) / self.rows


def report(runs: Sequence[Run], alone: OneByOneRun, limits: Limits, scale: float) -> Group:
    table = Table(title="Bulk work", title_justify="left")
    table.add_column("")
    for run in runs:
        table.add_column(f"{run.rows:,} rows", justify="right")
    for name, cells in _lines(runs, alone, limits, scale).items():
        table.add_row(name, *cells)
    return Group(_stated(scale, limits), table, AIMS)


def _stated(scale: float, limits: Limits) -> str:
    return (
        f"One scale of time for latencies and limits: a second of Microsoft's is {scale:g} s here "
        f"(its {limits.writes:,} writes per 150 s are {limits.writes:,} per {limits.window:g} s). "
        "Times are real seconds of this machine; requests are HTTP requests, a $batch is one."
    )


def _lines(
    runs: Sequence[Run], alone: OneByOneRun, limits: Limits, scale: float
) -> dict[str, list[str]]:
    bounds = [run.bound(limits) for run in runs]
    pairs = list(zip(runs, bounds, strict=True))
    return {
        "requests to Graph per user": [f"{len(r.graph) / r.rows:.3f}" for r in runs],
        "requests to Partner Center": [f"{len(r.partner_center)}" for r in runs],
        "growths of the subscription": [f"{r.growths}" for r in runs],
        "answers 429": [f"{r.throttled}" for r in runs],
        "wall time": [f"{r.wall:.1f} s" for r in runs],
        "bound": [f"{bound:.1f} s" for bound in bounds],
        "wall time / bound": [f"{r.wall / bound:.2f}" for r, bound in pairs],
        "wall time in Microsoft's seconds": [f"{r.wall / scale:.0f} s" for r in runs],
        "CPU of the host": [f"{r.usage.cpu_seconds:.1f} s" for r in runs],
        "CPU of the host per row": [f"{r.usage.cpu_seconds / r.rows * 1000:.1f} ms" for r in runs],
        "peak memory of the host": [f"{r.usage.peak_bytes / MEBIBYTE:.0f} MiB" for r in runs],
        "one by one: requests per user": [f"{alone.calls_per_user:.1f}"] * len(runs),
        "one by one: growths": [_growths_alone(r.rows) for r in runs],
        "one by one: wall time": [_wall_alone(alone, r.rows) for r in runs],
        "times as fast": [f"{alone.wall / alone.rows * r.rows / r.wall:.0f}" for r in runs],
    }


def _growths_alone(rows: int) -> str:
    """Microsoft takes no more updates of one subscription than these."""
    return f"{rows:,}" if rows <= UPDATES_OF_A_SUBSCRIPTION else f"{rows:,} (refused)"


def _wall_alone(alone: OneByOneRun, rows: int) -> str:
    seconds = f"{alone.wall / alone.rows * rows:.0f} s"
    return seconds if rows == alone.rows else f"{seconds} (extrapolated)"
