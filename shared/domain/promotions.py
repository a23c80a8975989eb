"""Know what Microsoft sells for less, for a while.

https://learn.microsoft.com/partner-center/developer/get-a-list-of-promotions
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import OfferId


@dataclass(frozen=True, slots=True)
class Promotion:
    """Less to pay for one offer; ``discount`` is a share of the price, None where it is another.

    ``is_automatic`` ones come with the purchase; Microsoft has to be asked for the others.
    """

    id: str
    name: str
    offer: OfferId
    term: Term | None
    billing: BillingPlan | None
    discount: Decimal | None
    is_automatic: bool
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether one purchase of one customer would get a promotion, and what stands against it."""

    promotion_id: str
    is_eligible: bool
    reasons: tuple[str, ...] = ()


_WHY: Mapping[str, str] = {
    "invalidcatalogitemid": "Microsoft does not know the product by that id.",
    "invalidpromotion": "There is no such promotion for this product today.",
    "prerequisiteproductownership": "The customer lacks a product that it asks for.",
    "redemptionlimit": "It was used as often as it may be.",
    "seatcount": "The number of seats is outside of its bounds.",
    "offerpurchasedpreviously": "It is for a first purchase, and the customer had this product.",
    "term": "It is for another term or billing plan.",
}


def why_not(kind: str) -> str:
    """Microsoft's word for an obstacle, in a sentence; an unknown one is told as it is."""
    return _WHY.get(kind.lower().replace("_", ""), f"Microsoft says: {kind}.")
