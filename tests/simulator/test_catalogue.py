"""The catalogue shows real products, availabilities that change, and prices per period."""

import csv
import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.simulator.northwind import BASIC, PHONE, Northwind

SHEET = "/v1.0/sales/pricesheets(Market='{}',PricesheetView='updatedlicensebased')/$value"


@pytest.mark.contract
async def test_names_the_entra_sku_of_a_product(northwind: Northwind) -> None:
    sku = await northwind.get(f"/v1/products/{BASIC}/skus/0001?country=US")

    assert sku["maximumQuantity"] == 300
    assert sku["dynamicAttributes"]["provisioningId"] == "3b555118-da6a-4418-894f-7df1e2096870"


@pytest.mark.contract
async def test_an_addon_names_its_bases(northwind: Northwind) -> None:
    sku = await northwind.get(f"/v1/products/{PHONE}/skus/0001?country=US")

    assert sku["dynamicAttributes"]["isAddon"] is True
    assert f"{BASIC}:0001" in sku["dynamicAttributes"]["prerequisiteSkus"]


@pytest.mark.contract
async def test_a_catalogue_item_is_product_sku_and_availability(northwind: Northwind) -> None:
    path = f"/v1/products/{BASIC}/skus/0001/availabilities"
    found = (await northwind.get(f"{path}?country=DE"))["items"][0]

    assert found["catalogItemId"] == f"{BASIC}:0001:{found['id']}"
    assert found["defaultCurrency"]["code"] == "EUR"
    pairs = {(term["duration"], term["billingCycle"]) for term in found["terms"]}
    assert ("P1Y", "Monthly") in pairs
    assert ("P1M", "Annual") not in pairs


@pytest.mark.contract
async def test_a_list_of_products_is_of_a_view(northwind: Northwind) -> None:
    answer = await northwind.call("GET", "/v1/products?country=US")

    assert (answer.status_code, answer.json()["code"]) == (400, 3000)


@pytest.mark.contract
async def test_a_customers_catalogue_is_in_its_country(northwind: Northwind) -> None:
    customer = await northwind.customer()

    path = f"/v1/customers/{customer.id}/products?targetView=OnlineServices"
    page = await northwind.get(path)

    assert BASIC in {item["id"] for item in page["items"]}
    assert page["items"][0]["links"]["self"]["uri"].endswith("country=US")


@pytest.mark.contract
async def test_availabilities_rotate_without_notice(northwind: Northwind) -> None:
    customer = await northwind.customer()
    before = await northwind.item(customer)

    northwind.world.switches["availabilities.rotation"] = 1

    assert await northwind.item(customer) != before


async def test_the_price_sheet_counts_by_billing_period(northwind: Northwind) -> None:
    answer = await northwind.call("GET", SHEET.format("US"), user=True)

    rows = [row for row in csv.DictReader(io.StringIO(answer.text)) if row["ProductId"] == BASIC]
    prices = {(row["TermDuration"], row["BillingPlan"]): row["UnitPrice"] for row in rows}
    assert prices["P1Y", "Monthly"] == "4.80"
    assert prices["P1Y", "Annual"] == "57.60"
    assert prices["P3Y", "Triennial"] == "172.80"
    assert {row["ERP Price"] for row in rows if row["BillingPlan"] == "Annual"} == {"72.00"}


async def test_yen_have_no_decimals(northwind: Northwind) -> None:
    answer = await northwind.call("GET", SHEET.format("JP"), user=True)

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["Currency"] for row in rows} == {"JPY"}
    assert all(Decimal(row["UnitPrice"]) % 1 == 0 for row in rows)


async def test_the_price_sheet_comes_zipped_for_who_deflates(northwind: Northwind) -> None:
    answer = await northwind.call("GET", SHEET.format("GB"), user=True, Accept_Encoding="deflate")

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.read("pricesheet.csv").startswith(b"ProductTitle,ProductId")


async def test_the_price_sheet_is_for_users_and_todays_view(northwind: Northwind) -> None:
    app_only = await northwind.call("GET", SHEET.format("US"))
    coming = await northwind.call("GET", SHEET.format("US") + "?timeline=future", user=True)

    assert app_only.json()["code"] == 900329
    assert coming.status_code == 404


async def test_a_price_that_rises_is_in_a_sheet_of_its_own_until_its_day(
    northwind: Northwind,
) -> None:
    """What is in force ends the moment before, and afterwards nothing is announced any more."""
    today = northwind.world.clock.now()
    day = (today + timedelta(days=30)).date().isoformat()
    northwind.world.switches.update({"pricesheet.risesOn": day, "pricesheet.risesBy": 25})

    before = [await monthly(northwind, timeline) for timeline in ("current", "future")]
    northwind.world.clock.advance(timedelta(days=31))
    after = await monthly(northwind, "current")
    announced = await northwind.call("GET", SHEET.format("US") + "?timeline=future", user=True)

    assert [row["UnitPrice"] for row in (*before, after)] == ["4.80", "6.00", "6.00"]
    assert before[0]["EffectiveEndDate"] < before[1]["EffectiveStartDate"]
    assert {row["EffectiveStartDate"][:10] for row in (before[1], after)} == {day}
    assert announced.status_code == 404


async def monthly(northwind: Northwind, timeline: str) -> dict[str, str]:
    place = f"{SHEET.format('US')}?timeline={timeline}"
    text = (await northwind.call("GET", place, user=True)).text
    rows = (row for row in csv.DictReader(io.StringIO(text)) if row["ProductId"] == BASIC)
    return next(r for r in rows if (r["TermDuration"], r["BillingPlan"]) == ("P1Y", "Monthly"))


async def test_the_price_sheet_may_insist_on_its_own_audience(northwind: Northwind) -> None:
    northwind.world.switches["pricesheet.strictAudience"] = True
    scope = "https://api.partner.microsoft.com/.default"
    own = (await northwind.redeem(scope=scope))["access_token"]

    foreign = await northwind.call("GET", SHEET.format("US"), user=True)
    northwind.user_token = own
    fitting = await northwind.call("GET", SHEET.format("US"), user=True)

    assert (foreign.status_code, foreign.json()["code"]) == (401, 900420)
    assert fitting.status_code == 200
