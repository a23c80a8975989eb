"""Keep what was seen of each connection, apart from what was configured of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.health import ConnectionHealth
from shared.domain.ids import ConnectionId
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables

_TOGETHER = "health"


class HealthTable:
    """Each observation writes its own properties: two hosts that see two things keep both."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables["connections"]

    async def of(self, connection: ConnectionId) -> ConnectionHealth:
        row = await self._table.get(_TOGETHER, keys.connection(connection))
        return from_row(ConnectionHealth, row) if row else ConnectionHealth(connection)

    async def all(self) -> Mapping[ConnectionId, ConnectionHealth]:
        rows: Sequence[Row] = await self._table.partition(_TOGETHER)
        found = [from_row(ConnectionHealth, row) for row in rows]
        return {health.connection_id: health for health in found}

    async def note(self, connection: ConnectionId, **seen: Any) -> None:  # noqa: ANN401 - fields
        health = ConnectionHealth(connection, **seen)
        await self._table.merge(to_row(health, _TOGETHER, keys.connection(connection)))

    async def forget(self, connection: ConnectionId) -> None:
        await self._table.delete(_TOGETHER, keys.connection(connection))
