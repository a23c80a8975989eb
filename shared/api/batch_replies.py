"""Shape what is told of a batch: how far it came, what it bought, and its rows."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.batch_plans import (
    BatchApprovalReply,
    BatchPlanReply,
)
from shared.api.models import MoneyReply, Reply
from shared.api.problem_documents import FaultReply
from shared.domain.batches import Batch, BatchStatus, GrowthSummary, RowResult, RowStatus, Source
from shared.domain.callbacks import Callback
from shared.domain.pace import Pace, pace_of
from shared.domain.progress import Progress


class ProgressReply(Reply):
    """How many rows stand where."""

    total: int
    waiting: int
    begun: Annotated[int, Field(description="Somebody who was there is being changed.")]
    created: Annotated[int, Field(description="The account is there, its licences are not yet.")]
    waiting_for_seat: Annotated[
        int, Field(description="Bought seats do not show yet, or somebody took them.")
    ]
    done: int
    failed: int
    percent: Annotated[int, Field(ge=0, le=100, description="Of rows that reached their end.")]
    rows_per_minute: Annotated[
        int | None, Field(description="Since the first row began, while rows are being worked.")
    ] = None
    estimated_end_at: Annotated[
        datetime | None, Field(description="At this pace; seats that do not show take longer.")
    ] = None

    @classmethod
    def of(cls, progress: Progress, pace: Pace | None = None) -> Self:
        ended = progress.done + progress.failed
        return cls(
            total=progress.total,
            waiting=progress.waiting,
            begun=progress.begun,
            created=progress.created,
            waiting_for_seat=progress.waiting_for_seat,
            done=progress.done,
            failed=progress.failed,
            percent=100 * ended // progress.total if progress.total else 100,
            rows_per_minute=pace.rows_per_minute if pace else None,
            estimated_end_at=pace.ends_at if pace else None,
        )


class GrowthReply(Reply):
    """One raise of one subscription, its price, and until when it can be undone."""

    subscription_id: str
    subscription_name: str
    sku_id: str
    seats_before: Annotated[int, Field(description="What the subscription held.")]
    seats_after: Annotated[int, Field(description="The absolute quantity that was asked for.")]
    status: Annotated[str, Field(examples=["intent", "applied", "refused", "review"])]
    price_now: Annotated[
        MoneyReply | None, Field(description="The rest of this billing period, by days.")
    ] = None
    price_until_term_end: Annotated[
        MoneyReply | None, Field(description="Includes `priceNow`.")
    ] = None
    undo_until: Annotated[
        datetime | None, Field(description="Until when Microsoft takes these seats back.")
    ] = None
    reason: Annotated[
        str | None, Field(description="Why it was refused, or is for a person to look at.")
    ] = None
    seats_returned: Annotated[
        int, Field(description="Went back at once: the rows that they were for had failed.")
    ] = 0
    return_reason: Annotated[
        str | None, Field(description="Why seats of it went back, or could not.")
    ] = None

    @classmethod
    def of(cls, growth: GrowthSummary) -> Self:
        return cls(
            subscription_id=growth.subscription_id,
            subscription_name=growth.subscription_name,
            sku_id=growth.sku,
            seats_before=growth.base,
            seats_after=growth.target,
            status=growth.status,
            price_now=MoneyReply.maybe(growth.price_now),
            price_until_term_end=MoneyReply.maybe(growth.price_until_term_end),
            undo_until=growth.undo_until,
            reason=growth.reason or None,
            seats_returned=growth.returned,
            return_reason=growth.return_reason or None,
        )


class BatchSummaryReply(Reply):
    """A batch in a list."""

    id: str
    customer_id: str
    requested_by: Annotated[str, Field(description="The caller's object or application id.")]
    source: Annotated[str, Field(examples=[source.value for source in Source])]
    status: Annotated[str, Field(examples=[status.value for status in BatchStatus])]
    rows: Annotated[int, Field(description="How many it has.")]
    accepted_at: datetime
    finished_at: datetime | None = None
    items_url: Annotated[str, Field(description="Where its rows are.")]

    @classmethod
    def of(cls, batch: Batch) -> Self:
        return cls(
            id=batch.id,
            customer_id=batch.customer_id,
            requested_by=batch.requested_by,
            source=batch.source.value,
            status=batch.status.value,
            rows=batch.row_count,
            accepted_at=batch.accepted_at,
            finished_at=batch.finished_at,
            items_url=f"/api/batches/{batch.id}/items",
        )


class CallbackReply(Reply):
    """How far telling of the end has come."""

    url: str
    status: Annotated[str, Field(examples=["waiting", "delivered", "failed"])]
    tries: int
    reason: str | None = None

    @classmethod
    def maybe(cls, callback: Callback | None) -> Self | None:
        if callback is None:
            return None
        return cls(
            url=callback.url,
            status=callback.status.value,
            tries=callback.tries,
            reason=callback.reason or None,
        )


class BatchReply(BatchSummaryReply):
    """A batch with its progress, what it bought, and why it was refused, if it was."""

    progress: ProgressReply
    plan: Annotated[
        BatchPlanReply | None, Field(description="What it would buy, expected and at the most.")
    ] = None
    approval: Annotated[
        BatchApprovalReply | None, Field(description="Where somebody has to agree, or has agreed.")
    ] = None
    growths: Annotated[
        list[GrowthReply], Field(description="One for each subscription that it raised, at most.")
    ]
    faults: Annotated[
        list[FaultReply], Field(description="Why it was refused, or has to be looked at.")
    ]
    paused_at: Annotated[
        datetime | None, Field(description="Since when no further row begins.")
    ] = None
    callback: Annotated[
        CallbackReply | None, Field(description="Whether the address was told of the end.")
    ] = None
    rows_purged_at: Annotated[
        datetime | None, Field(description="Since when rows and results are deleted.")
    ] = None
    cancelled_at: Annotated[
        datetime | None, Field(description="Asked for; rows that were begun come to their end.")
    ] = None
    retry_of: Annotated[str | None, Field(description="The batch whose failed rows these are.")] = (
        None
    )

    @classmethod
    def with_progress(cls, batch: Batch, progress: Progress, now: datetime) -> Self:
        return cls(
            **BatchSummaryReply.of(batch).model_dump(),
            progress=ProgressReply.of(progress, pace_of(batch, progress, now)),
            plan=BatchPlanReply.maybe(batch.plan),
            approval=BatchApprovalReply.maybe(batch.approval),
            growths=[GrowthReply.of(growth) for growth in batch.growths],
            faults=[FaultReply.of(fault) for fault in batch.faults],
            paused_at=batch.paused_at,
            cancelled_at=batch.cancelled_at,
            callback=CallbackReply.maybe(batch.callback),
            rows_purged_at=batch.rows_purged_at,
            retry_of=batch.retry_of,
        )


class BatchList(Reply):
    items: list[BatchSummaryReply]
    next_link: str | None = None


class ItemReply(Reply):
    """How far one row has come."""

    row: Annotated[int, Field(description="Counted from 1.")]
    user_principal_name: str
    action: Annotated[str, Field(description="What was asked for the person.")]
    display_name: str | None = None
    plan: str | None = None
    status: Annotated[str, Field(examples=[status.value for status in RowStatus])]
    user_id: Annotated[
        str | None, Field(description="The person's object id, as soon as the account is there.")
    ] = None
    reason: Annotated[str | None, Field(description="Why it failed or waits.")] = None
    password_url: Annotated[
        str | None, Field(description="`POST {passwordUrl}/reveal` hands the password out.")
    ] = None

    @classmethod
    def of(cls, batch: str, result: RowResult) -> Self:
        row = result.row
        url = f"/api/batches/{batch}/items/{row.number}/password"
        return cls(
            row=row.number,
            user_principal_name=row.user.user_principal_name,
            action=row.action.value,
            display_name=row.user.display_name or None,
            plan=row.plan or None,
            status=result.status.value,
            user_id=result.user_id or None,
            reason=result.reason or None,
            password_url=url if result.holds_password else None,
        )


class ItemList(Reply):
    items: list[ItemReply]
    next_link: str | None = None
