"""Put the end on a batch's record when its message cannot be handled (law 7)."""

from shared.domain.batches import BatchStatus
from shared.domain.errors import BatchNotFound, Fault
from shared.domain.ids import BatchId
from shared.workflows.fan_out import close_batch
from shared.workflows.ports import Desk


async def give_up_batch(desk: Desk, batch_id: BatchId, reason: str) -> None:
    """Refuse what has bought nothing; leave for a person what may have, its promises kept."""
    try:
        batch = await desk.batches.get(batch_id)
    except BatchNotFound:
        return
    if batch.status.is_final:
        return
    bought_nothing = batch.status is BatchStatus.ACCEPTED
    status = BatchStatus.REFUSED if bought_nothing else BatchStatus.REVIEW
    await close_batch(desk, batch, status, [Fault(reason)])
