"""Take batches in, and show how far they have come and what they bought."""

from shared.api.batch_plans import (
    ApproveBody,
    RejectBody,
)
from shared.api.batch_replies import BatchList, BatchReply, BatchSummaryReply, ItemList, ItemReply
from shared.api.call import LOOK_AGAIN, Answer, Call, accepted
from shared.api.documents import Draft
from shared.api.models import Pages
from shared.api.paging import cursor_of, next_link
from shared.api.previews import BatchPreviewReply
from shared.domain.batches import Batch, Source
from shared.domain.chunks import progress_in
from shared.domain.ids import BatchId
from shared.workflows.admit_batch import admit_batch
from shared.workflows.approve_batch import approve_batch, reject_batch
from shared.workflows.preview_batch import preview_batch


def batch_id_of(call: Call) -> BatchId:
    return BatchId(call.path["batchId"])


async def create_batch(call: Call) -> Answer:
    document = await call.body_as(Draft).to_document(
        call.desk, requested_by=call.caller.id, otherwise=BatchId(call.operation_id)
    )
    if call.dry_run:
        return Answer(BatchPreviewReply.of(await preview_batch(call.desk, document)))
    batch = await admit_batch(call.desk, document, Source.HTTP)
    return accepted(await reply_of(call, batch), f"/api/batches/{batch.id}")


async def list_batches(call: Call) -> Answer:
    page = await call.desk.batches.page(cursor_of(call), call.query_as(Pages).limit)
    items = [BatchSummaryReply.of(batch) for batch in page.items]
    return Answer(BatchList(items=items, next_link=next_link(call, page.cursor)))


async def get_batch(call: Call) -> Answer:
    batch = await call.desk.batches.get(batch_id_of(call))
    reply = await reply_of(call, batch)
    return Answer(reply, headers={} if batch.status.is_final else LOOK_AGAIN)


async def approve_plan(call: Call) -> Answer:
    digest = call.body_as(ApproveBody).digest
    batch = await approve_batch(call.desk, batch_id_of(call), digest, call.caller.id)
    return await _accepted(call, batch)


async def reject_plan(call: Call) -> Answer:
    reason = call.body_as(RejectBody).reason
    return await _accepted(
        call, await reject_batch(call.desk, batch_id_of(call), reason, call.caller.id)
    )


async def _accepted(call: Call, batch: Batch) -> Answer:
    return accepted(await reply_of(call, batch), f"/api/batches/{batch.id}")


async def reply_of(call: Call, batch: Batch) -> BatchReply:
    progress = progress_in(await call.desk.batches.tallies(batch.id))
    return BatchReply.with_progress(batch, progress, await call.desk.clock.now())


async def list_items(call: Call) -> Answer:
    batch = await call.desk.batches.get(batch_id_of(call))
    limit = call.query_as(Pages).limit
    page = await call.desk.batches.results_page(batch.id, cursor_of(call), limit)
    items = [ItemReply.of(batch.id, result) for result in page.items]
    return Answer(ItemList(items=items, next_link=next_link(call, page.cursor)))
