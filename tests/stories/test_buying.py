"""What cannot be bought is said before anything is sent; what can be bought fits its neighbours."""

import httpx
import pytest

from simulator.products import CATALOGUE, by_sku
from tests.everyday import a_customer
from tests.portal import (
    BUSINESS_PREMIUM,
    Json,
    Portal,
    Seatkeeper,
    customer_body,
    subscription_body,
)

ADD_ON = next(p for p in CATALOGUE if p.is_addon)
ELSE = next(p for p in CATALOGUE if not p.is_addon and p.key not in ADD_ON.prerequisites)


async def buy(portal: Portal, customer: Json, **changes: object) -> tuple[int, Json]:
    place = f"customers/{customer['id']}/subscriptions"
    answer = await portal.send("POST", place, json=subscription_body(**changes))
    return answer.status_code, answer.json()


def carts(seatkeeper: Seatkeeper) -> int:
    calls = seatkeeper.world.calls.since(0)
    return sum(c.method == "POST" and c.path.endswith("/carts") for c in calls)


async def test_an_add_on_without_its_base_is_refused_with_the_names_of_bases(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    await seatkeeper.sell(portal, ADD_ON.key)
    held = next(iter(seatkeeper.world.subscriptions.values()))
    held.product_id, held.sku_id = ELSE.product_id, ELSE.sku_id
    before = carts(seatkeeper)

    status, problem = await buy(portal, customer, offerId=ADD_ON.key)

    base = by_sku(*ADD_ON.prerequisites[0].split(":"))
    assert status == 409
    assert base.title in problem["detail"]
    assert carts(seatkeeper) == before


async def test_an_add_on_is_bought_beside_its_base(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal)
    await seatkeeper.sell(portal, ADD_ON.key, *ADD_ON.prerequisites)
    if BUSINESS_PREMIUM not in ADD_ON.prerequisites:
        await buy(portal, customer, offerId=ADD_ON.prerequisites[0])

    status, bought = await buy(portal, customer, offerId=ADD_ON.key)

    assert status == 201, bought


async def test_a_base_stays_while_an_add_on_rests_on_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    await seatkeeper.sell(portal, ADD_ON.key, *ADD_ON.prerequisites)
    base = customer["subscription"]
    if BUSINESS_PREMIUM not in ADD_ON.prerequisites:
        _, bought = await buy(portal, customer, offerId=ADD_ON.prerequisites[0])
        base = bought["id"]
    await buy(portal, customer, offerId=ADD_ON.key, name="Archive")

    place = f"customers/{customer['id']}/subscriptions/{base}/changes"
    answer = await portal.send("POST", place, json={"kind": "suspend"})

    assert answer.json()["reasons"] == ["addOnRests"]
    assert "Archive" in answer.json()["detail"]


async def test_a_first_term_may_end_with_a_month_and_not_on_any_day(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    place = f"customers/{customer['id']}/subscriptions/coterm?term=P1Y"
    ends_on = (await portal.get(place))["items"][3]["endsOn"]

    wrong, problem = await buy(portal, customer, endsOn="2040-01-17")
    status, bought = await buy(portal, customer, endsOn=ends_on)

    assert (wrong, problem["errors"][0]["pointer"]) == (422, "/endsOn")
    assert (status, bought.get("endsAt", "")[:10]) == (201, ends_on), bought


async def test_what_must_be_attested_is_asked_for(seatkeeper: Seatkeeper, portal: Portal) -> None:
    seatkeeper.world.switches.update({"catalogue.attestedSkus": [BUSINESS_PREMIUM]})
    customer = await a_customer_without_seats(seatkeeper, portal)

    silent, problem = await buy(portal, customer)
    status, _ = await buy(portal, customer, attested=True)

    assert (silent, problem["errors"][0]["pointer"]) == (422, "/attested")
    assert status == 201


async def a_customer_without_seats(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    await seatkeeper.connect(portal)
    return await portal.post("customers", customer_body())


@pytest.mark.case(44)
async def test_an_offer_that_moves_on_before_the_checkout_is_put_into_another_cart(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    before = carts(seatkeeper)
    switches = seatkeeper.world.switches

    def rotate_once(request: httpx.Request) -> None:
        if request.url.path.endswith("/checkout"):
            switches["availabilities.rotation"] = 1

    seatkeeper.wire.before = rotate_once

    status, bought = await buy(portal, customer)

    refused = [c.status for c in seatkeeper.world.calls.since(0) if c.path.endswith("/checkout")]
    assert (status, refused[-2:]) == (201, [404, 201]), bought
    assert carts(seatkeeper) == before + 2
