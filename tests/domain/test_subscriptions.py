from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.subscriptions import Lot, Subscription, SubscriptionStatus
from tests.builders import NOW, a_lot, a_subscription, days, minutes

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("lots", "refundable"),
    [
        pytest.param([], 0, id="no lot is open"),
        pytest.param([a_lot(3)], 3, id="one is"),
        pytest.param([a_lot(3), a_lot(4, closes_in=days(6))], 7, id="two are"),
        pytest.param([a_lot(3), a_lot(4, closes_in=-SECOND)], 3, id="one has closed"),
        pytest.param([a_lot(3, closes_in=minutes(15))], 0, id="closes in a quarter of an hour"),
        pytest.param([a_lot(3, closes_in=minutes(15) + SECOND)], 3, id="a second more than that"),
        pytest.param([a_lot(30)], 10, id="never more than there are"),
    ],
)
def test_seats_are_refundable_while_their_window_is_safely_open(
    lots: list[Lot], refundable: int
) -> None:
    assert a_subscription(seats=10, lots=lots).refundable_seats(NOW) == refundable


def test_the_undo_deadline_is_that_of_the_window_which_closes_first() -> None:
    lots = [a_lot(closes_in=days(6)), a_lot(closes_in=days(2)), a_lot(closes_in=-SECOND)]

    assert a_subscription(lots=lots).refundable_until(NOW) == NOW + days(2)
    assert a_subscription().refundable_until(NOW) is None


@pytest.mark.parametrize(
    ("scheduled", "lasting"),
    [
        pytest.param(None, 10, id="no schedule"),
        pytest.param(4, 4, id="a smaller next term"),
        pytest.param(12, 10, id="a larger next term is not there yet"),
    ],
)
def test_seats_that_a_schedule_will_remove_do_not_last(scheduled: int | None, lasting: int) -> None:
    assert a_subscription(seats=10, scheduled=scheduled).lasting_seats == lasting


def test_the_renewal_day_reaches_a_day_to_both_sides_of_the_terms_last_second() -> None:
    ends = datetime(2027, 1, 13, 23, 59, 59, tzinfo=UTC)
    yearly = a_subscription(ends_in=ends - NOW)

    assert not yearly.is_renewing(datetime(2027, 1, 12, 23, 59, 58, tzinfo=UTC))
    assert yearly.is_renewing(datetime(2027, 1, 12, 23, 59, 59, tzinfo=UTC))
    assert yearly.is_renewing(datetime(2027, 1, 14, 23, 59, 59, tzinfo=UTC))
    assert not yearly.is_renewing(datetime(2027, 1, 15, tzinfo=UTC))


@pytest.mark.parametrize(
    ("subscription", "reason"),
    [
        pytest.param(a_subscription(), None, id="an active one changes"),
        pytest.param(a_subscription(ends_in=days(1) + SECOND), None, id="more than a day to go"),
        pytest.param(
            a_subscription(ends_in=days(1)), "its renewal is within a day", id="a day to go"
        ),
        pytest.param(
            a_subscription(ends_in=-days(1)), "its renewal is within a day", id="a day ago"
        ),
        pytest.param(
            a_subscription(ends_in=-days(1) - SECOND), "its term has ended", id="long ago"
        ),
        pytest.param(a_subscription(is_trial=True), "a trial's seats are fixed", id="a trial"),
    ],
)
def test_says_why_a_quantity_should_be_left_alone(
    subscription: Subscription, reason: str | None
) -> None:
    assert subscription.why_not_changeable(NOW) == reason


@pytest.mark.parametrize("status", [s for s in SubscriptionStatus if s is not s.ACTIVE])
def test_only_an_active_subscription_changes(status: SubscriptionStatus) -> None:
    assert a_subscription(status=status).why_not_changeable(NOW) == f"it is {status}"


@pytest.mark.parametrize(
    ("commerce_id", "known"),
    [("sub-1", True), ("entitlement-1", True), ("sub-2", False), ("", False)],
)
def test_the_directory_may_know_a_subscription_by_its_entitlement(
    commerce_id: str, known: bool
) -> None:
    subscription = replace(a_subscription("sub-1"), entitlement_id="entitlement-1")

    assert subscription.is_known_as(commerce_id) is known
    assert not a_subscription("sub-1").is_known_as("")
