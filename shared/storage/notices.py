"""Keep which events came by webhook, a partition per day of the change."""

from dataclasses import replace
from datetime import date, timedelta

from shared.domain.errors import AlreadyExists
from shared.domain.webhooks import Notice
from shared.storage import keys
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import deleting


class NoticeTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["notices"]

    async def claim(self, notice: Notice) -> bool:
        try:
            await self._table.insert(to_row(notice, *_key(notice)))
        except AlreadyExists:
            row = await self._table.get(*_key(notice))
            return row is None or not from_row(Notice, row).is_settled
        return True

    async def settle(self, notice: Notice) -> None:
        await self._table.upsert(to_row(replace(notice, is_settled=True), *_key(notice)))

    async def forget(self, last: date, days: int) -> None:
        for back in range(days):
            day = (last - timedelta(days=back)).strftime("%Y%m%d")
            rows = await self._table.partition(day, select=("PartitionKey", "RowKey"))
            await self._table.transact_all(deleting(day, str(row["RowKey"])) for row in rows)


def _key(notice: Notice) -> tuple[str, str]:
    return keys.day(notice.changed_at), keys.escaped(notice.id)
