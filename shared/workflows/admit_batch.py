"""Take a batch in: check what can be checked without Microsoft, keep it, queue it."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from shared.domain.actions import Action
from shared.domain.batches import Batch, BatchDocument, Row, RowResult, Source, faults_of_repetition
from shared.domain.callbacks import Callback
from shared.domain.errors import Fault, InvalidRequest, UserPlanNotFound
from shared.domain.ids import BatchId, PlanId
from shared.domain.users import faults_of_person, faults_of_user, to_fault
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.tenant import all_plans
from shared.workflows.watch import watch_batch

BATCHES = "batches"
_FEW = 20
"""Plans that are looked up one at a time."""


async def check_document(desk: Desk, document: BatchDocument) -> None:
    """Raise `InvalidRequest` with every fault, `CustomerNotFound` for a stranger's tenant."""
    await desk.customers.get(document.customer_id)
    if len(document.rows) > desk.row_limit:
        raise InvalidRequest([too_many_rows(len(document.rows), desk.row_limit)])
    faults = [] if document.rows else [Fault("a batch needs at least one row", pointer="/rows")]
    for row in document.rows:
        faults += [to_fault(row.number, *fault) for fault in faults_of_row(row)]
    faults += faults_of_repetition(document.rows)
    faults += await faults_of_plans(desk, document.rows)
    if faults:
        raise InvalidRequest(sorted(faults, key=lambda f: f.row or 0))


def faults_of_row(row: Row) -> Iterator[tuple[str, str]]:
    """Of somebody who is there already, only what names and moves them can be wrong."""
    if row.action is Action.CREATE:
        return faults_of_user(row.user)
    return faults_of_person(row.user)


def too_many_rows(count: int, limit: int) -> Fault:
    return Fault(
        f"{count:,} rows are more than the limit of {limit:,} rows; split the batch",
        pointer="/rows",
    )


async def faults_of_plans(desk: Desk, rows: Iterable[Row]) -> list[Fault]:
    """Name every row whose plan nobody has defined."""
    rows = tuple(rows)
    unknown = await _unknown(
        desk, {p for row in rows for plans in row.plans.values() for p in plans}
    )
    return [
        to_fault(row.number, field, f"there is no plan {plan!r}; GET /api/plans lists them")
        for row in rows
        for field, plans in row.plans.items()
        for plan in plans
        if plan in unknown
    ]


async def _unknown(desk: Desk, named: AbstractSet[PlanId]) -> set[PlanId]:
    """A document may name another plan in every row, so many are not asked for one by one."""
    if len(named) > _FEW:
        return set(named - (await all_plans(desk)).keys())
    unknown = set()
    for plan in sorted(named):
        try:
            await desk.plans.get(plan)
        except UserPlanNotFound:
            unknown.add(plan)
    return unknown


async def admit_batch(desk: Desk, document: BatchDocument, source: Source) -> Batch:
    """Claim the id, keep the rows and queue the planning; called again it does it again."""
    batch = await keep_batch(desk, document, source)
    await desk.queues.send(BATCHES, {"batchId": batch.id})
    return batch


async def keep_batch(desk: Desk, document: BatchDocument, source: Source) -> Batch:
    """Raise `BatchDiffers` where the id already holds another document."""
    return await keep_rows(desk, document, [RowResult(row) for row in document.rows], source)


async def keep_rows(
    desk: Desk,
    document: BatchDocument,
    rows: Sequence[RowResult],
    source: Source,
    *,
    retry_of: BatchId | None = None,
) -> Batch:
    """Keep rows of which something may be known already; the sweep knows of them first."""
    now = await desk.clock.now()
    await watch_batch(desk, document.id)
    head = replace(_head_of(document, source, now), retry_of=retry_of)
    batch = await desk.batches.add(head, rows)
    await desk.audit.record(
        AuditEntry(
            now,
            document.requested_by,
            "batch accepted",
            batch.id,
            {"rows": str(batch.row_count), "customerId": batch.customer_id, "source": source},
        )
    )
    return batch


def _head_of(document: BatchDocument, source: Source, now: datetime) -> Batch:
    return Batch(
        id=document.id,
        customer_id=document.customer_id,
        requested_by=document.requested_by,
        source=source,
        digest=document.digest(),
        row_count=len(document.rows),
        buy_first=document.buy_first,
        accepted_at=now,
        callback=Callback(document.callback_url) if document.callback_url else None,
    )
