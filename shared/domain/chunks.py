"""Know a chunk: rows of a batch that are kept together, and the few numbers that stand for them.

A batch may have fifty thousand rows, so whoever only wants to know how far it has come reads the
tallies, which are a hundredth of it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.domain.actions import Stage
from shared.domain.batches import CHUNK, RowResult, RowStatus
from shared.domain.ids import SkuId
from shared.domain.progress import Progress, progress_of


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
    left: Mapping[str, int] = field(default_factory=dict)
    """Rows that have not ended, by the number of their stage."""
    freed: Mapping[SkuId, int] = field(default_factory=dict)
    """Licences that rows which are done have given back."""
    swapped: tuple[SkuId, ...] = ()
    """What is taken by rows that give something back for it."""

    @property
    def is_open(self) -> bool:
        return not self.progress.is_complete

    def left_until(self, stage: Stage) -> int:
        """Rows that have not ended, of this stage and of those before it."""
        return sum(count for number, count in self.left.items() if int(number) <= stage)


def tally_of(chunk: Chunk) -> Tally:
    seats: dict[SkuId, SeatTally] = {}
    for result in chunk.rows:
        for sku in result.takes:
            seats[sku] = seats.get(sku, SeatTally()) + _one(result.status)
    done = [r for r in chunk.rows if r.status is RowStatus.DONE]
    changes = [r for r in chunk.rows if r.stage is Stage.CHANGE]
    return Tally(
        chunk.number,
        progress_of(chunk.rows),
        seats,
        passwords=sum(r.holds_password for r in chunk.rows),
        left=Counter(str(int(r.stage)) for r in chunk.rows if not r.status.is_final),
        freed=Counter(sku for r in done for sku in r.frees),
        swapped=tuple(sorted({sku for r in changes for sku in r.takes})),
    )


def _one(status: RowStatus) -> SeatTally:
    if status is RowStatus.DONE:
        return SeatTally(done=1)
    return SeatTally(failed=1) if status is RowStatus.FAILED else SeatTally(open=1)


def progress_in(tallies: Iterable[Tally]) -> Progress:
    return sum((t.progress for t in tallies), Progress())


def seats_in(tallies: Iterable[Tally], sku: SkuId) -> SeatTally:
    return sum((t.seats.get(sku, SeatTally()) for t in tallies), SeatTally())


def freed_in(tallies: Iterable[Tally], sku: SkuId) -> int:
    return sum(t.freed.get(sku, 0) for t in tallies)


def wanted_in(tallies: Sequence[Tally], stage: Stage) -> dict[SkuId, int]:
    """Seats that have to be there before a stage begins; each SKU is computed in one stage only.

    What a plan change takes is needed early, by whatever rows.
    """
    early = {sku for tally in tallies for sku in tally.swapped}
    skus = [sku for sku in skus_in(tallies) if (sku in early) == (stage is Stage.CHANGE)]
    return {sku: seats_in(tallies, sku).open for sku in skus}


def first_stage(tallies: Iterable[Tally]) -> Stage:
    """Where a batch begins: one that frees nothing goes straight through."""
    left = {int(number) for tally in tallies for number in tally.left}
    return Stage(min(left, default=Stage.REST))


def skus_in(tallies: Iterable[Tally]) -> list[SkuId]:
    """In the one order in which everybody takes SKUs, so that nobody waits for each other."""
    return sorted({sku for tally in tallies for sku in tally.seats})


def chunked(rows: Sequence[RowResult]) -> Iterator[Chunk]:
    """Cut a document's rows; the last chunk may be shorter."""
    for at in range(0, len(rows), CHUNK):
        yield Chunk(at // CHUNK + 1, tuple(rows[at : at + CHUNK]))
