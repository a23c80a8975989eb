"""Whatever happens to a subscription, its lots add up; a model of single seats agrees."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.nouns import Lot, Subscription
from simulator.partner_center.change_rules import check
from simulator.partner_center.changes import apply
from simulator.partner_center.errors import Refused
from simulator.partner_center.lifecycle import settle
from simulator.partner_center.lots import refundable_quantity
from simulator.partner_center.terms import term_end
from simulator.seeds import NORTHWIND, add_customer
from simulator.world import World
from tests.simulator.northwind import next_term

START = datetime(2026, 1, 14, 16, 57, tzinfo=UTC)
WINDOW = timedelta(hours=168)
# Real time runs under the business clock: whoever stands this close to a deadline is not asked.
MARGIN = timedelta(seconds=30)

OPERATIONS = st.one_of(
    st.tuples(st.just("quantity"), st.integers(1, 40)),
    st.tuples(st.just("schedule"), st.integers(1, 40)),
    st.tuples(st.just("hours"), st.integers(1, 400)),
    st.tuples(st.just("days"), st.integers(1, 800)),
    st.tuples(st.just("name"), st.just(0)),
)


@dataclass
class Seats:
    """The model: one moment for every seat, and what was scheduled."""

    order: str
    ends: datetime
    term: str
    since: list[datetime] = field(default_factory=list)
    scheduled: int | None = None

    def open(self, now: datetime) -> list[datetime]:
        found = [moment for moment in self.since if now <= moment + WINDOW]
        return sorted(found, reverse=self.order == "newest")

    def set(self, quantity: int, now: datetime) -> bool:
        difference = quantity - len(self.since)
        if -difference > len(self.open(now)):
            return False
        for moment in self.open(now)[: max(0, -difference)]:
            self.since.remove(moment)
        self.since.extend([now] * difference)
        self.scheduled = self.scheduled if difference == 0 else None
        return True

    def pass_time(self, now: datetime) -> None:
        while now >= self.ends:
            quantity = self.scheduled or len(self.since)
            self.since, self.scheduled = [self.ends] * quantity, None
            self.ends = term_end(self.ends, self.term)

    def is_near_a_deadline(self, now: datetime) -> bool:
        moments = [*(moment + WINDOW for moment in self.since), self.ends]
        return any(abs(moment - now) < MARGIN for moment in moments)


@cache
def world_of_one() -> World:
    world = World.default(seed="laws")
    add_customer(world, NORTHWIND, "fabrikam.onmicrosoft.com", "Fabrikam", "US")
    return world


def planted(term: str, order: str) -> tuple[World, Subscription]:
    world = world_of_one()
    world.subscriptions.clear()
    world.orders.clear()
    world.clock.set(START)
    world.switches["subscriptions.lotOrder"] = order
    now, customer_id = world.clock.now(), next(iter(world.customers))
    subscription = Subscription(
        id="s",
        customer_id=customer_id,
        partner_id=NORTHWIND,
        order_id="o",
        entitlement_id="e",
        product_id="CFQ7TTC0LH18",
        sku_id="0001",
        availability_id="A",
        friendly_name="Mail",
        quantity=10,
        term=term,
        billing_cycle="monthly",
        created=now,
        term_started=now,
        term_ends=term_end(now, term),
        window_opened=now,
        lots=[Lot(10, now)],
        stock=[],
    )
    world.subscriptions[subscription.id] = subscription
    return world, subscription


def change(world: World, subscription: Subscription, **changes: Any) -> bool:
    """The whole resource with the changes; whether it was taken."""
    now = world.clock.now()
    schedule = subscription.schedule
    body = {"autoRenewEnabled": True, "scheduledNextTermInstructions": schedule} | changes
    try:
        check(world, subscription, body, now)
    except Refused:
        return False
    apply(world, subscription, body, now)
    return True


def step(world: World, subscription: Subscription, seats: Seats, name: str, value: int) -> None:
    if name in ("hours", "days"):
        world.clock.advance(timedelta(**{name: value}))
        settle(world)
        seats.pass_time(world.clock.now())
    elif name == "schedule":
        schedule = next_term(value, subscription.term)
        assert change(world, subscription, scheduledNextTermInstructions=schedule)
        seats.scheduled = value
    elif name == "name":
        assert change(world, subscription, friendlyName="Post")
    elif not seats.is_near_a_deadline(now := world.clock.now()):
        assert change(world, subscription, quantity=value) == seats.set(value, now)


@pytest.mark.parametrize("order", ["newest", "oldest"])
@given(term=st.sampled_from(["P1M", "P1Y"]), operations=st.lists(OPERATIONS, max_size=25))
@settings(max_examples=60, deadline=None)
def test_a_change_is_taken_exactly_where_single_seats_allow_it(
    order: str, term: str, operations: list[tuple[str, int]]
) -> None:
    world, subscription = planted(term, order)
    seats = Seats(order, subscription.term_ends, term, [world.clock.now()] * 10)

    for name, value in operations:
        step(world, subscription, seats, name, value)

    assert subscription.quantity == len(seats.since)
    now = world.clock.now()
    if not seats.is_near_a_deadline(now):
        found = refundable_quantity(subscription.lots, now, WINDOW)
        assert found == len(seats.open(now))


@given(
    order=st.sampled_from(["newest", "oldest", "largest", "smallest"]),
    term=st.sampled_from(["P1M", "P1Y", "P3Y"]),
    operations=st.lists(OPERATIONS, max_size=25),
)
@settings(max_examples=80, deadline=None)
def test_the_lots_add_up_to_the_quantity(
    order: str, term: str, operations: list[tuple[str, int]]
) -> None:
    world, subscription = planted(term, order)

    for name, value in operations:
        if name in ("hours", "days"):
            world.clock.advance(timedelta(**{name: value}))
            settle(world)
        elif name == "quantity":
            change(world, subscription, quantity=value)
        elif name == "schedule":
            schedule = next_term(value, subscription.term)
            change(world, subscription, scheduledNextTermInstructions=schedule)

        assert sum(lot.quantity for lot in subscription.lots) == subscription.quantity
        assert all(lot.quantity > 0 for lot in subscription.lots)
        assert subscription.term_started <= world.clock.now() < subscription.term_ends
        assert subscription.schedule is None or subscription.auto_renew
