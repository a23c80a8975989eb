"""Close each run exactly once, add it up and tell that it lived."""

from contextlib import suppress
from dataclasses import replace

from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import RunId
from shared.domain.reminders import Reminder, ReminderKind
from shared.domain.runs import LastNight, Run, RunStatus, RunSummary, added
from shared.workflows.events import event
from shared.workflows.ports import AuditEntry, Desk

_TOO_LATE = (
    "Not all of its customers were listed by the time that the run had to close: Microsoft or its "
    "sign-in was too slow, or its messages were lost. See the connection's health."
)
_TRIES = 5
"""Each who comes late at the same moment needs one more."""


async def close_if_complete(desk: Desk, run_id: RunId) -> None:
    """The last customer closes the run, exactly once."""
    if not await _has_ended(desk, run_id):
        return
    run = await desk.runs.get(run_id)
    if not run.status.is_final:
        await _close(desk, run, RunStatus.DONE)


async def _has_ended(desk: Desk, run_id: RunId) -> bool:
    """Nobody waits after all were noted: read the other way round, a connection slips through.

    The first look is for speed alone: nearly every customer that ends finds others waiting.
    """
    if await desk.runs.waiting(run_id, 1) or not (await desk.runs.coverage(run_id)).is_known:
        return False
    return not await desk.runs.waiting(run_id, 1)


async def close_overdue(desk: Desk, run: Run) -> None:
    """At its deadline a run closes with what it has: the next night needs the hosts.

    It may have all: the host of the last customer died, and nobody has looked since.
    """
    await close_if_complete(desk, run.id)
    run = await desk.runs.get(run.id)
    if run.status.is_final:
        return
    for connection in (await desk.runs.coverage(run.id)).unexpanded:
        await desk.runs.leave_out(run.id, connection, _TOO_LATE)
    await _close(desk, run, RunStatus.PARTIAL)


async def _close(desk: Desk, run: Run, status: RunStatus) -> None:
    now, summary = await desk.clock.now(), await _added_up(desk, run.id)
    if status is RunStatus.DONE and summary.unfinished:
        # Somebody was noted since that look, and closes the run in turn.
        return
    if summary.left_out:
        status = RunStatus.PARTIAL
    # Before the end: who dies in between must not leave a run that is kept for ever.
    await desk.reminders.put(Reminder(ReminderKind.PARTS, run.id, now + desk.run_retention))
    ended = replace(run, status=status, summary=summary, finished_at=now)
    try:
        await desk.runs.save(ended)
    except ChangedMeanwhile:
        # Another customer ended at the same moment and closes it.
        return
    await tell_end(desk, ended)


async def _added_up(desk: Desk, run: RunId) -> RunSummary:
    summary = RunSummary(left_out=len((await desk.runs.coverage(run)).left_out))
    async for part in desk.runs.parts(run):
        summary = added(summary, part)
    return summary


async def add_up_again(desk: Desk, run_id: RunId) -> None:
    """What a part told after its run was closed is in the run's sums too."""
    for _ in range(_TRIES):
        run, summary = await desk.runs.get(run_id), await _added_up(desk, run_id)
        with suppress(ChangedMeanwhile):
            await desk.runs.save(replace(run, summary=summary))
            return


async def tell_if_untold(desk: Desk, run_id: RunId) -> None:
    """Its host may have died between the end and its proof of life."""
    for run in await desk.runs.unannounced_runs():
        if run.id == run_id:
            await tell_end(desk, run)


async def tell_end(desk: Desk, run: Run) -> None:
    """The night's proof of life: an alert asks for the event, people read health and the audit.

    Told twice it does no harm, and it is on the list of those to be told until all of it is.
    """
    at = run.finished_at or run.opened_at
    if run.nightly and run.status is RunStatus.DONE:
        last = LastNight(run.id, at, run.summary.customers, run.summary.failed)
        await desk.runs.complete_night(last)
    counts = _counts(run.summary)
    by_reason = ",".join(f"{name}:{n}" for name, n in sorted(run.summary.failures.items())) or "-"
    status = run.status.value
    event("run-finished", run=run.id, status=status, **counts, failures=by_reason)
    details = {name: str(count) for name, count in counts.items()}
    await desk.audit.record(AuditEntry(at, run.requested_by, f"run {status}", run.id, details))
    await desk.runs.announced(run.id)


def _counts(summary: RunSummary) -> dict[str, int]:
    return {
        "customers": summary.customers,
        "failed": summary.failed,
        "unfinished": summary.unfinished,
        "left_out": summary.left_out,
    }
