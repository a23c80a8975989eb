"""Show what would happen and what it would cost, before anything does."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.batch_plans import BatchPlanReply
from shared.api.models import MoneyReply, Reply
from shared.api.problem_documents import FaultReply
from shared.domain.pricing import Quote, add_up
from shared.domain.seat_plans import Raise, SeatPlan
from shared.workflows.preview_batch import BatchPreview


class QuoteReply(Reply):
    """The price of some seats: now, and until the term ends (which includes now)."""

    seats: int
    unit: Annotated[MoneyReply, Field(description="One seat for one whole billing period.")]
    now: Annotated[MoneyReply, Field(description="The rest of the running billing period.")]
    until_term_end: Annotated[
        MoneyReply, Field(description="All that is committed to, `now` included.")
    ]
    price_valid_from: Annotated[datetime, Field(description="Of the price sheet.")]

    @classmethod
    def of(cls, quote: Quote) -> Self:
        return cls(
            seats=quote.seats,
            unit=MoneyReply.of(quote.unit),
            now=MoneyReply.of(quote.now),
            until_term_end=MoneyReply.of(quote.until_term_end),
            price_valid_from=quote.price_valid_from,
        )


class RaiseReply(Reply):
    """One subscription's raise; after Microsoft's window the seats stay until the term ends."""

    subscription_id: str
    subscription_name: str
    seats_before: int
    seats_after: Annotated[
        int, Field(description="As before where seats that a schedule takes are kept instead.")
    ]
    renewal_seats: Annotated[
        int | None, Field(description="What the next term starts with, where one is scheduled.")
    ] = None
    locked_in_until: Annotated[
        datetime, Field(description="Seats that join are paid for until then.")
    ]

    @classmethod
    def of(cls, planned: Raise) -> Self:
        subscription = planned.subscription
        return cls(
            subscription_id=subscription.id,
            subscription_name=subscription.name,
            seats_before=subscription.seats,
            seats_after=planned.target,
            renewal_seats=planned.scheduled_target,
            locked_in_until=subscription.ends_at,
        )


class SeatPlanReply(Reply):
    """What one SKU needs; seats that were missing before are named apart."""

    sku_id: str
    needed: Annotated[int, Field(description="Seats that the rows take.")]
    free: Annotated[int, Field(description="Lasting, unused and promised to nobody.")]
    seats_to_buy: int
    standing_deficit: Annotated[
        int, Field(description="Missing before this batch came, and bought with it.")
    ]
    missing: Annotated[
        int, Field(description="Seats that cannot be had: with any, the batch is refused.")
    ]
    why_missing: str | None = None
    raises: list[RaiseReply]

    @classmethod
    def of(cls, plan: SeatPlan) -> Self:
        return cls(
            sku_id=plan.sku,
            needed=plan.needed,
            free=plan.free,
            seats_to_buy=plan.seats_to_buy,
            standing_deficit=plan.standing_deficit,
            missing=plan.missing,
            why_missing=plan.why_missing or None,
            raises=[RaiseReply.of(planned) for planned in plan.raises],
        )


class BatchPreviewReply(Reply):
    """The plan and its price; with faults the batch would be refused as a whole."""

    seats: list[SeatPlanReply]
    quotes: list[QuoteReply]
    cost_now: Annotated[
        MoneyReply | None, Field(description="All quotes, where they share a currency.")
    ] = None
    plan: BatchPlanReply
    needs_approval: Annotated[bool, Field(description="It would wait for somebody to agree.")]
    existing_users: Annotated[
        int, Field(description="Rows whose person is in the directory already.")
    ]
    faults: Annotated[
        list[FaultReply], Field(description="With any of them the batch is refused as a whole.")
    ]
    failing_rows: Annotated[
        list[FaultReply], Field(description="Rows that fail alone, such as one about nobody.")
    ]

    @classmethod
    def of(cls, preview: BatchPreview) -> Self:
        return cls(
            seats=[SeatPlanReply.of(plan) for plan in preview.seat_plans],
            quotes=[QuoteReply.of(quote) for quote in preview.quotes],
            cost_now=MoneyReply.maybe(add_up(list(preview.quotes))),
            plan=BatchPlanReply.of(preview.plan),
            needs_approval=preview.needs_approval,
            existing_users=preview.existing_users,
            faults=[FaultReply.of(fault) for fault in preview.faults],
            failing_rows=[FaultReply.of(fault) for fault in preview.failing_rows],
        )
