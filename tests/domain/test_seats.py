from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.seat_plans import SeatPlan, plan_seats
from shared.domain.seats import (
    Growth,
    GrowthStatus,
    Holding,
    Reservation,
    SeatView,
    seats_in_use,
)
from shared.domain.subscriptions import Subscription, SubscriptionStatus
from tests.builders import (
    E3_OFFER,
    NOW,
    a_holding,
    a_reservation,
    a_subscription,
    a_view,
    days,
    minutes,
)


def plan(
    view: SeatView, *, needed: int = 0, maximum: int = 300, preference: tuple[str, ...] = ()
) -> SeatPlan:
    ranks = {SubscriptionId(name): rank for rank, name in enumerate(preference)}
    return plan_seats(
        view, needed=needed, maximum_of={E3_OFFER: maximum}, preference=ranks, now=NOW
    )


def targets(seat_plan: SeatPlan) -> dict[str, int]:
    return {r.subscription.id: r.target for r in seat_plan.raises}


def schedules(seat_plan: SeatPlan) -> dict[str, int | None]:
    return {r.subscription.id: r.scheduled_target for r in seat_plan.raises}


def test_uses_free_seats_before_it_buys() -> None:
    view = a_view(a_subscription(seats=10), consumed=6, needed=4)

    plan_ = plan(view, needed=4)

    assert not plan_.raises
    assert plan_.free == 4


def test_buys_only_what_free_seats_do_not_cover() -> None:
    view = a_view(a_subscription(seats=10), consumed=6, needed=7)

    plan_ = plan(view, needed=7)

    assert targets(plan_) == {"sub-1": 13}
    assert plan_.seats_to_buy == 3


def test_seats_promised_to_another_batch_are_not_free() -> None:
    other = a_reservation(4, holder="another", consumed_before=6)
    view = a_view(a_subscription(seats=10), consumed=6, needed=4, others=[other])

    plan_ = plan(view, needed=4)

    assert targets(plan_) == {"sub-1": 14}
    assert plan_.free == 0


def test_shows_a_deficit_that_was_there_before_on_its_own() -> None:
    view = a_view(a_subscription(seats=10), consumed=13, needed=2)

    plan_ = plan(view, needed=2)

    assert plan_.standing_deficit == 3
    assert plan_.seats_to_buy == 5


def test_grows_the_cheapest_subscription() -> None:
    dear, cheap = a_subscription("a-dear"), a_subscription("b-cheap")
    view = a_view(dear, cheap, consumed=20, needed=2)

    plan_ = plan(view, needed=2, preference=("b-cheap", "a-dear"))

    assert targets(plan_) == {"b-cheap": 12}


def test_one_subscription_that_can_take_it_all_is_better_than_two_that_share() -> None:
    nearly_full, roomy = a_subscription("a", seats=298), a_subscription("b", seats=10)
    view = a_view(nearly_full, roomy, consumed=308, needed=5)

    plan_ = plan(view, needed=5, preference=("a", "b"))

    assert targets(plan_) == {"b": 15}


def test_two_share_where_neither_can_take_it_all() -> None:
    view = a_view(
        a_subscription("a", seats=298), a_subscription("b", seats=299), consumed=597, needed=3
    )

    plan_ = plan(view, needed=3, preference=("a", "b"))

    assert targets(plan_) == {"a": 300, "b": 300}
    assert plan_.missing == 0


def test_never_grows_beyond_the_products_maximum() -> None:
    view = a_view(a_subscription(seats=298), consumed=298, needed=5)

    plan_ = plan(view, needed=5)

    assert plan_.missing == 3
    assert plan_.why_missing == "Microsoft 365 E3 (sub-1): it holds 298 of at most 300 seats"


def test_a_subscription_whose_product_we_do_not_know_does_not_grow() -> None:
    unknown = a_subscription(offer=OfferId("CFQ7TTC0ZZZZ:0001"))
    view = a_view(unknown, consumed=10, needed=1)

    assert plan(view, needed=1).missing == 1


def test_says_that_a_first_subscription_must_be_bought() -> None:
    plan_ = plan(a_view(needed=2), needed=2)

    assert plan_.missing == 2
    assert "no subscription of SPE_E3" in plan_.why_missing


