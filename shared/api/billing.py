"""Show what is billed of people's plans, and how assigned, purchased and billed seats compare."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call
from shared.api.csv_tables import TablePages, table, wants_csv
from shared.api.customers import customer_id_of
from shared.api.models import Body, Pages, PlanSlug, Reply
from shared.api.paging import cursor_of, next_link
from shared.domain.batches import Batch
from shared.domain.comparison import Compared
from shared.domain.fitting import Doubt
from shared.domain.ids import PlanId
from shared.domain.mirror import MirroredUser
from shared.domain.spells import batch_behind
from shared.domain.statements import Line, LineKind, NotBilled
from shared.workflows.billing import (
    CustomerComparison,
    StatementPage,
    read_comparison,
    read_comparisons,
    read_statement,
)
from shared.workflows.plan_doubts import resolve_doubt


class LineReply(Reply):
    """One transaction of one person's plan."""

    kind: LineKind
    user_id: str
    plan_id: str
    at: Annotated[datetime, Field(description="When a reading found it so.")]
    by: Annotated[
        str,
        Field(description="Who asked for the batch; `outside`, `found` or `definition` else."),
    ]
    batch_id: Annotated[str | None, Field(description="The batch that made the person.")] = None
    billable: Annotated[
        bool, Field(description="Whether this line is billed; `whyNot` says why it is not.")
    ]
    why_not: NotBilled | None = None
    other_plan_id: Annotated[
        str | None, Field(description="Where the person came from, or went to.")
    ] = None

    @classmethod
    def of(cls, line: Line, batch: Batch | None) -> Self:
        return cls(
            kind=line.kind,
            user_id=line.user_id,
            plan_id=line.plan,
            at=line.at,
            by=batch.requested_by if batch else line.by,
            batch_id=batch_behind(line.by),
            billable=line.billable,
            why_not=line.why_not,
            other_plan_id=line.other_plan,
        )


class StatementReply(Reply):
    """A period's lines; a page covers `limit` people, so it may hold fewer or more lines."""

    period: Annotated[str, Field(examples=["2026-03"])]
    since: datetime
    until: Annotated[datetime, Field(description="The first moment after the closing day, UTC.")]
    closed: Annotated[bool, Field(description="People were read after it ended.")]
    read_at: datetime | None = None
    items: list[LineReply]
    next_link: str | None = None


class ComparedReply(Reply):
    """One product: people who hold it, and the seats of our own subscriptions."""

    sku_id: str | None = None
    names: Annotated[list[str], Field(description="Of our subscriptions.")]
    assigned: Annotated[int, Field(description="People, over all owners of the tenant's seats.")]
    assigned_by_group: Annotated[int, Field(description="Of them, by a group alone.")]
    purchased: Annotated[int, Field(description="Seats of our active subscriptions.")]
    billed: Annotated[int, Field(description="Seats that Microsoft charges us for.")]
    assigned_not_purchased: int
    idle: Annotated[int, Field(description="Purchased and not assigned.")]
    purchased_not_billed: Annotated[int, Field(description="Trials.")]
    billed_not_purchased: Annotated[int, Field(description="Suspended, and charged for.")]

    @classmethod
    def of(cls, line: Compared) -> Self:
        return cls(
            sku_id=line.sku,
            names=list(line.names),
            assigned=line.assigned,
            assigned_by_group=line.by_group,
            purchased=line.purchased,
            billed=line.billed,
            assigned_not_purchased=line.assigned_not_purchased,
            idle=line.idle,
            purchased_not_billed=line.purchased_not_billed,
            billed_not_purchased=line.billed_not_purchased,
        )


class ComparisonReply(Reply):
    read_at: Annotated[
        datetime | None, Field(description="When people were last read; absent: never.")
    ] = None
    items: list[ComparedReply]


