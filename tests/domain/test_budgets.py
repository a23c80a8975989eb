"""Several hosts spend one budget: by any order of slices, no minute sees more than the limit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.budgets import SPANS, Allowance, Priority, Slice, Spending

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),  # spans that pass
        st.sampled_from(Priority),
        st.integers(0, 60),  # calls that the host makes of its slice
    ),
    max_size=60,
)


@given(limit=st.integers(1, 1000), steps=STEPS)
def test_no_minute_sees_more_calls_than_the_limit(
    limit: int, steps: list[tuple[int, Priority, int]]
) -> None:
    allowance, spending, span, held = Allowance(limit), Spending(), 1000, Slice()
    made: dict[int, int] = {}

    for passed, priority, wanted in steps:
        span += passed
        spending, held = spending.at(span).with_back(held).cut(allowance, priority)
        calls = min(wanted, held.calls) if held.serves(span, priority) else 0
        held = Slice(held.calls - calls, held.span, held.open_to)
        made[span] = made.get(span, 0) + calls

    for first in made:
        assert sum(made.get(first + n, 0) for n in range(SPANS + 1)) <= limit


@given(limit=st.integers(1, 1000), steps=STEPS)
def test_what_is_left_of_a_slice_is_there_for_the_next(
    limit: int, steps: list[tuple[int, Priority, int]]
) -> None:
    allowance, spending, span, held = Allowance(limit), Spending(), 1000, Slice()

    for passed, priority, _ in steps:
        span += passed
        spending, held = spending.at(span).with_back(held).cut(allowance, priority)

        assert spending.used == held.calls
        assert held.calls > 0


@given(
    st.integers(1, 1000),
    st.sampled_from(Priority),
    st.tuples(*[st.integers(0, 1000)] * (SPANS + 1)),
)
def test_a_wait_ends_where_a_call_fits(
    limit: int, priority: Priority, spent: tuple[int, ...]
) -> None:
    allowance, spending = Allowance(limit), Spending(1000, spent)

    wait = spending.spans_to_wait(allowance, priority)

    assert spending.at(1000 + wait).cut(allowance, priority)[1].calls
    assert wait == 1 or not spending.at(999 + wait).cut(allowance, priority)[1].calls


def drained(allowance: Allowance, priority: Priority) -> Spending:
    spending = Spending().at(1000)
    while (cut := spending.cut(allowance, priority))[1].calls:
        spending = cut[0]
    return spending


@pytest.mark.parametrize(
    ("priority", "used"),
    [
        pytest.param(Priority.BACKGROUND, 450, id="the night leaves a tenth"),
        pytest.param(Priority.NORMAL, 475, id="batches leave a twentieth"),
        pytest.param(Priority.URGENT, 500, id="growths and portals take all"),
    ],
)
def test_who_can_wait_leaves_a_reserve(priority: Priority, used: int) -> None:
    assert drained(Allowance(500), priority).used == used


def test_the_night_does_not_eat_a_slice_out_of_the_reserve() -> None:
    spending = drained(Allowance(500), Priority.BACKGROUND)

    _, cut = spending.cut(Allowance(500), Priority.URGENT)

    assert cut.serves(1000, Priority.URGENT)
    assert not cut.serves(1000, Priority.BACKGROUND)


def test_a_slice_ends_with_its_span() -> None:
    _, cut = Spending().at(1000).cut(Allowance(500), Priority.NORMAL)

    assert cut.serves(1000, Priority.NORMAL)
    assert not cut.serves(1001, Priority.NORMAL)


def test_a_clock_that_is_a_little_behind_spends_in_the_latest_span() -> None:
    spending, _ = Spending().at(1000).cut(Allowance(500), Priority.NORMAL)

    behind, cut = spending.at(999).cut(Allowance(500), Priority.NORMAL)

    assert (behind.span, behind.used) == (1000, 50)
    assert cut.serves(999, Priority.NORMAL)


def test_a_row_out_of_a_future_that_nobody_can_reach_binds_nobody() -> None:
    spending, _ = Spending().at(100_000).cut(Allowance(500), Priority.NORMAL)

    assert spending.at(1000).used == 0


def test_a_pause_only_grows() -> None:
    spending = Spending().paused(NOON).paused(NOON - timedelta(seconds=1))

    assert spending.paused_until == NOON
