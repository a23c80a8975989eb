"""What analytics tells of licences, in letters of its own."""

import pytest

from simulator.nouns import Subscription
from tests.simulator.northwind import Northwind

DEPLOYED = "/partner/v1/analytics/commercial/deployment/license"


@pytest.fixture
async def ten_seats(northwind: Northwind) -> Subscription:
    return await northwind.buy(await northwind.customer(), 10)


@pytest.mark.case(100)
async def test_the_newer_answers_are_in_pascal_case(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    wish = f"filter=customerTenantId eq '{ten_seats.customer_id}'"

    found = await northwind.get(f"{DEPLOYED}?{wish}", user=True)
    beyond = await northwind.get(f"{DEPLOYED}?{wish}&skip=1", user=True)
    as_app = await northwind.call("GET", DEPLOYED)

    assert found.keys() == {"Value", "@nextLink", "TotalCount"}
    assert (found["TotalCount"], found["@nextLink"]) == (1, None)
    assert (found["Value"][0]["licensesSold"], found["Value"][0]["licensesDeployed"]) == (10, 0)
    assert beyond["Value"] == []
    assert as_app.json()["code"] == 900329


@pytest.mark.contract
async def test_the_older_answers_are_collections(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    path = f"/v1/customers/{ten_seats.customer_id}/analytics/licenses/usage"

    found = await northwind.get(path, user=True)

    assert found["items"][0]["attributes"]["objectType"] == "CustomerLicensesUsageInsights"
    assert found["items"][0]["licensesQualified"] == 10
