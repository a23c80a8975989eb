"""What follows a term: how many seats, for how long, and at which sheet's price."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shared.domain.catalog import BillingPlan, CatalogEntry, Price, Term
from shared.domain.next_terms import NextTerm, next_term
from shared.domain.subscriptions import EndOfTerm, Subscription, Terms
from tests.builders import E3_OFFER, NOW, a_price, a_subscription, an_entry, days

LAST_OF_JUNE = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)
MONTHLY = a_price("12.00", term=Term.MONTH)


def ends(subscription: Subscription, at: datetime = LAST_OF_JUNE) -> Subscription:
    return replace(subscription, ends_at=at)


def after(subscription: Subscription, entry: CatalogEntry | None = None) -> NextTerm:
    known = entry or an_entry(a_price("10.00"), MONTHLY)
    found = next_term(subscription, {E3_OFFER: known}, NOW)
    assert found is not None
    return found


def test_the_same_follows_where_nothing_is_scheduled() -> None:
    found = after(ends(a_subscription(seats=10)))

    assert (found.seats, found.terms.term, found.begins) == (10, Term.YEAR, date(2026, 7, 1))
    assert (str(found.unit), str(found.cost)) == ("10.00 GBP", "1200.00 GBP")


def test_nothing_follows_what_was_cancelled() -> None:
    cancelled = replace(a_subscription(auto_renew=False), end_of_term=EndOfTerm.CANCEL)

    assert next_term(cancelled, {E3_OFFER: an_entry(a_price())}, NOW) is None


def test_an_extended_term_is_a_month_of_all_seats_at_its_own_price() -> None:
    dearer = a_price("12.36", term=Term.MONTH)

    found = after(a_subscription(auto_renew=False), replace(an_entry(MONTHLY), extended=(dearer,)))

    assert (found.terms.term, found.terms.billing) == (Term.MONTH, BillingPlan.MONTHLY)
    assert (found.seats, str(found.unit), str(found.cost)) == (10, "12.36 GBP", "123.60 GBP")


def test_an_extended_term_has_no_price_where_microsoft_does_not_tell_it() -> None:
    assert after(a_subscription(auto_renew=False)).cost is None


def test_what_is_scheduled_is_priced_as_what_it_becomes() -> None:
    monthly = Terms(E3_OFFER, Term.MONTH, BillingPlan.MONTHLY)

    found = after(replace(a_subscription(seats=10, scheduled=8), next_terms=monthly))

    assert (found.seats, str(found.cost), str(found.cost_of(2))) == (8, "96.00 GBP", "24.00 GBP")


@pytest.mark.parametrize(
    ("last_day", "cost"),
    [
        pytest.param(datetime(2026, 7, 31, tzinfo=UTC), "100.00 GBP", id="a month"),
        pytest.param(datetime(2026, 8, 31, 23, 59, 59, tzinfo=UTC), "200.00 GBP", id="two"),
        pytest.param(datetime(2026, 8, 15, tzinfo=UTC), "148.39 GBP", id="one and 15 of 31 days"),
        pytest.param(datetime(2027, 6, 30, tzinfo=UTC), "1200.00 GBP", id="all of the year"),
    ],
)
def test_a_term_that_ends_early_is_paid_to_its_last_day(last_day: datetime, cost: str) -> None:
    cut = Terms(E3_OFFER, Term.YEAR, BillingPlan.MONTHLY, ends_at=last_day)
    subscription = ends(replace(a_subscription(scheduled=10), next_terms=cut))

    assert str(after(subscription).cost) == cost


def test_its_first_days_price_counts_and_not_its_eves() -> None:
    entry = an_entry(a_price("10.00", valid_until=JULY), a_price("12.00", valid_from=JULY))

    found = after(ends(a_subscription()), entry)

    assert (str(found.unit), found.priced_at) == ("12.00 GBP", None)


def test_an_announced_price_counts_from_its_day() -> None:
    rises = (a_price("12.00", valid_from=JULY),)

    assert str(after(ends(a_subscription()), an_announcing(rises)).unit) == "12.00 GBP"
    assert str(after(a_subscription(ends_in=days(5)), an_announcing(rises)).unit) == "10.00 GBP"


def an_announcing(announced: tuple[Price, ...]) -> CatalogEntry:
    return replace(an_entry(a_price("10.00", valid_until=JULY)), announced=announced)


def test_where_no_sheet_reaches_that_day_todays_price_stands_in_and_says_so() -> None:
    this_month = an_entry(a_price("10.00", valid_until=JULY))

    found = after(ends(a_subscription(), LAST_OF_JUNE + days(3)), this_month)

    assert (str(found.unit), found.priced_at) == ("10.00 GBP", NOW)


def test_what_no_sheet_prices_has_no_price() -> None:
    found = after(a_subscription(), an_entry(MONTHLY))

    assert (found.unit, found.cost, found.priced_at) == (None, None, None)
