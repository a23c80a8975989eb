"""Worked examples, each reckoned by hand beside it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.catalog import BillingPlan, Price, Term
from shared.domain.pricing import Quote, add_up, days_between, quote_growth, quote_purchase
from shared.domain.subscriptions import Subscription
from tests.builders import a_price, a_subscription, an_entry

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LAST_SECOND = time(23, 59, 59, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def last_moment(day: str) -> datetime:
    """Microsoft's ends are the last second of the last day."""
    return datetime.combine(date.fromisoformat(day), LAST_SECOND)


def a_term(
    start: str,
    last_day: str,
    *,
    period_ends: str = "",
    term: Term = Term.YEAR,
    billing: BillingPlan = BillingPlan.MONTHLY,
) -> Subscription:
    return replace(
        a_subscription(term=term, billing=billing),
        starts_at=at(start),
        ends_at=last_moment(last_day),
        billing_period_ends_at=last_moment(period_ends) if period_ends else None,
    )


def quote(subscription: Subscription, price: Price, now: str, seats: int = 1) -> Quote:
    price = replace(
        price, term=subscription.term, billing=subscription.billing, valid_from=LONG_AGO
    )
    answer = quote_growth(subscription, seats, an_entry(price), at(now))
    assert answer is not None
    return answer


def shown(answer: Quote) -> tuple[str, str]:
    return str(answer.now), str(answer.until_term_end)


# 14 January 2026 to 13 January 2027, paid by the month: periods begin on the 14th.
BY_MONTH = a_term("2026-01-14", "2027-01-13", period_ends="2026-02-13")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # 14 Jan to 13 Feb are 31 of 31 days: 2 x 31.00 = 62.00; 12 periods: 744.00
        pytest.param("2026-01-14T09:00", ("62.00 GBP", "744.00 GBP"), id="first day of a period"),
        # 13 Feb is 1 of 31 days: 62.00 / 31 = 2.00; 11 more periods: 682.00 + 2.00
        pytest.param("2026-02-13T23:59:59", ("2.00 GBP", "684.00 GBP"), id="its last second"),
        # 30 Jan to 13 Feb are 2 + 13 = 15 days: 62.00 x 15 / 31 = 30.00; + 682.00
        pytest.param("2026-01-30T18:30", ("30.00 GBP", "712.00 GBP"), id="an evening in between"),
    ],
)
def test_a_growth_pays_for_the_days_that_are_left(now: str, expected: tuple[str, str]) -> None:
    assert shown(quote(BY_MONTH, a_price("31.00"), now, seats=2)) == expected


def test_a_short_february_costs_what_a_long_month_does() -> None:
    # 14 Feb to 13 Mar 2026 are 28 of 28 days: one whole price; 11 periods are left with it.
    february = replace(BY_MONTH, billing_period_ends_at=last_moment("2026-03-13"))

    assert shown(quote(february, a_price("31.00"), "2026-02-14T00:00")) == (
        "31.00 GBP",
        "341.00 GBP",
    )


def test_the_last_period_of_a_term_has_nothing_after_it() -> None:
    # 14 Dec 2026 to 13 Jan 2027 are 31 days; from 4 Jan on 10 are left: 31.00 x 10 / 31 = 10.00
    last = replace(BY_MONTH, billing_period_ends_at=BY_MONTH.ends_at)

    assert shown(quote(last, a_price("31.00"), "2027-01-04T12:00")) == ("10.00 GBP", "10.00 GBP")


def test_a_year_at_once_is_prorated_over_its_days() -> None:
    # 1 Jul 2026 to 13 Jan 2027: 31 + 31 + 30 + 31 + 30 + 31 + 13 = 197 of 365 days;
    # 365.00 x 197 / 365 = 197.00, and the period is the term.
    annual = a_term("2026-01-14", "2027-01-13", billing=BillingPlan.ANNUAL)

    assert shown(quote(annual, a_price("365.00"), "2026-07-01T08:00")) == (
        "197.00 GBP",
        "197.00 GBP",
    )


def test_a_leap_year_has_a_day_more_to_share_the_price() -> None:
    # 1 Jan to 31 Dec 2028 are 366 days; 31 Dec alone costs 366.00 / 366 = 1.00
    leap = a_term("2028-01-01", "2028-12-31", billing=BillingPlan.ANNUAL)

    assert shown(quote(leap, a_price("366.00"), "2028-12-31T00:00")) == ("1.00 GBP", "1.00 GBP")


