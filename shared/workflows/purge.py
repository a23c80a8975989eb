"""Delete what has been kept long enough, a bounded part at a time; never a promise or an intent."""

from dataclasses import replace
from datetime import timedelta

from shared.domain.errors import BatchNotFound, ChangedMeanwhile
from shared.domain.ids import BatchId, RunId
from shared.domain.reminders import Reminder, ReminderKind
from shared.workflows.ports import Desk
from shared.workflows.webhooks import forget_events

PORTION = 100
BATCHES_AT_ONCE = 10
PARTS_AT_ONCE = 1000
BY_AGE = "by age"
EVERY = timedelta(hours=1)


async def purge_secrets(desk: Desk) -> int:
    """Delete keys of passwords that nobody may ask for any more."""
    now = await desk.clock.now()
    due = await desk.reminders.due(ReminderKind.FORGET, now, PORTION)
    for reminder in due:
        await desk.secrets.delete(reminder.subject)
        await desk.reminders.drop(ReminderKind.FORGET, reminder.subject)
    return len(due)


async def purge_rows(desk: Desk) -> int:
    """Delete rows and results of batches that ended long ago; their heads tell what was bought."""
    now = await desk.clock.now()
    due = await desk.reminders.due(ReminderKind.ROWS, now, BATCHES_AT_ONCE)
    for reminder in due:
        await _purge_batch(desk, BatchId(reminder.subject))
        await desk.reminders.drop(ReminderKind.ROWS, reminder.subject)
    return len(due)


async def _purge_batch(desk: Desk, batch_id: BatchId) -> None:
    try:
        batch = await desk.batches.get(batch_id)
    except BatchNotFound:
        return
    if not batch.status.is_final:
        raise ChangedMeanwhile(f"Batch {batch_id} has not ended.")
    await desk.batches.save(replace(batch, rows_purged_at=await desk.clock.now()))
    await desk.batches.purge_rows(batch_id)


async def purge_parts(desk: Desk) -> int:
    """Delete what runs of long ago found at each customer, some of it at a time."""
    now = await desk.clock.now()
    due = await desk.reminders.due(ReminderKind.PARTS, now, 1)
    for reminder in due:
        run = await desk.runs.get(RunId(reminder.subject))
        if not run.status.is_final:
            raise ChangedMeanwhile(f"Run {run.id} has not ended.")
        if run.parts_purged_at is None:
            # Said first: a report that adds up what is left of the parts would be wrong.
            await desk.runs.save(replace(run, parts_purged_at=now))
        if await desk.runs.purge_parts(run.id, PARTS_AT_ONCE) < PARTS_AT_ONCE:
            await desk.reminders.drop(ReminderKind.PARTS, reminder.subject)
    return len(due)


async def purge_by_age(desk: Desk) -> None:
    """Once an hour, by one host: what has no reminder of its own and takes a longer look."""
    now = await desk.clock.now()
    await desk.reminders.put_first(Reminder(ReminderKind.PURGE, BY_AGE, now))
    for reminder in await desk.reminders.due(ReminderKind.PURGE, now, 1):
        if await desk.reminders.postpone(reminder, now + EVERY):
            await desk.poison.purge(now - desk.retention, PORTION)
            await desk.idempotency.purge(PORTION)
            await desk.ledger.purge(now - desk.retention, PORTION)
            await desk.claims.purge(now - desk.retention, PORTION)
            await forget_events(desk)
