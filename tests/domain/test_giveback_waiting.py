"""How long a seat is idle before it goes, and which window goes first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.decisions import DecisionKind
from shared.domain.ids import OfferId
from shared.domain.subscriptions import Subscription
from tests.builders import (
    a_lot,
    a_subscription,
    a_view,
    days,
)
from tests.domain.giving_back import only, plan


def test_seats_that_were_not_idle_for_long_enough_wait() -> None:
    view = a_view(a_subscription(seats=10, lots=[a_lot(5)]), consumed=7)

    waiting = only(plan(view, steadily=0))
    part = only(plan(view, steadily=2))

    assert waiting.kind is DecisionKind.KEEP
    assert waiting.reason == (
        "3 idle seats inside the refund window wait: they have not been idle for as many nights "
        "as the policy asks"
    )
    assert (part.kind, part.target, part.scheduled_target) == (DecisionKind.RETURN, 8, None)
    assert part.reason == (
        "2 idle seats inside the refund window go back now; 1 idle seat inside the refund window "
        "waits: it has not been idle for as many nights as the policy asks"
    )


def test_the_last_night_of_a_window_waits_for_nothing() -> None:
    closing = a_subscription(seats=10, lots=[a_lot(2, closes_in=timedelta(hours=12)), a_lot(5)])

    decision = only(plan(a_view(closing, consumed=6), steadily=0))

    assert (decision.kind, decision.target) == (DecisionKind.RETURN, 8)


@pytest.mark.parametrize("steadily", [0, 3, None])
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            a_subscription("a-open", seats=10, lots=[a_lot(8, closes_in=days(6))]), id="open longer"
        ),
        pytest.param(
            replace(a_subscription("a-legacy", seats=10), offer=OfferId("old")), id="legacy"
        ),
    ],
)
def test_what_closes_tonight_goes_before_what_may_go_later(
    other: Subscription, steadily: int | None
) -> None:
    closing = a_subscription("b", seats=10, lots=[a_lot(3, closes_in=timedelta(hours=12))])

    [change] = plan(a_view(other, closing, consumed=17), steadily=steadily).changes

    assert (change.subscription_id, change.target) == ("b", 7)


def test_a_window_that_closes_tonight_is_not_kept_waiting_by_its_own_longer_one() -> None:
    both = a_lot(2, closes_in=timedelta(hours=12)), a_lot(6, closes_in=days(6))
    first = a_subscription("first", seats=10, lots=both)
    second = a_subscription("second", seats=10, lots=[a_lot(1, closes_in=timedelta(hours=12))])

    changes = plan(a_view(first, second, consumed=17), steadily=0).changes

    assert {d.subscription_id: d.target for d in changes} == {"first": 8, "second": 9}


def test_of_open_windows_legacy_seats_go_last() -> None:
    old = replace(a_subscription("a-legacy", seats=20), offer=OfferId("old"))
    fresh = a_subscription("b", seats=10, lots=[a_lot(3, closes_in=days(6))])

    [change] = plan(a_view(old, fresh, consumed=27)).changes

    assert (change.subscription_id, change.target) == ("b", 7)


@pytest.mark.parametrize(
    ("ends_in", "kind"),
    [
        pytest.param(45, DecisionKind.RETURN, id="tomorrow's night is within its last day"),
        pytest.param(51, DecisionKind.KEEP, id="tomorrow's night may come just before it"),
    ],
)
def test_the_last_night_before_the_renewals_day_waits_for_nothing(
    ends_in: int, kind: DecisionKind
) -> None:
    lot = a_lot(4, closes_in=timedelta(hours=40))
    soon = a_subscription(seats=10, ends_in=timedelta(hours=ends_in), lots=[lot])

    assert only(plan(a_view(soon, consumed=6), steadily=0)).kind is kind


def test_a_night_that_comes_later_than_this_one_misses_no_window() -> None:
    """A customer whose turn was at two may have it at four tomorrow."""
    closing = a_subscription(seats=10, lots=[a_lot(2, closes_in=timedelta(hours=25))])
    open_ = a_subscription(seats=10, lots=[a_lot(2, closes_in=timedelta(hours=27))])

    tonight, tomorrow = (only(plan(a_view(s, consumed=6), steadily=0)) for s in (closing, open_))

    assert (tonight.kind, tonight.target) == (DecisionKind.RETURN, 8)
    assert (tomorrow.kind, tomorrow.waiting) == (DecisionKind.SCHEDULE, 2)
    assert "2 idle seats inside the refund window wait" in tomorrow.reason
