"""The sandbox is small, and throws away what it made."""

import httpx
import pytest

from simulator.seeds import SANDBOX, add_customer
from simulator.world import World
from tests.simulator.northwind import BASIC, Northwind, line, new_customer, path_of


@pytest.fixture
async def sandbox(world: World, http: httpx.AsyncClient) -> Northwind:
    partner = Northwind(world, http, SANDBOX)
    await partner.sign_in()
    return partner


@pytest.mark.case(32)
async def test_the_seventy_sixth_customer_is_refused(sandbox: Northwind) -> None:
    for number in range(74):
        add_customer(sandbox.world, SANDBOX, f"c{number}.onmicrosoft.com", f"C{number}", "US")

    last = await sandbox.call("POST", "/v1/customers", new_customer())
    more = await sandbox.call("POST", "/v1/customers", new_customer("more.onmicrosoft.com"))

    assert last.status_code == 201
    assert (more.status_code, more.json()["code"]) == (400, 800018)


@pytest.mark.contract
async def test_a_subscription_has_twenty_five_seats_at_most(sandbox: Northwind) -> None:
    customer = await sandbox.customer()
    cart = await sandbox.cart(customer, line(await sandbox.item(customer), 26))
    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}/checkout"

    refused = await sandbox.call("POST", path)
    subscription = await sandbox.buy(customer, 25)
    grown = await sandbox.change(subscription, quantity=26)

    assert cart.json()["lineItems"][0]["error"]["errorCode"] == 10009
    assert (refused.status_code, refused.json()["code"]) == (400, 800009)
    assert (grown.status_code, grown.json()["code"]) == (400, 800018)


@pytest.mark.contract
async def test_a_customer_has_five_subscriptions_at_most(sandbox: Northwind) -> None:
    customer = await sandbox.customer()
    for _ in range(5):
        await sandbox.buy(customer, 1)

    cart = await sandbox.cart(customer, line(await sandbox.item(customer), 1))

    assert cart.json()["lineItems"][0]["error"]["errorCode"] == 10009


@pytest.mark.contract
async def test_a_customer_is_deleted_with_its_tenant(sandbox: Northwind) -> None:
    customer = await sandbox.customer()
    await sandbox.buy(customer, 1)
    path = f"/v1/customers/{customer.id}"

    deleted = await sandbox.call("DELETE", path)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await sandbox.call("GET", path)).json()["code"] == 60003
    assert customer.id not in sandbox.world.tenants


@pytest.mark.contract
async def test_production_deletes_nobody(northwind: Northwind) -> None:
    customer = await northwind.customer()

    answer = await northwind.call("DELETE", f"/v1/customers/{customer.id}")

    assert answer.status_code == 403
    assert customer.id in northwind.world.customers


@pytest.mark.contract
async def test_some_things_are_not_sold_there(sandbox: Northwind) -> None:
    sandbox.world.switches["sandbox.unsold"] = [f"{BASIC}:0001"]
    customer = await sandbox.customer()

    answer = await sandbox.cart(customer, line(await sandbox.item(customer), 1))

    assert (answer.status_code, answer.json()["code"]) == (403, 900322)


@pytest.mark.contract
async def test_an_order_is_cancelled_whole(sandbox: Northwind) -> None:
    subscription = await sandbox.buy(await sandbox.customer(), 1)
    path = f"/v1/customers/{subscription.customer_id}/orders/{subscription.order_id}"

    answer = await sandbox.call("PATCH", path, {"status": "cancelled"})

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    shown = await sandbox.get(path_of(subscription))
    assert shown["status"] == "deleted"
