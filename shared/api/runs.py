"""Start runs over many customers by hand, and show what each run decided and why."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import LOOK_AGAIN, Answer, Call, accepted
from shared.api.models import Body, Guid, Pages, Reply, Slug
from shared.api.paging import cursor_of, next_link
from shared.domain.decisions import Decision
from shared.domain.drift_tally import DriftCounts
from shared.domain.errors import RunPartsGone
from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.runs import CustomerRun, CustomerRunStatus, Run, RunStatus
from shared.workflows.open_run import start_run


class RunBody(Body):
    """Which customers: all, one connection's, or one; both named, they must belong together."""

    connection_id: Slug | None = None
    customer_id: Guid | None = None


class DriftCountsReply(Reply):
    """What changed outside, counted over at most a thousand entries of each customer."""

    found: Annotated[int, Field(description="By this run, whatever became of it.")]
    adopted: Annotated[int, Field(description="Since it began, by policy or by a person.")]
    enforced: Annotated[int, Field(description="Put back in this run.")]
    open: Annotated[int, Field(description="Still undecided, from earlier runs as well.")]

    @staticmethod
    def counted(counts: DriftCounts) -> "DriftCountsReply":
        return DriftCountsReply(
            found=counts.found, adopted=counts.adopted, enforced=counts.enforced, open=counts.open
        )


class RunSummaryReply(Reply):
    """What a run came to."""

    customers: int
    failed: Annotated[int, Field(description="Customers whose part failed for good.")]
    unfinished: Annotated[
        int, Field(description="Customers that were left when the run closed at its deadline.")
    ]
    left_out: Annotated[
        int,
        Field(description="Connections whose customers could not all be listed; see the report."),
    ]
    seats_idle: Annotated[int, Field(description="Beyond use, promises, spare and held seats.")]
    seats_given_back: Annotated[int, Field(description="Gone now, inside their windows.")]
    seats_scheduled: Annotated[int, Field(description="Gone from the renewals on.")]
    seats_restored: Annotated[
        int, Field(description="Scheduled away by an earlier night, and kept by the renewal again.")
    ]
    seats_at_risk: Annotated[
        int,
        Field(description="In use or promised, and taken by a renewal unless somebody acts."),
    ]
    drift: DriftCountsReply


class RunReply(Reply):
    """One pass over many customers."""

    id: str
    status: Annotated[str, Field(examples=[status.value for status in RunStatus])]
    requested_by: Annotated[str, Field(description="The caller's id; `timer` is the nightly run.")]
    dry_run: Annotated[bool, Field(description="It decides and reports, and changes nothing.")]
    connection_id: Annotated[str | None, Field(description="Left out: all connections.")] = None
    customer_id: Annotated[str | None, Field(description="Left out: all customers.")] = None
    opened_at: datetime
    finished_at: datetime | None = None
    summary: RunSummaryReply
    parts_purged_at: Annotated[
        datetime | None,
        Field(description="Since then neither report nor customers are told: totals only."),
    ] = None
    customers_url: Annotated[str, Field(description="Where its parts are.")]
    report_url: Annotated[str, Field(description="A page; with `.json` behind it, the figures.")]

    @classmethod
    def of(cls, run: Run) -> Self:
        summary = run.summary
        return cls(
            id=run.id,
            status=run.status.value,
            requested_by=run.requested_by,
            dry_run=run.dry_run,
            connection_id=run.connection_id,
            customer_id=run.customer_id,
            opened_at=run.opened_at,
            finished_at=run.finished_at,
            summary=RunSummaryReply(
                customers=summary.customers,
                failed=summary.failed,
                unfinished=summary.unfinished,
                left_out=summary.left_out,
                seats_idle=summary.seats_idle,
                seats_given_back=summary.seats_given_back,
                seats_scheduled=summary.seats_scheduled,
                seats_restored=summary.seats_restored,
                seats_at_risk=summary.seats_at_risk,
                drift=DriftCountsReply.counted(summary.drift),
            ),
            parts_purged_at=run.parts_purged_at,
            customers_url=f"/api/runs/{run.id}/customers",
            report_url=f"/api/runs/{run.id}/report",
        )


