"""Pause, resume and cancel a batch, and send its failed rows again as a batch of their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from shared.domain.batch_control import cancelling, paused, resumed
from shared.domain.batches import Batch, BatchDocument, BatchStatus, RowResult, RowStatus, Source
from shared.domain.errors import ChangedMeanwhile, WrongMoment
from shared.domain.ids import BatchId
from shared.domain.users import marker
from shared.workflows.admit_batch import BATCHES, keep_rows
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.watch import watch_batch

_TRIES = 5


async def pause_batch(desk: Desk, batch: BatchId, who: str) -> Batch:
    """Raise `WrongMoment` where there is nothing to pause; paused twice is paused."""
    return await _change(desk, batch, who, "batch paused", paused)


async def resume_batch(desk: Desk, batch: BatchId, who: str) -> Batch:
    """Queue what the pause left lying; raise `WrongMoment` for a batch that has ended."""
    found = await _change(desk, batch, who, "batch resumed", resumed)
    await _queue(desk, found)
    return found


async def cancel_batch(
    desk: Desk, batch: BatchId, who: str, reason: str = "Somebody cancelled the batch."
) -> Batch:
    """Note the wish and queue its work; raise `WrongMoment` for a batch that has ended."""
    found = await _change(
        desk, batch, who, "batch cancelled", lambda b, now: cancelling(b, now, reason)
    )
    await _queue(desk, found)
    return found


async def _queue(desk: Desk, batch: Batch) -> None:
    if not batch.status.is_final:
        await watch_batch(desk, batch.id)
        await desk.queues.send(BATCHES, {"batchId": batch.id})


async def _change(
    desk: Desk, wanted: BatchId, who: str, what: str, change: Callable[[Batch, datetime], Batch]
) -> Batch:
    now = await desk.clock.now()
    for last in (False,) * (_TRIES - 1) + (True,):
        batch = await desk.batches.get(wanted)
        changed = change(batch, now)
        if changed == batch:
            return batch
        try:
            saved = await desk.batches.save(changed)
        except ChangedMeanwhile:
            if last:
                raise
            continue
        await desk.audit.record(AuditEntry(now, who, what, wanted))
        return saved
    raise AssertionError


async def retry_batch(
    desk: Desk, batch: BatchId, *, requested_by: str, new_id: BatchId, source: Source = Source.HTTP
) -> Batch:
    """Make a new batch of the rows that failed: planned, priced and bound by ceilings anew.

    Whose account the old batch made is adopted by its id, and keeps the password it was given.
    """
    old = await desk.batches.get(batch)
    if not old.status.is_final:
        raise WrongMoment(f"The batch is {old.status.value}: its failed rows are known at its end.")
    rows = await _failed_rows(desk, old)
    if not rows:
        raise WrongMoment("No row of the batch has failed: there is nothing to send again.")
    document = BatchDocument(
        new_id,
        old.customer_id,
        requested_by,
        tuple(r.row for r in rows),
        callback_url=old.callback.url if old.callback else "",
        buy_first=old.buy_first,
    )
    made = await keep_rows(desk, document, rows, source, retry_of=old.id)
    await desk.queues.send(BATCHES, {"batchId": made.id})
    return made


async def _failed_rows(desk: Desk, old: Batch) -> list[RowResult]:
    rows: list[RowResult] = []
    async for chunk in desk.batches.chunks(old.id):
        for result in chunk.rows:
            if result.status is RowStatus.FAILED:
                row = replace(result.row, number=len(rows) + 1)
                known = bool(result.user_id)
                tried = (*result.earlier, marker(old.id, result.row.number))
                rows.append(
                    RowResult(row, user_id=result.user_id, acknowledged=known, earlier=tried)
                )
    return rows


async def cancel_if_forgotten(desk: Desk, batch: Batch) -> bool:
    """A paused batch keeps seats from others: past its limit it is cancelled."""
    if batch.status is not BatchStatus.PAUSED or batch.paused_at is None:
        return False
    limit = desk.pauses.paused_bound
    if await desk.clock.now() < batch.paused_at + limit:
        return False
    hours = limit.total_seconds() / 3600
    await cancel_batch(desk, batch.id, "timer", f"It was paused for more than {hours:g} hours.")
    return True
