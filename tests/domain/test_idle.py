"""How many nights seats were idle, and which of them may go by that."""

from datetime import date, timedelta

import pytest

from shared.domain.decisions import DecisionKind
from shared.domain.idle import KEPT, IdleHistory
from tests.builders import E3, E5, a_lot, a_subscription, a_view, days
from tests.domain.giving_back import only, plan

TONIGHT = date(2026, 6, 15)


def before(nights: int) -> date:
    return TONIGHT - timedelta(days=nights)


def idle(*counts: int) -> IdleHistory:
    """The last of the counts is tonight's."""
    history = IdleHistory()
    for ago, count in enumerate(reversed(counts)):
        history = history.noted(before(ago), {E3: count})
    return history


@pytest.mark.parametrize(
    ("counts", "nights", "seats"),
    [
        pytest.param((5,), 1, 5, id="tonight alone"),
        pytest.param((0, 5), 1, 5, id="tonight alone, whatever was before"),
        pytest.param((3, 5), 2, 3, id="two nights"),
        pytest.param((0, 3, 5), 2, 3, id="no night more than was asked for"),
        pytest.param((5, 3, 5), 3, 3, id="three nights"),
        pytest.param((5,), 2, 0, id="a night that is missing had none"),
    ],
)
def test_seats_are_as_old_as_the_smallest_count_of_the_nights(
    counts: tuple[int, ...], nights: int, seats: int
) -> None:
    assert idle(*counts).steadily(E3, nights, TONIGHT) == seats


def test_a_night_between_that_did_not_look_had_no_idle_seats() -> None:
    history = IdleHistory().noted(before(2), {E3: 5}).noted(TONIGHT, {E3: 5})

    assert history.steadily(E3, 3, TONIGHT) == 0


@pytest.mark.parametrize("counts", [(5, 2), (2, 5)])
def test_of_a_day_that_is_counted_twice_the_smaller_count_stays(counts: tuple[int, int]) -> None:
    history = IdleHistory()
    for count in counts:
        history = history.noted(TONIGHT, {E3: count})

    assert history.steadily(E3, 1, TONIGHT) == 2


def test_what_is_long_past_is_forgotten() -> None:
    old = IdleHistory().noted(TONIGHT - KEPT, {E3: 5}).less(TONIGHT - KEPT, "a run", E3, 1)

    fresh = old.noted(TONIGHT + timedelta(days=1), {E3: 5})

    assert (len(fresh.nights), fresh.gone) == (1, ())


def test_a_run_by_hand_makes_no_night_and_lowers_the_one_there_is() -> None:
    history = idle(4, 4)

    assert history.lowered(TONIGHT, {E3: 3, E5: 9}).steadily(E3, 1, TONIGHT) == 3
    assert history.lowered(TONIGHT, {E3: 9}).steadily(E3, 1, TONIGHT) == 4
    assert history.lowered(TONIGHT, {E5: 9}).steadily(E5, 1, TONIGHT) == 0
    assert history.lowered(TONIGHT, {E5: 9}).left == {E5: 9}


def test_seats_that_went_lend_their_nights_to_no_others() -> None:
    history = idle(2, 2, 5).less(TONIGHT, "night", E3, 2)

    tomorrow = TONIGHT + timedelta(days=1)
    assert history.noted(tomorrow, {E3: 3}).steadily(E3, 3, tomorrow) == 0
    assert history.noted(tomorrow, {E3: 3}).steadily(E3, 2, tomorrow) == 3


def test_what_a_run_took_counts_once_however_often_it_is_told() -> None:
    once = idle(5, 9).less(TONIGHT, "night", E3, 2)

    assert once.less(TONIGHT, "night", E3, 2) == once
    assert once.less(TONIGHT, "night", E3, 3).steadily(E3, 2, TONIGHT) == 2
    assert once.less(TONIGHT, "by hand", E3, 2).steadily(E3, 2, TONIGHT) == 1
    assert once.less(TONIGHT, "by hand", E5, 2).steadily(E3, 2, TONIGHT) == 3


def test_idle_seats_that_cannot_go_lend_their_age_to_none_that_came_later() -> None:
    """Five are past their window for good, five came yesterday."""
    stuck = a_subscription(seats=15, auto_renew=False, lots=[a_lot(5, closes_in=days(6))])

    young = only(plan(a_view(stuck, consumed=5), steadily=5))
    older = only(plan(a_view(stuck, consumed=5), steadily=7))

    assert (young.kind, young.waiting) == (DecisionKind.KEEP, 5)
    assert (older.kind, older.target, older.waiting) == (DecisionKind.RETURN, 13, 3)


def test_seats_that_a_minimum_keeps_are_the_old_ones() -> None:
    kept = a_subscription("kept", seats=1)
    bought = a_subscription("bought", seats=6, lots=[a_lot(5, closes_in=days(6))])

    decisions = plan(a_view(kept, bought, consumed=0), steadily=1).decisions

    assert {d.kind for d in decisions} == {DecisionKind.KEEP}
