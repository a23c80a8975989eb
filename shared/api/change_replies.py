"""Show a planned change, a change that was made, and what a subscription may become."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.models import MoneyReply, Reply
from shared.api.previews import QuoteReply
from shared.api.subscriptions import ScheduleReply, SubscriptionReply
from shared.domain.catalog import BillingPlan, Term
from shared.domain.changes import ChangePlan, Refusal, UpgradeOption
from shared.domain.history import ChangeRecord, Snapshot, what_differs
from shared.workflows.ports import CotermEnd


class SnapshotReply(Reply):
    """What can be changed of a subscription, at one moment."""

    offer_id: str
    name: str
    seats: int
    status: str
    term: Term
    billing_plan: BillingPlan
    ends_at: datetime
    auto_renew: bool
    end_of_term: str | None = None
    schedule: ScheduleReply | None = None

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        return cls(
            offer_id=snapshot.offer,
            name=snapshot.name,
            seats=snapshot.seats,
            status=snapshot.status.value,
            term=snapshot.term,
            billing_plan=snapshot.billing,
            ends_at=snapshot.ends_at,
            auto_renew=snapshot.auto_renew,
            end_of_term=snapshot.end_of_term.value if snapshot.end_of_term else None,
            schedule=ScheduleReply.maybe(snapshot.schedule),
        )

    @classmethod
    def maybe(cls, snapshot: Snapshot | None) -> Self | None:
        return None if snapshot is None else cls.of(snapshot)


class RefusalReply(Reply):
    """Why not: `why` for programs, `detail` for people, with what to do instead."""

    why: str
    detail: str

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        return cls(why=refusal.why.value, detail=refusal.sentence)


class ChangePreviewReply(Reply):
    """What would happen, what it costs, and what Microsoft would lock in."""

    kind: str
    allowed: Annotated[
        bool, Field(description="Whether it would be carried out; `refusals` say why not.")
    ]
    refusals: list[RefusalReply]
    before: Annotated[SnapshotReply, Field(description="As Microsoft holds it.")]
    after: Annotated[SnapshotReply, Field(description="As it would be.")]
    quote: QuoteReply | None = None
    refund_estimate: Annotated[
        MoneyReply | None,
        Field(description="For the unused days of the running billing period; not a quote."),
    ] = None
    price_next_term: Annotated[
        MoneyReply | None, Field(description="All seats over the next term.")
    ] = None
    undo_until: Annotated[datetime | None, Field(description="Left out: it cannot be undone.")] = (
        None
    )
    wiped_schedule: Annotated[
        ScheduleReply | None, Field(description="What Microsoft would delete without a word.")
    ] = None
    restored_schedule: Annotated[
        ScheduleReply | None, Field(description="What would be put in its place.")
    ] = None
    commitments: Annotated[list[str], Field(description="What it binds to, in words.")]
    digest: Annotated[str, Field(description="Send it with the change that this previews.")]

    @classmethod
    def of(cls, plan: ChangePlan) -> Self:
        return cls(
            kind=plan.change.kind,
            allowed=plan.is_allowed,
            refusals=[RefusalReply.of(refusal) for refusal in plan.refusals],
            before=SnapshotReply.of(plan.before),
            after=SnapshotReply.of(plan.after),
            quote=QuoteReply.of(plan.quote) if plan.quote else None,
            refund_estimate=MoneyReply.maybe(plan.refund),
            price_next_term=MoneyReply.maybe(plan.price_next_term),
            undo_until=plan.undo_until,
            wiped_schedule=ScheduleReply.maybe(plan.wiped),
            restored_schedule=ScheduleReply.maybe(plan.restored),
            commitments=list(plan.notes),
            digest=plan.digest,
        )


class ChangeReply(Reply):
    """One change of a subscription: whose, when, why, and what Microsoft answered."""

    id: str
    kind: Annotated[str, Field(examples=["setSeats", "renewed", "changed"])]
    origin: Annotated[str, Field(examples=["seatkeeper", "microsoft", "outside"])]
    status: Annotated[str, Field(examples=["intent", "done", "failed", "review"])]
    requested_by: Annotated[
        str | None, Field(description="The caller's object or application id.")
    ] = None
    reason: Annotated[str | None, Field(description="As the caller gave it.")] = None
    at: datetime
    finished_at: datetime | None = None
    changed: Annotated[
        list[str], Field(description="Which of the fields of `before` and `after` differ.")
    ]
    before: SnapshotReply | None = None
    after: SnapshotReply | None = None
    price_now: Annotated[
        MoneyReply | None,
        Field(description="The rest of the running billing period, by the price sheet."),
    ] = None
    price_until_term_end: Annotated[
        MoneyReply | None, Field(description="All that it commits to, `priceNow` included.")
    ] = None
    refund_estimate: Annotated[
        MoneyReply | None, Field(description="For unused days; Microsoft quotes none.")
    ] = None
    correlation_id: Annotated[str | None, Field(description="Microsoft's, for a support case.")] = (
        None
    )
    note: str | None = None

    @classmethod
    def of(cls, record: ChangeRecord) -> Self:
        return cls(
            id=record.id,
            kind=record.kind,
            origin=record.origin.value,
            status=record.status.value,
            requested_by=record.requested_by or None,
            reason=record.reason or None,
            at=record.at,
            finished_at=record.finished_at,
            changed=[_camel(name) for name in _changed(record)],
            before=SnapshotReply.maybe(record.before),
            after=SnapshotReply.maybe(record.after),
            price_now=MoneyReply.maybe(record.price_now),
            price_until_term_end=MoneyReply.maybe(record.price_until_term_end),
            refund_estimate=MoneyReply.maybe(record.refund),
            correlation_id=record.correlation_id or None,
            note=record.note or None,
        )


class ChangedReply(Reply):
    """The subscription as it stands after the change, and the change as it is on record."""

    subscription: SubscriptionReply
    change: ChangeReply
    operation_id: str


class ChangeList(Reply):
    items: list[ChangeReply]
    next_link: str | None = None


class CotermEndReply(Reply):
    """A last day that a term may have instead of its own."""

    ends_on: date
    aligned_with: Annotated[
        list[str], Field(description="Subscriptions that end on it; none: a month's last day.")
    ]

    @classmethod
    def of(cls, end: CotermEnd) -> Self:
        return cls(ends_on=end.ends_at.date(), aligned_with=list(end.aligned_with))


class CotermList(Reply):
    items: list[CotermEndReply]


class UpgradeReply(Reply):
    """A product that seats may move to, or why they may not."""

    offer_id: str
    title: str
    seats: int
    eligible: bool
    moves_licences: bool
    reasons: list[str]
    into_subscription_ids: list[str]

    @classmethod
    def of(cls, option: UpgradeOption) -> Self:
        return cls(
            offer_id=option.offer,
            title=option.title,
            seats=option.seats,
            eligible=option.is_eligible,
            moves_licences=option.moves_licences,
            reasons=list(option.reasons),
            into_subscription_ids=list(option.into),
        )


class UpgradeList(Reply):
    items: list[UpgradeReply]


_WORDS = {"offer": "offerId", "billing": "billingPlan"}


def _changed(record: ChangeRecord) -> tuple[str, ...]:
    if record.before is None or record.after is None:
        return ()
    return what_differs(record.before, record.after)


def _camel(name: str) -> str:
    first, *rest = _WORDS.get(name, name).split("_")
    return first + "".join(word.capitalize() for word in rest)
