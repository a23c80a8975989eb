"""Queue the parts of a run: its connections, and their customers portion by portion."""

from collections.abc import Sequence
from datetime import timedelta

from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.runs import CustomerRun, Run
from shared.together import together
from shared.workflows.catalog_sync import CONNECTIONS_QUEUE
from shared.workflows.close_run import close_if_complete
from shared.workflows.ports import AuditEntry, Desk

CUSTOMERS_QUEUE = "nightly-customers"
_SIDE_BY_SIDE = 16


async def queue_run(desk: Desk, run: Run) -> None:
    """Send what is open of the run, having noted once whom it must come to.

    Until both are done it cannot close: who dies in between leaves a run that stands still.
    """
    is_queued = (await desk.runs.coverage(run.id)).is_queued
    if not is_queued:
        await _note_scope(desk, run)
    await _send_open(desk, run.id)
    if not is_queued:
        await desk.runs.note_queued(run.id)
        await close_if_complete(desk, run.id)


async def _note_scope(desk: Desk, run: Run) -> None:
    if run.customer_id is not None and run.connection_id is not None:
        await desk.runs.add_parts([CustomerRun(run.id, run.customer_id, run.connection_id)])
    elif run.connection_id is not None:
        await desk.runs.expect_connections(run.id, [run.connection_id])
    else:
        everybody = [connection.id for connection in await desk.connections.all()]
        await desk.runs.expect_connections(run.id, everybody)


async def _send_open(desk: Desk, run: RunId) -> None:
    for connection in (await desk.runs.coverage(run)).unexpanded:
        await _queue_connection(desk, run, connection, None)
    await _send_customers(desk, run, await desk.runs.waiting(run, desk.run_portion))


async def _queue_connection(
    desk: Desk, run: RunId, connection: ConnectionId, cursor: str | None
) -> None:
    message = {"kind": "run", "runId": run, "connectionId": connection}
    await desk.queues.send(CONNECTIONS_QUEUE, message | ({"cursor": cursor} if cursor else {}))


async def _send_customers(desk: Desk, run: RunId, customers: Sequence[CustomerId]) -> None:
    async def send(customer: CustomerId) -> None:
        await send_customer(desk, run, customer)

    await together(_SIDE_BY_SIDE, send, customers)


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
    page = await desk.customers.page_of_connection(connection_id, cursor, desk.run_portion)
    parts = [CustomerRun(run_id, customer, connection_id) for customer in page.items]
    await _send_customers(desk, run_id, await desk.runs.add_parts(parts))
    if page.cursor is not None:
        await _queue_connection(desk, run_id, connection_id, page.cursor)
        return
    await desk.runs.connection_expanded(run_id, connection_id)
    await close_if_complete(desk, run_id)


async def give_up_connection(
    desk: Desk, run_id: RunId, connection_id: ConnectionId, reason: str
) -> None:
    """A connection whose customers could not be listed keeps no run open, and is told of."""
    if connection_id in (await desk.runs.coverage(run_id)).unexpanded:
        at, details = await desk.clock.now(), {"reason": reason}
        what = "connection left out of a run"
        await desk.audit.record(AuditEntry(at, run_id, what, connection_id, details))
        await desk.runs.leave_out(run_id, connection_id, reason)
    await close_if_complete(desk, run_id)
