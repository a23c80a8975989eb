"""Register a partner's way into Partner Center, its secrets where nobody reads them back."""

from shared.domain.connections import Connection
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
) -> Connection:
    """Keep the connection, then its secrets: a taken id must not replace another one's secrets."""
    await desk.connections.add(connection)
    await desk.secrets.put(client_secret_name(connection.id), client_secret)
    if refresh_token is not None:
        await desk.secrets.put(refresh_token_name(connection.id), refresh_token)
    await desk.audit.record(
        AuditEntry(await desk.clock.now(), requested_by, "connection registered", connection.id)
    )
    return connection
