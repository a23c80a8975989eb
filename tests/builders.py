"""Build the domain's nouns with readable defaults; a test names only what it is about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.domain.batches import Batch, BatchDocument, Row, Source
from shared.domain.catalog import BillingPlan, CatalogEntry, Offer, Price, Term
from shared.domain.customers import Address, AgreementContact, CountryRules, Customer, NewCustomer
from shared.domain.ids import (
    BatchId,
    ConnectionId,
    CustomerId,
    OfferId,
    PlanId,
    SkuId,
    SubscriptionId,
)
from shared.domain.money import Money
from shared.domain.plans import UserPlan
from shared.domain.seats import Holding, Reservation, SeatView, SkuStock
from shared.domain.subscriptions import Lot, Subscription, SubscriptionStatus
from shared.domain.users import NewUser

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
CONTOSO = CustomerId("0a7e1c52-0000-4000-8000-000000000001")
NORTH = ConnectionId("north")
E3 = SkuId("05e9a617-0261-4cee-bb44-138d3ef5d965")
E5 = SkuId("06ebc4ee-1bb5-47dd-8120-11324bc54e06")
E3_OFFER = OfferId("CFQ7TTC0LF8R:0001")
OUR_TENANT = "9f1c0000-0000-4000-8000-000000000009"


def days(count: float) -> timedelta:
    return timedelta(days=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def a_lot(seats: int = 5, *, closes_in: timedelta = timedelta(days=3)) -> Lot:
    return Lot(seats, NOW + closes_in)


def a_subscription(
    name: str = "sub-1",
    *,
    seats: int = 10,
    scheduled: int | None = None,
    lots: Sequence[Lot] = (),
    ends_in: timedelta = timedelta(days=200),
    auto_renew: bool = True,
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
    is_trial: bool = False,
    offer: OfferId = E3_OFFER,
    sku: SkuId | None = E3,
    term: Term = Term.YEAR,
    billing: BillingPlan = BillingPlan.MONTHLY,
) -> Subscription:
    """In the middle of its year, ten seats, nothing scheduled, every window closed."""
    ends_at = NOW + ends_in
    return Subscription(
        id=SubscriptionId(name),
        customer_id=CONTOSO,
        offer=offer,
        name=f"Microsoft 365 E3 ({name})",
        seats=seats,
        status=status,
        term=term,
        billing=billing,
        starts_at=ends_at - timedelta(days=365),
        ends_at=ends_at,
        auto_renew=auto_renew,
        sku=sku,
        is_trial=is_trial,
        scheduled_seats=scheduled,
        lots=tuple(lots),
    )


def a_holding(
    subscription: Subscription | str = "foreign",
    *,
    seats: int = 10,
    enabled: bool = True,
    is_trial: bool = False,
) -> Holding:
    """What the directory says of a subscription of ours, or of somebody else's by a name."""
    if isinstance(subscription, str):
        return Holding(
            f"h-{subscription}", subscription, E3, "somebody", enabled, seats, is_trial=is_trial
        )
    return Holding(
        f"h-{subscription.id}",
        subscription.id,
        E3,
        OUR_TENANT,
        enabled,
        subscription.seats,
        is_trial=subscription.is_trial,
    )


def a_stock(*, consumed: int = 0, enabled: int = 0, per_user: bool = True) -> SkuStock:
    return SkuStock(E3, "SPE_E3", enabled=enabled, consumed=consumed, per_user=per_user)


def a_reservation(
    seats: int = 0,
    *,
    holder: str = "batch-1",
    consumed_before: int = 0,
    assigned: int = 0,
    settles_by: datetime | None = None,
) -> Reservation:
    return Reservation(holder, seats, consumed_before, assigned, settles_by)


