"""Our ledger of lots, a second model and the simulated Microsoft agree about what goes back.

Every change is a PATCH to the simulator; the ledger hears only what a caller hears.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.domain.lots import LotLedger
from shared.domain.subscriptions import Lot
from simulator.app import create_app
from simulator.nouns import Subscription
from simulator.partner_center.terms import term_end
from simulator.seeds import NORTHWIND, add_customer
from simulator.world import World
from tests.simulator.northwind import Northwind

WINDOW = timedelta(hours=168)
# Real time runs under the business clock: the second model is not asked this close to an end.
CLOSE = timedelta(seconds=30)
ORDERS = ["newest", "oldest", "largest", "smallest"]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(1, 20)),
        st.tuples(st.just("raise"), st.integers(1, 20)),
        st.tuples(st.just("lower"), st.integers(1, 20)),
        st.tuples(st.just("hours"), st.integers(1, 300)),
        st.tuples(st.just("days"), st.integers(20, 400)),
        st.tuples(st.just("before a deadline"), st.integers(3, 1800)),
        st.tuples(st.just("after a deadline"), st.integers(3, 1800)),
        st.tuples(st.just("read"), st.just(0)),
    ),
    max_size=14,
)


@dataclass
class Model:
    """The second model: what was added when, and which of it an order gives back first."""

    order: str
    term: str
    ends: datetime
    lots: list[tuple[datetime, int]] = field(default_factory=list)

    def open(self, now: datetime) -> list[tuple[datetime, int]]:
        found = [lot for lot in self.lots if now <= lot[0] + WINDOW]
        by_age = self.order in ("newest", "oldest")
        backwards = self.order in ("newest", "largest")
        return sorted(found, key=lambda lot: lot[0] if by_age else lot[1], reverse=backwards)

    def allows(self, seats: int, now: datetime) -> bool:
        held = sum(quantity for _, quantity in self.lots)
        return seats < held and seats <= sum(quantity for _, quantity in self.open(now))

    def lower(self, seats: int, now: datetime) -> None:
        for lot in self.open(now):
            taken = min(seats, lot[1])
            self.lots.remove(lot)
            self.lots += [(lot[0], lot[1] - taken)] if lot[1] > taken else []
            seats -= taken

    def pass_time(self, now: datetime) -> None:
        while now >= self.ends:
            self.lots = [(self.ends, sum(quantity for _, quantity in self.lots))]
            self.ends = term_end(self.ends, self.term)

    def is_close(self, now: datetime) -> bool:
        moments = [self.ends, *(added + WINDOW for added, _ in self.lots)]
        return any(abs(moment - now) < CLOSE for moment in moments)


@dataclass
class Held:
    """One subscription as Microsoft, the model and the ledger have it."""

    at_microsoft: Subscription
    model: Model
    ledger: LotLedger


@dataclass
class Trial:
    northwind: Northwind
    customer_id: str
    term: str
    order: str
    held: list[Held] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.northwind.world.clock.now()

    async def buy(self, seats: int) -> None:
        customer = self.northwind.world.customers[self.customer_id]
        bought = await self.northwind.buy(customer, seats, self.term)
        model = Model(self.order, self.term, bought.term_ends, [(bought.created, seats)])
        ledger = LotLedger().added(seats, bought.created)
        self.held.append(Held(bought, model, ledger))

    async def raise_seats(self, held: Held, seats: int) -> None:
        now = self.now
        wanted = held.at_microsoft.quantity + seats
        if (await self.northwind.change(held.at_microsoft, quantity=wanted)).is_success:
            held.model.lots.append((now, seats))
            held.ledger = held.ledger.added(seats, now)

    async def lower(self, held: Held, seats: int) -> None:
        now, left = self.now, held.at_microsoft.quantity - seats
        if left < 1:
            return
        certain, possible = held.ledger.certain(now), held.ledger.possible(now)
        expected = held.model.allows(seats, now)

        taken = (await self.northwind.change(held.at_microsoft, quantity=left)).is_success

        assert taken or seats > certain, "the ledger allowed what was refused"
        assert not taken or seats <= possible, "the ledger refused what was allowed"
        assert taken == expected or held.model.is_close(now), "the model disagrees"
        if taken:
            held.model.lower(seats, now)
            held.ledger = held.ledger.lowered(seats, now)

    async def read(self, held: Held) -> None:
        told = (await self.northwind.read(held.at_microsoft))["refundableQuantity"]["details"]
        ends = [datetime.fromisoformat(lot["allowedUntilDateTime"]) for lot in told]
        lots = [Lot(lot["quantity"], end) for lot, end in zip(told, ends, strict=True)]
        held.ledger = held.ledger.reconciled(lots, self.now)
        assert held.ledger.certain(self.now) <= sum(seats for _, seats in held.model.open(self.now))

    async def wait(self, by: timedelta) -> None:
        before = [held.at_microsoft.term_ends for held in self.held]
        self.northwind.world.clock.advance(by)
        await self.northwind.get(f"/v1/customers/{self.customer_id}/subscriptions")
        for held, ended in zip(self.held, before, strict=True):
            held.model.pass_time(self.now)
            found = held.at_microsoft
            if found.term_ends != ended:
                held.ledger = held.ledger.renewed(found.quantity, found.window_opened)

    async def to_deadline(self, held: Held, seconds: int) -> None:
        """To the end of the next window, and as much to this side of it or to that."""
        moment = self.now
        ends = [added + WINDOW for added, _ in held.model.open(moment)]
        target = min(ends, default=moment) + timedelta(seconds=seconds)
        await self.wait(max(target - moment, timedelta()))

    async def take(self, name: str, value: int) -> None:
        held = self.held[value % len(self.held)]
        match name:
            case "buy":
                await self.buy(value)
            case "raise":
                await self.raise_seats(held, value)
            case "lower":
                await self.lower(held, value)
            case "read":
                await self.read(held)
            case "before a deadline" | "after a deadline":
                await self.to_deadline(held, value if name.startswith("after") else -value)
            case _:
                await self.wait(timedelta(**{name: value}))


@asynccontextmanager
async def a_trial(world: World, order: str, term: str) -> AsyncIterator[Trial]:
    """A customer of its own in a world that is shared."""
    world.switches["subscriptions.lotOrder"] = order
    name = f"trial{len(world.customers)}"
    customer = add_customer(world, NORTHWIND, f"{name}.onmicrosoft.com", name, "US")
    customer.signed_directly = True
    world.subscriptions.clear()
    world.orders.clear()
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator.test") as http:
        northwind = Northwind(world, http)
        northwind.app_token = (await northwind.app_only())["access_token"]
        yield Trial(northwind, customer.id, term, order)


# What is left of two lots when the first one's window closes: it differs by the order.
APART = [("hours", 48), ("raise", 10), ("lower", 5), ("hours", 130), ("lower", 8)]


@pytest.mark.parametrize("order", ORDERS)
@example(term="P1Y", seats=10, steps=APART)
@given(term=st.sampled_from(["P1M", "P1Y"]), seats=st.integers(1, 20), steps=STEPS)
@settings(
    max_examples=40,
    deadline=None,
    # Every example has a customer of its own in the test's one world.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_change_is_refused_that_the_ledger_allowed_nor_taken_that_it_refused(
    world: World, order: str, term: str, seats: int, steps: list[tuple[str, int]]
) -> None:
    async with a_trial(world, order, term) as trial:
        await trial.buy(seats)

        for name, value in steps:
            await trial.take(name, value)
