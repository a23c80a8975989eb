"""Of several counts that may lag behind, the one counts that leaves the fewest seats idle."""

from dataclasses import replace

from shared.domain.night_views import NightlyView
from shared.domain.subscriptions import EndOfTerm
from tests.builders import a_holding, a_lot, a_subscription, a_view, days
from tests.domain.giving_back import only, plan


def test_seats_that_end_are_no_lasting_ones_by_either_count() -> None:
    told = a_subscription("ends", seats=7, ends_in=days(20), auto_renew=False)
    ends = replace(told, end_of_term=EndOfTerm.CANCEL)

    night = NightlyView(a_view(ends, a_subscription("lasts", seats=10), consumed=4))

    assert (night.seats.lasting, night.shown) == (10, 10)
    assert (night.spare, night.ending, night.idle) == (6, 7, 13)


def test_people_who_were_counted_one_by_one_hold_seats_that_the_directory_does_not_count_yet() -> (
    None
):
    view = replace(a_view(a_subscription(lots=[a_lot(10)]), consumed=4), assignments=7)

    assert view.in_use == 7
    assert only(plan(view)).target == 7


def test_seats_that_partner_center_does_not_list_any_more_are_not_idle() -> None:
    """They went an hour ago, and the directory still shows them."""
    lowered = a_subscription(seats=8, lots=[a_lot(8)])
    view = a_view(lowered, consumed=6)
    shown = a_holding(replace(lowered, seats=10))
    lagging = replace(view, holdings=(shown,), stock=replace(view.stock, enabled=10))

    assert NightlyView(lagging).spare == 2
    assert only(plan(lagging)).target == 6
