"""Hold what a batch would buy against its customer's policy, before it promises anything (law 4).

The plan that is shown, approved and held against the ceilings is one: the highest purchase, which
counts on nothing that the batch frees itself.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.approvals import asked
from shared.domain.batches import Batch, BatchStatus, Source
from shared.domain.ceilings import ApprovalRule, BatchPolicy, breaches
from shared.domain.chunks import skus_in
from shared.domain.errors import ApprovalOutgrown, CeilingExceeded, Fault, SeatsUnavailable
from shared.domain.purchases import BatchPlan, Demand, Purchase, lines_of, plan_digest
from shared.domain.seat_plans import SeatPlan
from shared.workflows.end_batch import end_batch
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.survey_batch import Survey
from shared.workflows.tenant import Tenant

_OUTGROWN = (
    "Seats were taken since this batch was planned, so it would buy more than what was agreed to. "
    "Send it again and have the new plan approved; nothing was bought."
)


def plan_of(survey: Survey, document: str) -> BatchPlan:
    """Price what the survey found: expected, and at the most."""
    entries, now = survey.tenant.entries, survey.now
    expected, highest = (
        Purchase(
            (*survey.first, *(line for plan in plans for line in lines_of(plan, entries, now)))
        )
        for plans in (survey.expected_plans, survey.seat_plans)
    )
    return BatchPlan(
        now,
        expected,
        highest,
        plan_digest(document, highest, survey.people),
        survey.people,
        survey.people_total,
        Demand(survey.tenant.held(), survey.wanted_by_plan),
    )


async def weigh_batch(desk: Desk, batch: Batch, plan: BatchPlan) -> Batch:
    """Answer the batch with its plan: ended over a ceiling, waiting where somebody must approve."""
    batch = replace(batch, plan=plan)
    policy = await desk.policies.batches_of(batch.customer_id)
    if faults := tuple(breaches(plan, policy)):
        return await end_batch(desk, batch, BatchStatus.REFUSED, faults)
    if not must_ask(batch, plan, policy.approval):
        return batch
    if await _is_promised(desk, batch):
        return await end_batch(desk, batch, BatchStatus.REFUSED, [Fault(_OUTGROWN)])
    return await ask_approval(desk, batch, plan, policy.approval)


async def _is_promised(desk: Desk, batch: Batch) -> bool:
    """Whether a host died among its promises: one that waits must hold nothing."""
    pages = [
        await desk.ledger.read(batch.customer_id, sku)
        for sku in skus_in(await desk.batches.tallies(batch.id))
    ]
    return any(r.holder == batch.id for page in pages for r in page.reservations)


def must_ask(batch: Batch, plan: BatchPlan, rule: ApprovalRule) -> bool:
    if batch.approval is not None and batch.approval.covers(plan):
        return False
    return rule.asks(plan.highest, is_single_user=batch.source is Source.USER)


async def ask_approval(desk: Desk, batch: Batch, plan: BatchPlan, rule: ApprovalRule) -> Batch:
    """Let the batch wait; it reserves nothing meanwhile."""
    now = await desk.clock.now()
    waiting = await desk.batches.save(
        replace(
            batch,
            status=BatchStatus.AWAITING_APPROVAL,
            plan=plan,
            approval=asked(plan, rule, now),
        )
    )
    details = {"digest": plan.digest, "seats": str(plan.highest.seats)}
    await desk.audit.record(
        AuditEntry(now, batch.requested_by, "batch awaits approval", batch.id, details)
    )
    return waiting


@dataclass(slots=True)
class Guard:
    """Stands where seats are promised: what is there then may differ from what was planned."""

    batch: Batch
    policy: BatchPolicy

    def check(self, seat_plan: SeatPlan, tenant: Tenant, now: datetime) -> None:
        """Raise `CeilingExceeded`, `ApprovalOutgrown`, or `SeatsUnavailable` without a price."""
        lines = lines_of(seat_plan, tenant.entries, now)
        if any(line.unit is None for line in lines):
            raise SeatsUnavailable(
                "The catalog has no price of the seats that are missing; synchronise the "
                "connection's catalog and ask again."
            )
        if self.batch.plan is None:
            return
        others = (x for x in self.batch.plan.highest.lines if x.sku != seat_plan.sku)
        plan = replace(self.batch.plan, highest=Purchase((*others, *lines)))
        if faults := tuple(breaches(plan, self.policy)):
            raise CeilingExceeded(" ".join(fault.detail for fault in faults))
        if must_ask(self.batch, plan, self.policy.approval):
            raise ApprovalOutgrown(_OUTGROWN)
        self.batch = replace(self.batch, plan=plan)


async def guard_for(desk: Desk, batch: Batch) -> Guard:
    return Guard(batch, await desk.policies.batches_of(batch.customer_id))
