"""Keep batches: a head and its rows in one partition, and a list of all, newest first."""

from collections.abc import Sequence
from dataclasses import replace

from shared.domain.batches import Batch, RowResult
from shared.domain.errors import AlreadyExists, BatchDiffers, BatchNotFound
from shared.domain.ids import BatchId
from shared.storage import keys
from shared.storage.index import page_of, pointer
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables, inserting, replacing
from shared.workflows.ports import Page

_ROWS = keys.under("row")
_TRIES = 3


class BatchTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["batches"]

    async def add(self, batch: Batch, rows: Sequence[RowResult]) -> Batch:
        """The head is claimed first, so that nobody's rows come under another document."""
        kept = await self._claim(batch)
        await self._table.upsert(
            pointer(keys.INDEX, keys.newest_first(kept.accepted_at, kept.id), kept.id)
        )
        await self._add_rows(kept, rows)
        return kept

    async def get(self, batch: BatchId) -> Batch:
        found = await self._find(batch)
        if found is None:
            raise BatchNotFound(batch)
        return found

    async def save(self, batch: Batch) -> Batch:
        return replace(batch, etag=await self._table.replace(_head(batch), batch.etag))

    async def page(self, cursor: str | None, size: int) -> Page[Batch]:
        return await page_of(self._table, cursor, size, lambda i: self._find(BatchId(i)))

    async def results(self, batch: BatchId) -> Sequence[RowResult]:
        rows = await self._table.between(keys.batch(batch), _ROWS)
        return [from_row(RowResult, row) for row in rows]

    async def results_page(self, batch: BatchId, cursor: str | None, size: int) -> Page[RowResult]:
        rows, onward = await self._table.page(keys.batch(batch), _ROWS, cursor, size)
        return Page([from_row(RowResult, row) for row in rows], onward)

    async def chunk(self, batch: BatchId, number: int) -> Sequence[RowResult]:
        rows = await self._table.between(keys.batch(batch), keys.chunk(number))
        return [from_row(RowResult, row) for row in rows]

    async def save_results(
        self, batch: BatchId, results: Sequence[RowResult]
    ) -> Sequence[RowResult]:
        if not results:
            return []
        etags = await self._table.transact([replacing(_row(batch, r), r.etag) for r in results])
        return [replace(r, etag=etag) for r, etag in zip(results, etags, strict=True)]

    async def _claim(self, batch: Batch) -> Batch:
        try:
            return replace(batch, etag=await self._table.insert(_head(batch)))
        except AlreadyExists as error:
            kept = await self.get(batch.id)
            if kept.digest != batch.digest:
                raise BatchDiffers(
                    f"There is a batch {batch.id!r} with another document; use another id."
                ) from error
            return kept

    async def _add_rows(self, batch: Batch, rows: Sequence[RowResult]) -> None:
        """Rows that are there may have come far already and are left alone."""
        for _ in range(_TRIES):
            missing = await self._missing(batch, rows)
            try:
                await self._table.transact_all(inserting(row) for row in missing)
            except AlreadyExists:
                # Another delivery is adding the same rows: look again what is left.
                continue
            return
        await self._add_one_by_one(await self._missing(batch, rows))

    async def _add_one_by_one(self, rows: Sequence[Row]) -> None:
        for row in rows:
            await self._table.insert_if_absent(row)

    async def _missing(self, batch: Batch, rows: Sequence[RowResult]) -> list[Row]:
        kept = await self._table.between(keys.batch(batch.id), _ROWS, select=["RowKey"])
        there = {row["RowKey"] for row in kept}
        return [_row(batch.id, r) for r in rows if keys.batch_row(r.row.number) not in there]

    async def _find(self, batch: BatchId) -> Batch | None:
        row = await self._table.get(keys.batch(batch), keys.HEAD)
        return from_row(Batch, row) if row is not None else None


def _head(batch: Batch) -> Row:
    return to_row(batch, keys.batch(batch.id), keys.HEAD)


def _row(batch: BatchId, result: RowResult) -> Row:
    return to_row(result, keys.batch(batch), keys.batch_row(result.row.number))
