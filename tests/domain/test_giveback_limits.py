"""What a policy lets a night do, and how much of it at once."""

import pytest

from shared.domain.decisions import DecisionKind
from shared.domain.night_views import NightlyView, only_reports
from shared.domain.policies import GiveBackMode
from shared.domain.subscriptions import SubscriptionStatus
from tests.builders import (
    a_lot,
    a_subscription,
    a_view,
)
from tests.domain.giving_back import only, plan


def test_schedule_only_leaves_the_windows_alone() -> None:
    view = a_view(a_subscription(seats=10, lots=[a_lot(5)]), consumed=7)

    decision = only(plan(view, mode=GiveBackMode.SCHEDULE_ONLY))

    assert (decision.kind, decision.target) == (DecisionKind.SCHEDULE, 7)


def test_what_is_only_reported_is_planned_and_not_allowed() -> None:
    view = a_view(a_subscription(seats=10, lots=[a_lot(5)]), consumed=7)

    reported = plan(view, mode=GiveBackMode.REPORT)

    assert reported.changes
    assert reported.allowed == ()


def test_a_night_that_would_take_an_unusual_share_takes_nothing() -> None:
    empty = plan(a_view(a_subscription(seats=100, lots=[a_lot(100)]), consumed=60))

    stopped = empty.within(30, 100)

    assert stopped.held
    assert not stopped.changes
    assert "40 of the customer's 100 seats" in only(stopped).reason
    assert empty.within(40, 100) is empty


def test_what_earlier_nights_scheduled_away_counts_for_no_share_of_tonights() -> None:
    shrinking = plan(a_view(a_subscription(seats=100, scheduled=75), consumed=69))

    assert shrinking.within(30, 100) is shrinking
    assert shrinking.within(5, 100).held


def test_only_seats_that_people_may_hold_for_good_have_a_share_taken_of() -> None:
    own = a_subscription(seats=10)
    trial = a_subscription("trial", seats=25, is_trial=True)
    ended = a_subscription("ended", seats=200, status=SubscriptionStatus.DELETED)

    assert NightlyView(a_view(own, trial, ended)).held == 10
    assert NightlyView(a_view(own, per_user=False)).held == 0


def test_a_few_seats_of_a_small_tenant_may_always_go() -> None:
    small = plan(a_view(a_subscription(seats=6, lots=[a_lot(6)]), consumed=1))

    assert small.within(1, 6) is small


@pytest.mark.parametrize(
    ("modes", "customers", "expected"),
    [
        pytest.param([], GiveBackMode.REPORT, True, id="nothing is counted, and it reports"),
        pytest.param([], GiveBackMode.APPLY, False, id="nothing is counted, and it applies"),
        pytest.param([GiveBackMode.REPORT], GiveBackMode.APPLY, True, id="its plans report"),
        pytest.param(
            [GiveBackMode.REPORT, GiveBackMode.APPLY], GiveBackMode.REPORT, False, id="one applies"
        ),
    ],
)
def test_a_run_only_reports_where_all_that_is_counted_is_only_reported(
    modes: list[GiveBackMode], customers: GiveBackMode, *, expected: bool
) -> None:
    views = [NightlyView(a_view(a_subscription()), mode) for mode in modes]

    assert only_reports(views, customers) is expected
