"""Nouns that others read: connections, plans, billing records."""

import pytest

from shared.domain.connections import Connection, PartnerRole
from shared.domain.errors import DirectBillingRequired
from tests.builders import E3, E5, NORTH, NOW, OUR_TENANT, a_plan


def a_connection(role: PartnerRole) -> Connection:
    return Connection(NORTH, "North", role, OUR_TENANT, "client", ("GB",), NOW)


@pytest.mark.parametrize("role", [PartnerRole.DIRECT, PartnerRole.INDIRECT_PROVIDER])
def test_whoever_bills_directly_may_buy(role: PartnerRole) -> None:
    a_connection(role).require_direct_billing("buy seats")


def test_an_indirect_reseller_is_told_who_may_buy() -> None:
    with pytest.raises(DirectBillingRequired, match=r"cannot buy seats\. Ask your indirect provi"):
        a_connection(PartnerRole.INDIRECT_RESELLER).require_direct_billing("buy seats")


def test_a_connection_sells_in_its_own_countries() -> None:
    connection = a_connection(PartnerRole.DIRECT)

    assert connection.sells_in("GB")
    assert not connection.sells_in("US")


def test_a_plans_base_comes_before_its_add_ons() -> None:
    assert a_plan(E5).skus == (E3, E5)
