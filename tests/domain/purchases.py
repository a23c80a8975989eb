"""Build purchases and plans with readable defaults."""

from decimal import Decimal

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import SkuId
from shared.domain.money import Money
from shared.domain.purchases import BatchPlan, Demand, Purchase, PurchaseLine, plan_digest
from tests.builders import E3, E3_OFFER, NOW


def gbp(amount: str) -> Money:
    return Money(Decimal(amount), "GBP")


def a_line(
    seats: int = 5,
    *,
    subscription: str = "sub-1",
    sku: SkuId = E3,
    unit: str = "10.00",
    currency: str = "GBP",
    is_standing: bool = False,
) -> PurchaseLine:
    """Ten a seat for the rest of the term, one of it at once."""
    price = Money(Decimal(unit), currency)
    return PurchaseLine(
        sku,
        E3_OFFER,
        subscription,
        f"Microsoft 365 E3 ({subscription})",
        seats,
        Term.YEAR,
        BillingPlan.MONTHLY,
        is_standing,
        unit=price,
        now=price * seats,
        until_term_end=price * seats * 10,
        price_valid_from=NOW,
        locked_in_until=NOW,
    )


def a_purchase(*lines: PurchaseLine) -> Purchase:
    return Purchase(lines)


def a_batch_plan(
    *lines: PurchaseLine,
    people: int = 0,
    people_total: int = 0,
    document: str = "d1",
    demand: Demand | None = None,
) -> BatchPlan:
    highest = Purchase(lines)
    digest = plan_digest(document, highest, people)
    return BatchPlan(NOW, Purchase(), highest, digest, people, people_total, demand or Demand())
