"""Keep the partners' connections; there are few, and they are read together."""

from collections.abc import Sequence
from dataclasses import replace

from shared.domain.connections import Connection
from shared.domain.errors import AlreadyExists, ChangedMeanwhile, ConnectionNotFound
from shared.domain.ids import ConnectionId
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables

_TOGETHER = "connections"


class ConnectionTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["connections"]

    async def add(self, connection: Connection) -> Connection:
        try:
            return replace(connection, etag=await self._table.insert(_row(connection)))
        except AlreadyExists as error:
            raise AlreadyExists(f"There is a connection {connection.id!r} already.") from error

    async def get(self, connection: ConnectionId) -> Connection:
        row = await self._table.get(_TOGETHER, keys.connection(connection))
        if row is None:
            raise ConnectionNotFound(connection)
        return from_row(Connection, row)

    async def all(self) -> Sequence[Connection]:
        return [from_row(Connection, row) for row in await self._table.partition(_TOGETHER)]

    async def save(self, connection: Connection) -> Connection:
        try:
            etag = await self._table.replace(_row(connection), connection.etag)
        except ChangedMeanwhile:
            await self.get(connection.id)
            raise
        return replace(connection, etag=etag)

    async def delete(self, connection: Connection) -> None:
        key = keys.connection(connection.id)
        await self._table.delete_unchanged(_TOGETHER, key, connection.etag)


def _row(connection: Connection) -> Row:
    return to_row(connection, _TOGETHER, keys.connection(connection.id))
