"""Mirror a customer's people beside the state of their reading, so that both change at once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.ids import BatchId, CustomerId
from shared.domain.mirror import MirroredUser, Move, SyncState
from shared.domain.spells import Settled, Spell
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.spells import page_of_spells
from shared.storage.tables import Tables
from shared.storage.writes import Change, deleting, inserting, replacing, upserting
from shared.workflows.ports import Page

_PEOPLE = keys.under("u")
_DOUBTS = keys.under("a-doubt")
_SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True)
class Touch:
    """A batch of ours has worked on a person."""

    user_id: str
    batch_id: BatchId
    at: datetime


class UserTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["users"]

    async def state(self, customer: CustomerId) -> SyncState:
        row = await self._table.get(keys.customer(customer), keys.HEAD)
        return from_row(SyncState, row) if row is not None else SyncState(customer)

    async def known(self, customer: CustomerId, ids: Sequence[str]) -> dict[str, MirroredUser]:
        gate = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def one(id_: str) -> Row | None:
            async with gate:
                return await self._table.get(keys.customer(customer), keys.user(id_))

        rows = await asyncio.gather(*(one(id_) for id_ in dict.fromkeys(ids)))
        users = [from_row(MirroredUser, row) for row in rows if row is not None]
        return {user.id: user for user in users}

    async def page(self, customer: CustomerId, cursor: str | None, size: int) -> Page[MirroredUser]:
        rows, onward = await self._table.page(keys.customer(customer), _PEOPLE, cursor, size)
        return Page([from_row(MirroredUser, row) for row in rows], onward)

    async def save(
        self, state: SyncState, settled: Settled | None = None, *, new: bool = False
    ) -> SyncState:
        partition = keys.customer(state.customer_id)
        changes = [_head(state), *_changes(partition, settled or Settled(), new=new)]
        try:
            etags = await self._table.transact(changes)
        except AlreadyExists as error:
            if new:
                raise
            raise ChangedMeanwhile("Somebody else has begun to read these people.") from error
        return replace(state, etag=etags[0])

    async def spells(
        self, customer: CustomerId, since: datetime, cursor: str | None, size: int
    ) -> Page[Sequence[Spell]]:
        return await page_of_spells(self._table, keys.customer(customer), since, cursor, size)

    async def note_ours(
        self, customer: CustomerId, batch: BatchId, ids: Sequence[str], at: datetime
    ) -> None:
        partition = keys.customer(customer)
        touches = (Touch(id_, batch, at) for id_ in dict.fromkeys(ids))
        changes = [upserting(to_row(t, partition, keys.ours(at, t.user_id))) for t in touches]
        if changes:
            await self._table.transact_all(changes)

    async def ours(
        self, customer: CustomerId, since: datetime, until: datetime
    ) -> dict[str, BatchId]:
        between = keys.ours_between(since, until)
        rows = await self._table.between(keys.customer(customer), between)
        touches = (from_row(Touch, row) for row in rows)
        return {t.user_id: t.batch_id for t in touches if t.at >= since}

    async def doubts(
        self, customer: CustomerId, cursor: str | None, size: int
    ) -> Page[MirroredUser]:
        rows, onward = await self._table.page(keys.customer(customer), _DOUBTS, cursor, size)
        return Page([from_row(MirroredUser, row) for row in rows], onward)


def _head(state: SyncState) -> Change:
    row = to_row(state, keys.customer(state.customer_id), keys.HEAD)
    return replacing(row, state.etag) if state.etag else inserting(row)


def _changes(partition: str, settled: Settled, *, new: bool) -> Iterator[Change]:
    for move in settled.moves:
        yield from _changes_of(partition, move, inserting if new else upserting)
    for entry in settled.drift:
        yield upserting(to_row(entry, partition, keys.drift(entry.id)))
    for spell in settled.ended:
        yield upserting(to_row(spell, partition, keys.ended_spell(spell)))


def _changes_of(partition: str, move: Move, writing: Callable[[Row], Change]) -> Iterator[Change]:
    if move.after is not None:
        yield writing(to_row(move.after, partition, keys.user(move.after.id)))
    elif move.before is not None:
        yield deleting(partition, keys.user(move.before.id))
    if move.after is not None and move.is_doubted:
        yield upserting(to_row(move.after, partition, keys.doubt(move.after.id)))
    elif move.before is not None and move.was_doubted:
        yield deleting(partition, keys.doubt(move.before.id))
