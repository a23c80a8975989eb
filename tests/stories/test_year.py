"""A year of twenty customers on the moved clock, with what befalls a partner in one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import pytest

from simulator import estates, seeds
from simulator.nouns import Customer, ForeignPurchase, Subscription
from simulator.partner_center.changes import change_outside
from tests.estates import PREMIUM, enabled_seats
from tests.everyday import a_night
from tests.portal import Json, Portal, Seatkeeper, let_go, plan_body, row

CUSTOMERS = 20
DAYS = 380
"""A term, and the week after its renewal."""
STEP = 4
"""Days from one night to the next: no window opens and closes between two."""
RENEWAL = range(360, 368)
"""Days on which there is a night every day, as there always is."""
TOO_LATE = (362, 363, 364)
"""No night may raise a schedule any more: Microsoft renews within a day of the next one."""
PATIENCE = 600
"""Seconds for one night, however busy the machine is that the trial runs on."""
OUTAGE = range(120, 132)
"""Three nights in which nothing of ours runs."""
BATCHES_EVERY = 24
WIPED, MOVED, UNRENEWED = 1, 2, 3
"""Whose schedule somebody wipes, who goes to another partner, whose renewal is switched off."""
SCHEDULED_ONLY, REPORTED_ONLY = 4, 5


@dataclass(frozen=True)
class Rest:
    """Seats of one customer that are paid beyond the renewal, and that nobody uses."""

    number: int
    customer: str
    lasts: int
    idle: int
    """As the night found them."""
    may_go: bool
    """The policy, the product's minimum and the end of the term let them go."""
    reason: str

    @property
    def is_explained(self) -> bool:
        """Seats in use are never lost, idle ones never kept where the rules let them go."""
        return 0 <= self.lasts <= (0 if self.may_go else self.idle) and self.reason != ""


