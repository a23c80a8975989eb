"""Keep runs: a head, the connections to expand and the customers' parts in one partition."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.domain.errors import AlreadyExists, RunNotFound
from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.runs import CustomerRun, Run
from shared.storage import keys
from shared.storage.index import page_of, pointer
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables
from shared.workflows.ports import Page

_EXPECTED = keys.under("connection")
_PARTS = keys.under("part")


@dataclass(frozen=True, slots=True)
class Expectation:
    """A connection of a run; the row stays when it is met, or a late delivery would expect anew."""

    connection_id: ConnectionId
    met: bool = False


class RunTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["runs"]

    async def add(self, run: Run) -> Run:
        kept = await self._claim(run)
        await self._table.upsert(
            pointer(keys.INDEX, keys.newest_first(kept.opened_at, kept.id), kept.id)
        )
        return kept

    async def get(self, run: RunId) -> Run:
        found = await self._find(run)
        if found is None:
            raise RunNotFound(run)
        return found

    async def save(self, run: Run) -> Run:
        return replace(run, etag=await self._table.replace(_head(run), run.etag))

    async def page(self, cursor: str | None, size: int) -> Page[Run]:
        return await page_of(self._table, cursor, size, lambda i: self._find(RunId(i)))

    async def expect_connections(self, run: RunId, connections: Sequence[ConnectionId]) -> None:
        for connection in connections:
            row = to_row(Expectation(connection), keys.run(run), keys.expected(connection))
            await self._table.insert_if_absent(row)

    async def connection_expanded(self, run: RunId, connection: ConnectionId) -> None:
        met = Expectation(connection, met=True)
        await self._table.upsert(to_row(met, keys.run(run), keys.expected(connection)))

    async def unexpanded(self, run: RunId) -> Sequence[ConnectionId]:
        rows = await self._table.between(keys.run(run), _EXPECTED)
        expected = [from_row(Expectation, row) for row in rows]
        return [e.connection_id for e in expected if not e.met]

    async def add_part(self, part: CustomerRun) -> None:
        await self._table.insert_if_absent(_part(part))

    async def part(self, run: RunId, customer: CustomerId) -> CustomerRun:
        row = await self._table.get(keys.run(run), keys.part(customer))
        if row is None:
            raise RunNotFound(f"{run}/{customer}")
        return from_row(CustomerRun, row)

    async def save_part(self, part: CustomerRun) -> CustomerRun:
        return replace(part, etag=await self._table.replace(_part(part), part.etag))

    async def parts(self, run: RunId) -> Sequence[CustomerRun]:
        rows = await self._table.between(keys.run(run), _PARTS)
        return [from_row(CustomerRun, row) for row in rows]

    async def _claim(self, run: Run) -> Run:
        try:
            return replace(run, etag=await self._table.insert(_head(run)))
        except AlreadyExists:
            return await self.get(run.id)

    async def _find(self, run: RunId) -> Run | None:
        row = await self._table.get(keys.run(run), keys.HEAD)
        return from_row(Run, row) if row is not None else None


def _head(run: Run) -> Row:
    return to_row(run, keys.run(run.id), keys.HEAD)


def _part(part: CustomerRun) -> Row:
    return to_row(part, keys.run(part.run_id), keys.part(part.customer_id))
