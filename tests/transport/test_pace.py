import heapq
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transport.pace import Pace, Paces

LIMIT, WINDOW = 100, 10.0


@dataclass
class Watch:
    """A clock that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pace(watch: Watch) -> Pace:
    return Pace(LIMIT, WINDOW, watch)


def test_a_full_window_may_go_at_once(pace: Pace) -> None:
    assert [pace.enter(20) for _ in range(5)] == [0] * 5
    assert pace.enter(1) > 0


def test_a_write_counts_until_a_window_after_its_answer(pace: Pace, watch: Watch) -> None:
    pace.enter(LIMIT)
    watch.now += 3
    pace.leave(LIMIT)

    assert pace.enter(1) == WINDOW
    watch.now += WINDOW - 0.1
    assert pace.enter(1) > 0
    watch.now += 0.2
    assert pace.enter(1) == 0


def test_all_of_a_chunk_goes_or_nothing(pace: Pace) -> None:
    pace.enter(60)

    assert pace.enter(60) > 0
    assert pace.enter(40) == 0


def test_who_is_sent_away_gets_a_place_of_their_own(pace: Pace, watch: Watch) -> None:
    for _ in range(5):
        pace.enter(20)
        pace.leave(20)
        watch.now += 1

    places = [pace.place(20) for _ in range(7)]

    assert places == [5, 6, 7, 8, 9, 15, 16]


def test_all_who_come_back_in_time_are_let_go(pace: Pace, watch: Watch) -> None:
    pace.enter(LIMIT)
    pace.leave(LIMIT)
    waits = [pace.place(50) for _ in range(3)]

    watch.now += waits[0]

    assert waits == [10, 10, 20]
    assert [pace.enter(50) for _ in range(2)] == [0, 0]


def test_who_comes_early_waits_for_room_and_not_for_those_behind(pace: Pace, watch: Watch) -> None:
    pace.enter(LIMIT)
    pace.leave(LIMIT)
    pace.place(LIMIT)
    pace.place(LIMIT)

    watch.now += WINDOW - 2

    assert pace.enter(LIMIT) == 2


def test_a_429_holds_everybody(pace: Pace, watch: Watch) -> None:
    pace.hold(30)
    pace.hold(5)

    assert pace.enter(1) == pace.place(1) == 30
    watch.now += 30
    assert pace.enter(1) == 0


def test_more_than_a_window_takes_still_goes(pace: Pace) -> None:
    assert pace.enter(LIMIT * 3) == 0


def test_a_limit_of_nothing_counts_nothing() -> None:
    pace = Pace(0, WINDOW)

    assert [pace.enter(10_000), pace.enter(10_000)] == [0, 0]


def test_every_tenant_has_its_own_pace() -> None:
    paces = Paces(LIMIT, WINDOW)

    paces.of("contoso").enter(LIMIT)

    assert paces.of("contoso").enter(1) > 0
    assert paces.of("fabrikam").enter(1) == 0


@given(
    st.lists(
        st.tuples(
            st.integers(1, 60), st.floats(0, 4, allow_nan=False), st.floats(0, 6, allow_nan=False)
        ),
        max_size=40,
    )
)
def test_whatever_the_answers_take_no_window_sees_more_than_the_limit(
    calls: list[tuple[int, float, float]],
) -> None:
    watch = Watch()
    pace = Pace(LIMIT, WINDOW, watch)
    counted: list[tuple[float, int]] = []

    for count, until_counted, gap in calls:
        if pace.enter(count) == 0:
            watch.now += until_counted
            counted.append((watch.now, count))
            pace.leave(count)
        watch.now += gap

    for moment, _ in counted:
        inside = sum(n for at, n in counted if moment - WINDOW < at <= moment)
        assert inside <= LIMIT


def test_a_crowd_keeps_the_window_full_to_its_end(watch: Watch) -> None:
    pace = Pace(3000, 150, watch)
    due = [(watch.now + number / 100, number, 2) for number in range(100)]

    while due:
        watch.now, chunk, steps = heapq.heappop(due)
        if steps == 0:
            continue
        back, left = a_turn(pace, steps)
        heapq.heappush(due, (watch.now + back, chunk, left))

    six_windows = 1000 + 6 * 150
    assert watch.now < six_windows * 1.02


def a_turn(pace: Pace, steps: int) -> tuple[float, int]:
    """A chunk of a hundred writes as `Writes` sends it; its answer comes at once."""
    wait = pace.enter(100)
    if wait == 0:
        pace.leave(100)
        return 2, steps - 1
    return (wait if wait <= 5 else pace.place(100) - 2.5), steps