def test_three_years_by_the_year_pay_the_rest_of_one_and_the_others_whole() -> None:
    # 1 Mar 2026 to 28 Feb 2029. From 1 Dec 2026: 31 + 31 + 28 = 90 of 365 days of the first year;
    # 730.00 x 90 / 365 = 180.00, and two whole years: 1460.00
    triennium = a_term(
        "2026-03-01", "2029-02-28", term=Term.THREE_YEARS, billing=BillingPlan.ANNUAL
    )

    assert shown(quote(triennium, a_price("730.00"), "2026-12-01T00:00")) == (
        "180.00 GBP",
        "1640.00 GBP",
    )


def test_three_years_at_once_are_one_period() -> None:
    # 1 Mar 2026 to 28 Feb 2029 are 365 + 366 + 365 = 1096 days (29 Feb 2028); 96 days are left from
    # 25 Nov 2028 on (6 + 31 + 31 + 28): 1096.00 x 96 / 1096 = 96.00
    at_once = a_term(
        "2026-03-01", "2029-02-28", term=Term.THREE_YEARS, billing=BillingPlan.TRIENNIAL
    )

    assert shown(quote(at_once, a_price("1096.00"), "2028-11-25T10:00")) == (
        "96.00 GBP",
        "96.00 GBP",
    )


def test_a_month_is_its_own_term() -> None:
    # 1 to 30 June: from the 16th on 15 of 30 days
    month = a_term("2026-06-01", "2026-06-30", term=Term.MONTH)

    assert shown(quote(month, a_price("3.00"), "2026-06-16T12:00")) == ("1.50 GBP", "1.50 GBP")


@pytest.mark.parametrize(
    ("unit", "currency", "expected"),
    [
        # 1 of 30 days of each
        pytest.param("3045", "JPY", "102 JPY", id="101.5 yen are 102"),
        pytest.param("3044", "JPY", "101 JPY", id="101.47 yen are 101"),
        pytest.param("1.215", "KWD", "0.041 KWD", id="40.5 fils are 41"),
        pytest.param("1.35", "GBP", "0.05 GBP", id="4.5 pence are 5"),
    ],
)
def test_a_share_is_rounded_half_up_to_the_minor_unit(
    unit: str, currency: str, expected: str
) -> None:
    month = a_term("2026-06-01", "2026-06-30", term=Term.MONTH)

    assert str(quote(month, a_price(unit, currency), "2026-06-30T12:00").now) == expected


def test_half_a_penny_stays_one_through_an_endless_fraction() -> None:
    # 31 seats x 0.155 x 1 of 31 days = 0.155 exactly, although 1/31 never ends
    last_day = replace(BY_MONTH, billing_period_ends_at=BY_MONTH.ends_at)

    assert str(quote(last_day, a_price("0.155"), "2027-01-13T12:00", seats=31).now) == "0.16 GBP"


@pytest.mark.parametrize(
    "period_ends",
    [
        pytest.param("", id="Microsoft does not say"),
        pytest.param("2026-04-13", id="our mirror is old"),
        pytest.param("2027-06-13", id="after the term"),
    ],
)
def test_the_running_period_is_counted_from_the_terms_start(period_ends: str) -> None:
    # 20 May 2026 is in 14 May to 13 June: 12 + 13 = 25 of 31 days
    unsaid = a_term("2026-01-14", "2027-01-13", period_ends=period_ends)

    assert str(quote(unsaid, a_price("31.00"), "2026-05-20T12:00").now) == "25.00 GBP"


def test_a_term_that_began_on_the_31st_has_periods_as_long_as_their_months() -> None:
    # Periods begin on 31 Jan, 28 Feb, 31 Mar: the second ends on 30 Mar and has 31 days.
    # On 30 March 1 day is left: 31.00 / 31 = 1.00
    late = a_term("2026-01-31", "2027-01-30", period_ends="2026-03-30")

    assert str(quote(late, a_price("31.00"), "2026-03-30T12:00").now) == "1.00 GBP"


def test_a_term_that_was_cut_to_end_with_another_pays_a_part_of_its_last_period() -> None:
    # 1 Jun to 15 Aug 2026. From 1 Jun: June whole, July whole, 15 of August's 31 days:
    # 31.00 + 31.00 + 15.00 = 77.00
    cut = a_term("2026-06-01", "2026-08-15", period_ends="2026-06-30")

    assert shown(quote(cut, a_price("31.00"), "2026-06-01T00:00")) == ("31.00 GBP", "77.00 GBP")


