"""Plan a batch as a whole, and start what it needs.

A batch that is wrong buys nothing (law 4); a batch that is right has its seats promised and each
growth written down before the first one is sent (laws 1 and 2).
"""

from shared.domain.batches import Batch, BatchStatus
from shared.domain.chunks import Chunk
from shared.domain.errors import Fault, InvalidRequest, RefusedError, SeatsBusy
from shared.domain.ids import BatchId
from shared.workflows.approve_batch import expire_approval, watch_approval
from shared.workflows.claim_people import Claims
from shared.workflows.end_batch import end_batch, end_if_cancelled
from shared.workflows.fan_out import fan_out, tidy_batch
from shared.workflows.first_subscriptions import buy_first
from shared.workflows.ports import Desk
from shared.workflows.side_by_side import side_by_side
from shared.workflows.stages import begin_work, send_growths
from shared.workflows.survey_batch import Survey, surveyor_for
from shared.workflows.tenant import read_tenant
from shared.workflows.watch import watch_batch
from shared.workflows.weigh_batch import plan_of, weigh_batch

_LOOKS = 4
"""Chunks that are looked at side by side."""


async def plan_batch(desk: Desk, batch_id: BatchId) -> None:
    """Run as often as its message comes: each time it finds less to do."""
    batch = await end_if_cancelled(desk, await desk.batches.get(batch_id))
    if not batch.status.is_final:
        await watch_batch(desk, batch_id)
        batch = await promise_everything(desk, await expire_approval(desk, batch))
    if batch.status.is_final:
        await tidy_batch(desk, batch)
    elif batch.status is BatchStatus.AWAITING_APPROVAL:
        await watch_approval(desk, batch)
    elif batch.status is BatchStatus.GROWING:
        await send_growths(desk, batch)
    elif batch.status in (BatchStatus.RELEASING, BatchStatus.RUNNING):
        await fan_out(desk, batch)


async def promise_everything(desk: Desk, batch: Batch) -> Batch:
    """Refuse the batch, or promise its seats and write its growths down; send nothing."""
    if batch.status is not BatchStatus.ACCEPTED:
        return batch
    survey = await _survey(desk, batch)
    if survey.faults:
        return await end_batch(desk, batch, BatchStatus.REFUSED, survey.faults)
    earlier = batch.plan
    batch = await weigh_batch(desk, batch, plan_of(survey, batch.digest))
    if batch.status is not BatchStatus.ACCEPTED:
        return batch
    if batch.buy_first:
        try:
            # The plan is kept before anything is bought, so that a second try knows of it.
            batch = await desk.batches.save(batch)
            await buy_first(desk, batch, earlier)
        except (RefusedError, InvalidRequest) as error:
            return await end_batch(desk, batch, BatchStatus.REFUSED, [Fault(str(error))])
    return await begin_work(desk, batch)


async def _survey(desk: Desk, batch: Batch) -> Survey:
    """Look at every chunk, and keep with each row what it takes."""
    tenant = await read_tenant(desk, batch.customer_id)
    surveyor = await surveyor_for(desk, tenant, batch.id, buy_first=batch.buy_first)

    claims = Claims(desk, batch)
    surveyor.claim = claims.take

    async def look(chunk: Chunk) -> None:
        looked_at = await surveyor.look(chunk)
        if looked_at != chunk:
            await desk.batches.save_chunk(batch.id, looked_at)

    try:
        await side_by_side(_LOOKS, look, desk.batches.chunks(batch.id))
    except SeatsBusy:
        if claims.yields:
            await claims.yield_all()
        raise
    return await surveyor.survey()
