"""What rested on trials alone is dated by readings: a month that is over stays as it was."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import PlanId
from shared.domain.plans import UserPlan
from shared.domain.seats import Holding
from shared.domain.spells import Spell
from shared.domain.statements import Line, NotBilled, Period, statement
from shared.domain.subscriptions import SubscriptionStatus
from shared.domain.trials import Trial, Trials, noted, plans_on_trial
from tests.builders import E3, NOW, OUR_TENANT, a_subscription, days

OFFICE = PlanId("office")
PLANS = [UserPlan(OFFICE, "Office", E3)]
JUNE = Period(2026, 6)
TRIAL, PAID = a_subscription("trial", is_trial=True), a_subscription("paid")


def read_at(*days_and_trials: tuple[float, bool]) -> Trials:
    """Readings so many days after the middle of June, and whether each found a trial alone."""
    trials, last = noted(None, [], None, NOW - days(300)), NOW - days(300)
    for day, is_on_trial in days_and_trials:
        now = NOW + days(day)
        trials, last = noted(trials, {OFFICE} if is_on_trial else (), last, now), now
    return trials


def why_not(trials: Trials, *spells: Spell, period: Period = JUNE) -> list[NotBilled | None]:
    lines = statement([spells], period, trials)
    return [line.why_not for line in lines if line.why_not is not NotBilled.REMOVAL]


def a_spell(first: float, last: float | None = None, *, seen: float | None = None) -> Spell:
    until = None if last is None else NOW + days(last)
    last_seen = None if seen is None else NOW + days(seen)
    return Spell("ada", OFFICE, NOW + days(first), until=until, last_seen=last_seen)


def test_a_trial_alone_is_one_and_beside_paid_seats_it_is_none() -> None:
    expired = replace(PAID, status=SubscriptionStatus.EXPIRED)

    assert plans_on_trial([TRIAL], [], PLANS) == {OFFICE}
    assert plans_on_trial([TRIAL, expired], [], PLANS) == {OFFICE}
    assert plans_on_trial([TRIAL, PAID], [], PLANS) == set()
    assert plans_on_trial([PAID], [], PLANS) == set()


def test_a_trial_that_no_catalog_lists_is_known_by_the_directory() -> None:
    holding = Holding("h", "trial", E3, OUR_TENANT, True, 25, is_trial=True)  # noqa: FBT003 (enabled)

    assert plans_on_trial([replace(TRIAL, sku=None)], [holding], PLANS) == {OFFICE}


def test_a_trial_that_the_first_reading_finds_has_no_beginning() -> None:
    trials = noted(None, {OFFICE}, None, NOW)

    assert trials == {OFFICE: (Trial(),)}
    assert why_not(trials, a_spell(-60)) == [NotBilled.TRIAL]


def test_what_is_on_trial_all_the_while_is_not_billed() -> None:
    trials = read_at((-40, False), (-39, True), (30, True))

    assert why_not(trials, a_spell(-39)) == [NotBilled.TRIAL]


def test_a_trial_that_turns_paid_within_the_period_is_billed() -> None:
    trials = read_at((-40, False), (-39, True), (5, False))

    assert why_not(trials, a_spell(-39)) == [None]
    assert why_not(trials, a_spell(-39), period=JUNE.previous) == [NotBilled.TRIAL]


def test_a_plan_that_ends_together_with_its_trial_is_not_billed() -> None:
    trials = read_at((-10, False), (-9, True), (4, True), (5, False))

    assert why_not(trials, a_spell(-9, 5, seen=4)) == [NotBilled.TRIAL]
    assert why_not(trials, a_spell(-9, 6, seen=5)) == [None]


def test_who_was_there_before_the_trial_is_billed() -> None:
    trials = read_at((-3, False), (-2, True))

    assert why_not(trials, a_spell(-9)) == [None]
    assert why_not(trials, a_spell(-2)) == [NotBilled.TRIAL]


def test_a_second_trial_begins_anew() -> None:
    trials = read_at((-40, True), (-20, False), (-19, True))

    assert trials[OFFICE] == (
        Trial(NOW - days(300), NOW - days(20)),
        Trial(NOW - days(20)),
    )


readings = st.lists(st.booleans(), min_size=2, max_size=40)
spells_at = st.lists(st.tuples(st.integers(-80, 80), st.integers(1, 60)), max_size=4)


@given(readings, spells_at, st.integers(1, 3))
def test_a_period_that_is_closed_never_changes(
    found: list[bool], steps: list[tuple[int, int]], every: int
) -> None:
    spells = [a_spell(first, first + length) for first, length in steps]
    told: list[list[Line]] = []
    trials, last = None, None

    for number, is_on_trial in enumerate(found):
        now = NOW + timedelta(days=every * number)
        trials = noted(trials, {OFFICE} if is_on_trial else (), last, now)
        last = now
        if closed(JUNE, now):
            told.append([line for spell in spells for line in statement([[spell]], JUNE, trials)])

    assert all(lines == told[0] for lines in told)


def closed(period: Period, read: datetime) -> bool:
    return read >= period.until
