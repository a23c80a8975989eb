"""Let a person agree to a batch's plan, say no, or let the time for it pass.

The plan is made again when somebody agrees: one that asks for less passes, one that asks for more
waits with a digest of its own.
"""

from dataclasses import replace

from shared.domain.batches import Batch, BatchStatus
from shared.domain.chunks import seats_in, skus_in
from shared.domain.errors import BatchPlanOutdated, CallerNotAllowed, Fault, NotAwaitingApproval
from shared.domain.ids import BatchId
from shared.domain.purchases import BatchPlan, Purchase, lines_of, plan_digest
from shared.workflows.admit_batch import BATCHES
from shared.workflows.end_batch import end_batch, settle_batch
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.survey_batch import Needs, seat_plans_for
from shared.workflows.tenant import read_tenant
from shared.workflows.watch import watch_batch
from shared.workflows.weigh_batch import ask_approval


async def approve_batch(desk: Desk, batch_id: BatchId, digest: str, approver: str) -> Batch:
    """Send the batch on its way; approved again with the same digest it is answered as it is.

    Raises `NotAwaitingApproval`, `CallerNotAllowed` for whoever sent it where the policy asks for
    somebody else, and `BatchPlanOutdated` where the digest is not the plan's or the plan has grown.
    """
    batch = await expire_approval(desk, await desk.batches.get(batch_id))
    if batch.approval is not None and batch.approval.approved_by and _same(batch, digest):
        await desk.queues.send(BATCHES, {"batchId": batch.id})
        return batch
    _require_waiting(batch)
    _require_approver(batch, approver)
    if not _same(batch, digest):
        raise _outdated(batch)
    return await _agree(desk, batch, approver)


async def _agree(desk: Desk, batch: Batch, approver: str) -> Batch:
    now = await desk.clock.now()
    plan = await _plan_again(desk, batch)
    approval = batch.approval.by(approver, now) if batch.approval else None
    if approval is None or not approval.covers(plan):
        policy = await desk.policies.batches_of(batch.customer_id)
        waiting = await ask_approval(desk, batch, plan, policy.approval)
        await watch_approval(desk, waiting)
        raise _outdated(waiting)
    approved = replace(batch, status=BatchStatus.ACCEPTED, approval=approval, plan=plan)
    await watch_batch(desk, batch.id)
    batch = await desk.batches.save(approved)
    details = {"digest": approval.plan.digest}
    await desk.audit.record(AuditEntry(now, approver, "batch approved", batch.id, details))
    await desk.queues.send(BATCHES, {"batchId": batch.id})
    return batch


async def _plan_again(desk: Desk, batch: Batch) -> BatchPlan:
    """From what its rows were found to take, at what is free and what it costs at this moment."""
    known = batch.plan
    if known is None:
        raise NotAwaitingApproval("The batch has no plan.")
    tallies = await desk.batches.tallies(batch.id)
    wanted = {sku: seats_in(tallies, sku).open for sku in skus_in(tallies)}
    tenant, now = await read_tenant(desk, batch.customer_id), await desk.clock.now()
    highest, _ = await seat_plans_for(desk, tenant, Needs(batch.id, wanted), now)
    purchase = Purchase(tuple(x for plan in highest for x in lines_of(plan, tenant.entries, now)))
    digest = plan_digest(batch.digest, purchase, known.people)
    return replace(known, made_at=now, highest=purchase, digest=digest)


async def reject_batch(desk: Desk, batch_id: BatchId, reason: str, who: str) -> Batch:
    """End a batch that waits; it has bought nothing.

    Raises `NotAwaitingApproval`, and `ChangedMeanwhile` where somebody agrees at the same moment.
    """
    batch = await expire_approval(desk, await desk.batches.get(batch_id))
    _require_waiting(batch)
    now = await desk.clock.now()
    if batch.approval is not None:
        # From here on nobody can agree, whatever becomes of this host.
        batch = await desk.batches.save(
            replace(batch, approval=replace(batch.approval, expires_at=now))
        )
    await desk.audit.record(AuditEntry(now, who, "batch rejected", batch.id))
    return await _refuse(desk, batch, f"Rejected: {reason}")


async def expire_approval(desk: Desk, batch: Batch) -> Batch:
    """End a batch whose time to be approved is over; any other is answered as it is."""
    approval = batch.approval
    if batch.status is not BatchStatus.AWAITING_APPROVAL or approval is None:
        return batch
    if not approval.is_expired(await desk.clock.now()):
        return batch
    reason = (
        f"Nobody approved it until {approval.expires_at:%Y-%m-%d %H:%M} UTC. Send it again, or let "
        "the customer's policy wait longer; nothing was bought."
    )
    return await _refuse(desk, batch, reason)


async def _refuse(desk: Desk, batch: Batch, reason: str) -> Batch:
    ended = await end_batch(desk, batch, BatchStatus.REFUSED, [Fault(reason)])
    await settle_batch(desk, ended)
    return ended


async def watch_approval(desk: Desk, batch: Batch) -> None:
    """Nothing happens to it until somebody agrees, or until the sweep finds that nobody did."""
    if batch.approval is not None:
        left = batch.approval.expires_at - await desk.clock.now()
        await watch_batch(desk, batch.id, left)


def _same(batch: Batch, digest: str) -> bool:
    return batch.approval is not None and batch.approval.plan.digest == digest


def _require_waiting(batch: Batch) -> None:
    if batch.status is not BatchStatus.AWAITING_APPROVAL or batch.is_cancelling:
        state = "being cancelled" if batch.is_cancelling else batch.status.value
        raise NotAwaitingApproval(f"The batch is {state} and does not wait for approval.")


def _require_approver(batch: Batch, approver: str) -> None:
    if batch.approval and batch.approval.by_another and approver == batch.requested_by:
        raise CallerNotAllowed(
            "You sent this batch, and the customer's policy wants somebody else to approve it."
        )


def _outdated(batch: Batch) -> BatchPlanOutdated:
    digest = batch.approval.plan.digest if batch.approval else ""
    seats = batch.approval.plan.highest.seats if batch.approval else 0
    return BatchPlanOutdated(
        f"The plan that waits is another one: up to {seats:,} seats, digest {digest}. Look at the "
        "batch, and approve what it shows.",
        digest,
    )
