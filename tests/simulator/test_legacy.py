"""The old commerce is mostly closed, keeps etags, and gives seats back on any day."""

from typing import Any

import httpx
import pytest

from simulator.legacy import OFFERS
from simulator.nouns import Customer
from tests.simulator.northwind import BASIC, Json, Northwind, line

MAIL = "195416C1-3447-423A-B37B-EE59A99A19C4"
ARCHIVE = "2828BE95-46BA-4F91-B2FD-0BEF192ECF60"
E3 = next(offer.id for offer in OFFERS.values() if offer.part_number == "ENTERPRISEPACK")


class Old:
    """A customer of Northwind's with mail plans from before."""

    def __init__(self, northwind: Northwind, customer: Customer, ids: Json) -> None:
        self.northwind, self.customer, self.ids = northwind, customer, ids
        self.root = f"/v1/customers/{customer.id}"
        self.path = f"{self.root}/subscriptions/{ids['id']}"
        self.order = f"{self.root}/orders/{ids['orderId']}"

    async def read(self) -> Json:
        return await self.northwind.get(self.path)

    async def change(self, **changes: Any) -> httpx.Response:
        return await self.northwind.call("PATCH", self.path, await self.read() | changes)

    async def add_archive(self, quantity: int, parent: str = "") -> httpx.Response:
        archive = {
            "lineItemNumber": 1,
            "offerId": ARCHIVE,
            "quantity": quantity,
            "parentSubscriptionId": parent or self.ids["id"],
        }
        return await self.northwind.call("PATCH", self.order, {"lineItems": [archive]})


@pytest.fixture
async def old(northwind: Northwind) -> Old:
    customer = await northwind.customer()
    path = f"/_sim/portal/customers/{customer.id}/legacypurchases"
    bought = await northwind.http.post(path, json={"offerId": MAIL, "quantity": 10})
    return Old(northwind, customer, bought.raise_for_status().json())


@pytest.mark.contract
async def test_offers_come_with_their_addons_and_categories(northwind: Northwind) -> None:
    offers = (await northwind.get("/v1/offers?country=US"))["items"]
    addons = (await northwind.get(f"/v1/offers/{MAIL}/addons?country=US"))["items"]
    categories = (await northwind.get("/v1/offercategories?country=US"))["items"]

    mail = next(one for one in offers if one["id"] == MAIL)
    assert (mail["hasAddOns"], mail["isAddOn"], mail["billing"]) == (True, False, "license")
    assert addons[0]["prerequisiteOffers"] == [MAIL]
    assert mail["category"]["id"] in [one["id"] for one in categories]


@pytest.mark.contract
async def test_an_id_of_the_new_commerce_is_no_offer(northwind: Northwind) -> None:
    modern = await northwind.call("GET", f"/v1/offers/{BASIC}?country=US")
    without = await northwind.call("GET", "/v1/offers")

    assert (modern.status_code, modern.json()["code"]) == (400, 2100)
    assert without.status_code == 400


@pytest.mark.case(62)
async def test_both_commerces_stand_in_one_list(old: Old) -> None:
    new = await old.northwind.buy(old.customer, 3)

    listed = await old.northwind.get(f"{old.root}/subscriptions")
    shown = await old.read()

    assert {one["id"] for one in listed["items"]} == {new.id, old.ids["id"]}
    assert (shown["offerId"], shown["id"]) == (MAIL, shown["id"].upper())
    assert shown["attributes"]["etag"]
    assert "productType" not in shown


@pytest.mark.case(67)
async def test_seats_go_back_on_day_two_hundred(old: Old) -> None:
    old.northwind.wait(days=200)

    answer = await old.change(quantity=2)

    assert (answer.status_code, answer.json()["quantity"]) == (200, 2)


@pytest.mark.case(68)
async def test_a_stale_etag_is_refused(old: Old) -> None:
    before = await old.read()
    await old.change(quantity=12)

    stale = await old.northwind.call("PATCH", old.path, before | {"quantity": 11})
    none = await old.northwind.call("PATCH", old.path, {"quantity": 11})

    assert (stale.status_code, stale.json()["code"]) == (400, 2055)
    assert none.json()["code"] == 2055
    assert (await old.read())["quantity"] == 12


