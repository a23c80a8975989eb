"""Give one person a place: a batch of one row, worked while the caller waits.

It goes through the same ledger, growth and chunk as a batch does, so that a seat is bought if and
only if none is free. What cannot end within the request is ended by the queue.
"""

from shared.domain.batches import Batch, BatchDocument, BatchStatus, RowStatus, Source
from shared.domain.errors import (
    BatchDiffers,
    IdempotencyKeyReused,
    InvalidRequest,
    ProvisioningFailed,
    SeatkeeperError,
    UserExists,
)
from shared.domain.users import TAKEN
from shared.workflows.admit_batch import BATCHES, check_document, keep_batch
from shared.workflows.end_batch import give_up_batch
from shared.workflows.fan_out import continue_batch
from shared.workflows.grow_subscription import GrowthOrder, grow_subscription
from shared.workflows.plan_batch import promise_everything
from shared.workflows.ports import Desk
from shared.workflows.provision_chunk import provision_chunk


async def provision_user(desk: Desk, document: BatchDocument) -> Batch:
    """Answer the batch of one as far as it came; repeated for the same id it goes on.

    Raises what a batch's check raises, `UserExists` and `ProvisioningFailed`; a retryable error
    of Microsoft's leaves the rest to the queue and answers the batch as it stands.
    """
    await check_document(desk, document)
    try:
        batch = await keep_batch(desk, document, Source.USER)
    except BatchDiffers as error:
        raise IdempotencyKeyReused(
            "This Idempotency-Key came before with another body. Use a new one."
        ) from error
    await desk.queues.send(BATCHES, {"batchId": batch.id}, desk.pauses.safety_net)
    try:
        await _work(desk, batch)
    except SeatkeeperError as error:
        if not error.retryable:
            # What is answered as failed must not go on behind the caller's back.
            await give_up_batch(desk, batch.id, str(error))
            raise
    return await _outcome(desk, batch)


async def _outcome(desk: Desk, batch: Batch) -> Batch:
    """A caller that waits is told at once what a batch would say in its rows."""
    batch = await desk.batches.get(batch.id)
    if batch.status is BatchStatus.REFUSED:
        raise InvalidRequest(batch.faults, summary="The user cannot be provisioned; nothing done")
    result = (await desk.batches.chunk(batch.id, 1)).rows[0]
    if result.status is RowStatus.FAILED:
        raise UserExists(TAKEN) if result.reason == TAKEN else ProvisioningFailed(result.reason)
    return batch


async def _work(desk: Desk, batch: Batch) -> None:
    batch = await promise_everything(desk, batch)
    for growth in batch.growths:
        await grow_subscription(
            desk,
            GrowthOrder(batch.id, batch.customer_id, growth.sku, growth.subscription_id),
            start_rows=False,
        )
    await continue_batch(desk, batch.id, queue_rows=False)
    await provision_chunk(desk, batch.id, 1)