class CustomerComparedReply(ComparedReply):
    """One product of one customer."""

    customer_id: str
    company_name: str
    read_at: Annotated[
        datetime | None, Field(description="When people were last read; absent: never.")
    ] = None

    @classmethod
    def found(cls, of: CustomerComparison, line: Compared) -> Self:
        return cls(
            customer_id=of.customer.id,
            company_name=of.customer.company_name,
            read_at=of.read_at,
            **ComparedReply.of(line).model_dump(),
        )


class ComparisonList(Reply):
    items: list[CustomerComparedReply]
    next_link: str | None = None


class ComparisonPages(TablePages):
    """A page covers so many customers, each with all of its products."""

    limit: Annotated[int, Field(ge=1, le=500, description="How many customers at most.")] = 100


class PlanChoiceBody(Body):
    """Which plan a person has whose licences do not tell it."""

    plan_id: PlanSlug


class PlanChoiceReply(Reply):
    """A person whose plan somebody has named; it stays until the licences change."""

    user_id: str
    plan_id: str
    sku_ids: list[str]


class PlanDoubtReply(Reply):
    """A person whose licences do not tell the plan."""

    user_id: str
    doubt: Doubt
    plan_ids: Annotated[list[str], Field(description="Which come into question.")]
    sku_ids: Annotated[list[str], Field(description="What the person holds.")]
    plan_id: Annotated[
        str | None, Field(description="Stays on record while it is held as a whole.")
    ] = None

    @classmethod
    def of(cls, user: MirroredUser) -> Self:
        return cls(
            user_id=user.id,
            doubt=user.doubt or Doubt.TIE,
            plan_ids=list(user.doubt_plans),
            sku_ids=sorted(user.skus),
            plan_id=user.plan,
        )


class PlanDoubtList(Reply):
    items: list[PlanDoubtReply]
    next_link: str | None = None


async def get_statement(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    size = call.query_as(TablePages).limit
    page = await read_statement(call.desk, customer, call.path["period"], cursor_of(call), size)
    items = _lines(page)
    if wants_csv(call):
        return table(call, LineReply, items, page.lines.cursor)
    return Answer(_statement(page, items, next_link(call, page.lines.cursor)))


def _lines(page: StatementPage) -> list[LineReply]:
    behind = ((line, batch_behind(line.by)) for line in page.lines.items)
    return [
        LineReply.of(line, page.batches.get(batch) if batch else None) for line, batch in behind
    ]


def _statement(page: StatementPage, items: list[LineReply], onward: str | None) -> StatementReply:
    return StatementReply(
        period=page.period.name,
        since=page.period.since,
        until=page.period.until,
        closed=page.read_at is not None and page.read_at >= page.period.until,
        read_at=page.read_at,
        items=items,
        next_link=onward,
    )


async def get_comparison(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    read_at, lines = await read_comparison(call.desk, customer)
    items = [ComparedReply.of(line) for line in lines]
    if wants_csv(call):
        return table(call, ComparedReply, items, None)
    return Answer(ComparisonReply(read_at=read_at, items=items))


async def list_comparisons(call: Call) -> Answer:
    """From the mirror, so that all customers together cost Microsoft no call."""
    limit = call.query_as(ComparisonPages).limit
    page = await read_comparisons(call.desk, cursor_of(call), limit)
    items = [CustomerComparedReply.found(of, line) for of in page.items for line in of.lines]
    if wants_csv(call):
        return table(call, CustomerComparedReply, items, page.cursor)
    return Answer(ComparisonList(items=items, next_link=next_link(call, page.cursor)))


async def choose_plan(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    wanted = PlanId(call.body_as(PlanChoiceBody).plan_id)
    user = await resolve_doubt(call.desk, customer, call.path["userId"], wanted, call.caller.id)
    return Answer(
        PlanChoiceReply(user_id=user.id, plan_id=user.plan or wanted, sku_ids=sorted(user.skus))
    )


async def list_plan_doubts(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    limit = call.query_as(Pages).limit
    page = await call.desk.people.doubts(customer.id, cursor_of(call), limit)
    items = [PlanDoubtReply.of(user) for user in page.items]
    return Answer(PlanDoubtList(items=items, next_link=next_link(call, page.cursor)))
