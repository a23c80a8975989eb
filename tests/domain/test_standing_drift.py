"""What a customer lets us do changes past us, and the difference is told."""

from dataclasses import replace

import pytest

from shared.domain.customers import AgreementState
from shared.domain.drift import DriftRules
from shared.domain.standing import Delegation, Standing
from shared.domain.standing_drift import of_standing
from tests.builders import CONTOSO, NOW, days

GIVEN = Delegation("d-1", NOW + days(100), roles=("reader", "helper"))
READ = Standing(CONTOSO, NOW - days(7), True, (GIVEN,), "text-1", NOW - days(200))  # noqa: FBT003 (an agreement is there)


def told(before: Standing, after: Standing) -> list[tuple[str, str, str]]:
    entries = of_standing(DriftRules(CONTOSO), before, after, NOW)
    return [(entry.what.value, entry.before, entry.after) for entry in entries]


def delegated(*given: Delegation) -> Standing:
    return replace(READ, delegations=given)


def test_the_first_reading_and_an_unchanged_customer_are_no_news() -> None:
    assert not told(Standing(CONTOSO), READ)
    assert not told(READ, replace(READ, read_at=NOW))


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(replace(READ, has_agreement=None), id="no agreements to show"),
        pytest.param(replace(READ, delegations=None), id="no leave to look"),
        pytest.param(replace(READ, agreement_version=""), id="a version that nobody tells"),
    ],
)
def test_what_we_may_not_look_at_has_not_changed(after: Standing) -> None:
    assert not told(READ, after)
    assert not told(after, READ)


def test_a_week_in_which_nothing_can_be_read_hides_no_change() -> None:
    ended = (replace(GIVEN, status="terminated"),)
    lost = AgreementState(is_confirmed=False, is_signed_directly=False)

    blind = READ.with_agreement(None, NOW).with_delegations(None, NOW)
    after = blind.with_agreement(lost, NOW).with_delegations(ended, NOW)

    assert not told(READ, blind)
    assert [what for what, _, _ in told(blind, after)] == ["agreement", "relationship"]


def test_an_agreement_that_is_there_no_more_is_one_difference() -> None:
    lost = replace(READ, has_agreement=False, agreement_version="", agreed_at=None)

    assert told(READ, lost) == [("agreement", "true", "false")]


def test_another_text_and_another_day_are_told_apart() -> None:
    later = NOW - days(1)
    again = replace(READ, agreement_version="text-2", agreed_at=later)

    assert [what for what, _, _ in told(READ, again)] == ["agreementVersion", "agreedAt"]


def test_a_relationship_that_comes_changes_or_goes_is_told() -> None:
    ended = replace(GIVEN, status="terminated")
    fewer = replace(GIVEN, roles=("reader",))
    sooner = replace(GIVEN, ends_at=NOW + days(50))

    assert told(delegated(), delegated(GIVEN)) == [("relationship", "", "active")]
    assert told(delegated(GIVEN), delegated(ended)) == [("relationship", "active", "terminated")]
    assert told(delegated(GIVEN), delegated()) == [("relationship", "active", "")]
    assert told(delegated(GIVEN), delegated(fewer)) == [
        ("relationshipRoles", "helper, reader", "reader")
    ]
    assert [what for what, _, _ in told(delegated(GIVEN), delegated(sooner))] == [
        "relationshipEndsAt"
    ]


def test_an_extension_of_microsofts_and_an_old_end_are_no_news() -> None:
    renewing = replace(GIVEN, renews=True)
    renewed = replace(renewing, ends_at=NOW + days(280))
    ended = replace(GIVEN, status="expired", ends_at=NOW - days(400))

    assert not told(delegated(renewing), delegated(renewed))
    assert not told(delegated(ended), delegated())
