"""Calls go wrong on request: replies are lost, errors are injected, time is lost."""

import time

import pytest

from simulator.faults import Fault, Faults, ReplyLost
from tests.simulator.northwind import Northwind, line, new_customer, path_of

CUSTOMERS = "/v1/customers"


@pytest.mark.contract
async def test_a_reply_lost_after_the_commit_leaves_the_work_done(northwind: Northwind) -> None:
    subscription = await northwind.buy(await northwind.customer())
    northwind.world.faults.add(Fault("*/subscriptions/*", "PATCH", drop_after_commit=True))
    body = {"quantity": 12, "autoRenewEnabled": True}

    with pytest.raises(ReplyLost):
        await northwind.call("PATCH", path_of(subscription), body)

    assert subscription.quantity == 12
    assert (await northwind.read(subscription))["quantity"] == 12


@pytest.mark.contract
async def test_a_lost_creation_is_found_again_by_its_request_id(northwind: Northwind) -> None:
    request_id = "33333333-3333-4333-8333-333333333333"
    northwind.world.faults.add(Fault(CUSTOMERS, "POST", drop_after_commit=True))

    with pytest.raises(ReplyLost):
        await northwind.call("POST", CUSTOMERS, new_customer(), MS_RequestId=request_id)
    again = await northwind.call("POST", CUSTOMERS, new_customer(), MS_RequestId=request_id)

    (tenant_id,) = northwind.world.customers
    admin = northwind.world.tenants[tenant_id].user("admin@fabrikam.onmicrosoft.com")
    assert again.json()["id"] == tenant_id
    assert admin is not None
    assert admin.has_password(again.json()["userCredentials"]["password"])


@pytest.mark.contract
async def test_a_lost_checkout_bought_once(northwind: Northwind) -> None:
    customer = await northwind.customer()
    cart = await northwind.cart(customer, line(await northwind.item(customer)))
    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}"
    northwind.world.faults.add(Fault("*/checkout", "POST", drop_after_commit=True))

    with pytest.raises(ReplyLost):
        await northwind.call("POST", f"{path}/checkout")
    shown = await northwind.get(path)
    again = await northwind.call("POST", f"{path}/checkout")

    assert shown["status"] == "Ordered"
    assert again.status_code == 201
    assert len(northwind.world.subscriptions) == 1


async def test_a_reply_lost_before_the_commit_leaves_nothing(northwind: Northwind) -> None:
    northwind.world.faults.add(Fault(CUSTOMERS, "POST", drop_before_commit=True))

    with pytest.raises(ConnectionResetError):
        await northwind.call("POST", CUSTOMERS, new_customer())

    assert not northwind.world.customers


async def test_an_error_is_answered_as_often_as_asked(northwind: Northwind) -> None:
    wish = {"method": "GET", "path": CUSTOMERS, "times": 2, "skip": 1, "status": 503}
    await northwind.http.post("/_sim/faults", json=wish | {"retryAfter": 7, "body": "<html>"})

    answers = [await northwind.call("GET", CUSTOMERS) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert answers[1].headers["retry-after"] == "7"
    assert answers[1].text == "<html>"


async def test_an_injected_error_may_have_no_body_or_a_document(northwind: Northwind) -> None:
    faults = northwind.world.faults
    faults.add(Fault(CUSTOMERS, status=503))
    faults.add(Fault(CUSTOMERS, status=409, body={"code": 800082}))

    empty = await northwind.call("GET", CUSTOMERS)
    document = await northwind.call("GET", CUSTOMERS)

    assert (empty.status_code, empty.content) == (503, b"")
    assert document.json() == {"code": 800082}


async def test_calls_can_be_slow(northwind: Northwind) -> None:
    northwind.world.switches["latency.partnercenterMs"] = 20
    northwind.world.faults.add(Fault(CUSTOMERS, delay_seconds=0.02))

    started = time.perf_counter()
    await northwind.call("GET", CUSTOMERS)

    assert time.perf_counter() - started >= 0.04


def test_a_path_fits_with_or_without_its_prefix() -> None:
    faults = Faults([Fault("/v1/customers/*", "get"), Fault("/graph/v1.0/users/*")])

    assert faults.match("GET", "/partnercenter/v1/customers/1") is not None
    assert faults.match("GET", "/partnercenter/v1/customers/1") is None
    assert faults.match("POST", "/graph/v1.0/users/1") is not None


async def test_the_log_knows_every_call_but_its_own(northwind: Northwind) -> None:
    await northwind.call("GET", "/v1/customers?size=1")
    northwind.world.faults.add(Fault(CUSTOMERS, drop_after_commit=True))
    with pytest.raises(ReplyLost):
        await northwind.call("GET", CUSTOMERS)

    seen = (await northwind.http.get("/_sim/calls")).json()

    *_, answered, lost = seen["calls"]
    assert answered["path"] == "/partnercenter/v1/customers"
    assert (answered["api"], answered["query"]) == ("partnercenter", "size=1")
    assert (answered["status"], answered["tenant"]) == (200, northwind.partner.tenant_id)
    assert (lost["status"], lost["lost"]) == (None, True)
    newer = await northwind.http.get(f"/_sim/calls?since={answered['seq']}")
    assert [call["seq"] for call in newer.json()["calls"]] == [lost["seq"]]
