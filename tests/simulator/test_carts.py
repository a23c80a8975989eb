"""Carts report bad lines in the line, and are checked out once."""

import anyio
import httpx
import pytest

from tests.simulator.northwind import PHONE, Northwind, line


def _codes(cart: httpx.Response) -> list[int | None]:
    lines = cart.json()["lineItems"]
    return [one.get("error", {}).get("errorCode") for one in lines]


@pytest.mark.contract
async def test_a_price_is_for_the_period_and_the_extended_one_for_the_term(
    northwind: Northwind,
) -> None:
    customer = await northwind.customer()

    cart = await northwind.cart(customer, line(await northwind.item(customer), 10))

    assert cart.status_code == 201
    pricing = cart.json()["lineItems"][0]["pricing"]
    assert (pricing["price"], pricing["extendedPrice"]) == (4.8, 576.0)
    assert cart.json()["status"] == "Active"


@pytest.mark.contract
async def test_bad_lines_do_not_fail_the_call(northwind: Northwind) -> None:
    customer = await northwind.customer()
    item = await northwind.item(customer)
    phone = await northwind.item(customer, PHONE)

    cart = await northwind.cart(
        customer,
        line("CFQ7TTC0XXXX:0001:CFQ7TTC0YYYY"),
        line(item, quantity=301),
        line(item, quantity=0),
        line(item, term="P1M", billing="annual"),
    )
    alone = await northwind.cart(customer, line(phone))
    together = await northwind.cart(customer, line(item), line(phone))

    assert cart.status_code == 201
    assert _codes(cart) == [10001, 10015, 10010, 10013]
    assert _codes(alone) == [400041]
    assert _codes(together) == [None, None]


@pytest.mark.contract
async def test_a_checkout_that_is_repeated_buys_once(northwind: Northwind) -> None:
    customer = await northwind.customer()
    cart = await northwind.cart(customer, line(await northwind.item(customer)))
    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}"

    first = await northwind.call("POST", f"{path}/checkout")
    again = await northwind.call("POST", f"{path}/checkout")
    shown = await northwind.get(path)
    northwind.world.switches["cart.strictCheckout"] = True
    strict = await northwind.call("POST", f"{path}/checkout")

    assert again.json()["orders"][0]["id"] == first.json()["orders"][0]["id"]
    assert len(northwind.world.subscriptions) == 1
    assert shown["status"] == "Ordered"
    assert (strict.status_code, strict.json()["code"]) == (400, 800065)


@pytest.mark.case(55)
async def test_a_cart_is_checked_out_by_one_at_a_time(northwind: Northwind) -> None:
    northwind.world.switches["cart.checkoutSeconds"] = 0.05
    customer = await northwind.customer()
    cart = await northwind.cart(customer, line(await northwind.item(customer)))
    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}/checkout"
    answers: list[httpx.Response] = []

    async def check_out() -> None:
        answers.append(await northwind.call("POST", path))

    async with anyio.create_task_group() as group:
        group.start_soon(check_out)
        group.start_soon(check_out)

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(northwind.world.subscriptions) == 1


@pytest.mark.contract
async def test_a_rotated_availability_fails_the_checkout(northwind: Northwind) -> None:
    customer = await northwind.customer()
    cart = await northwind.cart(customer, line(await northwind.item(customer)))
    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}"
    northwind.world.switches["availabilities.rotation"] = 1

    stale = await northwind.call("POST", f"{path}/checkout")
    fresh = {"lineItems": [line(await northwind.item(customer))]}
    replaced = await northwind.call("PUT", path, fresh)
    bought = await northwind.call("POST", f"{path}/checkout")

    assert (stale.status_code, stale.json()["code"]) == (404, 400019)
    assert replaced.status_code == 201
    assert bought.status_code == 201


@pytest.mark.case(53)
async def test_a_cart_lives_seven_days(northwind: Northwind) -> None:
    customer = await northwind.customer()
    cart = await northwind.cart(customer, line(await northwind.item(customer)))
    northwind.wait(days=7)

    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}/checkout"
    answer = await northwind.call("POST", path)

    assert (answer.status_code, answer.json()["code"]) == (404, 800008)


@pytest.mark.contract
async def test_a_cart_with_a_bad_line_is_not_checked_out(northwind: Northwind) -> None:
    customer = await northwind.customer()
    cart = await northwind.cart(customer, line("CFQ7TTC0XXXX:0001:CFQ7TTC0YYYY"))

    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}/checkout"
    answer = await northwind.call("POST", path)

    assert (answer.status_code, answer.json()["code"]) == (400, 800009)


@pytest.mark.contract
async def test_the_attestation_can_be_required(northwind: Northwind) -> None:
    northwind.world.switches["cart.attestationRequired"] = True
    customer = await northwind.customer()

    body = {"lineItems": [line(await northwind.item(customer))]}
    answer = await northwind.call("POST", f"/v1/customers/{customer.id}/carts", body)

    assert (answer.status_code, answer.json()["code"]) == (400, 900206)


@pytest.mark.case(52)
async def test_the_subscription_id_may_come_later(northwind: Northwind) -> None:
    northwind.world.switches["lag.subscriptionIdLooks"] = 2
    customer = await northwind.customer()
    cart = await northwind.cart(customer, line(await northwind.item(customer)))
    base = f"/v1/customers/{customer.id}"

    path = f"{base}/carts/{cart.json()['id']}/checkout"
    order = (await northwind.call("POST", path)).json()["orders"][0]
    looks = [await northwind.get(f"{base}/orders/{order['id']}") for _ in range(2)]

    assert order["status"] == "pending"
    assert "subscriptionId" not in order["lineItems"][0]
    assert "subscriptionId" not in looks[0]["lineItems"][0]
    assert "subscriptionId" in looks[1]["lineItems"][0]
    assert looks[1]["status"] == "completed"


@pytest.mark.case(56)
async def test_the_list_of_orders_lags_behind_the_order(northwind: Northwind) -> None:
    northwind.world.switches["lag.orderListSeconds"] = 900
    customer = await northwind.customer()
    subscription = await northwind.buy(customer)
    base = f"/v1/customers/{customer.id}/orders"

    listed = await northwind.get(base)
    found = await northwind.get(f"{base}/{subscription.order_id}")
    northwind.world.switches["lag.orderListSeconds"] = 0
    later = await northwind.get(f"{base}?billingType=monthly")

    assert listed["items"] == []
    assert found["id"] == subscription.order_id
    assert later["totalCount"] == 1


@pytest.mark.case(58)
async def test_seats_are_not_cancelled_through_the_order(northwind: Northwind) -> None:
    customer = await northwind.customer()
    subscription = await northwind.buy(customer)
    path = f"/v1/customers/{customer.id}/orders/{subscription.order_id}"

    refused = await northwind.call("PATCH", path, {"status": "cancelled"})
    unknown = await northwind.call("GET", f"{path[:-3]}abc")
    status = await northwind.get(f"{path}/provisioningstatus", user=True)

    assert (refused.status_code, refused.json()["code"]) == (403, 800077)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 20000)
    assert status["items"][0]["quantityProvisioningInformation"][0]["quantity"] == 10