def a_view(
    *subscriptions: Subscription,
    consumed: int = 0,
    needed: int = 0,
    foreign: Sequence[Holding] = (),
    unproved: Sequence[str] = (),
    floor: int = 0,
    per_user: bool = True,
    others: Sequence[Reservation] = (),
) -> SeatView:
    """A tenant whose directory has caught up; ``unproved`` ids are ours without a trace in it."""
    holdings = (*(a_holding(s) for s in subscriptions if s.id not in unproved), *foreign)
    enabled = sum(s.seats for s in subscriptions if s.status is SubscriptionStatus.ACTIVE)
    enabled += sum(h.seats for h in foreign if h.enabled)
    mine = (a_reservation(needed, consumed_before=consumed),) if needed else ()
    return SeatView(
        a_stock(consumed=consumed, enabled=enabled, per_user=per_user),
        subscriptions,
        holdings,
        (*others, *mine),
        floor=floor,
    )


def an_offer(offer: OfferId = E3_OFFER, *, minimum: int = 1, maximum: int = 300) -> Offer:
    return Offer(offer, "Microsoft 365 E3", E3, minimum=minimum, maximum=maximum)


def a_price(
    unit: str = "30.40",
    currency: str = "GBP",
    *,
    term: Term = Term.YEAR,
    billing: BillingPlan = BillingPlan.MONTHLY,
    valid_from: datetime = NOW - timedelta(days=14),
    valid_until: datetime | None = None,
) -> Price:
    amount = Money(Decimal(unit), currency)
    return Price(E3_OFFER, term, billing, "GB", amount, valid_from, valid_until)


def an_entry(*prices: Price) -> CatalogEntry:
    return CatalogEntry(NORTH, "GB", an_offer(), prices, NOW)


def a_user(
    name: str = "adele.vance@contoso.com",
    *,
    display_name: str = "Adele Vance",
    usage_location: str = "GB",
    job_title: str = "",
) -> NewUser:
    return NewUser(name, display_name, usage_location, job_title=job_title)


def a_row(
    number: int = 1, name: str = "adele.vance@contoso.com", *, plan: str = "office-worker"
) -> Row:
    return Row(number, a_user(name), PlanId(plan))


def a_document(*rows: Row, requested_by: str = "portal", customer: str = CONTOSO) -> BatchDocument:
    return BatchDocument(BatchId("batch-1"), CustomerId(customer), requested_by, rows)


def a_batch(*, rows: int = 3) -> Batch:
    return Batch(BatchId("batch-1"), CONTOSO, "portal", Source.QUEUE, "d1", rows, NOW)


def a_plan(*add_ons: SkuId) -> UserPlan:
    return UserPlan(PlanId("office-worker"), "Office worker", E3, add_ons)


def a_customer() -> Customer:
    return Customer(CONTOSO, NORTH, "Contoso Ltd", "contoso.onmicrosoft.com", "GB", NOW)


def a_new_customer(
    *,
    domain_prefix: str = "contoso",
    email: str = "it@contoso.com",
    country: str = "GB",
    state: str = "",
    postal_code: str = "EC1A 1BB",
    phone_number: str = "",
    registration_number: str = "",
    culture: str = "en-GB",
    language: str = "en",
) -> NewCustomer:
    return NewCustomer(
        connection_id=NORTH,
        company_name="Contoso Ltd",
        domain_prefix=domain_prefix,
        email=email,
        culture=culture,
        language=language,
        address=Address(
            country,
            "London",
            "1 High Street",
            "Ada",
            "King",
            postal_code=postal_code,
            state=state,
            phone_number=phone_number,
        ),
        agreement=AgreementContact("Ada", "King", "ada@contoso.com", NOW),
        registration_number=registration_number,
    )


def country_rules(
    *,
    states: tuple[str, ...] = (),
    state_required: bool = False,
    postal_code_pattern: str = r"[A-Z0-9 ]{5,8}",
) -> CountryRules:
    return CountryRules(
        country="GB",
        default_culture="en-GB",
        city_required=True,
        state_required=state_required,
        states=states,
        postal_code_required=True,
        postal_code_pattern=postal_code_pattern,
        phone_pattern=r"\+?\d{7,15}",
        languages=("en",),
        cultures=("en-GB",),
    )
