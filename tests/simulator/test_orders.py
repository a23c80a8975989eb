"""Orders without carts, groups that fail apart, promotions and attestation."""

from typing import Any

import pytest

from simulator.nouns import Customer
from tests.simulator.northwind import Northwind, line

PROJECT = ("CFQ7TTC0HDB0", "0002")
REQUESTS = ("33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444")


@pytest.fixture
async def customer(northwind: Northwind) -> Customer:
    return await northwind.customer()


async def order(northwind: Northwind, customer: Customer, **changes: object) -> dict[str, Any]:
    one = {
        "lineItemNumber": 0,
        "offerId": await northwind.item(customer),
        "quantity": 5,
        "termDuration": "P1Y",
    }
    return {
        "partnerOnRecordAttestationAccepted": True,
        "billingCycle": "monthly",
        "lineItems": [one | changes],
    }


@pytest.mark.contract
async def test_an_order_is_placed_once_per_request_id(
    northwind: Northwind, customer: Customer
) -> None:
    path, body = f"/v1/customers/{customer.id}/orders", await order(northwind, customer)

    first = await northwind.call("POST", path, body, MS_RequestId=REQUESTS[0])
    again = await northwind.call("POST", path, body, MS_RequestId=REQUESTS[0])
    other = await northwind.call("POST", path, body, MS_RequestId=REQUESTS[1])

    assert first.status_code == 201
    assert again.json()["id"] == first.json()["id"] != other.json()["id"]
    assert len(northwind.world.subscriptions) == 2


FAULTS = [
    pytest.param({"lineItemNumber": 1}, 400, 800071, id="numbering"),
    pytest.param({"quantity": 301}, 400, 900275, id="too many seats"),
    pytest.param({"termDuration": "P1D"}, 400, 900270, id="no such term"),
    pytest.param({"customTermEndDate": "2000-01-01"}, 400, 900242, id="an end before the start"),
    pytest.param({"offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0XXXX"}, 404, 400019, id="rotated"),
]


@pytest.mark.contract
@pytest.mark.parametrize(("changes", "status", "code"), FAULTS)
async def test_an_order_with_a_bad_line_is_refused_whole(
    northwind: Northwind, customer: Customer, changes: dict[str, Any], status: int, code: int
) -> None:
    body = await order(northwind, customer, **changes)

    answer = await northwind.call("POST", f"/v1/customers/{customer.id}/orders", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not northwind.world.orders


@pytest.mark.contract
async def test_no_agreement_no_order(northwind: Northwind, customer: Customer) -> None:
    customer.signed_directly = False
    body = await order(northwind, customer)

    answer = await northwind.call("POST", f"/v1/customers/{customer.id}/orders", body)

    assert (answer.status_code, answer.json()["code"]) == (403, 13605)


@pytest.mark.contract
async def test_groups_of_a_cart_fail_apart_and_are_tried_again(
    northwind: Northwind, customer: Customer
) -> None:
    failing = {"CFQ7TTC0HDB0:0002": 800088}
    northwind.world.switches.update({"cart.groups": "apart", "checkout.failing": failing})
    lines = [line(await northwind.item(customer)), line(await northwind.item(customer, *PROJECT))]
    cart = await northwind.cart(customer, *lines)
    path = f"/v1/customers/{customer.id}/carts/{cart.json()['id']}/checkout"

    half = await northwind.call("POST", path)
    northwind.world.switches["checkout.failing"] = {}
    whole = await northwind.call("POST", path)

    assert half.status_code == 201
    assert [error["code"] for error in half.json()["orderErrors"]] == [800088]
    assert half.json()["orderErrors"][0]["orderGroupId"] == "1"
    assert [one["id"] for one in whole.json()["orders"]][:1] == [half.json()["orders"][0]["id"]]
    assert (len(whole.json()["orders"]), whole.json()["orderErrors"]) == (2, [])


@pytest.mark.contract
async def test_a_promotion_comes_by_itself(northwind: Northwind, customer: Customer) -> None:
    cart = await northwind.cart(customer, line(await northwind.item(customer, *PROJECT)))

    found = cart.json()["lineItems"][0]

    assert found["promotionId"] == "39NFJQT1PJQB:0001:39NFJQT1Q5KN"
    assert (found["pricing"]["listPrice"], found["pricing"]["price"]) == (24.0, 22.8)


@pytest.mark.contract
async def test_a_promotion_that_does_not_fit_is_an_error_of_the_line(
    northwind: Northwind, customer: Customer
) -> None:
    wanted = line(await northwind.item(customer)) | {"promotionId": "39NFJQT1PJQB:0001:X"}

    cart = await northwind.cart(customer, wanted)

    assert cart.json()["lineItems"][0]["error"]["errorCode"] == 10014


@pytest.mark.contract
async def test_shows_the_promotions_of_today_and_any_by_its_id(northwind: Northwind) -> None:
    listed = await northwind.get("/v1/productpromotions?country=US&segment=commercial")
    over = await northwind.get("/v1/productpromotions/39NFJQT1PGVR:0003:39NFJQT1Q6RS?country=US")

    ids = [one["id"] for one in listed["items"]]
    assert len(ids) == 2
    assert over["id"] not in ids
    assert over["promotionConstraints"]["seatConstraints"][0]["maxSeats"] == 2400


@pytest.mark.case(47)
async def test_a_promotion_has_only_so_many_seats(northwind: Northwind, customer: Customer) -> None:
    item = await northwind.item(customer, *PROJECT)
    await northwind.order(customer, line(item, 1900))

    verdict = await eligibility(northwind, customer, item, quantity=2400)

    assert verdict["isEligible"] is False
    assert verdict["errors"][0]["type"] == "SeatCount"
    assert verdict["errors"][0]["availableSeats"] == 500


@pytest.mark.contract
@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"termDuration": "P3Y"}, "Term"),
        ({"promotionId": "39NFJQT1PFPJ:000H:39NFJQT1Q5DK"}, "InvalidPromotion"),
        ({"catalogItemId": "CFQ7TTC0XXXX:0001:CFQ7TTC0YYYY"}, "InvalidCatalogItemId"),
    ],
)
async def test_says_why_a_promotion_cannot_be_had(
    northwind: Northwind, customer: Customer, changes: dict[str, str], kind: str
) -> None:
    item = await northwind.item(customer, *PROJECT)

    verdict = await eligibility(northwind, customer, item, **changes)

    assert [error["type"] for error in verdict["errors"]] == [kind]