def test_a_period_may_begin_on_another_day_than_the_term() -> None:
    # A term from 14 Jan that was aligned to calendar months: on 16 June 15 of 30 days are left.
    aligned = a_term("2026-01-14", "2026-12-31", period_ends="2026-06-30")

    assert str(quote(aligned, a_price("30.00"), "2026-06-16T12:00").now) == "15.00 GBP"


def test_there_is_no_quote_without_a_price() -> None:
    entry = an_entry(a_price(billing=BillingPlan.ANNUAL))

    assert quote_growth(a_subscription(), 1, entry, LONG_AGO) is None


def test_a_first_lot_pays_whole_periods() -> None:
    bought = quote_purchase(a_price("30.40"), 10)

    assert shown(bought) == ("304.00 GBP", "3648.00 GBP")


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-06-15T00:00", "2026-06-15T23:59:59", 1),
        ("2026-06-15T23:59:59", "2026-06-15T23:59:59", 1),
        ("2026-06-15T18:00", "2026-06-16T10:00", 2),
        ("2026-06-15T18:00", "2026-06-16T00:00", 1),
        ("2026-06-16T18:00", "2026-06-15T00:00", 0),
    ],
)
def test_days_that_have_begun_count(start: str, end: str, days: int) -> None:
    assert days_between(at(start), at(end)) == days


def test_days_are_those_of_utc() -> None:
    # 1 o'clock in Auckland's summer on the 16th is still the 15th.
    auckland = timezone(timedelta(hours=13))

    assert days_between(datetime(2026, 1, 16, 1, tzinfo=auckland), last_moment("2026-01-16")) == 2


def test_growths_of_one_currency_add_up() -> None:
    pounds, euros = quote_purchase(a_price("1.50"), 1), quote_purchase(a_price("2", "EUR"), 1)

    assert str(add_up([pounds, pounds])) == "3.00 GBP"
    assert add_up([pounds, euros]) is None
    assert add_up([]) is None


STARTS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
PLANS = st.sampled_from(
    [
        (Term.MONTH, BillingPlan.MONTHLY),
        (Term.YEAR, BillingPlan.MONTHLY),
        (Term.YEAR, BillingPlan.ANNUAL),
        (Term.THREE_YEARS, BillingPlan.MONTHLY),
        (Term.THREE_YEARS, BillingPlan.ANNUAL),
        (Term.THREE_YEARS, BillingPlan.TRIENNIAL),
    ]
)
UNITS = st.decimals(Decimal("0.01"), Decimal(5000), places=2)


def _whole(start: date, term: Term, billing: BillingPlan) -> Subscription:
    years, month = divmod(start.month - 1 + term.months, 12)
    following = date(start.year + years, month + 1, min(start.day, 28))
    last = following - timedelta(days=1)
    return a_term(start.isoformat(), last.isoformat(), term=term, billing=billing)


@given(STARTS.filter(lambda d: d.day <= 28), PLANS, UNITS, st.integers(1, 300))
def test_a_growth_on_the_first_day_costs_what_a_purchase_does(
    start: date, sold_as: tuple[Term, BillingPlan], unit: Decimal, seats: int
) -> None:
    running = _whole(start, *sold_as)
    price = a_price(str(unit), term=sold_as[0], billing=sold_as[1])

    growth = quote(running, price, f"{start}T00:00", seats)

    assert shown(growth) == shown(quote_purchase(price, seats))


@given(STARTS, PLANS, UNITS, st.integers(0, 1100), st.integers(0, 86_399))
def test_a_later_growth_never_costs_more(
    start: date, sold_as: tuple[Term, BillingPlan], unit: Decimal, day: int, second: int
) -> None:
    running = _whole(start, *sold_as)
    length = days_between(running.starts_at, running.ends_at)
    joined = running.starts_at + timedelta(days=day % length, seconds=second)
    earlier = max(running.starts_at, joined - timedelta(days=1))
    price = a_price(str(unit))

    late, early = (
        quote(running, price, moment.replace(tzinfo=None).isoformat())
        for moment in (joined, earlier)
    )

    assert 0 <= late.now.amount <= late.until_term_end.amount
    assert late.until_term_end.amount <= early.until_term_end.amount
    assert late.now.amount <= unit
