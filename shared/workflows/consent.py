"""Let a partner's user sign in for a connection, and keep what that gives.

The state names an operation and carries a random half that only its own flow knows. Operation and
flow are used once: whoever comes second finds nothing.
https://learn.microsoft.com/partner-center/developer/enable-secure-app-model
"""

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.connections import Connection
from shared.domain.errors import (
    ChangedMeanwhile,
    ConsentRefused,
    ConsentUnavailable,
    OperationNotFound,
    SeatkeeperError,
)
from shared.domain.ids import ConnectionId, OperationId
from shared.domain.operations import Operation, OperationKind, OperationStatus
from shared.domain.passwords import Secret
from shared.workflows.connections import refresh_token_name
from shared.workflows.ports import AuditEntry, Desk, SignedIn

CALLBACK = "/api/consent/callback"
LASTS = timedelta(minutes=10)
_STATE = re.compile(r"([0-9a-f-]{36})\.([A-Za-z0-9_-]{20,80})")
_UNKNOWN = (
    "This sign-in was not started here, was used already, or is older than ten minutes. "
    "Start the consent again."
)
_NOBODY = "Nobody came back from the sign-in within ten minutes. Start the consent again."
_DECLINED = "The sign-in was declined, so nothing was stored. Start the consent again to repeat it."
_FAILED = (
    "Microsoft did not complete the sign-in, so nothing was stored. Start the consent again; if it "
    "happens twice, check the application's registration and the user's roles in Partner Center."
)


@dataclass(frozen=True, slots=True)
class ConsentBegun:
    operation: Operation
    authorize_url: str
    expires_at: datetime


def flow_secret_name(operation: OperationId) -> str:
    return f"consent-{operation}"


async def begin_consent(
    desk: Desk,
    connection_id: ConnectionId,
    *,
    requested_by: str,
    organisation: str,
    operation_id: OperationId,
) -> ConsentBegun:
    """Answer where the person signs in; the flow waits ten minutes for them to come back."""
    connection = await desk.connections.get(connection_id)
    connection.require_manager(organisation)
    if not desk.public_url:
        raise ConsentUnavailable(
            "Microsoft sends the person back to this service, which does not know its own address: "
            "set PUBLIC_URL, and register its consent callback with the application."
        )
    state = f"{operation_id}.{secrets.token_urlsafe(32)}"
    started = await desk.consents.begin(connection, desk.public_url + CALLBACK, state)
    now = await desk.clock.now()
    kept = {
        "connectionId": connection.id,
        "startedBy": requested_by,
        "expiresAt": (now + LASTS).isoformat(),
        "state": state,
        "flow": started.flow.value,
    }
    operation = await desk.operations.add(
        Operation(
            operation_id,
            OperationKind.CONSENT,
            requested_by,
            now,
            facts={"connectionId": connection.id},
        )
    )
    await desk.operations.expire(operation_id, now + LASTS)
    await desk.secrets.put(flow_secret_name(operation_id), Secret(json.dumps(kept)))
    return ConsentBegun(operation, started.authorize_url, now + LASTS)


async def purge_consents(desk: Desk) -> int:
    """Let go of the secrets of sign-ins that nobody came back from; answer how many."""
    left = await desk.operations.expired(await desk.clock.now())
    for operation_id in left:
        await desk.secrets.delete(flow_secret_name(operation_id))
        operation = await desk.operations.get(operation_id)
        if operation.status is OperationStatus.RUNNING:
            reason = _FAILED if "answered" in operation.facts else _NOBODY
            await _end(desk, operation, OperationStatus.FAILED, reason=reason)
        else:
            await desk.operations.keep(operation_id)
    return len(left)


async def finish_consent(desk: Desk, answer: Mapping[str, str]) -> Connection:
    """Store what the sign-in gave; raise `ConsentRefused` with a sentence that echoes nothing."""
    operation, flow = await _claim(desk, answer.get("state", ""))
    try:
        connection = await desk.connections.get(ConnectionId(flow["connectionId"]))
        signed_in = await _signed_in(desk, connection, flow, answer)
    except SeatkeeperError as error:
        await _end(desk, operation, OperationStatus.FAILED, reason=str(error))
        raise
    await _keep(desk, connection, signed_in, operation)
    return connection


async def _claim(desk: Desk, state: str) -> tuple[Operation, Mapping[str, str]]:
    """A wrong guess uses nothing up; the right state is good once, whoever is faster."""
    found = _STATE.fullmatch(state)
    if not found:
        raise ConsentRefused(_UNKNOWN)
    operation_id = OperationId(found[1])
    kept = await desk.secrets.get(flow_secret_name(operation_id))
    flow: Mapping[str, str] = json.loads(kept.value) if kept is not None else {}
    if not hmac.compare_digest(flow.get("state", "").encode(), state.encode()):
        raise ConsentRefused(_UNKNOWN)
    try:
        operation = await desk.operations.get(operation_id)
        if operation.status is not OperationStatus.RUNNING or "answered" in operation.facts:
            raise ConsentRefused(_UNKNOWN)
        operation = await desk.operations.save(operation.learned(answered="yes"))
    except (ChangedMeanwhile, OperationNotFound) as error:
        raise ConsentRefused(_UNKNOWN) from error
    await desk.secrets.delete(flow_secret_name(operation_id))
    now = await desk.clock.now()
    # From here on a death would leave it running: the purge looks at it once more.
    await desk.operations.expire(operation_id, now + LASTS)
    if datetime.fromisoformat(flow["expiresAt"]) <= now:
        await _end(desk, operation, OperationStatus.FAILED, reason=_UNKNOWN)
        raise ConsentRefused(_UNKNOWN)
    return operation, flow


async def _signed_in(
    desk: Desk, connection: Connection, flow: Mapping[str, str], answer: Mapping[str, str]
) -> SignedIn:
    if "error" in answer:
        raise ConsentRefused(_DECLINED if answer["error"] == "access_denied" else _FAILED)
    signed_in = await desk.consents.redeem(connection, Secret(flow["flow"]), answer)
    if signed_in.tenant_id != connection.partner_tenant_id.lower():
        raise ConsentRefused(
            "That user belongs to another organisation than the connection's partner. Start the "
            "consent again and sign in with a user of the partner."
        )
    if not signed_in.multi_factor:
        raise ConsentRefused(
            "That sign-in went without a second factor, which Partner Center refuses. Set "
            "multi-factor authentication up for the user, then start the consent again."
        )
    if signed_in.refresh_token is None:
        raise ConsentRefused(_FAILED)
    return signed_in


async def _keep(
    desk: Desk, connection: Connection, signed_in: SignedIn, operation: Operation
) -> None:
    if signed_in.refresh_token is not None:
        await desk.secrets.put(refresh_token_name(connection.id), signed_in.refresh_token)
    desk.consents.forget(connection)
    now = await desk.clock.now()
    await desk.healths.note(connection.id, signed_in_at=now, refresh_token_at=now)
    await desk.audit.record(
        AuditEntry(
            now,
            operation.requested_by,
            "connection consented",
            connection.id,
            {"signedInUser": signed_in.user_id},
        )
    )
    await _end(desk, operation, OperationStatus.DONE)


async def _end(desk: Desk, operation: Operation, status: OperationStatus, reason: str = "") -> None:
    connection, now = operation.facts["connectionId"], await desk.clock.now()
    place = f"/api/connections/{connection}/health"
    await desk.operations.save(operation.ended(status, now, reason=reason, resource=place))
    await desk.operations.keep(operation.id)
