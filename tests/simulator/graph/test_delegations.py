"""A partner's own directory lists what was delegated; a filter by customer is a short cut."""

import pytest

from simulator import seeds
from simulator.tenants import Tenant
from simulator.world import World
from tests.simulator.graph.contoso import PARTNER, TENANT, Graph

pytestmark = pytest.mark.contract

ROUTE = "/tenantRelationships/delegatedAdminRelationships"


@pytest.fixture
def fabrikam(world: World, graph: Graph, contoso: Tenant) -> Tenant:
    """A customer of Contoso, which is the partner here; another delegated to somebody else."""
    graph.scopes = "DelegatedAdminRelationship.Read.All"
    fabrikam = seeds.found_tenant(world, "fabrikam.onmicrosoft.com", "Fabrikam", "GB")
    other = seeds.found_tenant(world, "tailspin.onmicrosoft.com", "Tailspin", "GB")
    seeds.approve_gdap(world, fabrikam, TENANT)
    seeds.approve_gdap(world, fabrikam, PARTNER)
    seeds.approve_gdap(world, other, TENANT)
    return fabrikam


async def customers(graph: Graph, wanted: str = "") -> list[str]:
    query = {"$filter": wanted} if wanted else {}
    answer = await graph.get(ROUTE, params=query)
    assert answer.status_code == 200, answer.text
    return [found["customer"]["displayName"] for found in answer.json()["value"]]


async def test_without_a_filter_every_customer_of_the_partner_is_listed(
    graph: Graph, fabrikam: Tenant
) -> None:
    assert sorted(await customers(graph)) == ["Fabrikam", "Tailspin"]


@pytest.mark.parametrize(
    "wanted",
    [
        "customer/tenantId eq '{id}'",
        "customer/tenantId eq '{ID}'",
        "customer/tenantId in ('{id}')",
        "customer/tenantId eq '{id}' and status eq 'active'",
        "status eq 'active' and customer/tenantId eq '{id}'",
    ],
)
async def test_a_filter_by_customer_keeps_that_customers_alone(
    graph: Graph, fabrikam: Tenant, wanted: str
) -> None:
    text = wanted.format(id=fabrikam.id, ID=fabrikam.id.upper())

    assert await customers(graph, text) == ["Fabrikam"]


async def test_a_filter_that_also_keeps_others_looks_at_them_too(
    graph: Graph, fabrikam: Tenant
) -> None:
    text = f"customer/tenantId eq '{fabrikam.id}' or status eq 'active'"

    assert sorted(await customers(graph, text)) == ["Fabrikam", "Tailspin"]


async def test_a_customer_who_is_not_there_has_delegated_nothing(
    graph: Graph, fabrikam: Tenant
) -> None:
    assert await customers(graph, f"customer/tenantId eq '{PARTNER}'") == []
