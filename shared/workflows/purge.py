"""Delete what has been kept long enough, a bounded part at a time; never a promise or an intent."""

from shared.domain.reminders import ReminderKind
from shared.workflows.ports import Desk

PORTION = 100


async def purge_secrets(desk: Desk) -> int:
    """Delete keys of passwords, and flows of sign-ins, that nobody may ask for any more."""
    now = await desk.clock.now()
    due = await desk.reminders.due(ReminderKind.FORGET, now, PORTION)
    for reminder in due:
        await desk.secrets.delete(reminder.subject)
        await desk.reminders.drop(ReminderKind.FORGET, reminder.subject)
    return len(due)
