from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.catalog import BillingPlan, Term
from shared.domain.connections import Baseline, Connection, PartnerRole
from shared.domain.customers import Customer
from shared.domain.environments import Environment
from shared.domain.errors import ConnectionProtected, CountryNotServed, WrongEnvironment
from shared.domain.health import ConnectionHealth, HealthStatus, SignInFailure
from shared.domain.ids import ConnectionId, CustomerId
from shared.domain.naming import faults_of_rule, name_by
from tests.builders import NOW

EUROPE = Connection(
    ConnectionId("eu"), "Europe", PartnerRole.DIRECT, "tenant", "client", ("DE", "AT"), NOW
)
CONTOSO = Customer(CustomerId("c"), EUROPE.id, "Contoso", "c.onmicrosoft.com", "DE", NOW)
FRESH = ConnectionHealth(
    EUROPE.id, signed_in_at=NOW, refresh_token_at=NOW, catalog_synchronised_at=NOW
)


def test_reaches_a_customer_of_its_region_and_environment() -> None:
    EUROPE.require_reach(CONTOSO)


def test_does_not_reach_a_customer_of_another_region() -> None:
    with pytest.raises(CountryNotServed, match="DE, AT"):
        EUROPE.require_reach(replace(CONTOSO, country="US"))


@pytest.mark.parametrize("environment", list(Environment))
def test_sandbox_and_production_never_touch_each_other(environment: Environment) -> None:
    other = next(one for one in Environment if one is not environment)

    with pytest.raises(WrongEnvironment):
        replace(EUROPE, environment=environment).require_reach(replace(CONTOSO, environment=other))


def test_only_the_provider_changes_a_connection_even_a_resellers_own() -> None:
    resellers = replace(EUROPE, owner="fabrikam")

    resellers.require_manager("provider")
    with pytest.raises(ConnectionProtected):
        resellers.require_manager("fabrikam")


@pytest.mark.parametrize(
    ("health", "status"),
    [
        pytest.param(FRESH, HealthStatus.OK, id="signed in, synchronised"),
        pytest.param(
            replace(FRESH, refresh_token_at=None), HealthStatus.BROKEN, id="nobody signed in"
        ),
        pytest.param(
            replace(FRESH, refresh_token_at=NOW - timedelta(days=75)),
            HealthStatus.OK,
            id="fifteen days left",
        ),
        pytest.param(
            replace(FRESH, refresh_token_at=NOW - timedelta(days=76)),
            HealthStatus.ATTENTION,
            id="fourteen days left",
        ),
        pytest.param(
            replace(FRESH, refresh_token_at=NOW - timedelta(days=90)),
            HealthStatus.BROKEN,
            id="not used for ninety days",
        ),
        pytest.param(
            replace(FRESH, mfa_missing_at=NOW + timedelta(seconds=1)),
            HealthStatus.BROKEN,
            id="refused for want of a second factor",
        ),
        pytest.param(
            replace(
                FRESH,
                mfa_missing_at=NOW + timedelta(seconds=1),
                refresh_token_at=NOW + timedelta(hours=1),
            ),
            HealthStatus.BROKEN,
            id="renewed since, and still without a second factor",
        ),
        pytest.param(
            replace(FRESH, mfa_missing_at=NOW - timedelta(days=1)),
            HealthStatus.OK,
            id="signed in again since the second factor was missing",
        ),
        pytest.param(
            replace(FRESH, last_failure=SignInFailure(NOW + timedelta(1), "AADSTS7000222", "x")),
            HealthStatus.BROKEN,
            id="the secret expired",
        ),
        pytest.param(
            replace(FRESH, catalog_synchronised_at=NOW - timedelta(days=8)),
            HealthStatus.ATTENTION,
            id="an old catalog",
        ),
        pytest.param(
            replace(FRESH, catalog_synchronised_at=None),
            HealthStatus.ATTENTION,
            id="no catalog",
        ),
    ],
)
def test_says_how_it_stands(health: ConnectionHealth, status: HealthStatus) -> None:
    assert health.status(NOW) is status
    assert bool(list(health.findings(NOW))) == (status is not HealthStatus.OK)


@pytest.mark.parametrize(
    ("term", "billing", "filled"),
    [
        pytest.param(None, None, (Term.YEAR, BillingPlan.ANNUAL), id="nothing said"),
        pytest.param(
            Term.MONTH, None, (Term.MONTH, BillingPlan.MONTHLY), id="a term too short for the plan"
        ),
        pytest.param(
            None,
            BillingPlan.TRIENNIAL,
            (Term.THREE_YEARS, BillingPlan.TRIENNIAL),
            id="a plan too long for the term",
        ),
        pytest.param(
            Term.THREE_YEARS,
            BillingPlan.MONTHLY,
            (Term.THREE_YEARS, BillingPlan.MONTHLY),
            id="everything said",
        ),
    ],
)
def test_fills_in_what_a_purchase_leaves_out(
    term: Term | None, billing: BillingPlan | None, filled: tuple[Term, BillingPlan]
) -> None:
    assert Baseline(Term.YEAR, BillingPlan.ANNUAL).terms(term, billing) == filled


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("{company}", id="no offer"),
        pytest.param("{offer} {customer}", id="an unknown field"),
        pytest.param("{offer} {", id="a brace alone"),
        pytest.param("{offer.__class__}", id="an attribute"),
        pytest.param("{offer!r}", id="a conversion"),
        pytest.param("{offer}" + "x" * 200, id="too long"),
    ],
)
def test_refuses_a_naming_rule_that_does_not_name(rule: str) -> None:
    assert list(faults_of_rule(rule, "/namingRule"))


def test_names_by_the_rule_and_reads_no_field_out_of_a_value() -> None:
    assert not list(faults_of_rule("{offer} for {company}", "/namingRule"))

    name = name_by("{offer} for {company}", {"offer": "E3", "company": "{offer} & Sons"})

    assert name == "E3 for {offer} & Sons"
