"""Keep reminders, a partition per kind: what is due is found without a look at any work."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.errors import ChangedMeanwhile
from shared.domain.reminders import Reminder, ReminderKind
from shared.storage import keys
from shared.storage.codec import moment_to_text
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables


class ReminderTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["reminders"]

    async def put(self, reminder: Reminder) -> None:
        await self._table.upsert(_row(reminder))

    async def put_first(self, reminder: Reminder) -> None:
        await self._table.insert_if_absent(_row(reminder))

    async def due(self, kind: ReminderKind, now: datetime, most: int) -> Sequence[Reminder]:
        rows = await self._table.at_most(kind.value, "at", moment_to_text(now), most)
        return [from_row(Reminder, row) for row in rows]

    async def postpone(self, reminder: Reminder, until: datetime) -> bool:
        later = Reminder(reminder.kind, reminder.subject, until)
        try:
            await self._table.replace(_row(later), reminder.etag)
        except ChangedMeanwhile:
            return False
        return True

    async def drop(self, kind: ReminderKind, subject: str) -> None:
        await self._table.delete(kind.value, keys.escaped(subject))


def _row(reminder: Reminder) -> Row:
    return to_row(reminder, reminder.kind.value, keys.escaped(reminder.subject))
