"""Bring a batch from stage to stage: what frees seats, what changes plans, and the rest.

Before a stage begins its seats are promised and its growths written down (laws 1 and 2), and not
before the seats that the batch frees itself can be seen free. What is not seen free is never
counted as free.
"""

from collections.abc import Sequence
from dataclasses import replace

from shared.domain.actions import Stage
from shared.domain.batch_control import CANCELLED
from shared.domain.batches import Batch, BatchStatus, GrowthSummary
from shared.domain.chunks import Tally, first_stage, freed_in, seats_in, wanted_in
from shared.domain.errors import ApprovalOutgrown, Fault, RefusedError, SeatsBusy
from shared.domain.ids import BatchId, SkuId
from shared.domain.pricing import quote_growth
from shared.domain.seats import Growth
from shared.workflows.change_rows import change_rows, failing
from shared.workflows.end_batch import end_batch, settle_batch
from shared.workflows.fan_out import continue_batch, finish_if_complete, send_chunk
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.promise_seats import promise_seats
from shared.workflows.tenant import Tenant, customer_and_connection, read_tenant
from shared.workflows.watch import watch_batch
from shared.workflows.weigh_batch import Guard, guard_for

GROWTHS = "growths"


async def begin_work(desk: Desk, batch: Batch) -> Batch:
    """Begin the first stage that a planned batch has rows for; refuse it if seats cannot be had."""
    tallies = await desk.batches.tallies(batch.id)
    stage = first_stage(tallies)
    before = await _consumed(desk, batch) if stage is not Stage.REST else {}
    batch = replace(batch, stage=stage, consumed_before=before)
    if stage is Stage.RELEASE:
        now = await desk.clock.now()
        return await desk.batches.save(
            replace(batch, status=BatchStatus.RELEASING, running_since=now)
        )
    summaries, guard = list[GrowthSummary](), await guard_for(desk, batch)
    try:
        for sku, needed in _wanted(tallies, stage):
            summaries += await _promise(guard, desk, sku, needed)
    except RefusedError as error:
        # Somebody else took seats between the survey and the promise.
        if isinstance(error, ApprovalOutgrown) and not summaries:
            await _plan_again(desk, batch)
        batch = await end_batch(desk, batch, BatchStatus.REFUSED, [Fault(str(error))])
        await settle_batch(desk, batch)
        return batch
    return await _grow(desk, batch, summaries)


async def _plan_again(desk: Desk, batch: Batch) -> None:
    """No growth is written yet: let go of everything, so that the larger plan is asked about."""
    await settle_batch(desk, batch)
    await watch_batch(desk, batch.id)
    raise SeatsBusy("Seats were taken since the batch was approved, so it is planned again.")


async def go_on(desk: Desk, batch_id: BatchId) -> bool:
    """Close the batch or begin its next stage, once nothing is left of this one.

    Answers whether the batch has ended. Called again it finds less to do.
    """
    batch = await desk.batches.get(batch_id)
    if batch.status.is_final or not await desk.batches.any_open(batch_id):
        return await finish_if_complete(desk, batch_id)
    if batch.status in (BatchStatus.RELEASING, BatchStatus.RUNNING):
        tallies = await desk.batches.tallies(batch_id)
        if not any(t.left_until(batch.stage) for t in tallies):
            if batch.is_cancelling:
                return await _end_unbegun(desk, batch)
            await _next_stage(desk, batch, tallies)
    elif batch.status is BatchStatus.GROWING:
        await send_growths(desk, batch)
    return False


async def _end_unbegun(desk: Desk, batch: Batch) -> bool:
    """No stage begins any more, and nothing is bought for one."""
    await change_rows(desk, batch.id, failing(lambda _: CANCELLED))
    return await finish_if_complete(desk, batch.id)


