"""Hand a password to the one who asked for the work, until it is acknowledged or a day old."""

from dataclasses import replace
from datetime import datetime

from shared.domain.batches import Batch, RowResult, chunk_of
from shared.domain.errors import PasswordGone
from shared.domain.ids import BatchId, OperationId
from shared.domain.operations import Operation
from shared.domain.passwords import PasswordSlip, Secret, batch_key_name, derive_password
from shared.workflows.change_rows import change_row
from shared.workflows.ports import AuditEntry, Desk


def admin_secret_name(operation: OperationId) -> str:
    """Under which name a tenant's first admin password is kept."""
    return f"operation-{operation}"


async def reveal_row_password(desk: Desk, batch_id: BatchId, row: int, *, caller: str) -> Secret:
    """Raise `PasswordGone` for anybody else, too late, or after the acknowledgement."""
    result = await _row_for(desk, batch_id, row, caller)
    key = await desk.secrets.get(batch_key_name(batch_id))
    if key is None:
        raise PasswordGone(f"{batch_id}/{row}")
    await _audit(desk, caller, "password revealed", f"{batch_id}/{row}")
    return derive_password(key, row, result.row.user.user_principal_name)


async def acknowledge_row_password(desk: Desk, batch_id: BatchId, row: int, *, caller: str) -> None:
    """From here on the password is gone; with the batch's last one its key is deleted."""
    result = await _row_for(desk, batch_id, row, caller)
    number = result.row.number
    await change_row(
        desk,
        batch_id,
        chunk_of(number),
        lambda r: replace(r, acknowledged=True) if r.row.number == number else r,
    )
    batch = await desk.batches.get(batch_id)
    if batch.status.is_final and not await _passwords_left(desk, batch_id):
        await desk.secrets.delete(batch_key_name(batch_id))


async def _passwords_left(desk: Desk, batch_id: BatchId) -> bool:
    return any(tally.passwords for tally in await desk.batches.tallies(batch_id))


async def _row_for(desk: Desk, batch_id: BatchId, row: int, caller: str) -> RowResult:
    batch = await desk.batches.get(batch_id)
    wanted = f"{batch_id}/{row}"
    found = await _row(desk, batch, row)
    if found is None or not found.user_id:
        raise PasswordGone(wanted)
    slip = PasswordSlip(batch.requested_by, _made_at(batch), found.acknowledged)
    # The key stays while rows are still to be made with it.
    expiring = batch_key_name(batch_id) if batch.status.is_final else ""
    await _check(desk, slip, caller, wanted, expiring)
    return found


async def _row(desk: Desk, batch: Batch, row: int) -> RowResult | None:
    if row > batch.row_count:
        return None
    return (await desk.batches.chunk(batch.id, chunk_of(row))).row(row)


def _made_at(batch: Batch) -> datetime:
    return batch.finished_at or batch.accepted_at


async def _check(
    desk: Desk, slip: PasswordSlip, caller: str, wanted: str, secret_name: str
) -> None:
    now = await desk.clock.now()
    if secret_name and slip.is_gone(now) and not slip.acknowledged:
        await desk.secrets.delete(secret_name)
    if not slip.open_to(caller, now):
        raise PasswordGone(wanted)


async def reveal_operation_password(
    desk: Desk, operation_id: OperationId, *, caller: str
) -> tuple[str, Secret]:
    """Answer a new tenant's first admin: user name and one-time password."""
    operation = await _operation_for(desk, operation_id, caller)
    password = await desk.secrets.get(admin_secret_name(operation_id))
    if password is None:
        raise PasswordGone(operation_id)
    await _audit(desk, caller, "password revealed", operation_id)
    return operation.facts.get("adminUserName", "admin"), password


async def acknowledge_operation_password(
    desk: Desk, operation_id: OperationId, *, caller: str
) -> None:
    operation = await _operation_for(desk, operation_id, caller)
    await desk.operations.save(replace(operation, acknowledged=True))
    await desk.secrets.delete(admin_secret_name(operation_id))


async def _operation_for(desk: Desk, operation_id: OperationId, caller: str) -> Operation:
    operation = await desk.operations.get(operation_id)
    slip = PasswordSlip(
        operation.requested_by,
        operation.finished_at or operation.started_at,
        operation.acknowledged,
    )
    await _check(desk, slip, caller, operation_id, admin_secret_name(operation_id))
    return operation


async def _audit(desk: Desk, who: str, what: str, subject: str) -> None:
    await desk.audit.record(AuditEntry(await desk.clock.now(), who, what, subject))
