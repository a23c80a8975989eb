"""Every change says beforehand what becomes of the subscription, or why not and what to do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.change_plans import plan_change
from shared.domain.changes import (
    Cancel,
    ClearSchedule,
    Reactivate,
    Rename,
    ScheduleRenewal,
    SetEndOfTerm,
    SetSeats,
    Situation,
    SubscriptionChange,
    Suspend,
    Upgrade,
    Why,
)
from shared.domain.ids import OfferId
from shared.domain.subscriptions import EndOfTerm, Subscription, SubscriptionStatus
from tests.builders import (
    E3_OFFER,
    NOW,
    a_lot,
    a_price,
    a_subscription,
    a_view,
    an_entry,
    days,
)

RENEW = EndOfTerm.RENEW


def a_situation(
    subscription: Subscription | None = None,
    *,
    used: int = 0,
    spare: int = 0,
    updates: int = 0,
    speaks: bool = False,
    chosen: EndOfTerm | None = None,
) -> Situation:
    subscription = subscription or a_subscription(lots=[a_lot(5)])
    return Situation(
        subscription,
        NOW,
        {E3_OFFER: an_entry(a_price())},
        (subscription,),
        a_view(subscription, consumed=used),
        spare,
        updates,
        speaks_of_ends=speaks,
        chosen_end=chosen,
    )


SUSPENDED = a_subscription(status=SubscriptionStatus.SUSPENDED, auto_renew=False)


@pytest.mark.parametrize(
    ("situation", "change", "why"),
    [
        pytest.param(a_situation(), SetSeats(10), Why.NOTHING_TO_DO, id="so many already"),
        pytest.param(a_situation(), SetSeats(301), Why.ABOVE_MAXIMUM, id="more than is sold"),
        pytest.param(a_situation(), SetSeats(4), Why.WINDOW_CLOSED, id="more than the open lots"),
        pytest.param(a_situation(used=8), SetSeats(7), Why.IN_USE, id="somebody works with it"),
        pytest.param(a_situation(SUSPENDED), SetSeats(12), Why.SUSPENDED, id="suspended"),
        pytest.param(a_situation(), Reactivate(), Why.NOT_SUSPENDED, id="nothing to bring back"),
        pytest.param(a_situation(), Cancel(), Why.WINDOW_CLOSED, id="its first week is over"),
        pytest.param(a_situation(), ClearSchedule(), Why.NOTHING_TO_DO, id="nothing scheduled"),
        pytest.param(
            a_situation(chosen=RENEW), SetEndOfTerm(RENEW), Why.NOTHING_TO_DO, id="renews as chosen"
        ),
        pytest.param(
            a_situation(), SetEndOfTerm(EndOfTerm.CANCEL), Why.END_OF_TERM_UNSPOKEN, id="no word"
        ),
        pytest.param(
            a_situation(a_subscription(auto_renew=False)),
            ScheduleRenewal(8),
            Why.AUTO_RENEW_OFF,
            id="a schedule without auto-renew",
        ),
        pytest.param(
            a_situation(used=9), ScheduleRenewal(8), Why.IN_USE, id="a schedule below use"
        ),
        pytest.param(
            a_situation(),
            ScheduleRenewal(10, offer=OfferId("A:1")),
            Why.NOT_IN_CATALOG,
            id="a product that nobody knows",
        ),
        pytest.param(
            a_situation(),
            ScheduleRenewal(10, ends_at=NOW),
            Why.DATE_NOT_POSSIBLE,
            id="an end before the term begins",
        ),
        pytest.param(
            a_situation(a_subscription(is_trial=True)), SetSeats(30), Why.TRIAL, id="a trial"
        ),
        pytest.param(
            a_situation(a_subscription(ends_in=timedelta(hours=5))),
            Rename("Head office"),
            Why.RENEWING,
            id="the renewal day",
        ),
        pytest.param(
            a_situation(a_subscription(ends_in=days(-3))),
            Rename("Head office"),
            Why.TERM_ENDED,
            id="over",
        ),
        pytest.param(
            a_situation(updates=1195), SetSeats(12), Why.UPDATES_USED_UP, id="too many updates"
        ),
        pytest.param(
            a_situation(), Upgrade(E3_OFFER, 5), Why.NOT_AN_UPGRADE, id="Microsoft offers none"
        ),
        pytest.param(
            a_situation(a_subscription(status=SubscriptionStatus.EXPIRED)),
            Suspend(),
            Why.NOT_ACTIVE,
            id="expired",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    situation: Situation, change: SubscriptionChange, why: Why
) -> None:
    refusals = plan_change(situation, change).refusals

    assert why in [refusal.why for refusal in refusals]
    assert all(len(refusal.sentence) > 15 for refusal in refusals)


def test_a_raise_costs_now_and_until_the_term_ends_and_can_be_undone_for_a_week() -> None:
    plan = plan_change(a_situation(), SetSeats(12))

    assert plan.is_allowed
    assert plan.quote is not None
    assert plan.quote.now.amount < plan.quote.until_term_end.amount
    assert plan.undo_until == NOW + days(7)


def test_a_lowering_has_an_estimate_of_what_comes_back() -> None:
    plan = plan_change(a_situation(), SetSeats(8))

    assert plan.is_allowed
    assert plan.refund is not None
    assert plan.quote is None


@pytest.mark.parametrize(
    ("scheduled", "seats", "restored"),
    [
        pytest.param(8, 15, 13, id="seats that join stay beyond the renewal"),
        pytest.param(8, 9, 8, id="a lowering leaves the smaller schedule"),
        pytest.param(8, 7, 7, id="and does not let it bring seats back"),
        pytest.param(20, 15, 20, id="a larger next term stays"),
        pytest.param(12, 15, 15, id="unless the seats have overtaken it"),
    ],
)
def test_a_wiped_schedule_is_planned_anew(scheduled: int, seats: int, restored: int) -> None:
    subscription = a_subscription(scheduled=scheduled, lots=[a_lot(5)])

    plan = plan_change(a_situation(subscription), SetSeats(seats))

    assert plan.wiped is not None
    assert plan.restored is not None
    assert (plan.wiped.seats, plan.restored.seats) == (scheduled, restored)


def test_suspending_says_that_it_is_billed_on_and_loses_its_schedule() -> None:
    plan = plan_change(a_situation(a_subscription(scheduled=8)), Suspend())

    assert plan.after.auto_renew is False
    assert plan.restored is None
    assert any("billed until" in note for note in plan.notes)


def test_to_extend_says_what_it_costs() -> None:
    plan = plan_change(a_situation(speaks=True), SetEndOfTerm(EndOfTerm.EXTEND))

    assert plan.is_allowed
    assert any("extended term" in note for note in plan.notes)


@pytest.mark.parametrize(
    ("held", "intent"),
    [
        pytest.param(a_subscription(), RENEW, id="it renews, as a baseline has it"),
        pytest.param(
            replace(a_subscription(auto_renew=False), end_of_term=EndOfTerm.EXTEND),
            EndOfTerm.EXTEND,
            id="Microsoft has filled in an extension",
        ),
    ],
)
def test_an_end_that_nobody_chose_can_be_chosen_as_it_is(
    held: Subscription, intent: EndOfTerm
) -> None:
    plan = plan_change(a_situation(held), SetEndOfTerm(intent))

    assert plan.is_allowed
    assert plan.after == plan.before


def test_cancelling_in_its_week_cannot_be_undone() -> None:
    young = replace(a_subscription(lots=[a_lot(10)]), cancellable_until=NOW + days(2))

    plan = plan_change(a_situation(young), Cancel())

    assert plan.is_allowed
    assert plan.undo_until is None


def test_a_name_leaves_the_schedule_alone() -> None:
    plan = plan_change(a_situation(a_subscription(scheduled=8)), Rename("Head office"))

    assert plan.wiped is None
    assert plan.after.schedule == plan.before.schedule


CHANGES = st.one_of(
    st.builds(SetSeats, st.integers(1, 40)),
    st.builds(ScheduleRenewal, st.integers(1, 40)),
    st.sampled_from([Suspend(), Cancel(), ClearSchedule(), SetEndOfTerm(EndOfTerm.EXTEND)]),
)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    seats = draw(st.integers(1, 40))
    subscription = a_subscription(
        seats=seats,
        scheduled=draw(st.none() | st.integers(1, 40)),
        lots=draw(st.lists(st.builds(a_lot, st.integers(1, seats)), max_size=2)),
    )
    return a_situation(subscription, used=draw(st.integers(0, 40)), spare=draw(st.integers(0, 5)))


@given(situations(), CHANGES)
def test_no_plan_that_is_allowed_takes_a_seat_that_is_needed(
    situation: Situation, change: SubscriptionChange
) -> None:
    plan = plan_change(situation, change)

    if plan.is_allowed and isinstance(change, SetSeats):
        going = situation.subscription.seats - plan.after.seats
        assert going <= max(0, situation.subscription.refundable_seats(NOW))
        assert going <= 0 or plan.after.seats >= situation.needed_seats
    if plan.is_allowed and isinstance(change, ScheduleRenewal):
        assert change.seats >= situation.needed_seats
    if plan.restored is not None and plan.is_allowed:
        assert plan.restored.seats >= min(300, situation.needed_seats + situation.spare)


@given(situations(), CHANGES)
def test_a_digest_is_the_same_for_the_same_and_another_for_another(
    situation: Situation, change: SubscriptionChange
) -> None:
    plan = plan_change(situation, change)
    later = replace(situation, now=NOW + timedelta(minutes=1))
    moved = replace(situation.subscription, seats=situation.subscription.seats + 1)

    assert plan_change(situation, change).digest == plan.digest
    assert plan_change(replace(situation, subscription=moved), change).digest != plan.digest
    assert plan_change(later, change).digest == plan.digest
