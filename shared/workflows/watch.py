"""Remember work that must not be lost with its messages, and what is to be deleted later."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from shared.domain.batches import Batch
from shared.domain.ids import BatchId, OperationId
from shared.domain.reminders import Reminder, ReminderKind
from shared.workflows.ports import Desk


async def watch_batch(desk: Desk, batch: BatchId, wait: timedelta = timedelta(0)) -> None:
    """Its next message is on its way: the sweep looks after the batch if it never comes.

    Called before the message is sent, so that no death falls between the two.
    """
    at = await desk.clock.now() + wait + desk.pauses.no_sign_of_life
    await desk.reminders.put(Reminder(ReminderKind.BATCH, batch, at))


async def unwatch_batch(desk: Desk, batch: Batch) -> None:
    """It has ended and holds nothing any more; one whose callback is open is looked after still."""
    if batch.callback is None or not batch.callback.is_open:
        await desk.reminders.drop(ReminderKind.BATCH, batch.id)


async def without_a_sign(desk: Desk, kind: ReminderKind, most: int) -> AsyncIterator[str]:
    """What showed no sign of life for too long: ids, each for one of the hosts that sweep.

    Each comes again after as long as this, unless whoever looks after it brings it to its end.
    """
    now = await desk.clock.now()
    for reminder in await desk.reminders.due(kind, now, most):
        if await desk.reminders.postpone(reminder, now + desk.pauses.no_sign_of_life):
            yield reminder.subject


async def watch_purchase(desk: Desk, operation: OperationId) -> None:
    """Called before anything is sent: the sweep looks after it if this try comes to no end."""
    at = await desk.clock.now() + desk.pauses.no_sign_of_life
    await desk.reminders.put(Reminder(ReminderKind.PURCHASE, operation, at))


async def unwatch_purchase(desk: Desk, operation: OperationId) -> None:
    """What was bought is on record, or it is known that nothing was."""
    await desk.reminders.drop(ReminderKind.PURCHASE, operation)


async def watch_tenant(desk: Desk, operation: OperationId) -> None:
    """Called before anything is sent: the sweep goes on with it if this try comes to no end."""
    at = await desk.clock.now() + desk.pauses.no_sign_of_life
    await desk.reminders.put(Reminder(ReminderKind.TENANT, operation, at))


async def unwatch_tenant(desk: Desk, operation: OperationId) -> None:
    """The tenant is on record with its consent, or nobody goes on with it."""
    await desk.reminders.drop(ReminderKind.TENANT, operation)


async def forget_secret(desk: Desk, name: str, at: datetime) -> None:
    """Have a secret deleted that nobody may ask for by then."""
    await desk.reminders.put(Reminder(ReminderKind.FORGET, name, at))
