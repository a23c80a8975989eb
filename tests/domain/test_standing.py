"""What a customer lets us do is warned of before it ends."""

import pytest

from shared.domain.customers import AgreementState
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
    standing = Standing(CONTOSO, NOW, has_agreement=True, delegations=(ending(200),))

    for is_due in (Standing.is_agreement_due, Standing.are_delegations_due):
        assert is_due(Standing(CONTOSO), NOW)
        assert not is_due(standing, NOW + days(6))
        assert is_due(standing, NOW + days(6.9))


def test_what_cannot_be_read_stays_as_it_was_known_and_is_warned_of() -> None:
    known = Standing(CONTOSO, NOW - days(7), has_agreement=True, delegations=(ending(9),))

    blind = known.with_agreement(None, NOW).with_delegations(None, NOW)

    assert (blind.has_agreement, blind.delegations) == (True, known.delegations)
    told = " ".join(blind.warnings(NOW))
    for word in ("agreement cannot be read", "DelegatedAdminRelationship", "ends in 9 days"):
        assert word in told


def test_what_could_not_be_read_is_asked_for_every_night_and_once_in_it() -> None:
    known = Standing(CONTOSO, NOW - days(7), has_agreement=True, delegations=(ending(200),))
    blind = known.with_agreement(None, NOW).with_delegations(None, NOW)

    for is_due in (Standing.is_agreement_due, Standing.are_delegations_due):
        assert not is_due(blind, NOW + days(0.4))
        assert is_due(blind, NOW + days(0.9))


def test_an_agreement_that_a_cloud_never_shows_costs_no_request_a_night() -> None:
    never = Standing(CONTOSO).with_agreement(None, NOW)

    assert not never.is_agreement_due(NOW + days(5))
    assert never.is_agreement_due(NOW + days(7))


def test_one_that_is_found_again_is_as_it_was_found() -> None:
    blind = Standing(CONTOSO).with_agreement(None, NOW).with_delegations(None, NOW)

    state = AgreementState(is_confirmed=True, is_signed_directly=False, version="text-1")
    seen = blind.with_agreement(state, NOW).with_delegations((ending(200),), NOW)

    assert (seen.has_agreement, seen.agreement_version) == (True, "text-1")
    assert not list(seen.warnings(NOW))
