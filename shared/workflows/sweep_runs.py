"""Close runs that are past their deadline, and queue again those that stand still."""

import logging
from dataclasses import replace
from datetime import datetime

from shared.domain.errors import ChangedMeanwhile
from shared.domain.runs import Run
from shared.workflows.close_run import close_if_complete, close_overdue, tell_end
from shared.workflows.ports import Desk
from shared.workflows.runs import queue_run

logger = logging.getLogger(__name__)


async def sweep_runs(desk: Desk) -> None:
    """Tell of ends that nobody told of, close what is overdue, queue again what stands still."""
    for run in [*await desk.runs.unannounced_runs(), *await desk.runs.open_runs()]:
        try:
            await _look_after(desk, run)
        except Exception:
            logger.exception("run %s could not be looked after", run.id)


async def _look_after(desk: Desk, run: Run) -> None:
    if run.status.is_final:
        await tell_end(desk, run)
        return
    now = await desk.clock.now()
    if run.is_overdue(now, desk.run_longest):
        await close_overdue(desk, run)
        return
    await close_if_complete(desk, run.id)
    await _queue_if_still(desk, await desk.runs.get(run.id), now)


async def _queue_if_still(desk: Desk, run: Run, now: datetime) -> None:
    """What waits for a time that Microsoft named looks the same: so it is sent again seldom."""
    if run.status.is_final:
        return
    line = await _line(desk, run)
    still_since = run.seen_moving_at if line == run.first_in_line else None
    if still_since is not None and now - still_since < desk.pauses.no_sign_of_life:
        return
    try:
        await desk.runs.save(replace(run, first_in_line=line, seen_moving_at=now))
    except ChangedMeanwhile:
        logger.info("run %s moved while it was looked at", run.id)
        return
    if still_since is not None:
        logger.warning("run %s stands still", run.id)
        await queue_run(desk, run)


async def _line(desk: Desk, run: Run) -> str:
    """The first who wait, and how far the very first one's people are read."""
    waiting = await desk.runs.waiting(run.id, desk.run_portion)
    if not waiting:
        return f"expanding {len((await desk.runs.coverage(run.id)).unexpanded)}"
    read = (await desk.people.state(waiting[0])).etag
    return f"{len(waiting)} from {waiting[0]} to {waiting[-1]}, {read}"
