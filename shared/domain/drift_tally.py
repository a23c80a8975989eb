"""Count what a night found changed outside the product, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from shared.domain.drift import DriftEntry, DriftState

COUNTED = 1000
"""Entries of one customer, newest first, that a night looks at: its work must not grow."""
LISTED = 50


@dataclass(frozen=True, slots=True)
class DriftCounts:
    """What one run found and decided; ``open`` counts what earlier ones left open as well."""

    found: int = 0
    adopted: int = 0
    enforced: int = 0
    open: int = 0

    def __add__(self, other: "DriftCounts") -> "DriftCounts":
        return DriftCounts(
            self.found + other.found,
            self.adopted + other.adopted,
            self.enforced + other.enforced,
            self.open + other.open,
        )


@dataclass(frozen=True, slots=True)
class NightDrift:
    """One customer's drift as a run leaves it; ``entries`` are the newest of those counted."""

    counts: DriftCounts = field(default_factory=DriftCounts)
    entries: tuple[DriftEntry, ...] = ()


def night_drift(entries: Iterable[DriftEntry], since: datetime) -> NightDrift:
    """Tell what is open, and what was found or decided since the run began."""
    told = [entry for entry in entries if _is_told(entry, since)]
    counts = DriftCounts(
        found=sum(entry.since >= since for entry in told),
        adopted=_decided(told, DriftState.ADOPTED, since),
        enforced=_decided(told, DriftState.ENFORCED, since),
        open=sum(entry.state is DriftState.OPEN for entry in told),
    )
    return NightDrift(counts, tuple(islice(told, LISTED)))


def _is_told(entry: DriftEntry, since: datetime) -> bool:
    return entry.state is DriftState.OPEN or entry.since >= since or _is_recent(entry, since)


def _is_recent(entry: DriftEntry, since: datetime) -> bool:
    return entry.decided_at is not None and entry.decided_at >= since


def _decided(entries: Iterable[DriftEntry], state: DriftState, since: datetime) -> int:
    return sum(entry.state is state and _is_recent(entry, since) for entry in entries)
