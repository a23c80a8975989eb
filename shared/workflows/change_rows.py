"""Change rows of a batch wherever they are, chunk by chunk, beside the workers of the chunks."""

from collections.abc import Callable

from shared.domain.batches import RowResult, RowStatus
from shared.domain.chunks import Chunk
from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import BatchId
from shared.workflows.ports import Desk

_TRIES = 5
Change = Callable[[RowResult], RowResult]


async def change_rows(desk: Desk, batch: BatchId, change: Change) -> None:
    """Apply a change to every row; it must do nothing to a row that has it already."""
    async for chunk in desk.batches.chunks(batch):
        await _change(desk, batch, chunk, change)


async def change_row(desk: Desk, batch: BatchId, chunk: int, change: Change) -> None:
    """The same in one chunk only."""
    await _change(desk, batch, await desk.batches.chunk(batch, chunk), change)


async def _change(desk: Desk, batch: BatchId, chunk: Chunk, change: Change) -> None:
    """Raise `ChangedMeanwhile` where somebody else keeps writing the same chunk."""
    for last in (False,) * (_TRIES - 1) + (True,):
        changed = chunk.having(map(change, chunk.rows))
        if changed == chunk:
            return
        try:
            await desk.batches.save_chunk(batch, changed)
        except ChangedMeanwhile:
            if last:
                raise
            chunk = await desk.batches.chunk(batch, chunk.number)
        else:
            return


def failing(reason: Callable[[RowResult], str]) -> Change:
    """Fail the open rows that there is a reason for; an empty one leaves the row alone."""

    def fail(result: RowResult) -> RowResult:
        why = "" if result.status.is_final else reason(result)
        return result.ended(RowStatus.FAILED, why) if why else result

    return fail
