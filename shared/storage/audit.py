"""Keep who did what, a partition per day, and why messages could not be handled."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.workflows.ports import AuditEntry

_SHOWN = 100
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PoisonedMessage:
    message_id: str
    reason: str
    at: datetime


class AuditTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["audit"]

    async def record(self, entry: AuditEntry) -> None:
        row = keys.newest_first(entry.at, uuid.uuid4().hex)
        await self._table.upsert(to_row(entry, keys.day(entry.at), row))
        # The alerts of infra/ look for these lines.
        logger.info("audit: %s %s", entry.what, entry.subject)

    async def poison(self, queue: str, message_id: str, reason: str, at: datetime) -> None:
        message = PoisonedMessage(message_id, reason, at)
        row = keys.newest_first(at, message_id)
        await self._table.upsert(to_row(message, keys.poisoned(queue), row))

    async def poisoned(self, queue: str) -> Sequence[tuple[str, str]]:
        rows, _ = await self._table.page(keys.poisoned(queue), keys.EVERYTHING, None, _SHOWN)
        messages = [from_row(PoisonedMessage, row) for row in rows]
        return [(message.message_id, message.reason) for message in messages]
