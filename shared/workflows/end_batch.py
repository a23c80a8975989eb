"""End a batch before its rows have all ended, and leave nothing of it open in the ledger.

The end is written first, so that whoever comes second finds it and goes on with the settling.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from shared.domain.batch_control import CANCELLED
from shared.domain.batches import Batch, BatchStatus, GrowthSummary
from shared.domain.chunks import progress_in, skus_in
from shared.domain.errors import BatchNotFound, ChangedMeanwhile, Fault
from shared.domain.ids import BatchId, SkuId
from shared.domain.returns import undo_holder
from shared.domain.seats import Growth, GrowthStatus
from shared.domain.subscriptions import REFUND_WINDOW
from shared.workflows.after_end import after_end
from shared.workflows.change_rows import change_rows, failing
from shared.workflows.ports import Desk, LedgerPage
from shared.workflows.settle_growth import account_of, settle_growth
from shared.workflows.watch import unwatch_batch

_NOT_BEGUN = frozenset({BatchStatus.ACCEPTED, BatchStatus.AWAITING_APPROVAL, BatchStatus.GROWING})


async def close_batch(
    desk: Desk, batch: Batch, status: BatchStatus, faults: Sequence[Fault] = ()
) -> Batch:
    """Write the end down once; who comes second finds it written."""
    now = await desk.clock.now()
    counts = progress_in(await desk.batches.tallies(batch.id))
    closed = await desk.batches.save(
        replace(
            batch,
            status=status,
            faults=(*batch.faults, *(f for f in faults if f not in batch.faults)),
            finished_at=now,
            done=counts.done,
            failed=counts.failed,
        )
    )
    await after_end(desk, closed)
    return closed


async def give_up_batch(desk: Desk, batch_id: BatchId, reason: str) -> None:
    """Put the end on a batch's record when its message cannot be handled (law 7).

    What has bought nothing is refused; what may have is for a person to look at.
    """
    try:
        batch = await desk.batches.get(batch_id)
    except BatchNotFound:
        return
    if not batch.status.is_final:
        nothing_sent = batch.status in (BatchStatus.ACCEPTED, BatchStatus.AWAITING_APPROVAL)
        status = BatchStatus.REFUSED if nothing_sent else BatchStatus.REVIEW
        batch = await end_batch(desk, batch, status, [Fault(reason)])
    await settle_batch(desk, batch)


async def note_fault(desk: Desk, batch: Batch, reason: str) -> Batch:
    """Show on a batch what went wrong beside its rows; raise `ChangedMeanwhile` as saving does."""
    if any(fault.detail == reason for fault in batch.faults):
        return batch
    return await desk.batches.save(replace(batch, faults=(*batch.faults, Fault(reason))))


async def end_batch(
    desk: Desk, batch: Batch, status: BatchStatus, faults: Sequence[Fault]
) -> Batch:
    """Write the end down and fail the rows that are left; somebody else's end stands."""
    try:
        reason = str(faults[0]) if faults else "The batch has ended."
        reason = CANCELLED if status is BatchStatus.CANCELLED else reason
        await change_rows(desk, batch.id, failing(lambda _: reason))
        batch = await close_batch(desk, batch, status, faults)
    except ChangedMeanwhile:
        batch = await desk.batches.get(batch.id)
        if not batch.status.is_final:
            raise
    return batch


async def end_if_cancelled(desk: Desk, batch: Batch) -> Batch:
    """End a batch at once of which no row has been begun."""
    if not batch.is_cancelling or batch.status not in _NOT_BEGUN:
        return batch
    ended = await end_batch(desk, batch, BatchStatus.CANCELLED, [Fault(batch.cancel_reason)])
    await settle_batch(desk, ended)
    return ended


async def settle_batch(desk: Desk, batch: Batch) -> None:
    """Close every growth and let go of every promise that an ended batch still has.

    Raises `SeatsBusy` while somebody else holds a SKU: its message comes again.
    """
    if batch.has_licensed:
        # A late message about one whose licences the counts may not show yet.
        await close_growths(desk, batch)
        return
    for sku in skus_in(await desk.batches.tallies(batch.id)):
        page = await desk.ledger.read(batch.customer_id, sku)
        open_growth = any(g.status is GrowthStatus.INTENT for g in _all_of(page, batch))
        if open_growth or any(r.holder == batch.id for r in page.reservations):
            await _settle_sku(desk, batch, sku)
    await _tell_growths(desk, batch)
    await unwatch_batch(desk, batch)


async def close_growths(desk: Desk, batch: Batch) -> None:
    """Close what an ended batch never came to send; its promise is let go of as counts show it.

    Raises `SeatsBusy` as `settle_batch` does.
    """
    for sku in skus_in(await desk.batches.tallies(batch.id)):
        page = await desk.ledger.read(batch.customer_id, sku)
        if any(g.status is GrowthStatus.INTENT for g in _all_of(page, batch)):
            await _settle_sku(desk, batch, sku, keeps_promise=True)
    if batch.open_growths:
        await _tell_growths(desk, batch)


async def _tell_growths(desk: Desk, batch: Batch) -> None:
    """Show on the batch how each of its growths ended."""
    told, now = [], await desk.clock.now()
    for summary in batch.growths:
        page = await desk.ledger.read(batch.customer_id, summary.sku)
        own = {g.subscription_id: g for g in page.of(batch.id)}
        growth = own.get(summary.subscription_id)
        back = {g.subscription_id: g for g in page.of(undo_holder(batch.id))}
        ended = summary if growth is None else with_end(summary, growth, now)
        told.append(with_return(ended, back.get(summary.subscription_id)))
    if tuple(told) != batch.growths:
        # Whoever else wrote it meanwhile was settling the same batch.
        with suppress(ChangedMeanwhile):
            await desk.batches.save(replace(batch, growths=tuple(told)))


def with_end(summary: GrowthSummary, growth: Growth, now: datetime) -> GrowthSummary:
    """How it ended, and until when what it bought can be undone; said once, it stays."""
    bought = growth.status is GrowthStatus.APPLIED and growth.seats_bought > 0
    undo_until = summary.undo_until or now + REFUND_WINDOW
    return replace(
        summary,
        status=growth.status.value,
        reason=growth.reason,
        undo_until=undo_until if bought else None,
    )


def with_return(summary: GrowthSummary, back: Growth | None) -> GrowthSummary:
    """What of it went back; nothing is left to undo where all of it did."""
    if back is None:
        return summary
    returned = -back.seats_bought if back.status is GrowthStatus.APPLIED else 0
    all_back = returned >= summary.target - summary.base
    return replace(
        summary,
        returned=returned,
        return_reason=back.reason,
        undo_until=None if all_back else summary.undo_until,
    )


def _all_of(page: LedgerPage, batch: Batch) -> Sequence[Growth]:
    """Its growths, and what it gives back of them."""
    return (*page.of(batch.id), *page.of(undo_holder(batch.id)))


async def _settle_sku(desk: Desk, batch: Batch, sku: SkuId, *, keeps_promise: bool = False) -> None:
    lease = await desk.ledger.lease(batch.customer_id, sku, batch.id)
    try:
        page = await desk.ledger.read(batch.customer_id, sku)
        for growth in _all_of(page, batch):
            account = account_of(batch, growth)
            _, lease = await settle_growth(desk, lease, page, growth, account, may_send=False)
        if not keeps_promise:
            await desk.ledger.drop_reservation(batch.customer_id, sku, batch.id)
    finally:
        await desk.ledger.release(lease)
