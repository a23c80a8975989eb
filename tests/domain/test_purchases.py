"""What a batch would buy, line by line, and what an approval covers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ceilings import BatchPolicy, Ceilings, breaches
from shared.domain.money import Money
from shared.domain.purchases import BatchPlan, Purchase, lines_of, plan_digest
from shared.domain.seat_plans import SeatPlan, plan_seats
from tests.builders import E3, E3_OFFER, NOW, a_price, a_subscription, a_view, an_entry
from tests.domain.purchases import a_line, a_purchase, gbp
from tests.domain.worlds import World, worlds

ENTRIES = {E3_OFFER: an_entry(a_price("31.37"))}


def planned(world: World, *, released: int = 0) -> SeatPlan:
    return plan_seats(
        replace(world.view, released=released),
        needed=world.needed,
        maximum_of=world.maximum_of,
        preference={},
        now=NOW,
    )


def bought(world: World, *, released: int = 0) -> Purchase:
    return Purchase(lines_of(planned(world, released=released), ENTRIES, NOW))


def test_a_deficit_that_was_there_before_is_a_priced_line_of_its_own() -> None:
    view = a_view(a_subscription(seats=10), consumed=13, needed=2)
    plan = plan_seats(view, needed=2, maximum_of={E3_OFFER: 300}, preference={}, now=NOW)

    standing, mine = lines_of(plan, ENTRIES, NOW)

    assert (standing.seats, standing.is_standing) == (3, True)
    assert (mine.seats, mine.is_standing) == (2, False)
    assert standing.now is not None
    assert standing.price_valid_from is not None
    assert standing.locked_in_until == a_subscription().ends_at


@given(worlds())
def test_the_lines_are_the_seats_that_are_bought(world: World) -> None:
    plan = planned(world)

    lines = lines_of(plan, ENTRIES, NOW)

    assert sum(line.seats for line in lines) == plan.seats_to_buy
    standing = sum(line.seats for line in lines if line.is_standing)
    assert standing == min(plan.standing_deficit, plan.seats_to_buy)
    assert all(line.seats > 0 for line in lines)


@given(worlds(), st.integers(0, 30))
def test_what_is_expected_never_exceeds_what_is_the_most(world: World, released: int) -> None:
    expected, highest = bought(world, released=released), bought(world)

    assert expected.seats <= highest.seats


@given(worlds(), st.integers(0, 30), st.integers(0, 30), st.integers(0, 60))
def test_under_a_ceiling_nothing_is_bought_above_it_whatever_releases_fail(
    world: World, released: int, seen: int, ceiling: int
) -> None:
    highest = bought(world)
    plan = BatchPlan(NOW, bought(world, released=released), highest, "digest")
    passes = not list(breaches(plan, BatchPolicy(Ceilings(seats=ceiling))))

    actual = bought(world, released=min(seen, released))

    if passes:
        assert actual.seats <= ceiling


@given(worlds())
def test_a_purchase_covers_itself(world: World) -> None:
    purchase = bought(world)

    assert purchase.is_covered_by(purchase)


def test_fewer_seats_are_covered_and_more_are_not() -> None:
    approved = a_purchase(a_line(5))

    assert a_purchase(a_line(4)).is_covered_by(approved)
    assert a_purchase().is_covered_by(approved)
    assert not a_purchase(a_line(6)).is_covered_by(approved)


def test_a_higher_price_or_another_subscription_is_not_covered() -> None:
    approved = a_purchase(a_line(5, unit="10.00"))

    assert a_purchase(a_line(5, unit="9.99")).is_covered_by(approved)
    assert not a_purchase(a_line(5, unit="10.01")).is_covered_by(approved)
    assert not a_purchase(a_line(5, currency="EUR")).is_covered_by(approved)
    assert not a_purchase(a_line(1, subscription="sub-2")).is_covered_by(approved)


@given(st.integers(0, 400), st.integers(0, 300), st.integers(1, 90))
def test_the_digest_does_not_move_with_live_counts_or_with_the_day(
    consumed: int, free: int, later: int
) -> None:
    def digest(view_consumed: int, seats: int, now_shift: timedelta) -> str:
        view = a_view(a_subscription(seats=seats), consumed=view_consumed, needed=7)
        plan = plan_seats(
            view, needed=7, maximum_of={E3_OFFER: 10_000}, preference={}, now=NOW + now_shift
        )
        return plan_digest("d1", Purchase(lines_of(plan, ENTRIES, NOW + now_shift)))

    everything_used = digest(consumed + 1, consumed + 1, timedelta(0))

    assert everything_used == digest(consumed + free + 1, consumed + free + 1, timedelta(0))
    assert everything_used == digest(consumed + 1, consumed + 1, timedelta(days=later))


def test_the_digest_names_document_subscriptions_seats_prices_and_people() -> None:
    def digest(document: str = "d1", people: int = 0, *, line: Purchase) -> str:
        return plan_digest(document, line, people)

    plain = a_purchase(a_line(5))
    others = {
        digest(line=plain),
        digest("d2", line=plain),
        digest(people=1, line=plain),
        digest(line=a_purchase(a_line(6))),
        digest(line=a_purchase(a_line(5, unit="10.01"))),
        digest(line=a_purchase(a_line(5, currency="EUR"))),
        digest(line=a_purchase(a_line(5, subscription="sub-2"))),
    }

    assert len(others) == 7


def test_money_is_added_up_by_currency() -> None:
    purchase = a_purchase(a_line(5), a_line(2), a_line(1, currency="EUR", subscription="sub-2"))

    assert purchase.now == (Money(Decimal("10.00"), "EUR"), gbp("70.00"))
    assert purchase.committed == (Money(Decimal("100.00"), "EUR"), gbp("700.00"))
    assert purchase.seats_of(E3) == 8
