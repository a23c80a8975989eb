"""Mirror a customer's people beside the state of their reading, so that both change at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.ids import CustomerId
from shared.domain.mirror import MirroredUser, SyncState
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import (
    Change,
    Tables,
    deleting,
    inserting,
    replacing,
    upserting,
)
from shared.workflows.ports import Page

_PEOPLE = keys.under("u")
_SIDE_BY_SIDE = 8


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
        self,
        state: SyncState,
        written: Sequence[MirroredUser] = (),
        removed: Sequence[MirroredUser] = (),
        *,
        new: bool = False,
    ) -> SyncState:
        partition = keys.customer(state.customer_id)
        writing = inserting if new else upserting
        changes = [_head(state)]
        changes += [writing(to_row(user, partition, keys.user(user.id))) for user in written]
        changes += [deleting(partition, keys.user(user.id)) for user in removed]
        try:
            etags = await self._table.transact(changes)
        except AlreadyExists as error:
            if new:
                raise
            raise ChangedMeanwhile("Somebody else has begun to read these people.") from error
        return replace(state, etag=etags[0])


def _head(state: SyncState) -> Change:
    row = to_row(state, keys.customer(state.customer_id), keys.HEAD)
    return replacing(row, state.etag) if state.etag else inserting(row)
