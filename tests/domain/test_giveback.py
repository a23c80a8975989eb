from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.decisions import DecisionKind
from shared.domain.ids import OfferId
from shared.domain.policies import GiveBackMode
from shared.domain.seats import SeatView
from shared.domain.subscriptions import EndOfTerm, Subscription, SubscriptionStatus
from tests.builders import (
    NOW,
    a_lot,
    a_reservation,
    a_subscription,
    a_view,
    days,
    minutes,
)
from tests.domain.giving_back import only, plan


def test_gives_idle_seats_back_inside_their_window() -> None:
    view = a_view(a_subscription(seats=10, lots=[a_lot(5)]), consumed=7)

    decision = only(plan(view))

    assert (decision.kind, decision.target) == (DecisionKind.RETURN, 7)
    assert decision.effective_at == NOW
    assert decision.scheduled_target is None
    assert decision.reason == "3 idle seats inside the refund window go back now"


def test_legacy_seats_go_back_on_any_day_and_are_never_scheduled() -> None:
    old = replace(a_subscription(seats=10, ends_in=minutes(30)), offer=OfferId("old-offer"))

    now = only(plan(a_view(old, consumed=7)))
    at_renewals_only = only(plan(a_view(old, consumed=7), mode=GiveBackMode.SCHEDULE_ONLY))

    assert (now.kind, now.target, now.scheduled_target) == (DecisionKind.RETURN, 7, None)
    assert at_renewals_only.kind is DecisionKind.KEEP
    assert at_renewals_only.reason.startswith("3 idle seats, and legacy seats go back on any day")


def test_legacy_seats_wait_until_they_were_idle_for_long_enough() -> None:
    old = replace(a_subscription(seats=10), offer=OfferId("old-offer"))

    decision = only(plan(a_view(old, consumed=7), steadily=0))

    assert decision.reason.startswith("3 idle seats of a legacy subscription wait")


def test_schedules_idle_seats_past_their_window_for_the_renewal() -> None:
    idle = a_subscription(seats=10)

    decision = only(plan(a_view(idle, consumed=9)))

    assert (decision.kind, decision.target) == (DecisionKind.SCHEDULE, 9)
    assert decision.scheduled_target == 9
    assert decision.effective_at == idle.ends_at
    assert str(decision) == (
        "Microsoft 365 E3 (sub-1): 1 idle seat past the refund window goes at the renewal on "
        "2027-01-01, which starts with 9"
    )


def test_returns_what_can_go_and_schedules_the_rest_in_the_same_night() -> None:
    """The next night may be inside the renewal day, and the seats would be paid for a year."""
    view = a_view(a_subscription(seats=10, lots=[a_lot(3)]), consumed=2)

    decision = only(plan(view))

    assert (decision.kind, decision.target, decision.scheduled_target) == (
        DecisionKind.RETURN,
        7,
        2,
    )
    assert (decision.seats_given_back, decision.seats_scheduled) == (3, 5)
    assert decision.reason == (
        "3 idle seats inside the refund window go back now; 5 more go at the renewal on 2027-01-01"
    )


def test_returns_from_every_open_window_before_it_schedules() -> None:
    first = a_subscription("first", seats=10, lots=[a_lot(3)])
    second = a_subscription("second", seats=10, lots=[a_lot(2)])

    plan_ = plan(a_view(first, second, consumed=12))

    assert {d.subscription_id: (d.target, d.scheduled_target) for d in plan_.decisions} == {
        "first": (7, 4),
        "second": (8, None),
    }


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(a_view(a_subscription(seats=10), consumed=10), id="used"),
        pytest.param(
            a_view(a_subscription(seats=10), consumed=6, others=[a_reservation(4)]), id="promised"
        ),
        pytest.param(a_view(a_subscription(seats=10), consumed=6, floor=4), id="kept spare"),
        pytest.param(
            a_view(
                a_subscription(seats=10),
                consumed=6,
                others=[a_reservation(consumed_before=6, assigned=4)],
            ),
            id="assigned, and not in the counts yet",
        ),
        pytest.param(a_view(a_subscription(seats=10), consumed=30), id="over-used"),
    ],
)
def test_what_is_in_use_stays(view: SeatView) -> None:
    assert (
        only(plan(view)).reason
        == "every seat is used, promised, kept spare or given back elsewhere"
    )


def test_the_products_minimum_stays() -> None:
    view = a_view(a_subscription(seats=5))

    assert only(plan(view, minimum=3)).target == 3
    assert only(plan(a_view(a_subscription(seats=3)), minimum=3)).reason == (
        "3 idle seats, and the product's minimum or its add-ons keep what is here"
    )


def test_a_subscription_never_falls_to_no_seats() -> None:
    assert only(plan(a_view(a_subscription(seats=5)), minimum=0)).target == 1


