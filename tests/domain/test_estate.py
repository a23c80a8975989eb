"""What a directory holds beside its people is told apart by owner, and its changes by field."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from shared.domain.drift import DriftRules
from shared.domain.estate import DomainState, Estate, OwnedSeats, Owner, owned, stocks_kept
from shared.domain.estate_drift import of_estate
from shared.domain.ids import ServicePlanId
from shared.domain.seats import Holding
from tests.builders import CONTOSO, E3, NOW, OUR_TENANT, a_holding, a_stock, a_subscription, days

THEIRS = OwnedSeats("h-1", "theirs", E3, Owner.CUSTOMER, 50, "Enabled")
DOMAIN = DomainState("contoso.com", is_verified=True)
READ = Estate(CONTOSO, (), (THEIRS,), (DOMAIN,), NOW - days(1))


def told(before: Estate, after: Estate) -> list[tuple[str, str, str, str]]:
    entries = of_estate(DriftRules(CONTOSO), before, after, NOW)
    return [(e.kind.value, e.what.value, e.before, e.after) for e in entries]


def holding(*holdings: OwnedSeats) -> Estate:
    return replace(READ, holdings=holdings)


def owning(*domains: DomainState) -> Estate:
    return replace(READ, domains=domains)


@pytest.mark.parametrize(
    ("tenant", "owner"),
    [
        (OUR_TENANT.upper(), Owner.OURS),
        ("another-partner", Owner.OTHER_PARTNER),
        (CONTOSO.upper(), Owner.CUSTOMER),
        (None, Owner.CUSTOMER),
    ],
)
def test_seats_are_whose_the_directory_says(tenant: str | None, owner: Owner) -> None:
    seats = Holding("h-1", "unknown", E3, tenant, enabled=True, seats=5, status="Enabled")

    [found] = owned([seats], CONTOSO, OUR_TENANT, [])

    assert (found.owner, found.seats, found.status) == (owner, 5, "Enabled")


def test_what_partner_center_lists_as_ours_is_ours_though_the_directory_names_nobody() -> None:
    ours = a_subscription("sub-1")
    unnamed = replace(a_holding(ours), owner_tenant_id=None)

    assert [one.owner for one in owned([unnamed], CONTOSO, OUR_TENANT, [ours])] == [Owner.OURS]


def test_the_order_and_the_parts_of_a_product_are_no_difference() -> None:
    stock = replace(a_stock(consumed=3), service_plans={ServicePlanId("mail"): "MAIL"})

    assert stocks_kept([stock]) == (a_stock(consumed=3),)
    assert READ.is_as(replace(READ, changed_at=NOW))


def test_the_first_reading_is_no_news() -> None:
    assert told(Estate(CONTOSO), READ) == []


def test_others_seats_that_come_change_and_go_are_told() -> None:
    more, late = replace(THEIRS, seats=60), replace(THEIRS, status="Warning")
    said = f"50 seats of {E3}, the customer's own"

    assert told(holding(), READ) == [("holding", "appeared", "", said)]
    assert told(READ, holding()) == [("holding", "gone", said, "")]
    assert told(READ, holding(more)) == [("holding", "seats", "50", "60")]
    assert told(READ, holding(late)) == [("holding", "status", "Enabled", "Warning")]


@pytest.mark.parametrize("after", [[], [replace(THEIRS, owner=Owner.OURS, seats=60)]])
def test_our_own_are_partner_centers_to_tell(after: Iterable[OwnedSeats]) -> None:
    before = holding(replace(THEIRS, owner=Owner.OURS))

    assert told(before, holding(*after)) == []


def test_domains_that_come_change_and_go_are_told() -> None:
    waits = DomainState("new.example", is_verified=False)

    assert told(READ, owning(DOMAIN, waits)) == [("domain", "added", "", "new.example")]
    assert told(READ, owning()) == [("domain", "removed", "contoso.com", "")]
    assert told(owning(waits), owning(replace(waits, is_verified=True))) == [
        ("domain", "verified", "false", "true")
    ]
    assert told(READ, owning(replace(DOMAIN, is_default=True))) == [
        ("domain", "default", "false", "true")
    ]
