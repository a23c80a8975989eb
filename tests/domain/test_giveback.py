from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.decisions import Decision, DecisionKind, GiveBackPlan
from shared.domain.giveback import plan_give_back
from shared.domain.ids import OfferId
from shared.domain.night_views import NightlyView, only_reports
from shared.domain.policies import GiveBackMode
from shared.domain.seats import SeatView
from shared.domain.subscriptions import EndOfTerm, Lot, Subscription, SubscriptionStatus
from tests.builders import (
    E3_OFFER,
    NOW,
    OUR_TENANT,
    a_holding,
    a_lot,
    a_reservation,
    a_stock,
    a_subscription,
    a_view,
    days,
    minutes,
)


def plan(
    *views: SeatView,
    uncounted: tuple[Subscription, ...] = (),
    minimum: int = 1,
    mode: GiveBackMode = GiveBackMode.APPLY,
    steadily: int | None = None,
) -> GiveBackPlan:
    nights = [NightlyView(view, mode, steadily) for view in views]
    return plan_give_back(nights, uncounted, minimum_of={E3_OFFER: minimum}, now=NOW)


def only(plan_: GiveBackPlan) -> Decision:
    (decision,) = plan_.decisions
    return decision


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


def ending(name: str, *, seats: int = 10, lots: tuple[Lot, ...] = ()) -> Subscription:
    """It was told to end with its term."""
    told = a_subscription(name, seats=seats, lots=lots, ends_in=days(20), auto_renew=False)
    return replace(told, end_of_term=EndOfTerm.CANCEL)


def test_seats_that_end_with_their_term_make_no_lasting_ones_idle() -> None:
    """In twenty days ten people would have been without a seat."""
    lasts = a_subscription("a", seats=10, lots=[a_lot(10)])

    kept, ends = plan(a_view(lasts, ending("b"), consumed=10)).decisions[::-1]

    assert {kept.kind, ends.kind} == {DecisionKind.KEEP}
    assert kept.reason == (
        "10 idle seats of this product, needed when others of it end or change with their term"
    )
    assert ends.reason == (
        f"10 idle seats past the refund window, and its seats end with its term on "
        f"{NOW + days(20):%Y-%m-%d}"
    )


def test_of_seats_that_end_what_nobody_uses_goes_inside_its_window() -> None:
    view = a_view(a_subscription("a"), ending("b", lots=(a_lot(10),)), consumed=12)

    [change] = plan(view).changes

    assert (change.subscription_id, change.kind) == ("b", DecisionKind.RETURN)
    assert change.target == 2


def test_what_is_idle_beyond_the_ends_of_others_goes() -> None:
    view = a_view(a_subscription("a", seats=15), ending("b"), consumed=11)

    [change] = plan(view).changes

    assert (change.subscription_id, change.kind) == ("a", DecisionKind.SCHEDULE)
    assert change.target == 11


def test_a_legacy_base_keeps_a_seat_for_each_of_its_add_ons() -> None:
    """An add-on has no more seats than its base, and its own idle ones go first."""
    base = a_subscription("base", seats=10, offer=OfferId("old-base"))
    addon = replace(a_subscription("add-on", seats=8, offer=OfferId("old-extra")), parent=base.id)
    whole = a_view(base, consumed=2)

    used = plan(a_view(addon, consumed=8), whole)
    read = plan_give_back(
        [NightlyView(a_view(addon, consumed=3)), NightlyView(whole)],
        [],
        minimum_of={},
        now=NOW,
        relying=False,
    )
    idle = plan(a_view(addon, consumed=3), whole)
    told = plan_give_back(
        [NightlyView(a_view(addon, consumed=3), GiveBackMode.REPORT), NightlyView(whole)],
        [],
        minimum_of={},
        now=NOW,
    )

    assert [d.target for d in used.decisions] == [8, 8]
    assert [d.target for d in idle.decisions] == [3, 3]
    assert [d.target for d in read.decisions] == [3, 8]
    assert [d.target for d in told.decisions] == [3, 8]


def test_beside_seats_that_end_as_many_go_as_nobody_needs_then() -> None:
    lasts = a_subscription("a", seats=10, lots=[a_lot(10)])

    decisions = plan(a_view(lasts, ending("b", lots=(a_lot(10),)), consumed=9)).decisions

    assert {d.subscription_id: (d.kind, d.target) for d in decisions} == {
        "a": (DecisionKind.RETURN, 9),
        "b": (DecisionKind.RETURN, 1),
    }


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
