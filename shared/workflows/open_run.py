"""Open runs over many customers: the night by the timer, the others by hand."""

import logging
from datetime import datetime

from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.runs import APART, Run, nightly_id
from shared.workflows.close_run import close_overdue
from shared.workflows.events import event
from shared.workflows.ports import Desk
from shared.workflows.runs import queue_run

logger = logging.getLogger(__name__)


async def open_night(desk: Desk) -> Run:
    """Open the business day's run, or go on with one that is still open.

    Of several hosts that fire at once, one queues; what dies between the two, the sweep finds.
    """
    now = await desk.clock.now()
    for run in await desk.runs.open_runs():
        if run.nightly and not await _ended_overdue(desk, run, now):
            return await _go_on(desk, run, now)
    return await _begin_night(desk, now)


async def _ended_overdue(desk: Desk, run: Run, now: datetime) -> bool:
    """One that cannot be closed is left to the sweep: it must not keep tonight's from opening."""
    if not run.is_overdue(now, desk.run_longest):
        return False
    try:
        await close_overdue(desk, run)
    except Exception:
        logger.exception("run %s is overdue and could not be closed", run.id)
    return True


async def _go_on(desk: Desk, run: Run, now: datetime) -> Run:
    """Where the timer fires again for the same night, there is something to do if it had failed."""
    if now - run.opened_at >= APART or not (await desk.runs.coverage(run.id)).is_queued:
        await queue_run(desk, run)
    return run


async def _begin_night(desk: Desk, now: datetime) -> Run:
    await desk.runs.nights(now)
    run, is_new = await _claim_night(desk, now)
    if is_new:
        event("run-started", run=run.id)
        await queue_run(desk, run)
    return run


async def _claim_night(desk: Desk, now: datetime) -> tuple[Run, bool]:
    """The date's run is tonight's unless it was opened long ago: then tonight's is the next one.

    So it is where the schedule's hour is late in the evening, and the night before came late too.
    """
    number = 1
    while True:
        night = Run(nightly_id(now.date(), number), "timer", now, nightly=True)
        run, is_new = await desk.runs.claim(night)
        if is_new or now - run.opened_at < APART:
            return run, is_new
        number += 1


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
        connection_id = await _connection_of(desk, customer_id, connection_id)
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


async def _connection_of(
    desk: Desk, customer_id: CustomerId, named: ConnectionId | None
) -> ConnectionId:
    """Who names another one means another customer, or has it from an old list."""
    own = (await desk.customers.get(customer_id)).connection_id
    if named not in (None, own):
        fault = "The customer is not one of this connection: name its own, or leave this out."
        raise InvalidRequest([Fault(fault, pointer="/connectionId")])
    return own
