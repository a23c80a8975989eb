"""Know a chunk: rows of a batch that are kept together, and the few numbers that stand for them.

A batch may have fifty thousand rows, so whoever only wants to know how far it has come reads the
tallies, which are a hundredth of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.domain.batches import CHUNK, Progress, RowResult, RowStatus, progress_of
from shared.domain.ids import SkuId


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to `CHUNK` rows in the order of their numbers; chunks count from 1.

    ``marked`` says that the store holds a mark for it, as it does while a row has not ended.
    """

    number: int
    rows: tuple[RowResult, ...]
    marked: bool = True
    etag: str = ""

    @property
    def is_open(self) -> bool:
        return any(not r.status.is_final for r in self.rows)

    def row(self, number: int) -> RowResult | None:
        return next((r for r in self.rows if r.row.number == number), None)

    def having(self, changed: Iterable[RowResult]) -> "Chunk":
        """The same chunk with some of its rows as they are now."""
        latest = {r.row.number: r for r in changed}
        return replace(self, rows=tuple(latest.get(r.row.number, r) for r in self.rows))


@dataclass(frozen=True, slots=True)
class SeatTally:
    """Of the rows that take a seat of one SKU: how many are still to have it, have it, never will.

    ``failed`` rows took none.
    """

    open: int = 0
    done: int = 0
    failed: int = 0

    def __add__(self, other: "SeatTally") -> "SeatTally":
        return SeatTally(self.open + other.open, self.done + other.done, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a chunk comes to; ``passwords`` are those that nobody has acknowledged."""

    number: int
    progress: Progress = field(default_factory=Progress)
    seats: Mapping[SkuId, SeatTally] = field(default_factory=dict)
    passwords: int = 0

    @property
    def is_open(self) -> bool:
        return not self.progress.is_complete


def tally_of(chunk: Chunk) -> Tally:
    seats: dict[SkuId, SeatTally] = {}
    for result in chunk.rows:
        for sku in result.takes:
            seats[sku] = seats.get(sku, SeatTally()) + _one(result.status)
    passwords = sum(r.holds_password for r in chunk.rows)
    return Tally(chunk.number, progress_of(chunk.rows), seats, passwords)


def _one(status: RowStatus) -> SeatTally:
    if status is RowStatus.DONE:
        return SeatTally(done=1)
    return SeatTally(failed=1) if status is RowStatus.FAILED else SeatTally(open=1)


def progress_in(tallies: Iterable[Tally]) -> Progress:
    return sum((t.progress for t in tallies), Progress())


def seats_in(tallies: Iterable[Tally], sku: SkuId) -> SeatTally:
    return sum((t.seats.get(sku, SeatTally()) for t in tallies), SeatTally())


def skus_in(tallies: Iterable[Tally]) -> list[SkuId]:
    """In the one order in which everybody takes SKUs, so that nobody waits for each other."""
    return sorted({sku for tally in tallies for sku in tally.seats})


def chunked(rows: Sequence[RowResult]) -> Iterator[Chunk]:
    """Cut a document's rows; the last chunk may be shorter."""
    for at in range(0, len(rows), CHUNK):
        yield Chunk(at // CHUNK + 1, tuple(rows[at : at + CHUNK]))
