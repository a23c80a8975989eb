from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import CurrencyMismatch, Money, nothing

AMOUNTS = st.decimals(-1_000_000, 1_000_000, places=6)


def money(amount: str, currency: str = "GBP") -> Money:
    return Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        pytest.param(money("1.005"), "1.01 GBP", id="half goes up to the penny"),
        pytest.param(money("1.00499"), "1.00 GBP", id="less than half goes down"),
        pytest.param(money("-1.005"), "-1.01 GBP", id="a credit is rounded as its charge was"),
        pytest.param(money("99.5", "JPY"), "100 JPY", id="the yen has no minor unit"),
        pytest.param(money("99.4999", "JPY"), "99 JPY", id="nor half of one"),
        pytest.param(money("1.0005", "KWD"), "1.001 KWD", id="the dinar has a thousand fils"),
        pytest.param(money("7"), "7.00 GBP", id="whole amounts show their minor unit"),
    ],
)
def test_money_is_rounded_half_up_to_its_currencys_minor_unit(exact: Money, shown: str) -> None:
    assert str(exact) == shown


def test_money_of_one_currency_adds_up_exactly() -> None:
    total = nothing("GBP") + money("0.10") + money("0.20") - money("0.05")

    assert total == money("0.25")
    assert money("30.40") * 12 == money("364.80")


@pytest.mark.parametrize("sign", [1, -1])
def test_two_currencies_never_meet_in_one_sum(sign: int) -> None:
    with pytest.raises(CurrencyMismatch, match="GBP and EUR"):
        _ = money("1") + money("1", "EUR") if sign > 0 else money("1") - money("1", "EUR")


@given(AMOUNTS, st.sampled_from(["GBP", "JPY", "KWD"]))
def test_rounding_moves_by_half_a_unit_at_most_and_only_once(amount: Decimal, code: str) -> None:
    unit = {"GBP": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}[code]

    rounded = Money(amount, code).rounded()

    assert abs(rounded.amount - amount) <= unit / 2
    assert rounded.rounded() == rounded
