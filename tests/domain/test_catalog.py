from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.catalog import BillingPlan, Term
from tests.builders import NOW, a_price, an_entry, an_offer, days

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("moment", "valid"),
    [
        pytest.param(NOW - SECOND, False, id="before"),
        pytest.param(NOW, True, id="from its first moment"),
        pytest.param(NOW + days(30) - SECOND, True, id="to its last"),
        pytest.param(NOW + days(30), False, id="and then its successor's"),
    ],
)
def test_a_price_is_in_force_between_its_dates(moment: datetime, valid: bool) -> None:
    price = a_price(valid_from=NOW, valid_until=NOW + days(30))

    assert price.valid_at(moment) is valid


def test_a_price_without_an_end_stays_in_force() -> None:
    assert a_price(valid_until=None).valid_at(NOW + days(10_000))


def test_the_newest_price_in_force_is_asked() -> None:
    old, new = a_price("30", valid_from=NOW - days(60)), a_price("32", valid_from=NOW - days(1))
    coming = a_price("40", valid_from=NOW + days(1))

    assert an_entry(new, old, coming).price(Term.YEAR, BillingPlan.MONTHLY, NOW) == new


def test_an_announced_price_is_in_force_from_its_day_on() -> None:
    rises = NOW + days(16)
    entry = replace(an_entry(a_price("10")), announced=(a_price("12", valid_from=rises),))

    prices = [entry.price(Term.YEAR, BillingPlan.MONTHLY, at) for at in (rises - SECOND, rises)]

    assert [str(p.unit) for p in prices if p] == ["10.00 GBP", "12.00 GBP"]


def test_an_extended_term_is_paid_by_the_month_at_a_price_of_its_own() -> None:
    dearer = a_price("12.36", term=Term.MONTH)
    entry = replace(an_entry(a_price("12", term=Term.MONTH)), extended=(dearer,))

    assert entry.extended_price(NOW) == dearer
    assert an_entry(a_price(term=Term.MONTH)).extended_price(NOW) is None


def test_another_term_or_billing_plan_has_another_price() -> None:
    entry = an_entry(a_price(), a_price("364.80", billing=BillingPlan.ANNUAL))

    assert entry.price(Term.YEAR, BillingPlan.ANNUAL, NOW) == entry.prices[1]
    assert entry.price(Term.MONTH, BillingPlan.MONTHLY, NOW) is None


@pytest.mark.parametrize(
    ("term", "billing", "per_term"),
    [
        pytest.param(Term.MONTH, BillingPlan.MONTHLY, "10.00 GBP", id="a month"),
        pytest.param(Term.YEAR, BillingPlan.MONTHLY, "120.00 GBP", id="a year by the month"),
        pytest.param(Term.YEAR, BillingPlan.ANNUAL, "10.00 GBP", id="a year at once"),
        pytest.param(Term.THREE_YEARS, BillingPlan.MONTHLY, "360.00 GBP", id="three by the month"),
        pytest.param(Term.THREE_YEARS, BillingPlan.ANNUAL, "30.00 GBP", id="three by the year"),
        pytest.param(Term.THREE_YEARS, BillingPlan.TRIENNIAL, "10.00 GBP", id="three at once"),
    ],
)
def test_a_unit_price_is_for_one_billing_period(
    term: Term, billing: BillingPlan, per_term: str
) -> None:
    assert str(a_price("10", term=term, billing=billing).per_term) == per_term


def test_an_offer_knows_its_product() -> None:
    assert an_offer().product_id == "CFQ7TTC0LF8R"
