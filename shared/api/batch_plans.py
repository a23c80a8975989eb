"""Show what a batch would buy, expected and at the most, and let somebody agree to it."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from shared.api.models import Body, MoneyReply, Reply, Text
from shared.domain.approvals import Approval
from shared.domain.catalog import BillingPlan, Term
from shared.domain.purchases import BatchPlan, Purchase, PurchaseLine

Digest = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(examples=["5b1f4a7e0c9d2b3a" * 4]),
]


class PurchaseLineReply(Reply):
    """Seats that one subscription would gain, and their price.

    `now` is the rest of the running billing period by days; `untilTermEnd` includes it.
    """

    sku_id: str
    offer_id: str
    subscription_id: Annotated[
        str | None, Field(description="Left out: it would be bought as a first one.")
    ] = None
    subscription_name: str
    seats: int
    term: Term
    billing_plan: BillingPlan
    standing: Annotated[bool, Field(description="These seats were missing before this batch came.")]
    unit: Annotated[
        MoneyReply | None, Field(description="One seat for one whole billing period.")
    ] = None
    now: Annotated[
        MoneyReply | None, Field(description="The rest of the running billing period.")
    ] = None
    until_term_end: Annotated[
        MoneyReply | None, Field(description="All that is committed to, `now` included.")
    ] = None
    price_valid_from: Annotated[datetime | None, Field(description="Of the price sheet.")] = None
    locked_in_until: Annotated[
        datetime | None, Field(description="When the term ends that these seats are paid for.")
    ] = None

    @classmethod
    def of(cls, line: PurchaseLine) -> Self:
        return cls(
            sku_id=line.sku,
            offer_id=line.offer,
            subscription_id=line.subscription_id or None,
            subscription_name=line.subscription_name,
            seats=line.seats,
            term=line.term,
            billing_plan=line.billing,
            standing=line.is_standing,
            unit=MoneyReply.maybe(line.unit),
            now=MoneyReply.maybe(line.now),
            until_term_end=MoneyReply.maybe(line.until_term_end),
            price_valid_from=line.price_valid_from,
            locked_in_until=line.locked_in_until,
        )


class PurchaseReply(Reply):
    """Everything that would be bought at once; sums are one for each currency."""

    seats: int
    now: Annotated[list[MoneyReply], Field(description="The rest of the running billing periods.")]
    until_term_end: Annotated[
        list[MoneyReply], Field(description="All that is committed to, `now` included.")
    ]
    lines: list[PurchaseLineReply]

    @classmethod
    def of(cls, purchase: Purchase) -> Self:
        return cls(
            seats=purchase.seats,
            now=[MoneyReply.of(money) for money in purchase.now],
            until_term_end=[MoneyReply.of(money) for money in purchase.committed],
            lines=[PurchaseLineReply.of(line) for line in purchase.lines],
        )


class BatchPlanReply(Reply):
    """What a batch needs: expected where all that it frees is free in time, and at the most."""

    made_at: datetime
    digest: Annotated[str, Field(description="What an approval names.")]
    expected: Annotated[
        PurchaseReply,
        Field(description="If all seats that the batch frees itself are free in time."),
    ]
    highest: Annotated[
        PurchaseReply, Field(description="What ceilings and approval are held against.")
    ]
    people_affected: Annotated[
        int, Field(description="Who would be blocked, deleted or left without a licence.")
    ]

    @classmethod
    def of(cls, plan: BatchPlan) -> Self:
        return cls(
            made_at=plan.made_at,
            digest=plan.digest,
            expected=PurchaseReply.of(plan.expected),
            highest=PurchaseReply.of(plan.highest),
            people_affected=plan.people,
        )

    @classmethod
    def maybe(cls, plan: BatchPlan | None) -> Self | None:
        return None if plan is None else cls.of(plan)


class BatchApprovalReply(Reply):
    """What somebody was asked to agree to, and whether they did."""

    digest: str
    asked_at: datetime
    expires_at: datetime
    by_another: bool
    approved_by: str | None = None
    approved_at: datetime | None = None

    @classmethod
    def maybe(cls, approval: Approval | None) -> Self | None:
        if approval is None:
            return None
        return cls(
            digest=approval.plan.digest,
            asked_at=approval.asked_at,
            expires_at=approval.expires_at,
            by_another=approval.by_another,
            approved_by=approval.approved_by or None,
            approved_at=approval.approved_at,
        )


class ApproveBody(Body):
    """Which plan is agreed to: the digest that the batch shows."""

    digest: Digest


class RejectBody(Body):
    """Why a batch is not agreed to."""

    reason: Annotated[Text, Field(examples=["Wait for the new budget."])]
