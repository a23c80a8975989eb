"""Keep our own long work."""

from dataclasses import replace

from shared.domain.errors import AlreadyExists, OperationNotFound
from shared.domain.ids import OperationId
from shared.domain.operations import Operation
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables


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


def _row(operation: Operation) -> Row:
    return to_row(operation, keys.escaped(operation.id), keys.HEAD)