async def eligibility(
    northwind: Northwind, customer: Customer, item: str, **changes: object
) -> dict[str, Any]:
    row = line(item) | changes
    path = f"/v1/customers/{customer.id}/promotionEligibilities"
    answer = await northwind.call("POST", path, {"items": [row]})
    return dict(answer.json()["items"][0]["eligibilities"][0])


@pytest.mark.case(50)
async def test_what_must_be_attested_is_not_sold_without(
    northwind: Northwind, customer: Customer
) -> None:
    northwind.world.switches["catalogue.attestedSkus"] = ["CFQ7TTC0LH18:0001"]
    item = await northwind.item(customer)
    base = f"/v1/customers/{customer.id}"

    silent = await northwind.cart(customer, line(item))
    attested = await northwind.cart(customer, line(item) | {"attestationAccepted": True})
    checkout = f"{base}/carts/{silent.json()['id']}/checkout"
    refused = await northwind.call("POST", checkout)
    ordered = await northwind.call("POST", f"{base}/orders", await order(northwind, customer))
    sku = await northwind.get(f"{base}/products/CFQ7TTC0LH18/skus/0001")

    assert silent.json()["lineItems"][0]["error"]["errorCode"] == 10012
    assert "error" not in attested.json()["lineItems"][0]
    assert (refused.status_code, refused.json()["code"]) == (400, 900203)
    assert (ordered.status_code, ordered.json()["code"]) == (400, 900203)
    assert sku["attestationProperties"]["enforceAttestation"] is True


@pytest.mark.contract
async def test_every_change_of_seats_is_an_order(northwind: Northwind, customer: Customer) -> None:
    subscription = await northwind.buy(customer)
    await northwind.change(subscription, quantity=12)
    await northwind.change(subscription, quantity=11)

    orders = (await northwind.get(f"/v1/customers/{customer.id}/orders"))["items"]

    rows = [one["lineItems"][0] for one in orders]
    kinds = [(row["transactionType"], row["quantity"]) for row in rows]
    assert kinds == [("New", 10), ("AddQuantity", 2), ("RemoveQuantity", 1)]


async def test_a_refusal_can_be_repeated_to_its_request_id(
    northwind: Northwind, customer: Customer
) -> None:
    northwind.world.switches["replay.failures"] = True
    customer.signed_directly = False
    path, body = f"/v1/customers/{customer.id}/orders", await order(northwind, customer)

    first = await northwind.call("POST", path, body, MS_RequestId=REQUESTS[0])
    customer.signed_directly = True
    again = await northwind.call("POST", path, body, MS_RequestId=REQUESTS[0])

    assert (first.status_code, again.status_code) == (403, 403)


@pytest.mark.contract
async def test_provisioning_may_not_be_known_at_once(
    northwind: Northwind, customer: Customer
) -> None:
    northwind.world.switches["lag.provisioningInfoLooks"] = 1
    subscription = await northwind.buy(customer)
    path = f"/v1/customers/{customer.id}/orders/{subscription.order_id}/provisioningstatus"

    early = await northwind.call("GET", path, user=True)
    later = await northwind.call("GET", path, user=True)

    assert (early.status_code, early.json()["code"]) == (404, 800007)
    assert later.json()["items"][0]["status"] == "fulfilled"