async def _next_stage(desk: Desk, batch: Batch, tallies: Sequence[Tally]) -> None:
    batch = await _note_release(desk, batch)
    if not await _seen_free(desk, batch, tallies):
        await watch_batch(desk, batch.id, desk.pauses.seats_visible)
        await send_chunk(desk, batch.id, 1, desk.pauses.seats_visible)
        return
    stage = first_stage(tallies)
    batch = replace(batch, stage=stage, released_at=None)
    summaries, guard = list(batch.growths), await guard_for(desk, batch)
    for sku, needed in _wanted(tallies, stage):
        try:
            promised = await _promise(guard, desk, sku, needed)
            # A SKU may have been computed for rows that need none of it any more.
            summaries += [s for s in promised if s.place not in {b.place for b in summaries}]
        except RefusedError as error:
            await _fail_takers(desk, batch, sku, str(error))
    batch = await _grow(desk, batch, summaries)
    await send_growths(desk, batch)


async def _fail_takers(desk: Desk, batch: Batch, sku: SkuId, reason: str) -> None:
    await change_rows(desk, batch.id, failing(lambda r: reason if sku in r.takes else ""))


def _wanted(tallies: Sequence[Tally], stage: Stage) -> list[tuple[SkuId, int]]:
    """Everybody takes the SKUs in the same order, so that two batches never wait for each other."""
    return [(sku, needed) for sku, needed in sorted(wanted_in(tallies, stage).items()) if needed]


async def _seen_free(desk: Desk, batch: Batch, tallies: Sequence[Tally]) -> bool:
    """Whether the licence counts show what was freed, or the time to wait for it is over."""
    now = await desk.clock.now()
    if now >= (batch.released_at or now) + desk.pauses.released_bound:
        return True
    consumed = await _consumed(desk, batch)
    return all(
        consumed.get(sku, 0) <= batch.consumed_before.get(sku, 0) - _net_freed(tallies, sku)
        for sku in {s for t in tallies for s in t.freed if seats_in(tallies, s).open}
    )


async def _note_release(desk: Desk, batch: Batch) -> Batch:
    """Raise `ChangedMeanwhile` where another host saw the stage end at the same moment."""
    if batch.released_at is not None:
        return batch
    now = await desk.clock.now()
    return await desk.batches.save(replace(batch, released_at=now))


def _net_freed(tallies: Sequence[Tally], sku: SkuId) -> int:
    return freed_in(tallies, sku) - seats_in(tallies, sku).done


async def _consumed(desk: Desk, batch: Batch) -> dict[SkuId, int]:
    _, connection = await customer_and_connection(desk, batch.customer_id)
    stocks = await desk.microsoft.directory(connection, batch.customer_id).stocks()
    return {stock.sku: stock.consumed for stock in stocks}


async def _grow(desk: Desk, batch: Batch, summaries: Sequence[GrowthSummary]) -> Batch:
    await _audit(desk, batch, summaries)
    return await desk.batches.save(
        replace(batch, status=BatchStatus.GROWING, growths=tuple(summaries))
    )


async def _promise(guard: Guard, desk: Desk, sku: SkuId, needed: int) -> list[GrowthSummary]:
    batch = guard.batch
    promise = await promise_seats(
        desk, batch.customer_id, sku, needed=needed, holder=batch.id, check=guard.check
    )
    if not promise.growths:
        return []
    tenant = promise.tenant or await read_tenant(desk, batch.customer_id)
    return [await _summary(desk, tenant, sku, growth) for growth in promise.growths]


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


async def send_growths(desk: Desk, batch: Batch) -> None:
    for growth in batch.open_growths:
        await desk.queues.send(
            GROWTHS,
            {
                "batchId": batch.id,
                "customerId": batch.customer_id,
                "skuId": growth.sku,
                "subscriptionId": growth.subscription_id,
            },
        )
    if not batch.open_growths:
        await continue_batch(desk, batch.id)


async def _audit(desk: Desk, batch: Batch, summaries: Sequence[GrowthSummary]) -> None:
    await desk.audit.record(
        AuditEntry(
            await desk.clock.now(),
            batch.requested_by,
            "batch planned",
            batch.id,
            {g.subscription_id: f"{g.base} -> {g.target}" for g in summaries},
        )
    )
