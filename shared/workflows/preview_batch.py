"""Show what a batch would do and cost, and do nothing."""

from dataclasses import dataclass

from shared.domain.batches import BatchDocument, RowResult, RowStatus
from shared.domain.ceilings import breaches
from shared.domain.chunks import Chunk, chunked
from shared.domain.errors import Fault
from shared.domain.pricing import Quote
from shared.domain.purchases import BatchPlan
from shared.domain.seat_plans import SeatPlan
from shared.domain.users import to_fault
from shared.workflows.admit_batch import check_document
from shared.workflows.ports import Desk
from shared.workflows.survey_batch import surveyor_for
from shared.workflows.tenant import read_tenant
from shared.workflows.weigh_batch import plan_of


@dataclass(frozen=True, slots=True)
class BatchPreview:
    """``existing_users`` are rows whose user is there.

    ``faults`` would refuse the batch; ``failing_rows`` fail alone, and the others go on.
    """

    seat_plans: tuple[SeatPlan, ...]
    quotes: tuple[Quote, ...]
    faults: tuple[Fault, ...]
    failing_rows: tuple[Fault, ...]
    existing_users: int
    plan: BatchPlan
    needs_approval: bool


async def preview_batch(desk: Desk, document: BatchDocument) -> BatchPreview:
    """Answer plan and price; raise `InvalidRequest` for what is wrong without asking Microsoft."""
    await check_document(desk, document)
    tenant = await read_tenant(desk, document.customer_id)
    surveyor = await surveyor_for(desk, tenant, document.id, buy_first=document.buy_first)
    failing: list[Fault] = []
    for chunk in chunked([RowResult(row) for row in document.rows]):
        failing += _faults_of_rows(await surveyor.look(chunk))
    survey = await surveyor.survey()
    quotes = [survey.quote(part) for plan in survey.seat_plans for part in plan.raises]
    plan = plan_of(survey, document.digest())
    policy = await desk.policies.batches_of(document.customer_id)
    return BatchPreview(
        survey.seat_plans,
        tuple(q for q in quotes if q is not None),
        (*survey.faults, *breaches(plan, policy)),
        tuple(failing),
        surveyor.existing,
        plan,
        policy.approval.asks(plan.highest),
    )


def _faults_of_rows(chunk: Chunk) -> list[Fault]:
    return [
        to_fault(r.row.number, "userPrincipalName", r.reason)
        for r in chunk.rows
        if r.status is RowStatus.FAILED
    ]
