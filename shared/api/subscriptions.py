"""Show a customer's subscriptions, and buy the first seats of an offer."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call, created
from shared.api.customers import customer_id_of
from shared.api.models import OFFER_PATTERN, Body, Flag, Line, Query, Reply
from shared.api.previews import QuoteReply
from shared.domain.catalog import BillingPlan, Term
from shared.domain.connections import Baseline
from shared.domain.errors import Fault, SubscriptionNotFound
from shared.domain.ids import CustomerId, OfferId, SubscriptionId
from shared.domain.promotions import Eligibility
from shared.domain.subscriptions import EndOfTerm, Purchase, Schedule, Subscription
from shared.workflows.buy_subscription import PurchasePreview, show_purchase
from shared.workflows.buy_subscription import buy_subscription as buy
from shared.workflows.subscriptions import refresh_subscription, refresh_subscriptions

UNDO = timedelta(days=7)
"""Microsoft takes a new-commerce purchase back for a week.

https://learn.microsoft.com/partner-center/customers/new-commerce-cancellation-policy
"""


class SubscriptionsQuery(Query):
    refresh: Annotated[
        Flag, Field(description="`true`: read Microsoft first, and keep what it says.")
    ] = False


class PurchaseBody(Body):
    """A first lot of seats of one offer."""

    offer_id: Annotated[str, Field(pattern=OFFER_PATTERN, examples=["CFQ7TTC0LH18:0001"])]
    seats: Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
    term: Annotated[Term | None, Field(description="Left out: the connection's baseline.")] = None
    billing_plan: Annotated[
        BillingPlan | None, Field(description="Left out: the connection's baseline.")
    ] = None
    name: Annotated[Line, Field(description="Empty: by the connection's naming rule.")] = ""
    ends_on: Annotated[
        date | None,
        Field(description="A first term's last day, as `subscriptions/coterm` lists them."),
    ] = None
    end_of_term: Annotated[
        EndOfTerm | None, Field(description="Left out: by the connection's baseline.")
    ] = None
    digest: Annotated[
        str, Field(max_length=64, description="Of the dry run that this purchase rests on.")
    ] = ""
    attested: Annotated[
        bool, Field(description="The customer is of the kind that the offer is made for.")
    ] = False

    def faults(self) -> Iterator[Fault]:
        term, billing = self.term, self.billing_plan
        if term and billing and billing.months > term.months:
            yield Fault(
                f"a term of {term.value} cannot be billed {billing.value}",
                pointer="/billingPlan",
            )

    def to_purchase(self, baseline: Baseline) -> Purchase:
        term, billing = baseline.terms(self.term, self.billing_plan)
        return Purchase(
            OfferId(self.offer_id),
            self.seats,
            term,
            billing,
            self.name,
            ends_at=datetime.combine(self.ends_on, time.min, UTC) if self.ends_on else None,
            end_of_term=self.end_of_term,
            attested=self.attested,
        )


class ScheduleReply(Reply):
    """What a renewal starts with."""

    seats: int
    offer_id: str
    term: Term
    billing_plan: BillingPlan
    ends_on: Annotated[
        date | None, Field(description="The next term's last day, where it is cut to fit another.")
    ] = None

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        terms = schedule.terms
        return cls(
            seats=schedule.seats,
            offer_id=terms.offer,
            term=terms.term,
            billing_plan=terms.billing,
            ends_on=terms.ends_at.date() if terms.ends_at else None,
        )

    @classmethod
    def maybe(cls, schedule: Schedule | None) -> Self | None:
        return None if schedule is None else cls.of(schedule)


class SubscriptionReply(Reply):
    """A commitment to a number of seats, as Microsoft last told it."""

    id: str
    customer_id: str
    offer_id: str
    sku_id: str | None = None
    name: str
    status: Annotated[
        str, Field(description="active, suspended, pending, …: as Microsoft says it.")
    ]
    seats: Annotated[int, Field(description="What is paid for now.")]
    scheduled_seats: Annotated[int | None, Field(description="What the next term starts with.")] = (
        None
    )
    refundable_seats: Annotated[int, Field(description="How many could go back at this moment.")]
    refundable_until: Annotated[
        datetime | None, Field(description="When the last of them stays.")
    ] = None
    cancellable_until: Annotated[
        datetime | None, Field(description="Until when the whole of it can be cancelled.")
    ] = None
    term: Term
    billing_plan: BillingPlan
    starts_at: datetime
    ends_at: Annotated[datetime, Field(description="The last second of the running term.")]
    auto_renew: bool
    is_trial: bool
    end_of_term: Annotated[
        str | None, Field(description="What Microsoft was told in so many words: renew, …")
    ] = None
    schedule: Annotated[
        ScheduleReply | None,
        Field(description="What a renewal will change, where something is scheduled."),
    ] = None

    @classmethod
    def of(cls, subscription: Subscription, now: datetime) -> Self:
        return cls(
            id=subscription.id,
            customer_id=subscription.customer_id,
            offer_id=subscription.offer,
            sku_id=subscription.sku,
            name=subscription.name,
            status=subscription.status.value,
            seats=subscription.seats,
            scheduled_seats=subscription.scheduled_seats,
            refundable_seats=subscription.refundable_seats(now),
            refundable_until=subscription.refundable_until(now),
            term=subscription.term,
            billing_plan=subscription.billing,
            starts_at=subscription.starts_at,
            ends_at=subscription.ends_at,
            auto_renew=subscription.auto_renew,
            is_trial=subscription.is_trial,
            cancellable_until=subscription.cancellable_until,
            end_of_term=subscription.end_of_term.value if subscription.end_of_term else None,
            schedule=ScheduleReply.maybe(subscription.schedule),
        )


class NewSubscriptionReply(SubscriptionReply):
    """A subscription just bought."""

    operation_id: str


class SubscriptionList(Reply):
    items: list[SubscriptionReply]


class EligibilityReply(Reply):
    """Whether Microsoft would give this purchase a promotion; the quote is without it."""

    promotion_id: str
    eligible: bool
    reasons: list[str]

    @classmethod
    def of(cls, eligibility: Eligibility) -> Self:
        return cls(
            promotion_id=eligibility.promotion_id,
            eligible=eligibility.is_eligible,
            reasons=list(eligibility.reasons),
        )


class PurchasePreviewReply(Reply):
    """What it would cost, and until when Microsoft would take it back."""

    offer_id: str
    title: str
    quote: QuoteReply
    undo_until: Annotated[datetime, Field(description="Until when seats could go back.")]
    end_of_term: Annotated[str, Field(examples=["renew", "cancel", "extend"])]
    note: str
    commitments: Annotated[list[str], Field(description="What it binds to, in words.")]
    promotions: Annotated[
        list[EligibilityReply], Field(description="Which of Microsoft's apply, or why not.")
    ]
    digest: Annotated[str, Field(description="Send it with the purchase that this previews.")]

    @classmethod
    def of(cls, preview: PurchasePreview, now: datetime) -> Self:
        return cls(
            offer_id=preview.offer.id,
            title=preview.offer.title,
            quote=QuoteReply.of(preview.quote),
            undo_until=now + UNDO,
            note=(
                "Bought now, seats could go back until undoUntil; after that they are locked in "
                "until the term ends."
            ),
            end_of_term=preview.end_of_term.value,
            commitments=list(preview.notes),
            promotions=[EligibilityReply.of(one) for one in preview.promotions],
            digest=preview.digest,
        )


async def list_subscriptions(call: Call) -> Answer:
    customer = await call.desk.customers.get(customer_id_of(call))
    if call.query_as(SubscriptionsQuery).refresh:
        found = await refresh_subscriptions(call.desk, customer.id)
    else:
        found = await call.desk.subscriptions.of(customer.id)
    now = await call.desk.clock.now()
    return Answer(SubscriptionList(items=[SubscriptionReply.of(s, now) for s in found]))


async def get_subscription(call: Call) -> Answer:
    wanted = SubscriptionId(call.path["subscriptionId"].lower())
    customer = await call.desk.customers.get(customer_id_of(call))
    if call.query_as(SubscriptionsQuery).refresh:
        found = await refresh_subscription(call.desk, customer.id, wanted)
    else:
        found = _named(await call.desk.subscriptions.of(customer.id), wanted)
    return Answer(SubscriptionReply.of(found, await call.desk.clock.now()))


def _named(subscriptions: Iterable[Subscription], wanted: SubscriptionId) -> Subscription:
    for subscription in subscriptions:
        if subscription.id.lower() == wanted:
            return subscription
    raise SubscriptionNotFound(wanted)


async def create_subscription(call: Call) -> Answer:
    customer_id, body = customer_id_of(call), call.body_as(PurchaseBody)
    customer = await call.desk.customers.get(customer_id)
    connection = await call.desk.connections.get(customer.connection_id)
    purchase = body.to_purchase(connection.baseline)
    if call.dry_run:
        preview = await show_purchase(call.desk, customer_id, purchase)
        return Answer(PurchasePreviewReply.of(preview, await call.desk.clock.now()))
    return await _buy(call, customer_id, purchase, body.digest)


async def _buy(call: Call, customer_id: CustomerId, purchase: Purchase, digest: str) -> Answer:
    subscription, operation = await buy(
        call.desk,
        customer_id,
        purchase,
        requested_by=call.caller.id,
        operation_id=call.operation_id,
        digest=digest,
    )
    known = SubscriptionReply.of(subscription, await call.desk.clock.now()).model_dump()
    return created(
        NewSubscriptionReply(**known, operation_id=operation.id),
        f"/api/customers/{customer_id}/subscriptions/{subscription.id}",
    )
