"""Keep batches: a head and its chunks in one partition, and a list of all, newest first.

A chunk is one row of the table, with its tally beside it in columns of their own; a mark lies
beside it while a row of it has not ended. So progress is read without its rows, and whether a
batch is complete without its chunks.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import fields, replace

from shared.domain.batches import Batch, RowResult, chunk_of
from shared.domain.chunks import Chunk, Tally, chunked, tally_of
from shared.domain.errors import AlreadyExists, BatchDiffers, BatchNotFound, ChangedMeanwhile
from shared.domain.ids import BatchId
from shared.storage import keys
from shared.storage.cursors import broken_cursor, from_cursor, to_cursor
from shared.storage.index import page_of, pointer
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import Change, deleting, inserting, replacing, upserting
from shared.workflows.ports import Page

_CHUNKS = keys.under("chunk")
_MARKS = keys.under("open")
_TALLY = [field.name for field in fields(Tally)]
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
        if not kept.status.is_final:
            # Rows of one that has ended may have been purged.
            await self._add_chunks(kept.id, rows)
        return kept

    async def get(self, batch: BatchId) -> Batch:
        found = await self._find(batch)
        if found is None:
            raise BatchNotFound(batch)
        return found

    async def save(self, batch: Batch) -> Batch:
        """Who finds a head that says just this has written it before: the reply was lost."""
        try:
            return replace(batch, etag=await self._table.replace(_head(batch), batch.etag))
        except ChangedMeanwhile:
            kept = await self._find(batch.id)
            if kept is None or replace(kept, etag=batch.etag) != batch:
                raise
            return kept

    async def page(self, cursor: str | None, size: int) -> Page[Batch]:
        return await page_of(self._table, cursor, size, lambda i: self._find(BatchId(i)))

    async def chunk(self, batch: BatchId, number: int) -> Chunk:
        row = await self._table.get(keys.batch(batch), keys.chunk(number))
        if row is None:
            raise BatchNotFound(f"{batch}/{number}")
        return from_row(Chunk, row)

    async def chunks(self, batch: BatchId) -> AsyncIterator[Chunk]:
        for number in await self._numbers(batch):
            yield await self.chunk(batch, number)

    async def save_chunk(self, batch: BatchId, chunk: Chunk) -> Chunk:
        saved = replace(chunk, marked=chunk.is_open)
        mark = list(_mark_change(batch, chunk))
        etags = await self._table.transact([replacing(_row(batch, saved), chunk.etag), *mark])
        return replace(saved, etag=etags[0])

    async def tallies(self, batch: BatchId) -> Sequence[Tally]:
        rows = await self._table.between(keys.batch(batch), _CHUNKS, select=_TALLY)
        return [from_row(Tally, row) for row in rows]

    async def purge_rows(self, batch: BatchId) -> None:
        for number in await self._numbers(batch):
            await self._table.delete(keys.batch(batch), keys.open_chunk(number))
            await self._table.delete(keys.batch(batch), keys.chunk(number))

    async def any_open(self, batch: BatchId) -> bool:
        marks, _ = await self._table.page(keys.batch(batch), _MARKS, None, 1)
        return bool(marks)

    async def results_page(self, batch: BatchId, cursor: str | None, size: int) -> Page[RowResult]:
        """The cursor is the number of the next row."""
        first = _row_number(cursor) if cursor is not None else 1
        number, found = chunk_of(first), list[RowResult]()
        while len(found) <= size:
            row = await self._table.get(keys.batch(batch), keys.chunk(number))
            if row is None:
                return Page(found)
            found += [r for r in from_row(Chunk, row).rows if r.row.number >= first]
            number += 1
        onward = to_cursor({"RowKey": str(found[size].row.number)})
        return Page(found[:size], onward)

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

    async def _add_chunks(self, batch: BatchId, rows: Sequence[RowResult]) -> None:
        """Chunks that are there may have come far already and are left alone."""
        for _ in range(_TRIES):
            there = set(await self._numbers(batch))
            missing = (c for c in chunked(rows) if c.number not in there)
            try:
                await self._table.transact_each(_insertion(batch, chunk) for chunk in missing)
            except AlreadyExists:
                # Another delivery is adding the same rows: look again what is left.
                continue
            return
        raise AlreadyExists("Others are keeping the same rows at this moment.")

    async def _numbers(self, batch: BatchId) -> list[int]:
        rows = await self._table.between(keys.batch(batch), _CHUNKS, select=["number"])
        return [int(str(row["number"])) for row in rows]

    async def _find(self, batch: BatchId) -> Batch | None:
        row = await self._table.get(keys.batch(batch), keys.HEAD)
        return from_row(Batch, row) if row is not None else None


def _insertion(batch: BatchId, chunk: Chunk) -> list[Change]:
    """A chunk never stands without its mark, or its batch would look complete."""
    return [inserting(_row(batch, chunk)), upserting(_mark(batch, chunk))]


def _mark_change(batch: BatchId, chunk: Chunk) -> Iterator[Change]:
    if chunk.is_open and not chunk.marked:
        yield upserting(_mark(batch, chunk))
    elif chunk.marked and not chunk.is_open:
        yield deleting(keys.batch(batch), keys.open_chunk(chunk.number))


def _mark(batch: BatchId, chunk: Chunk) -> Row:
    return {"PartitionKey": keys.batch(batch), "RowKey": keys.open_chunk(chunk.number)}


def _head(batch: Batch) -> Row:
    return to_row(batch, keys.batch(batch.id), keys.HEAD)


def _row(batch: BatchId, chunk: Chunk) -> Row:
    place = keys.batch(batch), keys.chunk(chunk.number)
    return to_row(tally_of(chunk), *place) | to_row(chunk, *place)


def _row_number(cursor: str) -> int:
    text = from_cursor(cursor)["RowKey"]
    if not text.isdecimal() or not 1 <= int(text) <= 10**9:
        raise broken_cursor()
    return int(text)