@pytest.mark.parametrize(
    ("idle", "reason"),
    [
        pytest.param(
            a_subscription(ends_in=timedelta(hours=24), lots=[a_lot()]),
            "its renewal is within a day",
            id="the renewal day",
        ),
        pytest.param(
            a_subscription(is_trial=True, lots=[a_lot()]), "a trial's seats are fixed", id="a trial"
        ),
        pytest.param(
            a_subscription(status=SubscriptionStatus.SUSPENDED, lots=[a_lot()]),
            "it is suspended",
            id="suspended",
        ),
        pytest.param(
            a_subscription(auto_renew=False),
            "9 idle seats past the refund window, and a schedule needs auto-renew, which is off: "
            "after 2027-01-01 they are paid by the month, in an extended term",
            id="no auto-renew",
        ),
        pytest.param(
            a_subscription(scheduled=12),
            "9 idle seats past the refund window, and somebody wants the renewal to start with 12 "
            "seats",
            id="a larger next term",
        ),
    ],
)
def test_leaves_a_subscription_alone_and_says_why(idle: Subscription, reason: str) -> None:
    decision = only(plan(a_view(idle, consumed=1)))

    assert (decision.kind, decision.reason) == (DecisionKind.KEEP, reason)


def test_without_auto_renew_only_the_open_window_is_used() -> None:
    view = a_view(a_subscription(seats=10, auto_renew=False, lots=[a_lot(3)]), consumed=4)

    decision = only(plan(view))

    assert (decision.target, decision.scheduled_target) == (7, None)
    assert "3 more stay idle: a schedule needs auto-renew, which is off" in decision.reason


def test_idle_seats_that_go_on_with_an_extended_term_are_told_of() -> None:
    """Those that still can go, and those that another renewal starts without, do not go on."""
    off = a_subscription("extended", seats=10, auto_renew=False, lots=[a_lot(3)])
    extended = replace(off, end_of_term=EndOfTerm.EXTEND)
    renews = a_subscription("renews", seats=4, ends_in=days(300))

    decisions = plan(a_view(extended, renews, consumed=4)).decisions

    assert {d.subscription_id: (d.seats - d.target, d.extended) for d in decisions} == {
        "extended": (3, 4),
        "renews": (3, 0),
    }


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(a_subscription(), id="it renews"),
        pytest.param(
            replace(a_subscription(auto_renew=False), end_of_term=EndOfTerm.CANCEL),
            id="they end by themselves",
        ),
    ],
)
def test_what_is_not_extended_goes_on_with_no_idle_seat(held: Subscription) -> None:
    assert only(plan(a_view(held, consumed=4))).extended == 0


@pytest.mark.parametrize(
    ("closes_in", "kind"),
    [
        pytest.param(minutes(15), DecisionKind.SCHEDULE, id="the last quarter of an hour"),
        pytest.param(minutes(16), DecisionKind.RETURN, id="just before"),
        pytest.param(minutes(-1), DecisionKind.SCHEDULE, id="closed"),
    ],
)
def test_the_last_minutes_of_a_window_are_not_used(
    closes_in: timedelta, kind: DecisionKind
) -> None:
    view = a_view(a_subscription(lots=[a_lot(5, closes_in=closes_in)]), consumed=8)

    assert only(plan(view)).kind is kind


def test_a_standing_schedule_is_not_counted_again() -> None:
    plan_ = plan(a_view(a_subscription(seats=10, scheduled=7), consumed=7))

    assert not plan_.changes
    assert only(plan_).reason == "the renewal is scheduled to start with 7 seats"


def test_a_schedule_is_lowered_by_what_is_idle_beyond_it() -> None:
    decision = only(plan(a_view(a_subscription(seats=10, scheduled=7), consumed=5)))

    assert (decision.kind, decision.target) == (DecisionKind.SCHEDULE, 5)
    assert decision.seats_scheduled == 2


def test_a_return_says_the_schedule_again_less_what_went() -> None:
    """A change in mid-term deletes it."""
    view = a_view(a_subscription(seats=10, scheduled=8, lots=[a_lot(2)]), consumed=6)

    decision = only(plan(view))

    assert (decision.target, decision.scheduled_target) == (8, 6)
    assert (decision.seats_given_back, decision.seats_scheduled) == (2, 0)


def test_a_return_leaves_a_larger_next_term_as_somebody_wanted_it() -> None:
    view = a_view(a_subscription(seats=10, scheduled=20, lots=[a_lot(9)]), consumed=6)

    decision = only(plan(view))

    assert (decision.target, decision.scheduled_target) == (6, 20)


def test_a_kept_subscription_gives_nothing_back() -> None:
    kept = only(plan(a_view(a_subscription(), consumed=10)))

    assert (kept.seats_given_back, kept.seats_scheduled, kept.target) == (0, 0, 10)


def test_idle_seats_are_given_back_once_over_two_subscriptions() -> None:
    view = a_view(
        a_subscription("a", seats=10), a_subscription("b", seats=10), consumed=14, floor=1
    )

    plan_ = plan(view)

    assert sum(d.seats_given_back for d in plan_.changes) == 5


def test_the_renewal_that_comes_first_goes_without_them() -> None:
    late, soon = a_subscription("a", ends_in=days(300)), a_subscription("b", ends_in=days(20))

    plan_ = plan(a_view(late, soon, consumed=14))

    assert {d.subscription_id: d.seats_scheduled for d in plan_.decisions} == {"a": 0, "b": 6}


def test_a_renewal_in_two_days_is_still_scheduled() -> None:
    view = a_view(a_subscription(ends_in=days(2)), consumed=4)

    assert only(plan(view)).kind is DecisionKind.SCHEDULE
