"""A period's statement has everybody's plan once, and says what is billed and why not."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import PlanId
from shared.domain.spells import FOUND, Spell
from shared.domain.statements import (
    MONTH_END,
    NO_TRIALS,
    LineKind,
    NotBilled,
    Period,
    statement,
)
from shared.domain.trials import Trial, Trials

OFFICE, PHONE = PlanId("office"), PlanId("phone")
MARCH = Period(2026, 3)


def on(month: int, day: int, hour: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def told(
    *spells: Spell, period: Period = MARCH, trials: Trials = NO_TRIALS
) -> list[tuple[str, str]]:
    lines = statement([spells], period, trials)
    return [(line.kind.value, line.why_not.value if line.why_not else "billed") for line in lines]


def test_a_period_ends_with_its_closing_day() -> None:
    assert (MARCH.since, MARCH.until) == (on(3, 1, 0), on(4, 1, 0))
    middle = Period.named("2026-03", 15)
    assert (middle.since, middle.until) == (on(2, 16, 0), on(3, 16, 0))
    assert Period.holding(on(3, 15, 23), 15) == middle
    assert Period.holding(on(3, 16, 0), 15).name == "2026-04"


def test_who_had_the_plan_before_is_carried_and_billed() -> None:
    assert told(Spell("ada", OFFICE, on(2, 10))) == [("carried", "billed")]


def test_who_was_found_at_the_first_reading_is_carried() -> None:
    assert told(Spell("ada", OFFICE, on(3, 10), FOUND)) == [("carried", "billed")]


def test_who_comes_and_goes_in_the_period_is_billed_once() -> None:
    spell = Spell("ada", OFFICE, on(3, 10), until=on(3, 20))

    assert told(spell) == [("added", "billed"), ("removed", "removal")]
    assert told(spell, period=MARCH.following) == []


def test_who_comes_and_goes_on_one_day_is_not_billed() -> None:
    spell = Spell("ada", OFFICE, on(3, 10, 2), until=on(3, 10, 9))

    assert told(spell)[0] == ("added", "sameDay")


def test_of_two_plans_in_one_period_the_later_is_billed() -> None:
    first = Spell("ada", OFFICE, on(2, 10), until=on(3, 10), moved_to=PHONE)
    later = Spell("ada", PHONE, on(3, 10), came_from=OFFICE)

    assert told(later, first) == [
        ("carried", "movedToAnotherPlan"),
        ("removed", "removal"),
        ("added", "billed"),
    ]


def test_a_second_plan_of_a_few_hours_is_billed_in_place_of_the_first() -> None:
    later = Spell("ada", PHONE, on(3, 10, 2), came_from=OFFICE, until=on(3, 10, 9))

    first = Spell("ada", OFFICE, on(2, 10), until=on(3, 10, 2), moved_to=PHONE)
    assert [line for line in told(first, later) if line[1] == "billed"] == [("added", "billed")]


def test_who_loses_the_plan_for_a_night_is_billed_on_the_later_line() -> None:
    """An administrator takes a licence and the night gives it back, or a doubt comes and goes."""
    first = Spell("ada", OFFICE, on(2, 10), until=on(3, 5))
    again = Spell("ada", OFFICE, on(3, 6), until=on(3, 20))
    last = Spell("ada", OFFICE, on(3, 21))

    assert [line for line in told(first, again, last) if line[0] != "removed"] == [
        ("carried", "returned"),
        ("added", "returned"),
        ("added", "billed"),
    ]
    assert told(first, again, last, period=MARCH.following) == [("carried", "billed")]


def test_who_comes_back_for_a_few_hours_is_billed_on_the_earlier_line() -> None:
    first = Spell("ada", OFFICE, on(2, 10), until=on(3, 5))
    again = Spell("ada", OFFICE, on(3, 6, 2), until=on(3, 6, 9))

    kept = [line for line in told(first, again) if line[0] != "removed"]

    assert kept == [("carried", "billed"), ("added", "sameDay")]


def test_who_comes_back_in_another_period_is_billed_in_both() -> None:
    first = Spell("ada", OFFICE, on(2, 10), until=on(3, 5))
    again = Spell("ada", OFFICE, on(4, 6))

    assert told(first, again)[0] == ("carried", "billed")
    assert told(first, again, period=MARCH.following) == [("added", "billed")]


def test_another_plan_after_a_gap_is_billed_in_place_of_the_first() -> None:
    first = Spell("ada", OFFICE, on(2, 10), until=on(3, 5))
    other = Spell("ada", PHONE, on(3, 9))

    assert told(first, other)[::2] == [("carried", "movedToAnotherPlan"), ("added", "billed")]


def test_a_plan_that_no_reading_of_the_period_found_is_not_billed() -> None:
    gone = Spell("ada", OFFICE, on(2, 10), until=on(3, 1), last_seen=on(2, 28))

    assert told(gone) == [("carried", "goneBefore"), ("removed", "removal")]


def test_a_plan_on_a_trial_is_not_billed() -> None:
    assert told(Spell("ada", OFFICE, on(2, 10)), trials={OFFICE: (Trial(),)}) == [
        ("carried", "trial")
    ]


def test_who_moves_to_a_plan_on_a_trial_is_billed_for_the_one_before() -> None:
    first = Spell("ada", OFFICE, on(2, 10), until=on(3, 10), moved_to=PHONE)
    trial = Spell("ada", PHONE, on(3, 10), came_from=OFFICE)

    assert told(first, trial, trials={PHONE: (Trial(),)}) == [
        ("carried", "billed"),
        ("removed", "removal"),
        ("added", "trial"),
    ]


closing_days = st.sampled_from([MONTH_END, 1, 15, 28])
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (the strategy adds the zone)


@given(moments, closing_days)
def test_every_moment_lies_in_exactly_one_period(moment: datetime, closing_day: int) -> None:
    period = Period.holding(moment, closing_day)

    assert period.holds(moment)
    assert not period.previous.holds(moment)
    assert not period.following.holds(moment)
    assert period.following.since == period.until


@given(moments, st.timedeltas(timedelta(days=2), timedelta(days=400)), closing_days)
def test_a_spell_begins_once_ends_once_and_is_carried_in_between(
    since: datetime, length: timedelta, closing_day: int
) -> None:
    spell = Spell("ada", OFFICE, since, until=since + length)
    period, lines = Period.holding(since, closing_day).previous, []
    while period.since <= since + length:
        lines += statement([[spell]], period)
        period = period.following

    kinds = Counter(line.kind for line in lines)

    assert kinds[LineKind.ADDED] == kinds[LineKind.REMOVED] == 1
    billed = [line for line in lines if line.billable]
    assert len(billed) == kinds[LineKind.ADDED] + kinds[LineKind.CARRIED]
    assert {line.why_not for line in lines} <= {None, NotBilled.REMOVAL}


@given(st.lists(st.tuples(moments, st.sampled_from([OFFICE, PHONE, None])), max_size=12), moments)
def test_nobody_is_billed_twice_in_a_period(
    steps: list[tuple[datetime, PlanId | None]], at: datetime
) -> None:
    spells = a_life(sorted(steps, key=lambda step: step[0]))
    period = Period.holding(at, MONTH_END)

    lines = statement([spells], period)

    billed = [line for line in lines if line.billable]
    assert len(billed) <= 1
    lasting = [s for s in spells if s.until is None or s.until - s.since > timedelta(days=1)]
    assert billed or not any(s.since < period.until and not _ended(s, period) for s in lasting)


def _ended(spell: Spell, period: Period) -> bool:
    return spell.until is not None and spell.until < period.since


def a_life(steps: list[tuple[datetime, PlanId | None]]) -> list[Spell]:
    """One person's spells from one step to the next, as readings would have them."""
    spells = []
    for here, (since, plan) in enumerate(steps):
        until, following = steps[here + 1] if here + 1 < len(steps) else (None, None)
        if plan is not None:
            before = steps[here - 1][1] if here else None
            spells.append(Spell("ada", plan, since, "outside", before, until, "", following))
    return spells
