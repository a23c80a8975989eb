"""Keep our own long work; one partition lists what must not be waited for after a moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.errors import AlreadyExists, OperationNotFound
from shared.domain.ids import OperationId
from shared.domain.operations import Operation
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables


@dataclass(frozen=True, slots=True)
class Expiry:
    id: OperationId
    at: datetime


class OperationTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["operations"]

    async def add(self, operation: Operation) -> Operation:
        try:
            return replace(operation, etag=await self._table.insert(_row(operation)))
        except AlreadyExists:
            return await self.get(operation.id)

    async def get(self, operation: OperationId) -> Operation:
        row = await self._table.get(keys.escaped(operation), keys.HEAD)
        if row is None:
            raise OperationNotFound(operation)
        return from_row(Operation, row)

    async def save(self, operation: Operation) -> Operation:
        return replace(operation, etag=await self._table.replace(_row(operation), operation.etag))

    async def expire(self, operation: OperationId, at: datetime) -> None:
        row = to_row(Expiry(operation, at), keys.EXPIRING, keys.escaped(operation))
        await self._table.upsert(row)

    async def expired(self, now: datetime) -> Sequence[OperationId]:
        rows = await self._table.partition(keys.EXPIRING)
        listed = [from_row(Expiry, row) for row in rows]
        return [expiry.id for expiry in listed if expiry.at <= now]

    async def keep(self, operation: OperationId) -> None:
        await self._table.delete(keys.EXPIRING, keys.escaped(operation))


def _row(operation: Operation) -> Row:
    return to_row(operation, keys.escaped(operation.id), keys.HEAD)
