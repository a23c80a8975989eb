"""Plan a batch as a whole, and start what it needs.

A batch that is wrong buys nothing (law 4); a batch that is right has its seats promised and each
growth written down before the first one is sent (laws 1 and 2).
"""

from dataclasses import replace

from shared.domain.batches import Batch, BatchStatus, GrowthSummary
from shared.domain.chunks import Chunk
from shared.domain.errors import Fault, InvalidRequest, RefusedError
from shared.domain.ids import BatchId, SkuId
from shared.domain.pricing import quote_growth
from shared.domain.seats import Growth
from shared.workflows.approve_batch import expire_approval, watch_approval
from shared.workflows.end_batch import end_batch, end_if_cancelled, settle_batch
from shared.workflows.fan_out import continue_batch, fan_out, tidy_batch
from shared.workflows.first_subscriptions import buy_first
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.promise_seats import promise_seats
from shared.workflows.side_by_side import side_by_side
from shared.workflows.survey_batch import Survey, surveyor_for
from shared.workflows.tenant import Tenant, read_tenant
from shared.workflows.watch import watch_batch
from shared.workflows.weigh_batch import guard_for, plan_of, weigh_batch

GROWTHS = "growths"
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
        await _send_growths(desk, batch)
    elif batch.status is BatchStatus.RUNNING:
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
    try:
        if batch.buy_first:
            # The plan is kept before anything is bought, so that a second try knows of it.
            batch = await desk.batches.save(batch)
            await buy_first(desk, batch, earlier)
        summaries = await _promise_each(desk, batch, survey)
    except (RefusedError, InvalidRequest) as error:
        # Somebody else took seats between the survey and the promise.
        batch = await end_batch(desk, batch, BatchStatus.REFUSED, [Fault(str(error))])
        await settle_batch(desk, batch)
        return batch
    await _audit(desk, batch, summaries)
    return await desk.batches.save(
        replace(batch, status=BatchStatus.GROWING, growths=tuple(summaries))
    )


async def _survey(desk: Desk, batch: Batch) -> Survey:
    """Look at every chunk, and keep with each row what it takes."""
    tenant = await read_tenant(desk, batch.customer_id)
    surveyor = await surveyor_for(desk, tenant, batch.id, buy_first=batch.buy_first)

    async def look(chunk: Chunk) -> None:
        looked_at = await surveyor.look(chunk)
        if looked_at != chunk:
            await desk.batches.save_chunk(batch.id, looked_at)

    await side_by_side(_LOOKS, look, desk.batches.chunks(batch.id))
    return await surveyor.survey()


async def _promise_each(desk: Desk, batch: Batch, survey: Survey) -> list[GrowthSummary]:
    summaries = []
    guard = await guard_for(desk, batch)
    # Everybody takes the SKUs in the same order, so that two batches never wait for each other.
    for sku, needed in sorted(survey.wanted.items()):
        if not needed:
            continue
        promise = await promise_seats(
            desk, batch.customer_id, sku, needed=needed, holder=batch.id, check=guard.check
        )
        tenant = promise.tenant or survey.tenant
        summaries += [await _summary(desk, tenant, sku, g) for g in promise.growths]
    return summaries


async def _summary(desk: Desk, tenant: Tenant, sku: SkuId, growth: Growth) -> GrowthSummary:
    found = next((s for s in tenant.subscriptions if s.id == growth.subscription_id), None)
    if found is None:
        tenant = await read_tenant(desk, tenant.customer.id)
        found = next(s for s in tenant.subscriptions if s.id == growth.subscription_id)
    entry = tenant.entries.get(found.offer)
    now = growth.intended_at or await desk.clock.now()
    quote = entry and quote_growth(found, growth.seats_bought, entry, now)
    return GrowthSummary(
        found.id,
        found.name,
        sku,
        growth.base,
        growth.target,
        price_now=quote.now if quote else None,
        price_until_term_end=quote.until_term_end if quote else None,
    )


async def _send_growths(desk: Desk, batch: Batch) -> None:
    for growth in batch.growths:
        await desk.queues.send(
            GROWTHS,
            {
                "batchId": batch.id,
                "customerId": batch.customer_id,
                "skuId": growth.sku,
                "subscriptionId": growth.subscription_id,
            },
        )
    if not batch.growths:
        await continue_batch(desk, batch.id)


async def _audit(desk: Desk, batch: Batch, summaries: list[GrowthSummary]) -> None:
    await desk.audit.record(
        AuditEntry(
            await desk.clock.now(),
            batch.requested_by,
            "batch planned",
            batch.id,
            {g.subscription_id: f"{g.base} -> {g.target}" for g in summaries},
        )
    )