@dataclass
class Year:
    """The partner's customers, and what has happened to them."""

    seatkeeper: Seatkeeper
    portal: Portal
    customers: list[Customer] = field(default_factory=list)
    sold: list[Subscription] = field(default_factory=list)
    chance: Random = field(default_factory=lambda: Random(5))  # noqa: S311 (a story)
    batches: int = 0

    async def begin(self) -> None:
        await self.seatkeeper.connect(self.portal)
        await self.portal.post("plans", plan_body())
        for number in range(CUSTOMERS):
            await self.found(number)

    async def found(self, number: int) -> None:
        world, seats = self.seatkeeper.world, self.chance.randint(4, 12)
        domain = f"year{number}.onmicrosoft.com"
        customer = estates.found_customer(world, seeds.NORTHWIND, domain)
        sold = estates.sell(world, customer, seeds.NORTHWIND, PREMIUM, seats=seats)
        self.customers.append(customer)
        self.sold.append(sold)
        self.join(number, seats - self.chance.randint(0, 2))
        await self.portal.post(f"customers/{customer.id}/adopt", {"connectionId": "northwind"})
        mode = {SCHEDULED_ONLY: "scheduleOnly", REPORTED_ONLY: "report"}.get(number, "apply")
        await let_go(self.portal, {"id": customer.id}, mode=mode)

    def used(self, number: int) -> int:
        tenant = self.seatkeeper.world.tenants[self.customers[number].id]
        return tenant.consumed(PREMIUM.entra_sku_id)

    def paid(self, number: int) -> int:
        return enabled_seats(self.seatkeeper.world, self.customers[number].id, PREMIUM)

    def free(self, number: int, day: int) -> int:
        """What an admin may give out: in the last hours, only what the renewal keeps."""
        sold, free = self.sold[number], self.paid(number) - self.used(number)
        if day in TOO_LATE and sold.schedule is not None:
            free -= max(0, sold.quantity - int(sold.schedule["quantity"]))
        return max(0, free)

    def join(self, number: int, count: int) -> None:
        tenant = self.seatkeeper.world.tenants[self.customers[number].id]
        estates.join(self.seatkeeper.world, tenant, count, PREMIUM.entra_sku_id)

    async def leave(self, number: int, count: int) -> None:
        place = f"portal/customers/{self.customers[number].id}/users/remove"
        await self.seatkeeper.sim("POST", place, {"count": count})

    async def grow(self, number: int, count: int) -> None:
        """New people by a batch, which buys what they need."""
        self.batches += 1
        domain = self.customers[number].domain
        names = [f"batch{self.batches}n{n}@{domain}" for n in range(count)]
        rows = [row(n, userPrincipalName=name) for n, name in enumerate(names)]
        body = {"id": f"b{self.batches}", "customerId": self.customers[number].id, "rows": rows}
        await self.portal.post("batches", body)
        await self.seatkeeper.settle(PATIENCE)
        done = await self.portal.get(f"batches/b{self.batches}")
        assert done["progress"]["done"] == count, done

    async def live(self, day: int) -> None:
        """What happens between two nights."""
        for number in self.chance.sample(range(CUSTOMERS), 3):
            if self.used(number) > 2:
                await self.leave(number, 1)
        for number in self.chance.sample(range(CUSTOMERS), 2):
            self.join(number, min(1, self.free(number, day)))
        if day % BATCHES_EVERY == 0 and day not in OUTAGE:
            others = [n for n in range(CUSTOMERS) if n not in (MOVED, UNRENEWED)]
            await self.grow(self.chance.choice(others), self.chance.randint(1, 3))
        await self.befall(day)

    async def befall(self, day: int) -> None:
        world = self.seatkeeper.world
        match day:
            case 200:
                sold = self.sold[WIPED]
                change_outside(world, sold, {"quantity": sold.quantity + 1})
            case 240:
                off = {"autoRenewEnabled": False, "scheduledNextTermInstructions": None}
                change_outside(world, self.sold[UNRENEWED], off)
            case 280:
                await self.move(self.customers[MOVED])

    async def move(self, customer: Customer) -> None:
        """The customer ends our access, and another partner sells it what it needs."""
        world = self.seatkeeper.world
        await self.seatkeeper.sim("DELETE", f"portal/customers/{customer.id}/gdap")
        sku, seats = PREMIUM.entra_sku_id, self.used(MOVED)
        bought = ForeignPurchase(
            world.new_guid(), customer.id, sku, seats, seeds.TAILSPIN, world.clock.now()
        )
        world.foreign_purchases[bought.id] = bought

    def rest(self, number: int, part: Json) -> "Rest":
        """What is paid at this customer and used by nobody, as the night left and told it."""
        sold, [decision] = self.sold[number], part["decisions"]
        goes = 0
        if sold.schedule is not None:
            goes = max(0, sold.quantity - int(sold.schedule["quantity"]))
        return Rest(
            number,
            self.customers[number].id,
            lasts=self.paid(number) - goes - self.used(number),
            idle=part["seatsIdle"],
            may_go=number not in (UNRENEWED, REPORTED_ONLY) and sold.quantity - goes > 1,
            reason=decision["reason"],
        )

    async def parts(self, night: Json) -> dict[str, Json]:
        found = (await self.portal.get(f"runs/{night['id']}/customers?limit=100"))["items"]
        return {part["customerId"]: part for part in found}


def days() -> Iterator[tuple[int, int]]:
    """Every day with a night, and how many days pass until it."""
    day = 0
    while day < DAYS:
        step = 1 if day in RENEWAL else STEP
        yield day, step
        day += step


@pytest.mark.trial
async def test_after_a_year_what_is_paid_is_in_use_or_the_record_says_why(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a partner's customers, whose terms go on as paid extensions where renewal is off
    seatkeeper.world.switches.update({"est.enabled": True})
    year = Year(seatkeeper, portal)
    await year.begin()

    # When a year passes
    night: Json = {}
    for day, step in days():
        await year.live(day)
        if day in OUTAGE:
            await seatkeeper.sim("POST", "clock/advance", {"days": step})
            continue
        night = await a_night(seatkeeper, portal, days=step, within=PATIENCE)
        assert all(year.paid(n) >= year.used(n) for n in range(CUSTOMERS)), (day, night)
    last = await a_night(seatkeeper, portal, days=1, within=PATIENCE)

    # Then every seat is in use, or gone by the next renewal, or the record says why it stays
    parts = await year.parts(last)
    report = await portal.get(f"runs/{last['id']}/report.json")
    told = {idle["customerId"]: idle for idle in report["idleCustomers"]}
    rests = {n: year.rest(n, parts[year.customers[n].id]) for n in range(CUSTOMERS)}
    assert [rest for rest in rests.values() if not rest.is_explained] == []
    assert [r for r in rests.values() if r.idle and r.reason not in str(told[r.customer])] == []
    assert report["seats"]["atRisk"] == 0
    assert (report["failed"], report["unfinished"]) == (0, 0)
    [warning] = parts[year.customers[MOVED].id]["warnings"]
    assert "No delegated relationship" in warning
