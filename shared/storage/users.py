"""Mirror a customer's people beside the state of their reading, so that both change at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.ids import BatchId, CustomerId
from shared.domain.mirror import MirroredUser, Move, SyncState
from shared.domain.spells import Settled, Spell, Touch
from shared.storage import keys
from shared.storage.drift import drift_changes
from shared.storage.rows import Row, from_row, to_row
from shared.storage.spells import page_of_spells
from shared.storage.tables import Tables
from shared.storage.writes import Change, deleting, inserting, replacing, upserting
from shared.together import together
from shared.workflows.ports import Page

_PEOPLE = keys.under("u")
_DOUBTS = keys.under("a-doubt")
_SIDE_BY_SIDE = 8
_LOOKED_AT = timedelta(days=2)
"""A night is closed by then, and promises nothing any more."""
_GONE_AT_ONCE = 200


class UserTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["users"]

    async def state(self, customer: CustomerId) -> SyncState:
        row = await self._table.get(keys.customer(customer), keys.HEAD)
        return from_row(SyncState, row) if row is not None else SyncState(customer)

    async def known(self, customer: CustomerId, ids: Sequence[str]) -> dict[str, MirroredUser]:
        rows = await self._rows(customer, [keys.user(id_) for id_ in ids])
        return {user.id: user for user in (from_row(MirroredUser, row) for row in rows)}

    async def _rows(self, customer: CustomerId, names: Sequence[str]) -> list[Row]:
        get = partial(self._table.get, keys.customer(customer))
        rows = await together(_SIDE_BY_SIDE, get, dict.fromkeys(names))
        return [row for row in rows if row is not None]

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
        touches = [Touch(id_, batch, at) for id_ in dict.fromkeys(ids)]
        if touches:
            rows = (to_row(touch, partition, keys.ours(touch.user_id)) for touch in touches)
            await self._table.transact_all(upserting(row) for row in rows)

    async def touches(self, customer: CustomerId, ids: Sequence[str]) -> dict[str, Touch]:
        rows = await self._rows(customer, [keys.ours(id_) for id_ in ids])
        return {touch.user_id: touch for touch in (from_row(Touch, row) for row in rows)}

    async def note_given(
        self, customer: CustomerId, holder: BatchId, ids: Sequence[str], at: datetime
    ) -> None:
        """What no night looks at any more goes first."""
        partition = keys.customer(customer)
        before = keys.given_before(at - _LOOKED_AT)
        old, _ = await self._table.page(partition, before, None, _GONE_AT_ONCE)
        for row in old:
            await self._table.delete(partition, str(row["RowKey"]))
        touches = (Touch(id_, holder, at) for id_ in dict.fromkeys(ids))
        rows = (to_row(t, partition, keys.given(at, holder, t.user_id)) for t in touches)
        await self._table.transact_all(upserting(row) for row in rows)

    async def given(self, customer: CustomerId, holder: BatchId, since: datetime) -> frozenset[str]:
        rows = await self._table.between(keys.customer(customer), keys.given_since(since))
        touches = (from_row(Touch, row) for row in rows)
        return frozenset(t.user_id for t in touches if t.batch_id == holder)

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
        yield from drift_changes(entry)
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
