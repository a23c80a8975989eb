"""A period's statement has everybody's plan once, and says what is billed and why not."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import PlanId
from shared.domain.spells import FOUND, Spell
from shared.domain.statements import MONTH_END, LineKind, NotBilled, Period, statement

OFFICE, PHONE = PlanId("office"), PlanId("phone")
MARCH = Period(2026, 3)


def on(month: int, day: int, hour: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def told(spell: Spell, period: Period = MARCH, **words: frozenset[PlanId]) -> list[tuple[str, str]]:
    lines = statement([spell], period, **words)
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
    assert told(spell, MARCH.following) == []


def test_who_comes_and_goes_on_one_day_is_not_billed() -> None:
    spell = Spell("ada", OFFICE, on(3, 10, 2), until=on(3, 10, 9))

    assert told(spell)[0] == ("added", "sameDay")


def test_of_two_plans_in_one_period_the_later_is_billed() -> None:
    first = Spell("ada", OFFICE, on(2, 10), until=on(3, 10), moved_to=PHONE)
    later = Spell("ada", PHONE, on(3, 10), came_from=OFFICE)

    assert told(first) == [("carried", "movedToAnotherPlan"), ("removed", "removal")]
    assert told(later) == [("added", "billed")]


def test_a_second_plan_of_a_few_hours_is_billed_in_place_of_the_first() -> None:
    later = Spell("ada", PHONE, on(3, 10, 2), came_from=OFFICE, until=on(3, 10, 9))

    assert told(later)[0] == ("added", "billed")


def test_a_plan_that_no_reading_of_the_period_found_is_not_billed() -> None:
    gone = Spell("ada", OFFICE, on(2, 10), until=on(3, 1), last_seen=on(2, 28))

    assert told(gone) == [("carried", "goneBefore"), ("removed", "removal")]


def test_a_plan_on_a_trial_is_not_billed() -> None:
    assert told(Spell("ada", OFFICE, on(2, 10)), on_trial=frozenset({OFFICE})) == [
        ("carried", "trial")
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
        lines += statement([spell], period)
        period = period.following

    kinds = Counter(line.kind for line in lines)

    assert kinds[LineKind.ADDED] == kinds[LineKind.REMOVED] == 1
    billed = [line for line in lines if line.billable]
    assert len(billed) == kinds[LineKind.ADDED] + kinds[LineKind.CARRIED]
    assert {line.why_not for line in lines} <= {None, NotBilled.REMOVAL}