@pytest.mark.parametrize(
    ("subscription", "reason"),
    [
        pytest.param(
            a_subscription(status=SubscriptionStatus.SUSPENDED), "it is suspended", id="suspended"
        ),
        pytest.param(a_subscription(is_trial=True), "a trial's seats are fixed", id="a trial"),
        pytest.param(
            a_subscription(ends_in=timedelta(hours=20)), "its renewal is within a day", id="renews"
        ),
        pytest.param(a_subscription(ends_in=days(-2)), "its term has ended", id="over"),
    ],
)
def test_leaves_alone_what_may_not_change_and_says_why(
    subscription: Subscription, reason: str
) -> None:
    plan_ = plan(a_view(subscription, consumed=40, needed=1), needed=1)

    assert not plan_.raises
    assert reason in plan_.why_missing


@pytest.mark.parametrize(
    ("extra", "free"),
    [
        pytest.param(a_holding("foreign", seats=5), 5, id="another owner's seats are free for all"),
        pytest.param(a_holding("foreign", seats=5, enabled=False), 0, id="warning seats are not"),
        pytest.param(
            a_holding("foreign", seats=5, is_trial=True), 5, id="a trial's are, while it lasts"
        ),
    ],
)
def test_counts_free_seats_over_all_owners(extra: Holding, free: int) -> None:
    view = a_view(a_subscription(seats=10), consumed=10, needed=5, foreign=[extra])

    plan_ = plan(view, needed=5)

    assert plan_.free == free
    assert plan_.seats_to_buy == 5 - free


def test_seats_that_the_directory_lists_by_their_entitlement_are_not_counted_twice() -> None:
    ours = replace(a_subscription("ours"), entitlement_id="entitlement-1")
    known_by_entitlement = a_holding("entitlement-1", seats=10)
    view = a_view(ours, consumed=10, needed=2, unproved=["ours"], foreign=[known_by_entitlement])

    assert targets(plan(view, needed=2)) == {"ours": 12}


@pytest.mark.parametrize(
    "idle",
    [
        pytest.param(a_subscription("idle", status=SubscriptionStatus.SUSPENDED), id="suspended"),
        pytest.param(a_subscription("idle", status=SubscriptionStatus.EXPIRED), id="expired"),
    ],
)
def test_seats_of_ours_that_do_not_stay_are_not_free(idle: Subscription) -> None:
    view = a_view(a_subscription("ours"), idle, consumed=10, needed=2)

    assert targets(plan(view, needed=2)) == {"ours": 12}


def test_a_trial_of_ours_is_used_before_anything_is_bought() -> None:
    trial = a_subscription("trial", seats=25, is_trial=True)
    view = a_view(a_subscription("ours"), trial, consumed=10, needed=2)

    assert not plan(view, needed=2).raises


def test_only_our_own_subscription_grows() -> None:
    ours = a_subscription("ours")
    view = a_view(ours, consumed=30, needed=4, foreign=[a_holding("theirs", seats=20)])

    assert targets(plan(view, needed=4)) == {"ours": 14}


def test_keeps_seats_that_a_schedule_would_remove_before_it_buys() -> None:
    view = a_view(a_subscription(seats=10, scheduled=6), consumed=6, needed=3)

    plan_ = plan(view, needed=3)

    assert plan_.seats_to_buy == 0
    assert schedules(plan_) == {"sub-1": 9}


def test_a_growth_says_the_schedule_again_with_everything_that_is_needed() -> None:
    view = a_view(a_subscription(seats=10, scheduled=5), consumed=8, needed=6)

    plan_ = plan(view, needed=6)

    assert targets(plan_) == {"sub-1": 14}
    assert schedules(plan_) == {"sub-1": 14}


def test_keeps_one_subscriptions_schedule_before_it_buys_of_another() -> None:
    dear = a_subscription("dear", seats=10, scheduled=4)
    view = a_view(a_subscription("cheap"), dear, consumed=14, needed=8)

    plan_ = plan(view, needed=8, preference=("cheap", "dear"))

    assert targets(plan_) == {"cheap": 12, "dear": 10}
    assert schedules(plan_) == {"cheap": None, "dear": 10}


