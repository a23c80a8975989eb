import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from shared.domain.customers import Customer
from shared.domain.ids import CustomerId
from shared.domain.subscriptions import Subscription
from shared.workflows.ports import Desk, Page
from shared.workflows.renewals import read_renewals
from tests.builders import NOW, a_customer, days


class Clock:
    async def now(self) -> datetime:
        return NOW


@dataclass
class Customers:
    count: int

    async def page(self, _cursor: str | None, size: int) -> Page[Customer]:
        ids = (CustomerId(f"customer-{number:03}") for number in range(min(size, self.count)))
        return Page([replace(a_customer(), id=id_) for id_ in ids], None)


@dataclass
class Mirror:
    """Holds nothing, and counts who looks at the same time."""

    looking: int = 0
    most: int = 0

    async def of(self, _customer: CustomerId) -> tuple[Subscription, ...]:
        self.looking += 1
        self.most = max(self.most, self.looking)
        await asyncio.sleep(0)
        self.looking -= 1
        return ()


@dataclass
class SmallDesk:
    customers: Customers
    clock: Clock = field(default_factory=Clock)
    subscriptions: Mirror = field(default_factory=Mirror)


async def test_a_pages_customers_are_looked_up_a_few_at_a_time_and_stay_in_order() -> None:
    desk = SmallDesk(Customers(200))

    page = await read_renewals(cast("Desk", desk), None, 200, days(30))

    named = [found.customer.id for found in page.items]
    assert (len(named), named) == (200, sorted(named))
    assert desk.subscriptions.most == 8
