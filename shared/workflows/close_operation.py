"""Let whoever follows a change's operation read how the change ended."""

from shared.domain.errors import OperationNotFound
from shared.domain.history import ChangeRecord, RecordStatus
from shared.domain.ids import OperationId
from shared.domain.operations import OperationStatus
from shared.workflows.ports import Desk

_STATUS = {
    RecordStatus.DONE: OperationStatus.DONE,
    RecordStatus.FAILED: OperationStatus.FAILED,
    RecordStatus.REVIEW: OperationStatus.REVIEW,
}


async def close_operation(desk: Desk, record: ChangeRecord) -> None:
    """Before the change itself is closed, so that who comes after a death does it again."""
    try:
        operation = await desk.operations.get(OperationId(record.id))
    except OperationNotFound:
        return
    if operation.status is not OperationStatus.RUNNING:
        return
    place = f"/api/customers/{record.customer_id}/subscriptions/{record.subscription_id}"
    await desk.operations.save(
        operation.ended(
            _STATUS[record.status],
            record.finished_at,
            reason="" if record.status is RecordStatus.DONE else record.note,
            resource=place,
        )
    )
