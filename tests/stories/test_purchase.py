"""A subscription is bought once, whatever happens between the cart and the answer."""

import pytest

from simulator.faults import Fault
from tests.portal import Json, Portal, Seatkeeper, customer_body, subscription_body

KEY = "one-purchase"


async def a_tenant(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    await seatkeeper.connect(portal)
    return await portal.post("customers", customer_body())


async def buy(portal: Portal, customer: Json, **changes: object) -> tuple[int, Json]:
    place = f"customers/{customer['id']}/subscriptions"
    answer = await portal.send("POST", place, json=subscription_body(**changes), key=KEY)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("*/availabilities", id="availability", marks=pytest.mark.trial),
        pytest.param("*/carts", id="cart", marks=pytest.mark.trial),
        pytest.param("*/checkout", id="checkout"),
        pytest.param("*/subscriptions/*", id="reading it back"),
    ],
)
@pytest.mark.parametrize("committed", [True, False], ids=["taken", "not taken"])
async def test_a_lost_reply_never_buys_twice(
    seatkeeper: Seatkeeper, portal: Portal, path: str, committed: bool
) -> None:
    customer = await a_tenant(seatkeeper, portal)
    seatkeeper.world.faults.add(
        Fault(path=path, times=8, drop_after_commit=committed, drop_before_commit=not committed)
    )

    first, _ = await buy(portal, customer)
    seatkeeper.world.faults.waiting.clear()
    status, bought = await buy(portal, customer)

    assert status == 201, (first, bought)
    assert len(seatkeeper.world.subscriptions) == 1
    told = await portal.get(f"customers/{customer['id']}/transactions")
    assert [(t["kind"], t["seatsAfter"]) for t in told["items"]] == [("bought", 10)]


async def test_an_order_that_is_named_late_is_read_and_not_repeated(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_tenant(seatkeeper, portal)
    seatkeeper.world.switches.update({"lag.subscriptionIdLooks": 2})

    first, _ = await buy(portal, customer)
    seatkeeper.world.carts.clear()
    await buy(portal, customer)
    status, bought = await buy(portal, customer)

    assert first == 503
    assert status == 201, bought
    assert len(seatkeeper.world.subscriptions) == 1


async def test_the_same_key_with_another_number_of_seats_is_refused(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_tenant(seatkeeper, portal)
    seatkeeper.world.faults.add(Fault(path="*/checkout", times=8, drop_after_commit=True))
    await buy(portal, customer)
    seatkeeper.world.faults.waiting.clear()

    status, problem = await buy(portal, customer, seats=12)

    assert status == 422
    assert problem["type"].endswith("idempotency-key-reused")


async def test_what_is_refused_leaves_no_operation_behind(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_tenant(seatkeeper, portal)

    refused, _ = await buy(portal, customer, seats=301)
    mended, _ = await buy(portal, customer, seats=300)

    assert (refused, mended) == (422, 201)


async def test_the_cart_must_ask_what_the_catalog_says(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_tenant(seatkeeper, portal)
    cart = {"pricing": {"listPrice": 99.0, "extendedPrice": 99.0}}
    seatkeeper.world.faults.add(Fault(method="POST", path="*/carts", status=201, body=cart))

    status, _ = await buy(portal, customer)

    assert status >= 400
    assert not seatkeeper.world.subscriptions
