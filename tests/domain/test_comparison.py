"""Assigned, purchased and billed seats are compared, and no difference hides another one."""

from shared.domain.comparison import Compared, compare
from shared.domain.mirror import Headcount
from shared.domain.subscriptions import Subscription, SubscriptionStatus
from tests.builders import E3, a_subscription

TRIAL = a_subscription("trial", seats=25, is_trial=True)
SUSPENDED = a_subscription("suspended", seats=25, status=SubscriptionStatus.SUSPENDED)


def one_line(*held: Subscription, holders: int = 0) -> Compared:
    (line,) = compare(Headcount(holders, {E3: holders} if holders else {}), held)
    return line


def test_a_trial_and_suspended_seats_do_not_make_up_for_each_other() -> None:
    line = one_line(TRIAL, SUSPENDED)

    assert (line.purchased, line.billed) == (25, 25)
    assert (line.purchased_not_billed, line.billed_not_purchased) == (25, 25)


def test_paid_seats_that_can_be_used_differ_in_nothing() -> None:
    line = one_line(a_subscription(seats=10), holders=7)

    assert (line.purchased_not_billed, line.billed_not_purchased) == (0, 0)
    assert (line.idle, line.assigned_not_purchased) == (3, 0)


def test_people_on_somebody_elses_seats_are_told() -> None:
    line = one_line(holders=4)

    assert (line.assigned_not_purchased, line.idle) == (4, 0)


def test_a_subscription_of_an_unknown_product_stands_alone() -> None:
    unknown = a_subscription("other", seats=3, sku=None)

    lines = compare(Headcount(), [unknown, a_subscription(seats=10)])

    assert [(line.sku, line.purchased, line.idle) for line in lines] == [(E3, 10, 10), (None, 3, 0)]
