"""Invent nouns for tests that do not care which."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.domain.batches import Batch, Row, RowResult, Source
from shared.domain.catalog import BillingPlan, CatalogEntry, Offer, Price, Term
from shared.domain.connections import Connection, PartnerRole
from shared.domain.customers import Customer
from shared.domain.ids import (
    BatchId,
    ConnectionId,
    CustomerId,
    OfferId,
    OperationId,
    PlanId,
    SkuId,
    SubscriptionId,
)
from shared.domain.money import Money
from shared.domain.operations import Operation, OperationKind
from shared.domain.plans import UserPlan
from shared.domain.subscriptions import Lot, Subscription, SubscriptionStatus
from shared.domain.users import NewUser

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NORTH = ConnectionId("north")
CONTOSO = CustomerId("0a7e1c52-0000-4000-8000-000000000001")
E3 = SkuId("05e9a617-0261-4cee-bb44-138d3ef5d965")
SUBSCRIPTION = SubscriptionId("5d2fe4a0-0000-4000-8000-00000000000a")


def a_connection(name: str = NORTH) -> Connection:
    return Connection(
        id=ConnectionId(name),
        name="Contoso North",
        role=PartnerRole.DIRECT,
        partner_tenant_id="7c1b",
        client_id="9f",
        countries=("GB", "DE"),
        created_at=NOON,
    )


def a_customer(number: int = 1, connection: str = NORTH) -> Customer:
    return Customer(
        id=CustomerId(f"0a7e1c52-0000-4000-8000-{number:012x}"),
        connection_id=ConnectionId(connection),
        company_name="Bäckerei Süß & Söhne",
        domain="suess.onmicrosoft.com",
        country="DE",
        created_at=NOON,
    )


def a_plan(name: str = "office-worker") -> UserPlan:
    return UserPlan(PlanId(name), "Office worker", E3, add_ons=(SkuId("addon"),))


def an_entry(offer: str, *, unit: str = "30.40", prices: int = 1) -> CatalogEntry:
    price = Price(
        OfferId(offer), Term.YEAR, BillingPlan.MONTHLY, "GB", Money(Decimal(unit), "GBP"), NOON
    )
    return CatalogEntry(
        NORTH, "GB", Offer(OfferId(offer), "Microsoft 365 E3", E3), (price,) * prices, NOON
    )


def a_subscription(number: int = 10, seats: int = 25) -> Subscription:
    return Subscription(
        id=SubscriptionId(f"5d2fe4a0-0000-4000-8000-{number:012x}"),
        customer_id=CONTOSO,
        offer=OfferId("CFQ7TTC0LF8R:0001"),
        name="Microsoft 365 E3",
        seats=seats,
        status=SubscriptionStatus.ACTIVE,
        term=Term.YEAR,
        billing=BillingPlan.MONTHLY,
        starts_at=NOON,
        ends_at=NOON + timedelta(days=365),
        auto_renew=True,
        lots=(Lot(seats, NOON + timedelta(days=7)),),
    )


def an_operation(name: str = "op-1") -> Operation:
    return Operation(OperationId(name), OperationKind.CREATE_CUSTOMER, "caller", NOON)


def a_batch(name: str = "batch-1", *, rows: int = 3, digest: str = "d1") -> Batch:
    return Batch(BatchId(name), CONTOSO, "caller", Source.QUEUE, digest, rows, NOON)


def some_rows(count: int) -> list[RowResult]:
    return [
        RowResult(
            Row(
                number,
                NewUser(f"user{number}@contoso.com", f"Üser {number}", "GB"),
                PlanId("office-worker"),
            )
        )
        for number in range(1, count + 1)
    ]