def test_a_larger_next_term_that_somebody_scheduled_survives_a_growth() -> None:
    view = a_view(a_subscription(seats=10, scheduled=25), consumed=10, needed=3)

    plan_ = plan(view, needed=3)

    assert targets(plan_) == {"sub-1": 13}
    assert schedules(plan_) == {"sub-1": 25}


def test_a_growth_knows_what_it_buys() -> None:
    growth = Growth(SubscriptionId("sub-1"), "batch-1", base=10, target=14, request_id="r")

    assert growth.seats_bought == 4


@pytest.mark.parametrize(
    ("consumed", "reservations", "expected"),
    [
        pytest.param(7, [], 7, id="without promises the counts are the truth"),
        pytest.param(
            10, [a_reservation(consumed_before=10, assigned=4)], 14, id="the counts lag behind us"
        ),
        pytest.param(
            14, [a_reservation(consumed_before=10, assigned=4)], 14, id="the counts caught up"
        ),
        pytest.param(
            19, [a_reservation(consumed_before=10, assigned=4)], 19, id="others assigned as well"
        ),
        pytest.param(
            12,
            [
                a_reservation(holder="a", consumed_before=10, assigned=5),
                a_reservation(holder="b", consumed_before=12, assigned=3),
            ],
            18,
            id="a second promise was made while the first one's counts lagged",
        ),
        pytest.param(
            13,
            [
                a_reservation(5, holder="a", consumed_before=10),
                a_reservation(holder="b", consumed_before=18, assigned=3),
            ],
            16,
            id="an older promise that assigned nothing does not hide what a newer one did",
        ),
        pytest.param(
            10,
            [
                a_reservation(4, holder="a", consumed_before=0, assigned=8),
                a_reservation(5, holder="b", consumed_before=12, assigned=7),
            ],
            15,
            id="a newer promise is assigned before an older one is",
        ),
        pytest.param(
            5,
            [
                a_reservation(holder="a", consumed_before=20, assigned=2),
                a_reservation(holder="b", consumed_before=5),
            ],
            7,
            id="after many left, no more is added than we assigned",
        ),
    ],
)
def test_counts_the_larger_of_what_shows_and_what_we_assigned(
    consumed: int, reservations: list[Reservation], expected: int
) -> None:
    assert seats_in_use(consumed, reservations) == expected


@pytest.mark.parametrize(
    ("consumed", "later", "settled"),
    [
        pytest.param(13, minutes(0), False, id="one licence does not show yet"),
        pytest.param(14, minutes(0), True, id="all show"),
        pytest.param(10, minutes(14), False, id="still lagging, and not over time"),
        pytest.param(10, minutes(15), True, id="over time"),
    ],
)
def test_a_finished_batchs_promise_is_void_when_the_counts_caught_up(
    consumed: int, later: timedelta, settled: bool
) -> None:
    ended = a_reservation(consumed_before=10, assigned=4, settles_by=NOW + minutes(15))

    assert ended.is_settled(consumed, NOW + later) is settled


def test_a_running_batchs_promise_never_settles() -> None:
    assert not a_reservation(3, assigned=2).is_settled(1000, NOW + days(1000))


def test_a_finished_batch_does_not_take_another_ones_licences_for_its_own() -> None:
    ended = a_reservation(holder="a", consumed_before=10, assigned=5, settles_by=NOW + minutes(15))
    running = a_reservation(holder="b", consumed_before=10, assigned=5)

    assert not ended.is_settled(15, NOW, [ended, running])
    assert ended.is_settled(20, NOW, [ended, running])


def test_a_growth_is_news_until_the_mirror_shows_what_it_came_to() -> None:
    growth = Growth(SubscriptionId("sub-1"), "batch-1", base=10, target=12, request_id="1")
    applied = replace(growth, status=GrowthStatus.APPLIED)

    assert growth.is_news
    assert applied.is_news
    assert not replace(applied, mirrored=True).is_news
    assert not replace(growth, status=GrowthStatus.REFUSED).is_news


def test_a_growth_of_the_schedule_alone_tells_the_seats_of_the_renewal() -> None:
    growth = Growth(SubscriptionId("sub-1"), "night", base=10, target=10, request_id="1")

    assert (growth.seats_after, growth.touches_schedule) == (10, False)
    scheduled = replace(growth, scheduled_target=7)
    assert (scheduled.seats_after, scheduled.touches_schedule) == (7, True)
