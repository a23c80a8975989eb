"""What a customer lets us do is warned of before it ends."""

import pytest

from shared.domain.standing import Delegation, Standing
from tests.builders import CONTOSO, NOW, days


def ending(in_days: float, *, renews: bool = False) -> Delegation:
    return Delegation(f"d-{in_days}", NOW + days(in_days), renews=renews)


def warned(*delegations: Delegation, has_agreement: bool = True) -> list[str]:
    return list(Standing(CONTOSO, NOW, has_agreement, delegations).warnings(NOW))


def test_a_customer_in_good_standing_is_no_news() -> None:
    assert not warned(ending(200))
    assert not list(Standing(CONTOSO).warnings(NOW))


def test_the_end_is_told_a_month_ahead() -> None:
    [told] = warned(ending(30.5))

    assert "ends in 30 days" in told


@pytest.mark.parametrize(
    "delegations",
    [
        pytest.param([ending(5, renews=True)], id="it renews itself"),
        pytest.param([ending(5), ending(300)], id="another one lasts"),
    ],
)
def test_an_end_that_changes_nothing_is_not_told(delegations: list[Delegation]) -> None:
    assert not warned(*delegations)


def test_what_has_ended_is_told_until_there_is_another() -> None:
    [told] = warned(ending(-1))

    assert "No delegated relationship" in told


def test_a_missing_agreement_is_told() -> None:
    [told] = warned(ending(200), has_agreement=False)

    assert "agreement" in told


def test_it_is_read_again_after_a_week() -> None:
    standing = Standing(CONTOSO, NOW)

    assert Standing(CONTOSO).is_due(NOW)
    assert not standing.is_due(NOW + days(6))
    assert standing.is_due(NOW + days(6.9))
