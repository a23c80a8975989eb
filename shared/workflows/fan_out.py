"""Send a batch's rows to work once its seats are there, and close it when all have ended."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from shared.domain.batches import (
    Batch,
    BatchStatus,
    GrowthSummary,
    RowResult,
)
from shared.domain.chunks import SeatTally, seats_in, skus_in
from shared.domain.errors import BatchNotFound, ChangedMeanwhile, Fault
from shared.domain.ids import BatchId, SkuId
from shared.domain.seats import Growth, GrowthStatus
from shared.workflows.after_end import after_end
from shared.workflows.change_rows import change_row, change_rows, failing
from shared.workflows.end_batch import (
    close_batch,
    close_growths,
    end_batch,
    note_fault,
    settle_batch,
    with_end,
    with_return,
)
from shared.workflows.ports import Desk
from shared.workflows.return_seats import Growths, return_seats
from shared.workflows.side_by_side import side_by_side
from shared.workflows.tenant import (
    after_rows,
    customer_and_connection,
    live_reservations,
)
from shared.workflows.watch import unwatch_batch, watch_batch

CHUNKS = "chunks"
_SENDERS = 8


async def continue_batch(
    desk: Desk, batch_id: BatchId, *, queue_rows: bool = True, may_return: bool = True
) -> None:
    """Start the rows when no growth is open any more; the last growth to end does it.

    Who works the rows at once asks for none to be queued. Seats that no row needs any more go
    back before, unless it is not to be tried again. Raises `SeatsBusy` as `return_seats` does.
    """
    batch = await desk.batches.get(batch_id)
    if batch.status is BatchStatus.GROWING:
        growths = await _growths_of(desk, batch)
        if any(g.status is GrowthStatus.INTENT for g in growths.values()):
            return
        await _fail_refused(desk, batch, growths)
        returns = await return_seats(desk, batch, growths, may_send=may_return)
        batch = await _begin(desk, batch, growths, returns)
    if queue_rows:
        await fan_out(desk, batch)


async def _growths_of(desk: Desk, batch: Batch) -> Growths:
    found: dict[tuple[SkuId, str], Growth] = {}
    for sku in {g.sku for g in batch.growths}:
        page = await desk.ledger.read(batch.customer_id, sku)
        found |= {(sku, g.subscription_id): g for g in page.of(batch.id)}
    return found


async def _begin(
    desk: Desk, batch: Batch, growths: Growths, returns: Sequence[Growth] = ()
) -> Batch:
    now, back = await desk.clock.now(), {g.subscription_id: g for g in returns}
    told = (with_end(s, growths[s.sku, s.subscription_id], now) for s in batch.growths)
    summaries = tuple(with_return(s, back.get(s.subscription_id)) for s in told)
    batch = replace(batch, growths=summaries)
    try:
        if any(g.status is GrowthStatus.REVIEW for g in growths.values()):
            faults = _faults_of_review(summaries)
            ended = await end_batch(desk, batch, BatchStatus.REVIEW, faults)
            await settle_batch(desk, ended)
            return ended
        return await desk.batches.save(
            replace(batch, status=BatchStatus.RUNNING, running_since=now)
        )
    except ChangedMeanwhile:
        # Another growth of the same batch ended at the same moment and starts the rows; if it
        # dies, its message comes again and finds the batch running.
        return batch


def _faults_of_review(summaries: Sequence[GrowthSummary]) -> list[Fault]:
    return [
        Fault(f"{s.subscription_name}: {s.reason}")
        for s in summaries
        if s.status == GrowthStatus.REVIEW.value
    ]


async def _fail_refused(desk: Desk, batch: Batch, growths: Growths) -> None:
    refused = {sku: g.reason for (sku, _), g in growths.items() if g.status is GrowthStatus.REFUSED}
    if refused:
        await change_rows(desk, batch.id, failing(lambda result: _why_refused(result, refused)))


def _why_refused(result: RowResult, refused: Mapping[SkuId, str]) -> str:
    reasons = [refused[sku] for sku in result.takes if sku in refused]
    return f"Microsoft refused the seats this row needs. {reasons[0]}" if reasons else ""


async def fan_out(desk: Desk, batch: Batch) -> None:
    """Queue every chunk that has rows left in the stage that the batch is in."""
    if batch.status not in (BatchStatus.RELEASING, BatchStatus.RUNNING):
        return
    await watch_batch(desk, batch.id)
    await side_by_side(_SENDERS, partial(send_chunk, desk, batch.id), _due(desk, batch))


async def _due(desk: Desk, batch: Batch) -> AsyncIterator[int]:
    tallies = await desk.batches.tallies(batch.id)
    # Where nothing is left of the stage, one message is enough to go on from it.
    for number in [t.number for t in tallies if t.left_until(batch.stage)] or [1]:
        yield number


async def send_chunk(
    desk: Desk, batch: BatchId, number: int, delay: timedelta = timedelta(0)
) -> None:
    await desk.queues.send(CHUNKS, {"batchId": batch, "chunk": number}, delay)


async def finish_if_complete(desk: Desk, batch_id: BatchId) -> bool:
    """Close a batch whose rows have all ended and settle what it was promised."""
    batch = await desk.batches.get(batch_id)
    if batch.status.is_final:
        return True
    if await desk.batches.any_open(batch_id):
        return False
    try:
        status = BatchStatus.CANCELLED if batch.is_cancelling else BatchStatus.DONE
        batch = await close_batch(desk, batch, status)
    except ChangedMeanwhile:
        return (await desk.batches.get(batch_id)).status.is_final
    await close_growths(desk, batch)
    await settle_promises(desk, batch)
    return True


async def settle_promises(desk: Desk, batch: Batch) -> None:
    """Let go of what the licence counts show; look again later for what they do not show yet."""
    tallies = await desk.batches.tallies(batch.id)
    _, connection = await customer_and_connection(desk, batch.customer_id)
    stocks = await desk.microsoft.directory(connection, batch.customer_id).stocks()
    consumed = {s.sku: s.consumed for s in stocks}
    settled = [
        await _settle_promise(desk, batch, sku, seats_in(tallies, sku), consumed.get(sku, 0))
        for sku in skus_in(tallies)
    ]
    if not all(settled):
        await watch_batch(desk, batch.id, desk.pauses.settle_look)
        await send_chunk(desk, batch.id, 1, desk.pauses.settle_look)
    else:
        await unwatch_batch(desk, batch)


async def _settle_promise(
    desk: Desk, batch: Batch, sku: SkuId, seats: SeatTally, consumed: int
) -> bool:
    """Answer whether nothing of it is left; ``consumed`` is what the directory counts."""
    page, now = await desk.ledger.read(batch.customer_id, sku), await desk.clock.now()
    mine = next((r for r in page.reservations if r.holder == batch.id), None)
    if mine is None:
        return True
    last = mine
    if mine.settles_by is None:
        last = replace(after_rows(mine, seats), settles_by=now + desk.pauses.settle_bound)
    others = await live_reservations(desk, page, sku, besides=batch.id)
    if last.is_settled(consumed, now, others):
        await desk.ledger.drop_reservation(batch.customer_id, sku, batch.id)
        return True
    if mine.settles_by is None:
        await desk.ledger.save_reservation(batch.customer_id, sku, last)
    return False


async def tidy_batch(desk: Desk, batch: Batch) -> None:
    """A message for a batch that has ended: let go of what it may still hold."""
    if batch.status.is_final:
        await after_end(desk, batch)
    if batch.has_licensed:
        await close_growths(desk, batch)
        await settle_promises(desk, batch)
    elif batch.status.is_final:
        await settle_batch(desk, batch)


async def give_up_chunk(desk: Desk, batch_id: BatchId, number: int, reason: str) -> None:
    """Fail the rows of a chunk whose message cannot be handled; the others go on."""
    try:
        batch = await desk.batches.get(batch_id)
        if batch.status.is_final:
            await tidy_batch(desk, batch)
            return
        was_open = (await desk.batches.chunk(batch_id, number)).is_open
        await change_row(desk, batch_id, number, failing(lambda _: reason))
    except BatchNotFound:
        return
    await note_fault(desk, batch, f"rows of chunk {number} were given up: {reason}")
    if not await finish_if_complete(desk, batch_id) and was_open:
        # Others may wait for these rows in a later stage.
        await send_chunk(desk, batch_id, number)
