"""What the sources leave open, or tell in two ways, is a switch; what they tell is so."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from simulator.nouns import Customer, Subscription
from simulator.seeds import SANDBOX, WINGTIP
from simulator.world import World
from tests.simulator.northwind import BASIC, Northwind, line, next_term, path_of


@pytest.fixture
async def customer(northwind: Northwind) -> Customer:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    return await northwind.customer()


@pytest.fixture
async def ten_seats(northwind: Northwind, customer: Customer) -> Subscription:
    return await northwind.buy(customer, 10)


async def partner(world: World, http: httpx.AsyncClient, tenant_id: str) -> Northwind:
    other = Northwind(world, http, tenant_id)
    await other.sign_in()
    return other


@pytest.mark.contract
@pytest.mark.parametrize("spell", [str.lower, str.upper])
async def test_names_of_properties_may_be_in_any_case(
    northwind: Northwind, customer: Customer, spell: Any
) -> None:
    wanted = line(await northwind.item(customer), 7)
    body = {spell("lineItems"): [{spell(name): value for name, value in wanted.items()}]}

    cart = await northwind.call("POST", f"/v1/customers/{customer.id}/carts", body)

    assert cart.status_code == 201
    assert (cart.json()["lineItems"][0]["quantity"], "error" in cart.text) == (7, False)


@pytest.mark.contract
@pytest.mark.parametrize("path", ["/v1/customers?size=many", "/v1/offers?country=US&offset=x"])
async def test_a_number_that_is_none_is_refused(northwind: Northwind, path: str) -> None:
    assert (await northwind.call("GET", path)).status_code == 400


@pytest.mark.contract
@pytest.mark.parametrize("lines", ["many", {"id": 0}, [1], [None]])
@pytest.mark.parametrize("place", ["carts", "orders"])
async def test_lines_that_are_none_are_refused(
    northwind: Northwind, customer: Customer, place: str, lines: object
) -> None:
    path = f"/v1/customers/{customer.id}/{place}"

    answer = await northwind.call("POST", path, {"lineItems": lines})

    assert answer.status_code == 400


@pytest.mark.contract
async def test_a_line_names_the_markets_currency_and_participants_that_are_known(
    northwind: Northwind, customer: Customer
) -> None:
    wanted = line(await northwind.item(customer))
    stranger = {"participants": [{"key": "stranger", "value": "1"}]}

    cart = await northwind.cart(
        customer,
        wanted | {"currencyCode": "EUR"},
        wanted | stranger,
        wanted | {"currencyCode": "usd"},
    )

    codes = [one.get("error", {}).get("errorCode") for one in cart.json()["lineItems"]]
    assert codes == [10000, 10004, None]


@pytest.mark.contract
async def test_another_partner_sees_neither_the_carts_nor_the_orders(
    northwind: Northwind, ten_seats: Subscription, world: World, http: httpx.AsyncClient
) -> None:
    customer = world.customers[ten_seats.customer_id]
    customer.partner_ids.append(WINGTIP)
    other = await partner(world, http, WINGTIP)
    cart = (await northwind.cart(customer, line(await northwind.item(customer)))).json()
    base = f"/v1/customers/{customer.id}"

    orders = await other.get(f"{base}/orders")
    order = await other.call("GET", f"{base}/orders/{ten_seats.order_id}")
    foreign = await other.call("POST", f"{base}/carts/{cart['id']}/checkout")

    assert orders["items"] == []
    assert (order.status_code, order.json()["code"]) == (404, 20000)
    assert (foreign.status_code, foreign.json()["code"]) == (404, 800008)


@pytest.mark.contract
async def test_what_is_suspended_wakes_with_renewal_asked_for_and_still_off(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, status="suspended")

    planned = await northwind.change(ten_seats, autoRenewEnabled=True)
    renamed = await northwind.change(ten_seats, friendlyName="Asleep")
    woken = await northwind.change(ten_seats, status="active", autoRenewEnabled=True)

    assert (planned.status_code, planned.json()["code"]) == (400, 800091)
    assert renamed.json()["friendlyName"] == "Asleep"
    assert (woken.status_code, woken.json()["autoRenewEnabled"]) == (200, False)


@pytest.mark.contract
async def test_a_promotion_of_the_next_term_must_exist(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    schedule = next_term(8)
    schedule["product"]["promotionId"] = "39NFJQT1XXXX:0001:39NFJQT1YYYY"

    answer = await northwind.change(ten_seats, scheduledNextTermInstructions=schedule)

    assert (answer.status_code, answer.json()["code"]) == (400, 900269)


async def test_a_schedule_without_renewal_may_be_dropped_instead(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["schedule.withoutRenewal"] = "dropped"

    answer = await northwind.change(
        ten_seats, autoRenewEnabled=False, scheduledNextTermInstructions=next_term(8)
    )

    assert answer.status_code == 200
    assert "scheduledNextTermInstructions" not in await northwind.read(ten_seats)


@pytest.mark.contract
async def test_the_old_commerce_has_no_transitions_and_the_new_one_no_add_ons_beneath(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    place = f"/_sim/portal/customers/{ten_seats.customer_id}/legacypurchases"
    mail = {"offerId": "195416C1-3447-423A-B37B-EE59A99A19C4", "quantity": 3}
    old = (await northwind.http.post(place, json=mail)).json()["id"]
    base = f"/v1/customers/{ten_seats.customer_id}/subscriptions"

    refused = await northwind.call("GET", f"{base}/{old}/transitionEligibilities")
    beneath = await northwind.get(f"{path_of(ten_seats)}/addons")

    assert (refused.status_code, refused.json()["code"]) == (403, 900263)
    assert beneath["items"] == []


@pytest.mark.contract
async def test_a_cancelled_order_of_the_sandbox_stays_cancelled(
    world: World, http: httpx.AsyncClient
) -> None:
    sandbox = await partner(world, http, SANDBOX)
    held = await sandbox.buy(await sandbox.customer(), 1)
    path = f"/v1/customers/{held.customer_id}/orders/{held.order_id}"

    await sandbox.call("PATCH", path, {"status": "cancelled"})

    shown = await sandbox.get(path)
    assert (shown["status"], shown["lineItems"][0]["quantity"]) == ("cancelled", 0)


@pytest.mark.contract
async def test_only_a_sandbox_activates(
    northwind: Northwind, ten_seats: Subscription, world: World, http: httpx.AsyncClient
) -> None:
    sandbox = await partner(world, http, SANDBOX)
    held = await sandbox.buy(await sandbox.customer("litware.onmicrosoft.com"), 1)

    there = await sandbox.call("POST", f"{path_of(held)}/activate")
    here = await northwind.call("POST", f"{path_of(ten_seats)}/activate")

    assert there.json() == {"subscriptionId": held.id, "status": "Success"}
    assert here.status_code == 400


@pytest.mark.contract
async def test_resellers_are_found_by_the_start_of_their_name(
    world: World, http: httpx.AsyncClient
) -> None:
    wingtip = await partner(world, http, WINGTIP)
    base = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf&filter="

    async def found(name: str) -> int:
        wish = quote(f'{{"Field":"Name","Value":"{name}","Operator":"starts_with"}}')
        return len((await wingtip.get(f"{base}{wish}", user=True))["items"])

    assert (await found("tail"), await found("spin")) == (1, 0)


async def test_a_401_names_its_realm(northwind: Northwind) -> None:
    answer = await northwind.http.get("/partnercenter/v1/customers")

    assert answer.headers["www-authenticate"].startswith("OAuth realm=urn:cpsvc:cpid:")


async def test_the_version_of_the_contract_may_be_asked_for(northwind: Northwind) -> None:
    northwind.world.switches["partnercenter.contractVersionRequired"] = True

    without = await northwind.call("GET", "/v1/customers")
    named = await northwind.call("GET", "/v1/customers", MS_Contract_Version="v1")

    assert (without.status_code, named.status_code) == (400, 200)


async def test_the_other_spellings_are_switches(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches.update(
        {
            "catalogue.provisioningIds": False,
            "catalogue.partialRefund": False,
            "customers.countryRules": "nested",
            "subscriptions.refundEnd": "expiresAfter",
            "cart.errorNames": True,
        }
    )
    sku = await northwind.get(f"/v1/products/{BASIC}/skus/0001?country=US")
    availability = f"/v1/products/{BASIC}/skus/0001/availabilities?country=US"
    term = (await northwind.get(availability))["items"][0]["terms"][0]
    rules = await northwind.get("/v1/countryvalidationrules/US")
    customer = northwind.world.customers[ten_seats.customer_id]
    cart = (await northwind.cart(customer, line("CFQ7TTC0XXXX:0001:X"))).json()

    assert "provisioningId" not in sku["dynamicAttributes"]
    assert len(term["cancellationPolicies"][0]["refundOptions"]) == 1
    assert "WA" in rules["states"]["value"]
    assert "expiresAfter" in (await northwind.read(ten_seats))["refundOptions"][0]
    assert cart["lineItems"][0]["error"]["errorCode"] == "catalog_item_id_is_not_valid"


async def test_other_statuses_are_switches(northwind: Northwind, customer: Customer) -> None:
    northwind.world.switches.update(
        {"cart.replaceStatus": 200, "etag.staleStatus": 412, "webhooks.missingStatus": 400}
    )
    wanted = line(await northwind.item(customer))
    cart = (await northwind.cart(customer, wanted)).json()
    base = f"/v1/customers/{customer.id}"
    profile = await northwind.get(f"{base}/profiles/billing")

    replaced = await northwind.call("PUT", f"{base}/carts/{cart['id']}", {"lineItems": [wanted]})
    stale = await northwind.call("PUT", f"{base}/profiles/billing", profile, If_Match='"0"')
    missing = await northwind.call("GET", "/webhooks/v1/registration")

    assert (replaced.status_code, missing.status_code) == (200, 400)
    assert (stale.status_code, stale.json()["code"]) == (412, 2055)


@pytest.mark.contract
@pytest.mark.parametrize("wrong", ["x", 5, [], [1], True])
@pytest.mark.parametrize(
    "name", ["scheduledNextTermInstructions", "nextChargeInstructions", "scheduledActions"]
)
async def test_what_is_to_come_must_have_its_shape(
    northwind: Northwind, ten_seats: Subscription, name: str, wrong: object
) -> None:
    answer = await northwind.change(ten_seats, **{name: wrong})

    assert answer.status_code in (200, 400)
    assert ten_seats.schedule is ten_seats.next_charge is None


@pytest.mark.contract
@pytest.mark.parametrize("items", ["x", [1], {"id": 0}])
async def test_what_a_promotion_is_asked_for_must_have_its_shape(
    northwind: Northwind, customer: Customer, items: object
) -> None:
    path = f"/v1/customers/{customer.id}/promotionEligibilities"

    assert (await northwind.call("POST", path, {"items": items})).status_code == 400
