"""Find out whether a piece of work was begun before."""

from shared.domain.errors import OperationNotFound
from shared.domain.ids import OperationId
from shared.domain.operations import Operation
from shared.workflows.ports import Desk


async def begun(desk: Desk, operation_id: OperationId) -> Operation | None:
    """The operation on record, or None where this is its first try."""
    try:
        return await desk.operations.get(operation_id)
    except OperationNotFound:
        return None
