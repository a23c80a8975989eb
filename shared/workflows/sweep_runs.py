"""Close runs that are past their deadline, and queue again those that stand still."""

import logging
from dataclasses import replace

from shared.domain.errors import ChangedMeanwhile
from shared.domain.runs import Run
from shared.workflows.close_run import close_if_complete, close_overdue, tell_late_ends
from shared.workflows.ports import Desk
from shared.workflows.runs import queue_run

logger = logging.getLogger(__name__)


async def sweep_runs(desk: Desk) -> None:
    """Close what is past its deadline, and queue again what stands still.

    Standing still is having the same customer first in line at two sweeps in a row, and nobody of
    its people read in between.
    """
    await tell_late_ends(desk)
    now = await desk.clock.now()
    for run in await desk.runs.open_runs():
        if run.is_overdue(now, desk.run_longest):
            await close_overdue(desk, run)
            continue
        await close_if_complete(desk, run.id)
        await _queue_if_still(desk, await desk.runs.get(run.id))


async def _queue_if_still(desk: Desk, run: Run) -> None:
    if run.status.is_final:
        return
    line = await _line(desk, run)
    if line == run.first_in_line:
        await queue_run(desk, run)
    try:
        await desk.runs.save(replace(run, first_in_line=line))
    except ChangedMeanwhile:
        logger.info("run %s moved while it was looked at", run.id)


async def _line(desk: Desk, run: Run) -> str:
    """Who waits first, and how far that customer's people are read."""
    waiting = await desk.runs.waiting(run.id, 1)
    if not waiting:
        return "expanding"
    return f"{waiting[0]}|{(await desk.people.state(waiting[0])).etag}"
