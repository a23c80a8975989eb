"""What a batch may buy, and whom it may take away from."""

from dataclasses import replace

import pytest

from shared.domain.ceilings import (
    ApprovalMode,
    ApprovalRule,
    BatchPolicy,
    Ceilings,
    breaches,
    share_of,
)
from shared.domain.ids import PlanId
from shared.domain.purchases import Demand
from tests.builders import E3, E5
from tests.domain.purchases import a_batch_plan, a_line, a_purchase, gbp

OFFICE = PlanId("office-worker")
HELD = Demand(held={E3: 100})


def refused(policy: BatchPolicy, *, seats: int = 5, demand: Demand = HELD) -> list[str]:
    plan = a_batch_plan(a_line(seats), demand=demand)
    return [fault.detail for fault in breaches(plan, policy)]


@pytest.mark.parametrize(
    ("ceilings", "words"),
    [
        pytest.param(Ceilings(seats=4), "buy 4 seats and would buy up to 5", id="seats"),
        pytest.param(Ceilings(money=gbp("499.99")), "commit 499.99 GBP", id="money"),
        pytest.param(
            Ceilings(money=replace(gbp("9999"), currency="EUR")), "9999.00 EUR", id="currency"
        ),
        pytest.param(Ceilings(growth_percent=4), "by 4 %", id="percent growth"),
    ],
)
def test_a_ceiling_refuses_what_lies_above_it_and_says_what_to_do(
    ceilings: Ceilings, words: str
) -> None:
    (sentence,) = refused(BatchPolicy(ceilings))

    assert words in sentence
    assert "policy" in sentence
    assert "split the batch" in sentence


@pytest.mark.parametrize(
    "ceilings",
    [
        pytest.param(Ceilings(), id="none"),
        pytest.param(Ceilings(seats=5), id="seats"),
        pytest.param(Ceilings(money=gbp("500.00")), id="money"),
        pytest.param(Ceilings(growth_percent=5), id="percent growth"),
    ],
)
def test_what_lies_just_below_a_ceiling_passes(ceilings: Ceilings) -> None:
    assert refused(BatchPolicy(ceilings)) == []


def test_every_ceiling_that_is_passed_is_named_at_once() -> None:
    assert len(refused(BatchPolicy(Ceilings(1, gbp("1"), 1)))) == 3


def test_a_first_subscription_has_no_percent_to_grow_by() -> None:
    assert refused(BatchPolicy(Ceilings(growth_percent=1)), demand=Demand()) == []


def test_a_plans_ceiling_binds_only_what_its_rows_need() -> None:
    policy = BatchPolicy(ceilings_by_plan={OFFICE: Ceilings(seats=3)})

    few = refused(policy, demand=Demand({E3: 100}, {OFFICE: {E3: 3}}))
    many = refused(policy, demand=Demand({E3: 100}, {OFFICE: {E3: 4}}))
    others = refused(policy, demand=Demand({E3: 100}, {PlanId("other"): {E3: 5}}))

    assert few == others == []
    assert "the plan 'office-worker'" in many[0]


def test_a_plan_answers_for_the_dearest_seats_that_it_can_be_the_cause_of() -> None:
    cheap = a_line(5, subscription="cheap", unit="1.00")
    dear = a_line(5, subscription="dear", unit="9.00")

    share = share_of(a_purchase(cheap, dear), {E3: 7, E5: 9})

    assert [(line.subscription_id, line.seats) for line in share.lines] == [
        ("dear", 5),
        ("cheap", 2),
    ]
    assert share.committed == (gbp("470.00"),)


def test_seats_that_were_missing_before_are_no_plans_doing() -> None:
    standing = a_line(5, is_standing=True)

    assert share_of(a_purchase(standing), {E3: 5}).seats == 0


@pytest.mark.parametrize(
    ("people", "total", "passes"),
    [
        pytest.param(10, 100, True, id="a tenth"),
        pytest.param(11, 100, False, id="more than a tenth"),
        pytest.param(1, 3, True, id="one person of a small company"),
        pytest.param(2, 3, False, id="two of three"),
        pytest.param(2, 0, False, id="of nobody knows how many"),
    ],
)
def test_a_batch_takes_away_from_a_tenth_of_the_people_at_most(
    people: int, total: int, *, passes: bool
) -> None:
    plan = a_batch_plan(people=people, people_total=total)

    found = list(breaches(plan, BatchPolicy()))

    assert (not found) == passes


@pytest.mark.parametrize(
    ("rule", "seats", "asks"),
    [
        pytest.param(ApprovalRule(), 5, False, id="nobody wants to be asked"),
        pytest.param(ApprovalRule(ApprovalMode.ALWAYS), 0, True, id="always"),
        pytest.param(ApprovalRule(ApprovalMode.ABOVE, seats=5), 5, False, id="as many seats"),
        pytest.param(ApprovalRule(ApprovalMode.ABOVE, seats=5), 6, True, id="more seats"),
        pytest.param(
            ApprovalRule(ApprovalMode.ABOVE, money=gbp("500")), 5, False, id="as much money"
        ),
        pytest.param(ApprovalRule(ApprovalMode.ABOVE, money=gbp("500")), 6, True, id="more money"),
    ],
)
def test_a_person_is_asked(rule: ApprovalRule, seats: int, *, asks: bool) -> None:
    lines = (a_line(seats),) if seats else ()

    assert rule.asks(a_purchase(*lines)) == asks


def test_a_single_user_asks_only_where_a_seat_is_bought() -> None:
    always = ApprovalRule(ApprovalMode.ALWAYS)

    assert not always.asks(a_purchase(), is_single_user=True)
    assert always.asks(a_purchase(a_line(1)), is_single_user=True)
