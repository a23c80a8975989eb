"""Register, change and remove connections; nobody reads their secrets back."""

from dataclasses import replace

from shared.domain.connections import Connection
from shared.domain.errors import AlreadyExists, ConnectionInUse
from shared.domain.ids import ConnectionId
from shared.domain.passwords import Secret
from shared.workflows.ports import AuditEntry, Desk


def client_secret_name(connection: ConnectionId) -> str:
    return f"connection-{connection}-client-secret"


def refresh_token_name(connection: ConnectionId) -> str:
    return f"connection-{connection}-refresh-token"


async def register_connection(
    desk: Desk,
    connection: Connection,
    *,
    client_secret: Secret,
    refresh_token: Secret | None,
    requested_by: str,
    organisation: str,
) -> Connection:
    """Keep the connection, then its secrets: a taken id must not replace another one's secrets."""
    connection.require_manager(organisation)
    connection = await _kept(desk, connection)
    await desk.secrets.put(client_secret_name(connection.id), client_secret)
    if refresh_token is not None:
        await desk.secrets.put(refresh_token_name(connection.id), refresh_token)
        now = await desk.clock.now()
        await desk.healths.note(connection.id, signed_in_at=now, refresh_token_at=now)
    await _record(desk, requested_by, "connection registered", connection.id)
    return connection


async def _kept(desk: Desk, connection: Connection) -> Connection:
    """An id whose secrets never arrived is one that an earlier try left half registered."""
    try:
        return await desk.connections.add(connection)
    except AlreadyExists:
        kept = await desk.connections.get(connection.id)
        same = replace(connection, created_at=kept.created_at, etag=kept.etag) == kept
        if not same or await desk.secrets.get(client_secret_name(connection.id)) is not None:
            raise
        return kept


async def change_connection(
    desk: Desk,
    connection: Connection,
    *,
    client_secret: Secret | None,
    requested_by: str,
    organisation: str,
) -> Connection:
    """Raise `ChangedMeanwhile` where it is not the version that was read."""
    connection.require_manager(organisation)
    connection = await desk.connections.save(connection)
    if client_secret is not None:
        await desk.secrets.put(client_secret_name(connection.id), client_secret)
    await _record(desk, requested_by, "connection changed", connection.id)
    return connection


async def remove_connection(
    desk: Desk, connection: Connection, *, requested_by: str, organisation: str
) -> None:
    """Remove what nobody rests on, its secrets first: half removed it reaches nobody any more."""
    connection.require_manager(organisation)
    if customers := await desk.customers.of_connection(connection.id):
        raise ConnectionInUse(
            f"{len(customers)} customers are on record with the connection {connection.name!r}, "
            "so it stays."
        )
    for name in (client_secret_name(connection.id), refresh_token_name(connection.id)):
        await desk.secrets.delete(name)
    for market in connection.countries:
        await desk.catalog.replace(connection.id, market, [])
    await desk.healths.forget(connection.id)
    await desk.connections.delete(connection)
    await _record(desk, requested_by, "connection removed", connection.id)


async def _record(desk: Desk, who: str, what: str, connection: ConnectionId) -> None:
    await desk.audit.record(AuditEntry(await desk.clock.now(), who, what, connection))
