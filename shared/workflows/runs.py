"""Open runs over many customers, queue their parts, and close each run exactly once."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.reminders import Reminder, ReminderKind
from shared.domain.runs import (
    CustomerRun,
    LastNight,
    Run,
    RunStatus,
    RunSummary,
    added,
    nightly_id,
)
from shared.workflows.catalog_sync import CONNECTIONS_QUEUE
from shared.workflows.events import event
from shared.workflows.ports import AuditEntry, Desk

CUSTOMERS_QUEUE = "nightly-customers"
_PORTION = 500
"""Customers that one message queues."""
_SIDE_BY_SIDE = 16
logger = logging.getLogger(__name__)


async def open_night(desk: Desk) -> Run:
    """Open the business day's run, or go on with one that is still open.

    Of several hosts that fire at once, one queues; what dies between the two, the sweep finds.
    """
    now = await desk.clock.now()
    for run in await desk.runs.open_runs():
        if not run.nightly or run.id == nightly_id(now.date()):
            continue
        if not run.is_overdue(now, desk.run_longest):
            await queue_run(desk, run)
            return run
        await _close(desk, run, RunStatus.PARTIAL)
    return await _begin_night(desk, now)


async def _begin_night(desk: Desk, now: datetime) -> Run:
    await desk.runs.nights(now)
    night = Run(nightly_id(now.date()), "timer", now, nightly=True)
    run, is_new = await desk.runs.claim(night)
    if is_new:
        event("run-started", run=run.id)
        await queue_run(desk, run)
    return run


async def start_run(
    desk: Desk,
    *,
    run_id: RunId,
    requested_by: str,
    dry_run: bool,
    connection_id: ConnectionId | None,
    customer_id: CustomerId | None,
) -> Run:
    """Note what a run by hand must cover, then queue it; called again it queues what is open."""
    if customer_id is not None:
        connection_id = (await desk.customers.get(customer_id)).connection_id
    if connection_id is not None:
        await desk.connections.get(connection_id)
    now = await desk.clock.now()
    asked = Run(run_id, requested_by, now, dry_run, connection_id, customer_id)
    run, is_new = await desk.runs.claim(asked)
    if is_new:
        event("run-started", run=run.id)
    if not run.status.is_final:
        await queue_run(desk, run)
    return run


async def queue_run(desk: Desk, run: Run) -> None:
    """Send what the run waits for; what has ended costs each message a look."""
    if run.customer_id is not None and run.connection_id is not None:
        await _queue_customers(desk, run, run.connection_id, [run.customer_id])
        return
    connections = (
        [run.connection_id]
        if run.connection_id is not None
        else [c.id for c in await desk.connections.all()]
    )
    await desk.runs.expect_connections(run.id, connections)
    for connection in connections:
        await _queue_connection(desk, run.id, connection, None)
    if not connections:
        await close_if_complete(desk, run.id)


async def _queue_connection(
    desk: Desk, run: RunId, connection: ConnectionId, cursor: str | None
) -> None:
    message = {"kind": "run", "runId": run, "connectionId": connection}
    await desk.queues.send(CONNECTIONS_QUEUE, message | ({"cursor": cursor} if cursor else {}))


async def _queue_customers(
    desk: Desk, run: Run, connection: ConnectionId, customers: Sequence[CustomerId]
) -> None:
    await desk.runs.add_parts([CustomerRun(run.id, c, connection) for c in customers])
    gate = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def send(customer: CustomerId) -> None:
        async with gate:
            await send_customer(desk, run.id, customer)

    await asyncio.gather(*(send(customer) for customer in customers))


async def send_customer(
    desk: Desk, run: RunId, customer: CustomerId, delay: timedelta = timedelta(0)
) -> None:
    await desk.queues.send(CUSTOMERS_QUEUE, {"runId": run, "customerId": customer}, delay)


async def expand_connection(
    desk: Desk, run_id: RunId, connection_id: ConnectionId, cursor: str | None = None
) -> None:
    """Queue one portion of the customers, and a message for the next one."""
    run = await desk.runs.get(run_id)
    if run.status.is_final:
        return
    page = await desk.customers.page_of_connection(connection_id, cursor, _PORTION)
    await _queue_customers(desk, run, connection_id, page.items)
    if page.cursor is not None:
        await _queue_connection(desk, run_id, connection_id, page.cursor)
        return
    await desk.runs.connection_expanded(run_id, connection_id)
    await close_if_complete(desk, run_id)


async def give_up_connection(
    desk: Desk, run_id: RunId, connection_id: ConnectionId, reason: str
) -> None:
    """A connection whose customers could not be listed must not keep the run open."""
    await desk.audit.record(
        AuditEntry(
            await desk.clock.now(),
            run_id,
            "connection left out of a run",
            connection_id,
            {"reason": reason},
        )
    )
    await desk.runs.connection_expanded(run_id, connection_id)
    await close_if_complete(desk, run_id)


async def close_if_complete(desk: Desk, run_id: RunId) -> None:
    """The last customer closes the run, exactly once."""
    if await desk.runs.waiting(run_id, 1) or await desk.runs.unexpanded(run_id):
        return
    run = await desk.runs.get(run_id)
    if not run.status.is_final:
        await _close(desk, run, RunStatus.DONE)


async def _close(desk: Desk, run: Run, status: RunStatus) -> None:
    now = await desk.clock.now()
    summary = RunSummary()
    async for part in desk.runs.parts(run.id):
        summary = added(summary, part)
    # Before the end: who dies in between must not leave a run that is kept for ever.
    await desk.reminders.put(Reminder(ReminderKind.PARTS, run.id, now + desk.run_retention))
    try:
        await desk.runs.save(replace(run, status=status, summary=summary, finished_at=now))
    except ChangedMeanwhile:
        # Another customer ended at the same moment and closes it.
        return
    if run.nightly and status is RunStatus.DONE:
        last = LastNight(run.id, now, summary.customers, summary.failed)
        await desk.runs.complete_night(last)
    await _tell(desk, replace(run, status=status, summary=summary), now)


async def _tell(desk: Desk, run: Run, now: datetime) -> None:
    """The night's proof of life: an alert asks for the event, people read the audit."""
    counts = {
        "customers": run.summary.customers,
        "failed": run.summary.failed,
        "unfinished": run.summary.unfinished,
    }
    by_reason = ",".join(f"{name}:{n}" for name, n in sorted(run.summary.failures.items())) or "-"
    status = run.status.value
    event("run-finished", run=run.id, status=status, **counts, failures=by_reason)
    details = {name: str(count) for name, count in counts.items()}
    what = f"run {run.status.value}"
    await desk.audit.record(AuditEntry(now, run.requested_by, what, run.id, details))


async def sweep_runs(desk: Desk) -> None:
    """Close what is past its deadline, and queue again what stands still.

    Standing still is having the same customer first in line at two sweeps in a row, and nobody of
    its people read in between.
    """
    now = await desk.clock.now()
    for run in await desk.runs.open_runs():
        if run.is_overdue(now, desk.run_longest):
            await _close(desk, run, RunStatus.PARTIAL)
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
