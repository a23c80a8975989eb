"""Do what follows a batch's end: tell whoever asked to be told, and see that nothing stays."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.batches import Batch
from shared.domain.callbacks import Callback, signature
from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import BatchId
from shared.domain.passwords import REVEALABLE_FOR, batch_key_name
from shared.domain.reminders import Reminder, ReminderKind
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.watch import forget_secret, watch_batch

CALLBACKS = "callbacks"
SIGNING_KEY = "callback-signing-key"
"""The name in the secret store; who receives callbacks is given its value by an operator."""


async def after_end(desk: Desk, batch: Batch) -> None:
    """Called as often as somebody finds the batch ended."""
    ended_at = batch.finished_at or batch.accepted_at
    await _tell(desk, batch, ended_at)
    await forget_secret(desk, batch_key_name(batch.id), ended_at + REVEALABLE_FOR)
    rows = Reminder(ReminderKind.ROWS, batch.id, ended_at + desk.retention)
    if batch.rows_purged_at is None:
        await desk.reminders.put(rows)
    if batch.callback is not None and batch.callback.is_open:
        await _send(desk, batch.id)


async def _tell(desk: Desk, batch: Batch, ended_at: datetime) -> None:
    """At the moment of the end and in the same words each time: it stays one entry."""
    counts = {"done": str(batch.done), "failed": str(batch.failed)}
    what = f"batch {batch.status.value}"
    await desk.audit.record(AuditEntry(ended_at, batch.requested_by, what, batch.id, counts))


async def _send(desk: Desk, batch: BatchId, wait: timedelta = timedelta(0)) -> None:
    await watch_batch(desk, batch, wait)
    await desk.queues.send(CALLBACKS, {"batchId": batch}, wait)


async def deliver_callback(desk: Desk, batch_id: BatchId) -> None:
    """Try once; what was not taken is tried again later, and given up after some tries.

    Delivered at least once: the delivery's id is the same each time.
    """
    batch = await desk.batches.get(batch_id)
    if not batch.status.is_final or batch.callback is None or not batch.callback.is_open:
        return
    now = await desk.clock.now()
    key = await desk.secrets.get_or_make(SIGNING_KEY)
    body = _body(batch)
    headers = {
        "Seatkeeper-Delivery": f"{batch.id}:ended",
        "Seatkeeper-Signature": signature(key, now, body),
    }
    delivery = await desk.callbacks.post(batch.callback.url, body, headers)
    await _keep(desk, batch, batch.callback.tried(delivery, now))


async def give_up_callback(desk: Desk, batch_id: BatchId, reason: str) -> None:
    """Its message cannot be handled: nobody is told, and that is on record."""
    batch = await desk.batches.get(batch_id)
    if batch.callback is not None and batch.callback.is_open:
        now = await desk.clock.now()
        await _keep(desk, batch, batch.callback.given_up(reason, now))


async def _keep(desk: Desk, batch: Batch, callback: Callback) -> None:
    try:
        await desk.batches.save(replace(batch, callback=callback))
    except ChangedMeanwhile:
        # Who settles the batch writes it too: the try counts all the same.
        latest = await desk.batches.get(batch.id)
        await desk.batches.save(replace(latest, callback=callback))
    if callback.is_open:
        await _send(desk, batch.id, callback.pause(desk.pauses.callback_first))
        return
    await desk.audit.record(
        AuditEntry(
            callback.ended_at or await desk.clock.now(),
            batch.requested_by,
            f"callback {callback.status.value}",
            batch.id,
            {"tries": str(callback.tries)},
        )
    )


def _body(batch: Batch) -> bytes:
    """Ids and counts only: who wants the rows asks for them, with a token."""
    told = {
        "event": "batchEnded",
        "batchId": batch.id,
        "customerId": batch.customer_id,
        "status": batch.status.value,
        "rows": batch.row_count,
        "done": batch.done,
        "failed": batch.failed,
        "resultsUrl": f"/api/batches/{batch.id}/results",
    }
    return json.dumps(told, separators=(",", ":")).encode()
