"""Seats that end with their term, and what others are for then."""

from dataclasses import replace

from shared.domain.decisions import DecisionKind
from shared.domain.giveback import plan_give_back
from shared.domain.ids import OfferId
from shared.domain.night_views import NightlyView
from shared.domain.policies import GiveBackMode
from shared.domain.subscriptions import EndOfTerm, Lot, Subscription
from tests.builders import (
    NOW,
    a_lot,
    a_subscription,
    a_view,
    days,
)
from tests.domain.giving_back import plan


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
