"""Go over every customer: synchronise, decide, give back where the policy says so."""

from dataclasses import replace

from shared.domain.errors import ChangedMeanwhile, SeatkeeperError
from shared.domain.giveback import Decision, DecisionKind, GiveBackMode
from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.runs import (
    CustomerRun,
    CustomerRunStatus,
    Run,
    RunStatus,
    nightly_id,
    summarise,
)
from shared.workflows.catalog_sync import CONNECTIONS_QUEUE
from shared.workflows.give_back import give_back, plan_tenant
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.tenant import Tenant, read_tenant

CUSTOMERS_QUEUE = "nightly-customers"


async def open_night(desk: Desk) -> Run:
    """Open the business day's run; whoever fires second finds it open and changes nothing."""
    now = await desk.clock.now()
    return await start_run(
        desk,
        run_id=nightly_id(now.date()),
        requested_by="timer",
        dry_run=False,
        connection_id=None,
        customer_id=None,
    )


async def start_run(
    desk: Desk,
    *,
    run_id: RunId,
    requested_by: str,
    dry_run: bool,
    connection_id: ConnectionId | None,
    customer_id: CustomerId | None,
) -> Run:
    """Note what the run must cover, then queue it; called again it queues what is still open."""
    if customer_id is not None:
        connection_id = (await desk.customers.get(customer_id)).connection_id
    if connection_id is not None:
        await desk.connections.get(connection_id)
    now = await desk.clock.now()
    run = await desk.runs.add(Run(run_id, requested_by, now, dry_run, connection_id, customer_id))
    if run.status is RunStatus.OPEN:
        await _queue(desk, run)
    return run


async def _queue(desk: Desk, run: Run) -> None:
    if run.customer_id is not None and run.connection_id is not None:
        await _queue_customer(desk, run.id, run.customer_id, run.connection_id)
        return
    connections = (
        [run.connection_id]
        if run.connection_id is not None
        else [c.id for c in await desk.connections.all()]
    )
    await desk.runs.expect_connections(run.id, connections)
    for connection in connections:
        await desk.queues.send(
            CONNECTIONS_QUEUE, {"kind": "run", "runId": run.id, "connectionId": connection}
        )
    await close_if_complete(desk, run.id)


async def _queue_customer(
    desk: Desk, run: RunId, customer: CustomerId, connection: ConnectionId
) -> None:
    await desk.runs.add_part(CustomerRun(run, customer, connection))
    await desk.queues.send(CUSTOMERS_QUEUE, {"runId": run, "customerId": customer})


async def expand_connection(desk: Desk, run_id: RunId, connection_id: ConnectionId) -> None:
    """Queue one message per customer; a second delivery queues them again, which costs a look."""
    for customer in await desk.customers.of_connection(connection_id):
        await _queue_customer(desk, run_id, customer, connection_id)
    await desk.runs.connection_expanded(run_id, connection_id)
    await close_if_complete(desk, run_id)


async def run_customer(
    desk: Desk, run_id: RunId, customer_id: CustomerId, *, last_try: bool = False
) -> None:
    """Do one customer's part; its failure is its own, retried by the queue and then recorded."""
    part = await desk.runs.part(run_id, customer_id)
    if part.status is CustomerRunStatus.WAITING:
        run = await desk.runs.get(run_id)
        try:
            part = await _work(desk, run, part)
        except SeatkeeperError as error:
            if error.retryable and not last_try:
                raise
            part = replace(part, status=CustomerRunStatus.FAILED, reason=str(error))
        await desk.runs.save_part(replace(part, finished_at=await desk.clock.now()))
    await close_if_complete(desk, run_id)


async def _work(desk: Desk, run: Run, part: CustomerRun) -> CustomerRun:
    tenant = await read_tenant(desk, part.customer_id)
    await desk.subscriptions.replace(part.customer_id, tenant.subscriptions)
    policy = await desk.policies.of(part.customer_id)
    plan = await plan_tenant(desk, tenant, policy)
    why_not = _why_not_applied(run, policy.mode, tenant)
    decisions = plan.decisions
    if not why_not and plan.changes:
        done = await give_back(desk, tenant, policy, plan.changes, f"{run.id}|{part.customer_id}")
        decisions = _merged(plan.decisions, done)
        tenant = await read_tenant(desk, part.customer_id)
        await desk.subscriptions.replace(part.customer_id, tenant.subscriptions)
    return replace(
        part,
        status=CustomerRunStatus.DONE,
        decisions=decisions,
        applied=not why_not,
        seats_idle=sum(d.seats - d.lasting_seats for d in plan.changes),
        users=await _count_users(desk, tenant),
        reason=why_not,
    )


def _why_not_applied(run: Run, mode: GiveBackMode, tenant: Tenant) -> str:
    if run.dry_run:
        return "a dry run only reports"
    if not tenant.connection.role.bills_directly:
        return "the connection is an indirect reseller's: its provider gives seats back"
    if mode is GiveBackMode.REPORT:
        return "the customer's policy is to report only"
    return ""


def _merged(planned: tuple[Decision, ...], done: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """What was planned, with what was really done in its place."""
    real = {d.subscription_id: d for d in done}
    return tuple(
        real.get(d.subscription_id, _left(d)) if d.kind is not DecisionKind.KEEP else d
        for d in planned
    )


def _left(decision: Decision) -> Decision:
    return replace(
        decision,
        kind=DecisionKind.KEEP,
        target=decision.seats,
        reason="a growth is under way; looked at again tomorrow",
    )


async def _count_users(desk: Desk, tenant: Tenant) -> int:
    directory = desk.microsoft.directory(tenant.connection, tenant.customer.id)
    count, cursor = 0, None
    while True:
        users, cursor = await directory.users_page(cursor, 999)
        count += len(users)
        if cursor is None:
            return count


async def close_if_complete(desk: Desk, run_id: RunId) -> None:
    """The last customer closes the run, exactly once."""
    run = await desk.runs.get(run_id)
    if run.status is not RunStatus.OPEN or await desk.runs.unexpanded(run_id):
        return
    parts = list(await desk.runs.parts(run_id))
    if any(p.status is CustomerRunStatus.WAITING for p in parts):
        return
    now = await desk.clock.now()
    summary = summarise(parts)
    try:
        await desk.runs.save(replace(run, status=RunStatus.DONE, summary=summary, finished_at=now))
    except ChangedMeanwhile:
        # Another customer ended at the same moment and closes it.
        return
    details = {"customers": str(summary.customers), "failed": str(summary.failed)}
    await desk.audit.record(AuditEntry(now, run.requested_by, "run done", run_id, details))
