"""Pause, resume and cancel batches, and send failed rows again."""

from typing import TYPE_CHECKING

from shared.api.batches import batch_id_of, reply_of
from shared.api.call import LOOK_AGAIN, Answer, Call, accepted
from shared.domain.batches import Batch
from shared.domain.ids import BatchId
from shared.workflows import control_batch

if TYPE_CHECKING:
    from shared.api.batch_replies import BatchReply


async def pause_batch(call: Call) -> Answer:
    batch = await control_batch.pause_batch(call.desk, batch_id_of(call), call.caller.id)
    return Answer(await reply_of(call, batch))


async def resume_batch(call: Call) -> Answer:
    return await _going_on(
        call, await control_batch.resume_batch(call.desk, batch_id_of(call), call.caller.id)
    )


async def cancel_batch(call: Call) -> Answer:
    return await _going_on(
        call, await control_batch.cancel_batch(call.desk, batch_id_of(call), call.caller.id)
    )


async def retry_batch(call: Call) -> Answer:
    batch = await control_batch.retry_batch(
        call.desk,
        batch_id_of(call),
        requested_by=call.caller.id,
        new_id=BatchId(call.operation_id),
    )
    return accepted(await reply_of(call, batch), f"/api/batches/{batch.id}")


async def _going_on(call: Call, batch: Batch) -> Answer:
    reply: BatchReply = await reply_of(call, batch)
    return Answer(reply, headers={} if batch.status.is_final else LOOK_AGAIN)