@pytest.mark.contract
@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"billingCycle": "annual"}, 2054, id="billing"),
        pytest.param({"quantity": 0}, 2002, id="no seats"),
        pytest.param({"autoRenewEnabled": False}, 800093, id="no renewal"),
        pytest.param({"status": "deleted"}, 800040, id="cancel"),
    ],
)
async def test_what_a_patch_cannot_do(old: Old, change: Json, code: int) -> None:
    answer = await old.change(**change)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.contract
async def test_an_addon_sleeps_with_its_base_and_wakes_after_it(old: Old) -> None:
    bought = await old.add_archive(4)
    addons = (await old.northwind.get(f"{old.path}/addons"))["items"]
    addon = Old(old.northwind, old.customer, {"id": addons[0]["id"], "orderId": old.ids["orderId"]})
    await old.change(status="suspended")

    asleep = await addon.read()
    early = await addon.change(status="active")
    await old.change(status="active")
    awake = await addon.change(status="active")

    assert (bought.status_code, len(bought.json()["lineItems"])) == (200, 2)
    assert addons[0]["parentSubscriptionId"] == old.ids["id"]
    assert asleep["status"] == "suspended"
    assert (early.status_code, early.json()["code"]) == (409, 27009)
    assert (awake.status_code, awake.json()["status"]) == (200, "active")


@pytest.mark.contract
async def test_an_addon_needs_a_base_that_it_goes_with(old: Old) -> None:
    path = f"/_sim/portal/customers/{old.customer.id}/legacypurchases"
    other = await old.northwind.http.post(path, json={"offerId": E3, "quantity": 5})

    foreign = await old.add_archive(2, parent=other.json()["id"])
    large = await old.add_archive(11)
    await old.change(status="suspended")
    asleep = await old.add_archive(2)

    assert foreign.json()["code"] == 800029
    assert large.json()["code"] == 2002
    assert (asleep.status_code, asleep.json()["code"]) == (409, 27009)


@pytest.mark.contract
async def test_the_billing_cycle_changes_through_the_order(old: Old) -> None:
    whole = await old.northwind.get(old.order)

    answer = await old.northwind.call("PATCH", old.order, whole | {"billingCycle": "Annual"})

    assert answer.json()["billingCycle"] == "annual"
    assert (await old.read())["billingCycle"] == "annual"


@pytest.mark.contract
async def test_closed_offers_are_not_sold(old: Old) -> None:
    cart = await old.northwind.cart(old.customer, line(MAIL, 1))
    wish: Json = {"billingCycle": "monthly"}
    wish |= {"lineItems": [{"lineItemNumber": 0, "offerId": MAIL, "quantity": 1}]}

    refused = await old.northwind.call("POST", f"{old.root}/orders", wish)
    old.northwind.world.switches["legacy.closed"] = False
    bought = await old.northwind.call("POST", f"{old.root}/orders", wish)

    assert cart.json()["lineItems"][0]["error"]["errorCode"] == 500600
    assert (refused.status_code, refused.json()["code"]) == (403, 800020)
    assert bought.status_code == 201
    assert bought.json()["lineItems"][0]["subscriptionId"]


@pytest.mark.contract
async def test_what_sleeps_for_ninety_days_is_deleted(old: Old) -> None:
    await old.change(status="suspended")
    old.northwind.wait(days=90)

    assert (await old.read())["status"] == "deleted"
    assert (await old.change(status="active")).json()["code"] == 2011


@pytest.mark.contract
async def test_old_seats_count_like_new_ones_and_renew_by_themselves(old: Old) -> None:
    before = await old.read()
    skus = (await old.northwind.get(f"{old.root}/subscribedskus", user=True))["items"]
    old.northwind.wait(days=400)

    after = await old.read()

    assert (skus[0]["productSku"]["skuPartNumber"], skus[0]["activeUnits"]) == (
        "EXCHANGESTANDARD",
        10,
    )
    assert (after["status"], after["quantity"]) == ("active", 10)
    assert after["commitmentEndDate"] > before["commitmentEndDate"]
