"""Carts, orders and subscriptions, as far as no clock has to be moved for them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.contract.caller import code_of
from tests.contract.sandbox import BASIC, Sandbox, line

PHONE = "CFQ7TTC0LH0T"
NOBODY = "00000000-0000-4000-8000-00000000dead"


def next_term(seats: int) -> dict[str, Any]:
    product = {"productId": BASIC, "skuId": "0001", "billingCycle": "monthly"}
    return {"product": product | {"termDuration": "P1Y"}, "quantity": seats}


@pytest.mark.case(49)
async def test_an_add_on_without_its_base_is_an_error_of_its_line(sandbox: Sandbox) -> None:
    cart = await sandbox.cart(line(await sandbox.item(PHONE)))

    assert cart.status_code == 201
    assert str(cart.json()["lineItems"][0]["error"]["errorCode"]) == "400041"


@pytest.mark.case(59)
async def test_an_unknown_order_is_not_found(sandbox: Sandbox) -> None:
    answer = await sandbox.call("GET", f"{sandbox.customer}/orders/0123456789ab")

    assert code_of(answer) == (404, "20000")


@pytest.mark.case(82)
async def test_an_unknown_subscription_is_not_found(sandbox: Sandbox) -> None:
    answer = await sandbox.call("GET", f"{sandbox.customer}/subscriptions/{NOBODY}")

    assert code_of(answer) == (404, "20003")


@pytest.mark.case(61)
async def test_a_year_ends_on_its_last_inclusive_day(sandbox: Sandbox) -> None:
    shown = await sandbox.get(await sandbox.buy())

    start = datetime.fromisoformat(shown["effectiveStartDate"]).date()
    last = start.replace(year=start.year + 1) - timedelta(days=1)
    assert shown["commitmentEndDate"] == f"{last}T00:00:00Z"
    assert shown["commitmentEndDateTime"] == f"{last}T23:59:59Z"


@pytest.mark.case(62)
async def test_the_new_commerce_has_no_etag(sandbox: Sandbox) -> None:
    shown = await sandbox.get(await sandbox.buy())

    assert shown["productType"]["id"] == "OnlineServicesNCE"
    assert "etag" not in shown["attributes"]


@pytest.mark.case(70)
async def test_a_schedule_that_is_not_sent_along_is_gone(sandbox: Sandbox) -> None:
    path = await sandbox.buy(3)

    made = await sandbox.change(path, scheduledNextTermInstructions=next_term(2))
    body = {"quantity": 4, "autoRenewEnabled": True}
    await sandbox.call("PATCH", path, body)
    shown = await sandbox.get(path)

    assert made.json()["scheduledNextTermInstructions"]["quantity"] == 2
    assert (shown["quantity"], shown.get("scheduledNextTermInstructions")) == (4, None)


@pytest.mark.case(70)
async def test_a_change_in_the_middle_of_a_term_removes_the_schedule(sandbox: Sandbox) -> None:
    path = await sandbox.buy(3)
    await sandbox.change(path, scheduledNextTermInstructions=next_term(2))

    await sandbox.change(path, quantity=4)

    assert "scheduledNextTermInstructions" not in await sandbox.get(path)


@pytest.mark.case(73)
async def test_suspending_ends_renewal_and_reactivating_does_not_bring_it_back(
    sandbox: Sandbox,
) -> None:
    path = await sandbox.buy(3)
    await sandbox.change(path, scheduledNextTermInstructions=next_term(2))

    slept = (await sandbox.change(path, status="suspended")).json()
    woken = (await sandbox.change(path, status="active")).json()

    assert (slept["status"], slept["autoRenewEnabled"]) == ("suspended", False)
    assert "scheduledNextTermInstructions" not in slept
    assert (woken["status"], woken["autoRenewEnabled"]) == ("active", False)


@pytest.mark.case(77)
async def test_a_schedule_without_renewal_never_stands(sandbox: Sandbox) -> None:
    path = await sandbox.buy(3)

    answer = await sandbox.change(
        path, autoRenewEnabled=False, scheduledNextTermInstructions=next_term(2)
    )

    assert answer.status_code in (200, 400)
    assert "scheduledNextTermInstructions" not in await sandbox.get(path)
