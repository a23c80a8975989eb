"""Keep the record of what was bought and given back, and what it costs (law 8)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.ids import CustomerId, SkuId
from shared.domain.money import Money


class TransactionKind(StrEnum):
    BOUGHT = "bought"
    GROWN = "grown"
    GIVEN_BACK = "givenBack"
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    UPGRADED = "upgraded"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One change of a subscription's seats: who asked, what was sent, what it costs."""

    id: str
    customer_id: CustomerId
    kind: TransactionKind
    subscription_id: str
    sku: SkuId | None
    seats_before: int
    seats_after: int
    requested_by: str
    work: str
    at: datetime
    price_now: Money | None = None
    price_until_term_end: Money | None = None
    correlation_id: str = ""
    note: str = ""
