"""Whose seats count as idle: ours alone, and only what the directory counts by people."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.decisions import DecisionKind
from shared.domain.giveback import plan_give_back
from shared.domain.night_views import NightlyView
from shared.domain.seats import SeatView
from shared.domain.subscriptions import SubscriptionStatus
from tests.builders import (
    NOW,
    OUR_TENANT,
    a_holding,
    a_lot,
    a_stock,
    a_subscription,
    a_view,
)
from tests.domain.giving_back import only, plan


def test_ownership_that_cannot_be_proved_means_not_ours() -> None:
    unproved = a_subscription("unproved", lots=[a_lot()])
    view = a_view(unproved, consumed=1, unproved=["unproved"], foreign=[a_holding(seats=10)])

    decision = only(plan(view))

    assert decision.kind is DecisionKind.KEEP
    assert decision.reason == "the directory does not show it as bought through us"


def half_shown(consumed: int, *, scheduled: int | None = None) -> SeatView:
    """Ten seats that the directory shows, and ten that only Partner Center lists."""
    proved = a_subscription("proved", scheduled=scheduled)
    return SeatView(
        a_stock(consumed=consumed, enabled=10),
        (proved, a_subscription("unproved")),
        (a_holding(proved),),
    )


@pytest.mark.parametrize(
    ("owner", "kind"),
    [
        pytest.param(OUR_TENANT.upper(), DecisionKind.RETURN, id="ours"),
        pytest.param("another-partner", DecisionKind.KEEP, id="another partner's"),
        pytest.param(None, DecisionKind.KEEP, id="nobody's in particular"),
    ],
)
def test_a_known_id_of_another_owner_is_not_ours(owner: str | None, kind: DecisionKind) -> None:
    subscription = a_subscription(lots=[a_lot(10)])
    shown = replace(a_holding(subscription), owner_tenant_id=owner)
    view = replace(a_view(subscription, consumed=6), holdings=(shown,))

    night = NightlyView(view, partner=OUR_TENANT)
    decision = only(plan_give_back([night], [], minimum_of={}, now=NOW))

    assert decision.kind is kind


def test_the_directorys_own_id_may_be_the_one_that_both_sides_know() -> None:
    subscription = a_subscription(lots=[a_lot(10)])
    shown = replace(a_holding(subscription), id=subscription.id, commerce_id="")
    view = replace(a_view(subscription, consumed=6), holdings=(shown,))

    decision = only(plan(view))

    assert (decision.kind, decision.target) == (DecisionKind.RETURN, 6)


def test_seats_that_the_directory_does_not_show_make_nobody_elses_idle() -> None:
    changes = plan(half_shown(consumed=9)).changes

    assert [(d.subscription_id, d.target) for d in changes] == [("proved", 9)]


def test_nor_do_they_night_after_night() -> None:
    assert not plan(half_shown(consumed=9, scheduled=9)).changes


def test_another_owners_seats_count_and_stay_theirs() -> None:
    ours = a_subscription("ours", lots=[a_lot(10)])
    view = a_view(ours, consumed=12, foreign=[a_holding("theirs", seats=10)])

    decision = only(plan(view))

    assert (decision.subscription_id, decision.target) == ("ours", 2)


def test_a_warning_units_seats_do_not_make_ours_idle() -> None:
    ours = a_subscription("ours", lots=[a_lot(10)])
    view = a_view(ours, consumed=9, foreign=[a_holding("theirs", seats=10, enabled=False)])

    assert only(plan(view)).target == 9


def test_a_trials_seats_do_not_stand_in_for_what_the_directory_does_not_show() -> None:
    trial = a_holding("trial", seats=25, is_trial=True)
    half = half_shown(consumed=10)
    view = replace(
        half, holdings=(*half.holdings, trial), stock=a_stock(consumed=10, enabled=10 + 25)
    )

    assert not plan(view).changes


def test_company_wide_products_are_reported_only() -> None:
    decision = only(plan(a_view(a_subscription(lots=[a_lot()]), per_user=False)))

    assert decision.kind is DecisionKind.KEEP
    assert decision.reason == "its seats are not counted by user assignment; reported only"


def test_what_the_directory_does_not_count_is_left_alone() -> None:
    decision = only(plan(uncounted=(a_subscription(),)))

    assert decision.kind is DecisionKind.KEEP
    assert "nothing proves it idle" in decision.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"sku": None}, "its offer is not in the catalog", id="an unknown offer"),
        pytest.param(
            {"sku": None, "status": SubscriptionStatus.DELETED}, "it is deleted", id="an ended one"
        ),
    ],
)
def test_what_cannot_be_counted_says_what_to_do(changes: dict[str, Any], reason: str) -> None:
    decision = only(plan(uncounted=(replace(a_subscription(), **changes),)))

    assert decision.kind is DecisionKind.KEEP
    assert decision.reason.startswith(reason)
