"""Go over every customer: synchronise, decide, give back where the policy says so."""

from collections import Counter
from dataclasses import replace

from shared.domain.errors import ChangedMeanwhile, SeatkeeperError
from shared.domain.giveback import Decision, DecisionKind, GiveBackMode
from shared.domain.ids import ConnectionId, CustomerId, RunId, SkuId
from shared.domain.runs import (
    CustomerRun,
    CustomerRunStatus,
    Run,
    RunStatus,
    nightly_id,
    summarise,
)
from shared.workflows.catalog_sync import CONNECTIONS_QUEUE
from shared.workflows.give_back import NightWork, give_back, plan_tenant, settle_night
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.subscriptions import keep_mirror
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


async def run_customer(desk: Desk, run_id: RunId, customer_id: CustomerId) -> None:
    """Do one customer's part; its failure is its own, retried by the queue and then recorded."""
    part = await desk.runs.part(run_id, customer_id)
    if part.status is CustomerRunStatus.WAITING:
        run = await desk.runs.get(run_id)
        try:
            part = await _work(desk, run, part)
        except SeatkeeperError as error:
            if error.retryable:
                raise
            part = replace(part, status=CustomerRunStatus.FAILED, reason=str(error))
        await _end_part(desk, part)
    await close_if_complete(desk, run_id)


async def give_up_customer(desk: Desk, run_id: RunId, customer_id: CustomerId, reason: str) -> None:
    """Record the failure of a part whose message will not come again."""
    part = await desk.runs.part(run_id, customer_id)
    if part.status is CustomerRunStatus.WAITING:
        await _end_part(desk, replace(part, status=CustomerRunStatus.FAILED, reason=reason))
    await close_if_complete(desk, run_id)
    tenant = await read_tenant(desk, customer_id)
    await settle_night(desk, tenant, await _night_work(desk, await desk.runs.get(run_id), tenant))


async def _end_part(desk: Desk, part: CustomerRun) -> None:
    await desk.runs.save_part(replace(part, finished_at=await desk.clock.now()))


async def _work(desk: Desk, run: Run, part: CustomerRun) -> CustomerRun:
    tenant = await read_tenant(desk, part.customer_id)
    users, assigned = await _count_users(desk, tenant)
    tenant = replace(tenant, assigned=assigned)
    await keep_mirror(desk, part.customer_id, tenant.subscriptions)
    work = await _night_work(desk, run, tenant)
    plan = await plan_tenant(desk, tenant, work.policy)
    why_not = _why_not_applied(run, work.policy.mode, tenant)
    decisions = plan.decisions
    if not why_not:
        done = await give_back(desk, tenant, plan.changes, work)
        decisions = _merged(plan.decisions, done)
        if done:
            found = (await read_tenant(desk, part.customer_id)).subscriptions
            await keep_mirror(desk, part.customer_id, found)
    return replace(
        part,
        status=CustomerRunStatus.DONE,
        decisions=decisions,
        applied=not why_not,
        seats_idle=sum(d.seats - d.lasting_seats for d in decisions),
        users=users,
        reason=why_not,
    )


async def _night_work(desk: Desk, run: Run, tenant: Tenant) -> NightWork:
    policy = await desk.policies.of(tenant.customer.id)
    holder = f"{run.id}|{tenant.customer.id}"
    return NightWork(holder, run.requested_by, policy, tenant.assigned)


def _why_not_applied(run: Run, mode: GiveBackMode, tenant: Tenant) -> str:
    if run.dry_run:
        return "a dry run only reports"
    if not tenant.connection.role.bills_directly:
        return "the connection is an indirect reseller's: its provider gives seats back"
    if mode is GiveBackMode.REPORT:
        return "the customer's policy is to report only"
    return ""


def _merged(planned: tuple[Decision, ...], done: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """What was really done stands in place of what was planned."""
    real = {d.subscription_id: d for d in done}
    return tuple(
        real.get(d.subscription_id, _left(d) if d.kind is not DecisionKind.KEEP else d)
        for d in planned
    )


def _left(decision: Decision) -> Decision:
    return replace(
        decision,
        kind=DecisionKind.KEEP,
        target=decision.seats,
        scheduled_target=None,
        reason="looked at again under the lease it was not idle any more, or a growth is under "
        "way; the next night looks again",
    )


async def _count_users(desk: Desk, tenant: Tenant) -> tuple[int, dict[SkuId, int]]:
    """Count people, and direct licences one by one: licence counts may lag behind them."""
    directory = desk.microsoft.directory(tenant.connection, tenant.customer.id)
    people, assigned, cursor = 0, Counter[SkuId](), None
    while True:
        users, cursor = await directory.users_page(cursor, 999)
        people += len(users)
        for user in users:
            assigned.update(user.licences.keys())
        if cursor is None:
            return people, dict(assigned)


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
