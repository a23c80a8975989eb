"""Our ledger of lots and the simulated Microsoft never disagree about what goes back."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.lots import LotLedger
from shared.domain.subscriptions import Lot
from simulator.nouns import Subscription
from simulator.partner_center.lifecycle import settle
from simulator.partner_center.lots import refundable
from simulator.world import World
from tests.simulator.test_lot_laws import WINDOW, change, planted

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("seats"), st.integers(1, 40)),
        st.tuples(st.just("hours"), st.integers(1, 300)),
        st.tuples(st.just("days"), st.integers(20, 400)),
        st.tuples(st.just("read"), st.just(0)),
    ),
    max_size=20,
)


def patched(world: World, held: Subscription, ledger: LotLedger, seats: int) -> LotLedger:
    now, before = world.clock.now(), held.quantity
    going = before - seats
    certain, possible = ledger.certain(now), ledger.possible(now)

    taken = change(world, held, quantity=seats)

    assert taken or going > certain, "the ledger allowed what was refused"
    assert not taken or going <= possible, "the ledger refused what was allowed"
    if not taken or not going:
        return ledger
    return ledger.lowered(going, now) if going > 0 else ledger.added(-going, now)


def passed(world: World, held: Subscription, ledger: LotLedger, by: timedelta) -> LotLedger:
    ends = held.term_ends
    world.clock.advance(by)
    settle(world)
    if held.term_ends == ends:
        return ledger
    return ledger.renewed(held.quantity, held.window_opened)


def read(world: World, held: Subscription, ledger: LotLedger) -> LotLedger:
    now = world.clock.now()
    told = [Lot(lot.quantity, lot.added + WINDOW) for lot in refundable(held.lots, now, WINDOW)]
    return ledger.reconciled(told, now)


@pytest.mark.parametrize("order", ["newest", "oldest", "largest", "smallest"])
@given(term=st.sampled_from(["P1M", "P1Y"]), steps=STEPS)
@settings(max_examples=60, deadline=None)
def test_no_change_is_refused_that_the_ledger_allowed_nor_taken_that_it_refused(
    order: str, term: str, steps: list[tuple[str, int]]
) -> None:
    world, held = planted(term, order)
    ledger = LotLedger().added(held.quantity, held.window_opened)

    for name, value in steps:
        if name == "seats":
            ledger = patched(world, held, ledger, value)
        elif name == "read":
            ledger = read(world, held, ledger)
        else:
            ledger = passed(world, held, ledger, timedelta(**{name: value}))