class RunList(Reply):
    items: list[RunReply]
    next_link: str | None = None


class DecisionReply(Reply):
    """What happens to one subscription, with the reason in words."""

    kind: Annotated[str, Field(examples=["return", "schedule", "restore", "keep"])]
    subscription_id: str
    name: Annotated[str, Field(description="The subscription's.")]
    sku_id: str | None = None
    seats: Annotated[int, Field(description="The quantity that the run found.")]
    target: Annotated[
        int, Field(description="The quantity afterwards: now, or from the renewal on.")
    ]
    reason: Annotated[str, Field(description="In words, also where nothing is done.")]
    effective_at: Annotated[datetime | None, Field(description="At once, or at the renewal.")] = (
        None
    )
    seats_at_risk: Annotated[
        int, Field(description="In use or promised, and taken by the renewal unless one acts.")
    ]

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls(
            kind=decision.kind.value,
            subscription_id=decision.subscription_id,
            name=decision.name,
            sku_id=decision.sku,
            seats=decision.seats,
            target=decision.target,
            reason=decision.reason,
            effective_at=decision.effective_at,
            seats_at_risk=decision.at_risk,
        )


class CustomerRunReply(Reply):
    """One customer's part of a run; `applied` is false where it was only reported."""

    customer_id: str
    connection_id: str
    status: Annotated[str, Field(examples=[status.value for status in CustomerRunStatus])]
    applied: Annotated[
        bool, Field(description="Whether decisions could be carried out, or were only reported.")
    ]
    users: Annotated[int, Field(description="People in the mirror.")]
    seats_idle: Annotated[int, Field(description="Beyond use, promises, spare and held seats.")]
    reason: Annotated[
        str | None, Field(description="Why nothing was applied, or why it failed.")
    ] = None
    drift: DriftCountsReply
    warnings: Annotated[
        list[str],
        Field(description="Of the agreement and the delegated relationships, with what to do."),
    ]
    finished_at: datetime | None = None
    decisions: list[DecisionReply]

    @classmethod
    def of(cls, part: CustomerRun) -> Self:
        return cls(
            customer_id=part.customer_id,
            connection_id=part.connection_id,
            status=part.status.value,
            applied=part.applied,
            users=part.users,
            seats_idle=part.seats_idle,
            reason=part.reason or None,
            drift=DriftCountsReply.counted(part.drift.counts),
            warnings=list(part.warnings),
            finished_at=part.finished_at,
            decisions=[DecisionReply.of(decision) for decision in part.decisions],
        )


class CustomerRunList(Reply):
    items: list[CustomerRunReply]
    next_link: str | None = None


async def create_run(call: Call) -> Answer:
    body = call.body_as(RunBody)
    run = await start_run(
        call.desk,
        run_id=RunId(call.operation_id),
        requested_by=call.caller.id,
        dry_run=call.dry_run,
        connection_id=ConnectionId(body.connection_id) if body.connection_id else None,
        customer_id=CustomerId(body.customer_id) if body.customer_id else None,
    )
    return accepted(RunReply.of(run), f"/api/runs/{run.id}")


async def list_runs(call: Call) -> Answer:
    page = await call.desk.runs.page(cursor_of(call), call.query_as(Pages).limit)
    items = [RunReply.of(run) for run in page.items]
    return Answer(RunList(items=items, next_link=next_link(call, page.cursor)))


async def get_run(call: Call) -> Answer:
    run = await call.desk.runs.get(RunId(call.path["runId"]))
    return Answer(RunReply.of(run), headers={} if run.status.is_final else LOOK_AGAIN)


async def run_with_parts(call: Call) -> Run:
    """Raise `RunPartsGone` rather than show an old run as one that found nobody."""
    run = await call.desk.runs.get(RunId(call.path["runId"]))
    if run.parts_purged_at is not None:
        raise RunPartsGone(run.id)
    return run


async def list_run_customers(call: Call) -> Answer:
    run = await run_with_parts(call)
    page = await call.desk.runs.parts_page(run.id, cursor_of(call), call.query_as(Pages).limit)
    items = [CustomerRunReply.of(part) for part in page.items]
    return Answer(CustomerRunList(items=items, next_link=next_link(call, page.cursor)))
