"""Keep who did what, a partition per day."""

import logging
import uuid

from shared.storage import keys
from shared.storage.rows import to_row
from shared.storage.tables import Tables
from shared.workflows.ports import AuditEntry

logger = logging.getLogger(__name__)


class AuditTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["audit"]

    async def record(self, entry: AuditEntry) -> None:
        row = keys.newest_first(entry.at, uuid.uuid4().hex)
        await self._table.upsert(to_row(entry, keys.day(entry.at), row))
        # The alerts of infra/ look for these lines.
        logger.info("audit: %s %s", entry.what, entry.subject)
