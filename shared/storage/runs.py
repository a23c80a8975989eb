"""Keep runs: a head, the connections to expand and the customers' parts in one partition.

A part that has not ended has a marker beside it, which the save that ends it deletes with it: so
the last customer is found by one look for any marker, however many customers there are.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.errors import AlreadyExists, ChangedMeanwhile, RunNotFound
from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.runs import Coverage, CustomerRun, LastNight, LeftOut, Nights, Run
from shared.storage import keys
from shared.storage.index import pointer
from shared.storage.rows import ETAG, Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import TRANSACTION, Change, deleting, inserting, replacing
from shared.workflows.ports import Page

_EXPECTED = keys.under("connection")
_PARTS = keys.under("part")
_MARKERS = keys.under("open")
_PORTION = 200
_BLOCK = TRANSACTION // 2
_ITSELF = ConnectionId("")
"""What a run expects from its first moment on, until all that it must cover is noted and sent."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A connection of a run; the row stays when it is met, or a late delivery would expect anew.

    One that was left out is met as well, for nobody is to wait for it.
    """

    connection_id: ConnectionId
    met: bool = False
    left_out: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Since:
    """From when on nights are expected."""

    at: datetime


class RunTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["runs"]

    async def claim(self, run: Run) -> tuple[Run, bool]:
        """The lists are written first: who dies in between leaves pointers that lead nowhere."""
        found = await self._find(run.id)
        if found is not None:
            return found, False
        await self._table.upsert(pointer(keys.OPEN, keys.run(run.id), run.id))
        await self._table.upsert(pointer(keys.INDEX, _place(run), run.id))
        return await self._claim(run)

    async def get(self, run: RunId) -> Run:
        found = await self._find(run)
        if found is None:
            raise RunNotFound(run)
        return found

    async def save(self, run: Run) -> Run:
        return replace(run, etag=await self._table.replace(_head(run), run.etag))

    async def page(self, cursor: str | None, size: int) -> Page[Run]:
        """Listed where it was opened: other pointers are those of claims that came too late."""
        rows, onward = await self._table.page(keys.INDEX, keys.EVERYTHING, cursor, size)
        found = await asyncio.gather(*(self._find(RunId(str(row["id"]))) for row in rows))
        pairs = zip(rows, found, strict=True)
        return Page([run for row, run in pairs if run and row["RowKey"] == _place(run)], onward)

    async def open_runs(self) -> Sequence[Run]:
        return [run for run in await self._to_look_after() if not run.status.is_final]

    async def unannounced_runs(self) -> Sequence[Run]:
        return [run for run in await self._to_look_after() if run.status.is_final]

    async def announced(self, run: RunId) -> None:
        await self._table.delete(keys.OPEN, keys.run(run))

    async def _to_look_after(self) -> Sequence[Run]:
        rows = await self._table.partition(keys.OPEN)
        found = [await self._find(RunId(str(row["id"]))) for row in rows]
        return [run for run in found if run is not None]

    async def expect_connections(self, run: RunId, connections: Sequence[ConnectionId]) -> None:
        for connection in connections:
            await self._table.insert_if_absent(_expected(run, Expectation(connection)))

    async def note_queued(self, run: RunId) -> None:
        await self._table.upsert(_expected(run, Expectation(_ITSELF, met=True)))

    async def connection_expanded(self, run: RunId, connection: ConnectionId) -> None:
        await self._table.upsert(_expected(run, Expectation(connection, met=True)))

    async def leave_out(self, run: RunId, connection: ConnectionId, reason: str) -> None:
        row = await self._table.get(keys.run(run), keys.expected(connection))
        if row is None or from_row(Expectation, row).met:
            return
        left = Expectation(connection, met=True, left_out=True, reason=reason)
        await self._table.replace(_expected(run, left), str(row[ETAG]))

    async def coverage(self, run: RunId) -> Coverage:
        rows = await self._table.between(keys.run(run), _EXPECTED)
        expected = [from_row(Expectation, row) for row in rows]
        unmet = [e.connection_id for e in expected if not e.met]
        left_out = (LeftOut(e.connection_id, e.reason) for e in expected if e.left_out)
        return Coverage(
            _ITSELF not in unmet, tuple(c for c in unmet if c != _ITSELF), tuple(left_out)
        )

    async def add_parts(self, parts: Sequence[CustomerRun]) -> Sequence[CustomerId]:
        """Parts of one run; those that are there keep their progress."""
        blocks = [parts[start : start + _BLOCK] for start in range(0, len(parts), _BLOCK)]
        return [customer for block in blocks for customer in await self._add_block(block)]

    async def part(self, run: RunId, customer: CustomerId) -> CustomerRun:
        row = await self._table.get(keys.run(run), keys.part(customer))
        if row is None:
            raise RunNotFound(f"{run}/{customer}")
        return from_row(CustomerRun, row)

    async def save_part(self, part: CustomerRun) -> CustomerRun:
        """Raise `ChangedMeanwhile` where another delivery wrote since it was read."""
        changes = [replacing(_part(part), part.etag)]
        if part.status.is_final:
            changes.append(deleting(keys.run(part.run_id), keys.open_part(part.customer_id)))
        return replace(part, etag=(await self._table.transact(changes))[0])

    async def parts(self, run: RunId) -> AsyncIterator[CustomerRun]:
        cursor: str | None = None
        while True:
            page = await self.parts_page(run, cursor, _PORTION)
            for part in page.items:
                yield part
            cursor = page.cursor
            if cursor is None:
                return

    async def parts_page(self, run: RunId, cursor: str | None, size: int) -> Page[CustomerRun]:
        rows, onward = await self._table.page(keys.run(run), _PARTS, cursor, size)
        return Page([from_row(CustomerRun, row) for row in rows], onward)

    async def purge_parts(self, run: RunId, most: int) -> int:
        gone = 0
        for kind in (_EXPECTED, _PARTS, _MARKERS):
            rows, _ = await self._table.page(keys.run(run), kind, None, most - gone)
            await self._table.transact_all(
                deleting(keys.run(run), str(row["RowKey"])) for row in rows
            )
            gone += len(rows)
        return gone

    async def waiting(self, run: RunId, size: int) -> Sequence[CustomerId]:
        rows, _ = await self._table.page(keys.run(run), _MARKERS, None, size)
        return [CustomerId(str(row["id"])) for row in rows]

    async def nights(self, now: datetime) -> Nights:
        since = await self._table.get(keys.NIGHTS, "since")
        if since is None:
            await self._table.insert_if_absent(to_row(Since(now), keys.NIGHTS, "since"))
        last = await self._table.get(keys.NIGHTS, "last")
        return Nights(
            now if since is None else from_row(Since, since).at,
            None if last is None else from_row(LastNight, last),
        )

    async def complete_night(self, night: LastNight) -> None:
        row, kept = to_row(night, keys.NIGHTS, "last"), await self._table.get(keys.NIGHTS, "last")
        try:
            if kept is None:
                await self._table.insert(row)
            elif from_row(LastNight, kept).finished_at < night.finished_at:
                await self._table.replace(row, str(kept[ETAG]))
        except (AlreadyExists, ChangedMeanwhile):
            await self.complete_night(night)

    async def _add_block(self, parts: Sequence[CustomerRun]) -> Sequence[CustomerId]:
        try:
            await self._table.transact([change for part in parts for change in _inserting(part)])
        except AlreadyExists:
            # An earlier delivery put some of them down: the others one by one.
            return [part.customer_id for part in parts if await self._add_one(part)]
        return [part.customer_id for part in parts]

    async def _add_one(self, part: CustomerRun) -> bool:
        """Whether it has not ended."""
        try:
            await self._table.transact(_inserting(part))
        except AlreadyExists:
            marker = keys.run(part.run_id), keys.open_part(part.customer_id)
            return await self._table.get(*marker) is not None
        return True

    async def _claim(self, run: Run) -> tuple[Run, bool]:
        opening = [inserting(_head(run)), inserting(_expected(run.id, Expectation(_ITSELF)))]
        try:
            return replace(run, etag=(await self._table.transact(opening))[0]), True
        except AlreadyExists:
            return await self.get(run.id), False

    async def _find(self, run: RunId) -> Run | None:
        row = await self._table.get(keys.run(run), keys.HEAD)
        return from_row(Run, row) if row is not None else None


def _head(run: Run) -> Row:
    return to_row(run, keys.run(run.id), keys.HEAD)


def _place(run: Run) -> str:
    """Where it stands in the list of all runs."""
    return keys.newest_first(run.opened_at, run.id)


def _expected(run: RunId, expectation: Expectation) -> Row:
    return to_row(expectation, keys.run(run), keys.expected(expectation.connection_id))


def _part(part: CustomerRun) -> Row:
    return to_row(part, keys.run(part.run_id), keys.part(part.customer_id))


def _inserting(part: CustomerRun) -> list[Change]:
    marker = pointer(keys.run(part.run_id), keys.open_part(part.customer_id), part.customer_id)
    return [inserting(_part(part)), inserting(marker)]
