"""What a term's end brings, and what we propose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.renewals import LOOK_AHEAD, Renewal, idle_beyond_ends, plan_renewals
from shared.domain.subscriptions import EndOfTerm, Subscription, SubscriptionStatus, Terms
from shared.domain.zones import is_zone, zone, zone_name
from tests.builders import E3, E3_OFFER, NOW, a_price, a_subscription, an_entry, an_offer, days

E5_OFFER = OfferId("CFQ7TTC0LFLZ:0002")
RENEW, CANCEL, EXTEND = EndOfTerm.RENEW, EndOfTerm.CANCEL, EndOfTerm.EXTEND


def planned(
    *subscriptions: Subscription,
    chosen: EndOfTerm | None = None,
    usual: EndOfTerm = RENEW,
    idle: int = 0,
    horizon: timedelta = LOOK_AHEAD,
) -> list[Renewal]:
    intents = {SubscriptionId("sub-1"): chosen} if chosen else {}
    entries = {E3_OFFER: an_entry(a_price("10.00"))}
    found = plan_renewals(
        subscriptions, entries, intents, NOW, horizon, usual=usual, idle={E3: idle}
    )
    return list(found)


def test_lists_what_ends_within_the_horizon_soonest_first() -> None:
    soon = a_subscription("soon", ends_in=days(10))
    late = a_subscription("late", ends_in=days(80))
    past = a_subscription("past", ends_in=days(-1))
    gone = a_subscription("gone", ends_in=days(5), status=SubscriptionStatus.SUSPENDED)

    assert [r.subscription_id for r in planned(late, past, gone, soon)] == ["soon", "late"]
    assert [r.subscription_id for r in planned(late, soon, horizon=days(30))] == ["soon"]


def test_the_last_moment_to_decide_is_a_day_before_the_end() -> None:
    [renewal] = planned(a_subscription(ends_in=days(10)))

    assert renewal.decide_by == NOW + days(9)


def test_a_renewal_costs_its_seats_over_the_whole_next_term() -> None:
    [renewal] = planned(a_subscription(ends_in=days(10), seats=10, scheduled=7))

    assert (renewal.seats, renewal.renewal_seats) == (10, 7)
    assert str(renewal.next_term) == "840.00 GBP"


def test_what_ends_renews_with_nothing_and_costs_nothing() -> None:
    told = a_subscription(ends_in=days(10), seats=10, auto_renew=False)

    [renewal] = planned(replace(told, end_of_term=CANCEL), idle=4)

    assert (renewal.seats, renewal.renewal_seats, renewal.proposed_seats) == (10, 0, 0)
    assert (renewal.unit, renewal.next_term) == (None, None)


def test_no_schedule_lowers_an_extended_term_that_somebody_chose() -> None:
    [renewal] = planned(a_subscription(ends_in=days(10), auto_renew=False), chosen=EXTEND, idle=4)

    assert (renewal.term, renewal.renewal_seats, renewal.proposed_seats) == (Term.MONTH, 10, 10)
    assert renewal.proposal == "it goes on by the month, as chosen"


def test_fewer_seats_than_the_next_terms_product_is_sold_in_are_never_proposed() -> None:
    entry = replace(an_entry(), offer=an_offer(minimum=100))
    held = a_subscription(ends_in=days(10), seats=300)

    [renewal] = plan_renewals([held], {E3_OFFER: entry}, {}, NOW, idle={E3: 290})

    assert renewal.proposed_seats == 100


def test_idle_seats_are_left_out_of_the_terms_that_end_first_and_once() -> None:
    first = a_subscription("first", ends_in=days(10), seats=4)
    second = a_subscription("second", ends_in=days(20), seats=10)

    found = planned(second, first, idle=5)

    assert [r.proposed_seats for r in found] == [1, 8]
    assert "renew with 8" in found[1].proposal


def test_an_extended_term_that_nobody_chose_is_unwanted() -> None:
    silent = a_subscription(ends_in=days(10), auto_renew=False)

    [by_nobody] = planned(silent)
    [by_somebody] = planned(silent, chosen=EXTEND)
    [by_microsoft] = planned(replace(silent, end_of_term=EXTEND))
    [otherwise] = planned(silent, chosen=CANCEL)

    found = (by_nobody, by_somebody, by_microsoft, otherwise)
    assert [r.is_unwanted_extension for r in found] == [True, False, True, True]
    assert [r.is_chosen for r in found] == [False, True, False, True]
    assert "set its end of term to renew" in by_nobody.proposal
    assert "set its end of term to cancel" in otherwise.proposal


def test_another_end_than_was_chosen_is_told() -> None:
    [by_somebody] = planned(a_subscription(ends_in=days(10)), chosen=CANCEL)
    [by_nobody] = planned(a_subscription(ends_in=days(10)), usual=CANCEL)

    assert (by_somebody.agrees, by_nobody.agrees) == (False, False)
    assert "cancel was chosen" in by_somebody.proposal
    assert "cancel is the connection's baseline" in by_nobody.proposal


@pytest.mark.parametrize(
    ("country", "name"),
    [
        pytest.param("FR", "Europe/Paris", id="a country with one zone"),
        pytest.param("US", "America/New_York", id="a country with several"),
        pytest.param("GB", "Europe/London", id="Britain"),
        pytest.param("ZZ", "", id="no country"),
    ],
)
def test_a_country_has_its_zone(country: str, name: str) -> None:
    assert zone_name(country) == name


def test_a_zone_tells_its_own_time() -> None:
    noon = datetime(2026, 6, 15, 12, tzinfo=UTC)

    assert zone("Europe/Paris") == ZoneInfo("Europe/Paris")
    assert noon.astimezone(zone("Europe/Paris")).hour == 14
    assert zone("Europe/Atlantis") is None


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("localtime", id="the host's own"),
        pytest.param("posixrules", id="a file beside the zones"),
        pytest.param("Factory", id="a clock that nobody has set"),
        pytest.param("../etc/passwd", id="a file elsewhere"),
        pytest.param("europe/paris", id="another spelling"),
    ],
)
def test_what_is_no_zone_of_the_list_is_none(name: str) -> None:
    assert not is_zone(name)
    assert zone(name) is None


def test_older_names_of_zones_are_still_zones() -> None:
    assert is_zone("US/Eastern")
    assert is_zone("UTC")


@pytest.mark.parametrize(
    "passes",
    [
        pytest.param({"auto_renew": False, "end_of_term": CANCEL}, id="ends with its term"),
        pytest.param({"auto_renew": False}, id="ends as nobody said"),
        pytest.param({"moves": True}, id="becomes another product"),
    ],
)
def test_seats_that_are_needed_when_others_pass_are_not_proposed_away(
    passes: dict[str, Any],
) -> None:
    """Ten are idle today, and seven of them when the other term is over and its seats are gone."""
    other = replace(a_subscription("other", ends_in=days(20), seats=3), **passes)
    renews = a_subscription("renews", ends_in=days(10))

    beyond = idle_beyond_ends({E3: 10}, [other, renews])
    found = planned(renews, other, idle=beyond[E3])

    assert found[0].proposed_seats == 3


def test_idle_seats_of_a_product_take_none_of_what_it_becomes() -> None:
    becomes = Terms(E5_OFFER, Term.YEAR, BillingPlan.MONTHLY)
    converts = a_subscription(ends_in=days(10), scheduled=10)

    [renewal] = planned(replace(converts, next_terms=becomes), idle=4)

    assert (renewal.renewal_seats, renewal.proposed_seats) == (10, 10)
