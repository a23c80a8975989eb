"""Partner Center remembers for ninety days who did what to whom."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.simulator.northwind import Northwind

AUDIT = "/v1/auditrecords"


async def names(northwind: Northwind, query: str = "") -> list[str]:
    found = await northwind.get(f"{AUDIT}{query}")
    return [one["operationType"] for one in found["items"]]


@pytest.mark.contract
async def test_what_was_done_is_on_the_record(northwind: Northwind) -> None:
    customer = await northwind.customer()
    await northwind.change(await northwind.buy(customer), quantity=12)

    records = (await northwind.get(AUDIT))["items"]

    assert [one["operationType"] for one in records] == [
        "add_customer",
        "create_order",
        "update_subscription",
    ]
    assert {one["customerId"] for one in records} == {customer.id}
    assert "userCredentials" not in records[0]["resourceNewValue"]


@pytest.mark.case(94)
async def test_thirty_days_are_shown_and_ninety_kept(northwind: Northwind) -> None:
    await northwind.customer()
    northwind.wait(days=31)
    now = northwind.world.clock.now()
    far, too_far = now - timedelta(days=89), now - timedelta(days=91)

    assert await names(northwind) == []
    assert await names(northwind, f"?startDate={far:%Y-%m-%d}") == ["add_customer"]
    refused = await northwind.call("GET", f"{AUDIT}?startDate={too_far:%Y-%m-%d}")
    assert refused.status_code == 400


@pytest.mark.case(95)
async def test_a_company_is_found_by_a_part_of_its_name(northwind: Northwind) -> None:
    await northwind.customer("fabrikam.onmicrosoft.com")
    await northwind.customer("litware.onmicrosoft.com")
    wish = quote('{"Field":"CompanyName","Value":"bri","Operator":"substring"}')

    found = (await northwind.get(f"{AUDIT}?filter={wish}"))["items"]

    assert [one["customerName"] for one in found] == ["Fabrikam"]
