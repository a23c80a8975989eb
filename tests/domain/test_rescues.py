"""Seats that a night scheduled away, and that are needed again before the renewal."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.cuts import Cut
from shared.domain.decisions import Decision, DecisionKind, GiveBackPlan
from shared.domain.giveback import plan_give_back
from shared.domain.ids import SubscriptionId
from shared.domain.night_views import NightlyView
from shared.domain.policies import GiveBackMode
from shared.domain.seats import SeatView
from shared.domain.subscriptions import EndOfTerm, Subscription
from tests.builders import (
    E3_OFFER,
    NOW,
    a_reservation,
    a_subscription,
    a_view,
    days,
)

Cuts = Mapping[SubscriptionId, Cut]


def ours(*subscriptions: Subscription, stood: int | None = None) -> Cuts:
    """Every standing schedule as one that a night left."""
    return {
        s.id: Cut(s.scheduled_seats, s.ends_at, stood)
        for s in subscriptions
        if s.scheduled_seats is not None
    }


def plan(view: SeatView, cuts: Cuts, mode: GiveBackMode = GiveBackMode.APPLY) -> GiveBackPlan:
    return plan_give_back(
        [NightlyView(view, mode, cuts=cuts)], [], minimum_of={E3_OFFER: 1}, now=NOW
    )


def only(plan_: GiveBackPlan) -> Decision:
    (decision,) = plan_.decisions
    return decision


def test_seats_in_use_again_are_put_back_where_a_night_had_scheduled_them_away() -> None:
    cut = a_subscription(seats=10, scheduled=6)

    decision = only(plan(a_view(cut, consumed=9), ours(cut)))

    assert (decision.kind, decision.target, decision.scheduled_target) == (
        DecisionKind.RESTORE,
        9,
        9,
    )
    assert (decision.restored, decision.at_risk, decision.seats_scheduled) == (3, 3, 0)
    assert decision.effective_at == cut.ends_at
    assert decision.reason == (
        "3 seats that were scheduled away as idle are needed again; the renewal on 2027-01-01 "
        "starts with 9"
    )


@pytest.mark.parametrize(
    ("view", "target"),
    [
        pytest.param(
            a_view(a_subscription(seats=10, scheduled=6), consumed=5, others=[a_reservation(3)]),
            8,
            id="promised",
        ),
        pytest.param(
            a_view(a_subscription(seats=10, scheduled=6), consumed=6, floor=1), 7, id="kept spare"
        ),
        pytest.param(
            a_view(a_subscription(seats=10, scheduled=6), consumed=30), 10, id="over-used"
        ),
    ],
)
def test_what_is_needed_stays_and_never_more_than_there_is(view: SeatView, target: int) -> None:
    assert only(plan(view, ours(*view.subscriptions))).target == target


def test_a_spare_seat_is_put_back_and_alarms_nobody() -> None:
    cut = a_subscription(seats=10, scheduled=6)

    decision = only(plan(a_view(cut, consumed=6, floor=2), ours(cut)))

    assert (decision.restored, decision.at_risk) == (2, 0)


def test_anothers_schedule_is_told_of_and_left_alone() -> None:
    theirs = a_subscription(seats=10, scheduled=6)

    decision = only(plan(a_view(theirs, consumed=9), {}))

    assert (decision.kind, decision.at_risk, decision.effective_at) == (
        DecisionKind.KEEP,
        3,
        theirs.ends_at,
    )
    assert decision.reason == (
        "the renewal on 2027-01-01 takes 3 seats in use or promised: somebody else scheduled it. "
        "Schedule more, or take licences away before that day"
    )


def test_a_schedule_that_somebody_changed_since_is_anothers() -> None:
    changed = a_subscription(seats=10, scheduled=6)
    left = {changed.id: Cut(5, changed.ends_at)}

    assert only(plan(a_view(changed, consumed=9), left)).kind is DecisionKind.KEEP


def test_what_a_night_left_for_an_earlier_term_is_no_longer_ours() -> None:
    renewed = a_subscription(seats=10, scheduled=6)
    left = {renewed.id: Cut(6, renewed.ends_at - timedelta(days=365))}

    assert only(plan(a_view(renewed, consumed=9), left)).kind is DecisionKind.KEEP


def test_a_cut_on_top_of_anothers_schedule_is_raised_no_further_than_theirs() -> None:
    cut = a_subscription(seats=10, scheduled=5)

    decision = only(plan(a_view(cut, consumed=9), ours(cut, stood=7)))

    assert (decision.kind, decision.target, decision.restored) == (DecisionKind.RESTORE, 7, 2)
    assert decision.at_risk == 4
    assert decision.reason.endswith(
        "takes 2 seats in use or promised: somebody else scheduled it. Schedule more, or take "
        "licences away before that day"
    )


def test_within_a_day_of_the_renewal_it_is_told_of_only() -> None:
    late = a_subscription(seats=10, scheduled=6, ends_in=timedelta(hours=24))

    decision = only(plan(a_view(late, consumed=9), ours(late)))

    assert (decision.kind, decision.at_risk) == (DecisionKind.KEEP, 3)
    assert decision.reason.endswith(
        "its renewal is within a day. See that nobody is left without a seat after it"
    )


def test_the_last_renewal_keeps_what_all_need() -> None:
    """Until then the seats of the others are still there."""
    soon = a_subscription("soon", seats=10, scheduled=5, ends_in=days(20))
    later = a_subscription("later", seats=10, scheduled=5, ends_in=days(300))

    changes = plan(a_view(soon, later, consumed=13), ours(soon, later)).changes

    assert [(d.subscription_id, d.target) for d in changes] == [("later", 8)]


def test_what_the_last_renewal_cannot_keep_the_one_before_does() -> None:
    soon = a_subscription("soon", seats=10, scheduled=5, ends_in=days(20))
    theirs = a_subscription("theirs", seats=10, scheduled=5, ends_in=days(300))

    decisions = plan(a_view(soon, theirs, consumed=17), ours(soon)).decisions

    told = {d.subscription_id: (d.kind, d.restored, d.at_risk) for d in decisions}
    assert told == {
        "soon": (DecisionKind.RESTORE, 5, 5),
        "theirs": (DecisionKind.KEEP, 0, 2),
    }


def test_a_seat_that_lasts_elsewhere_needs_no_rescue() -> None:
    cut = a_subscription("cut", seats=10, scheduled=6)
    other = a_subscription("other", seats=10)

    assert not any(
        d.restored or d.at_risk for d in plan(a_view(cut, other, consumed=15), ours(cut)).decisions
    )


def test_policy_report_plans_it_and_lets_nothing_be_sent() -> None:
    cut = a_subscription(seats=10, scheduled=6)

    told = plan(a_view(cut, consumed=9), ours(cut), GiveBackMode.REPORT)

    assert only(told).kind is DecisionKind.RESTORE
    assert told.allowed == ()


def test_a_night_that_may_take_nothing_still_puts_back() -> None:
    cut = a_subscription("cut", seats=100, scheduled=10)

    plan_ = plan(a_view(cut, consumed=90), ours(cut)).within(1, 100)

    assert not plan_.held
    assert only(plan_).restored == 80


def test_a_schedule_of_ours_is_raised_for_those_whose_seats_end_elsewhere() -> None:
    cut = a_subscription("cut", seats=10, scheduled=4)
    told = a_subscription("ends", ends_in=days(30), auto_renew=False)
    ends = replace(told, end_of_term=EndOfTerm.CANCEL)

    [change] = plan(a_view(cut, ends, consumed=9), ours(cut)).changes

    assert (change.subscription_id, change.kind) == ("cut", DecisionKind.RESTORE)
    assert change.target == 9
