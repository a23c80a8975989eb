"""Which seats people may count on beyond a term, and what that leaves idle elsewhere."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.catalog import BillingPlan, Term
from shared.domain.cuts import Cut
from shared.domain.decisions import Decision, DecisionKind
from shared.domain.giveback import plan_give_back
from shared.domain.ids import OfferId
from shared.domain.night_views import NightlyView
from shared.domain.seat_plans import plan_seats
from shared.domain.subscriptions import EndOfTerm, Subscription, Terms
from tests.builders import E3_OFFER, NOW, a_lot, a_subscription, a_view, days
from tests.domain.giving_back import only, plan

CANCEL = EndOfTerm.CANCEL
OTHER = Terms(OfferId("CFQ7TTC0LFLZ:0002"), Term.YEAR, BillingPlan.MONTHLY)


def converting(**words: Any) -> Subscription:
    """Somebody scheduled another product for its next term."""
    usual: dict[str, Any] = {"seats": 10, "scheduled": 10, "ends_in": days(20)}
    return replace(a_subscription("converts", **usual | words), next_terms=OTHER)


def lasting(**words: Any) -> Subscription:
    usual: dict[str, Any] = {"seats": 10, "lots": [a_lot(10)]}
    return a_subscription("lasts", **usual | words)


def of(subscription: Subscription, *decisions: Decision) -> Decision:
    return next(d for d in decisions if d.subscription_id == subscription.id)


@pytest.mark.parametrize(
    "goes",
    [
        pytest.param(converting(), id="another product, as its schedule says"),
        pytest.param(
            replace(a_subscription("moves", ends_in=days(20)), moves=True),
            id="another product, as an action says",
        ),
        pytest.param(
            replace(a_subscription("told", ends_in=days(20)), other_end="customdate cancel"),
            id="an end on a day of its own",
        ),
        pytest.param(
            a_subscription("unsaid", ends_in=days(20), auto_renew=False),
            id="auto-renew is off, and nothing else was said",
        ),
    ],
)
def test_seats_that_do_not_last_make_no_others_idle(goes: Subscription) -> None:
    decisions = plan(a_view(goes, lasting(), consumed=10)).decisions

    kept = of(lasting(), *decisions)
    assert {d.kind for d in decisions} == {DecisionKind.KEEP}
    assert kept.reason == (
        "10 idle seats of this product, needed when others of it end or change with their term"
    )


@pytest.mark.parametrize("said", [EndOfTerm.EXTEND, EndOfTerm.RENEW])
def test_what_microsoft_was_told_to_go_on_with_lasts(said: EndOfTerm) -> None:
    goes_on = replace(a_subscription("on", ends_in=days(20), auto_renew=False), end_of_term=said)

    decisions = plan(a_view(goes_on, lasting(), consumed=10)).decisions

    assert of(lasting(), *decisions).target == 1


def test_what_nobody_renews_gives_its_own_idle_seats_back_inside_its_window() -> None:
    unsaid = a_subscription("unsaid", auto_renew=False, lots=[a_lot(10)])

    decisions = plan(a_view(unsaid, lasting(), consumed=13)).decisions

    assert of(unsaid, *decisions).target == 3
    assert of(lasting(), *decisions).kind is DecisionKind.KEEP


def test_a_cut_of_ours_is_raised_for_those_whose_seats_nobody_renews() -> None:
    """The night that cut it had counted the others' seats for lasting."""
    cut = a_subscription("cut", seats=10, scheduled=1)
    unsaid = a_subscription("unsaid", seats=10, ends_in=days(20), auto_renew=False)

    night = NightlyView(a_view(cut, unsaid, consumed=10), cuts={cut.id: Cut(1, cut.ends_at)})
    [raised] = plan_give_back([night], [], minimum_of={}, now=NOW).changes

    assert (raised.kind, raised.target) == (DecisionKind.RESTORE, 10)


def test_a_schedule_of_another_product_is_never_cut() -> None:
    decision = only(plan(a_view(converting(), consumed=4)))

    assert decision.kind is DecisionKind.KEEP
    assert decision.reason == (
        "6 idle seats past the refund window, and from 2026-07-05 on it is another product, whose "
        "seats stay as somebody scheduled them"
    )


def test_one_that_converts_says_so_where_nothing_of_it_is_idle() -> None:
    assert "another product" in only(plan(a_view(converting(), consumed=10))).reason


@pytest.mark.parametrize("scheduled", [4, 8, 10, 12])
def test_what_converts_gives_back_inside_its_window_and_keeps_its_schedule(scheduled: int) -> None:
    view = a_view(converting(scheduled=scheduled, lots=[a_lot(10)]), consumed=7)

    decision = only(plan(view))

    assert (decision.kind, decision.target) == (DecisionKind.RETURN, 7)
    assert decision.scheduled_target == scheduled
    assert (decision.seats_going, decision.seats_scheduled) == (3, 0)


def test_a_cut_of_ours_is_not_raised_once_it_is_another_products() -> None:
    taken = converting(scheduled=4)
    cuts = {taken.id: Cut(4, taken.ends_at)}

    night = NightlyView(a_view(taken, consumed=9), cuts=cuts)

    assert not plan_give_back([night], [], minimum_of={}, now=NOW).changes


def test_an_end_in_other_words_is_told_in_them() -> None:
    told = replace(a_subscription(), other_end="termend pause")

    decision = only(plan(a_view(told, consumed=4)))

    assert decision.reason == (
        "6 idle seats past the refund window, and Microsoft was told to end it (termend pause)"
    )


def test_what_an_older_word_said_yields_to_an_end_that_we_have_no_word_for() -> None:
    told = replace(a_subscription(), end_of_term=EndOfTerm.RENEW, other_end="customdate cancel")

    assert told.is_ending


def test_people_may_sit_on_what_converts_and_its_schedule_is_not_raised_for_them() -> None:
    view = a_view(converting(scheduled=4), consumed=8, needed=2)

    grows = plan_seats(view, needed=2, maximum_of={E3_OFFER: 300}, preference={}, now=NOW)

    assert (grows.free, grows.raises) == (2, ())


def test_a_growth_of_what_converts_adds_to_the_schedule_what_it_adds_to_the_seats() -> None:
    view = a_view(converting(scheduled=4), consumed=10, needed=2)

    [grown] = plan_seats(view, needed=2, maximum_of={E3_OFFER: 300}, preference={}, now=NOW).raises

    assert (grown.target, grown.scheduled_target) == (12, 6)


TOLD = replace(a_subscription("told", auto_renew=False, lots=[a_lot(10)]), end_of_term=CANCEL)


@pytest.mark.parametrize(
    ("told", "speaks", "reason"),
    [
        pytest.param(TOLD, True, "6 idle seats inside the refund window go back now", id="may say"),
        pytest.param(
            TOLD,
            False,
            "6 idle seats, and this connection could not tell Microsoft again that it ends with "
            "its term (sendsScheduledActions is off)",
            id="may not say",
        ),
        pytest.param(
            replace(TOLD, end_of_term=None, other_end="customdate cancel"),
            True,
            "6 idle seats, and Microsoft was told of its end in a way that could not be told again",
            id="no word for it",
        ),
    ],
)
def test_nothing_goes_that_would_lose_the_word_on_an_end(
    told: Subscription, speaks: bool, reason: str
) -> None:
    night = NightlyView(a_view(told, consumed=4), speaks_of_ends=speaks)

    decision = only(plan_give_back([night], [], minimum_of={}, now=NOW))

    assert decision.reason.startswith(reason)
