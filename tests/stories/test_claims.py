"""Somebody in two open batches is one person with one seat, whoever comes first."""

import json

from functions import build_app
from local.host import Host
from tests.everyday import a_customer, nothing_is_left_open, seats_of, send_batch
from tests.portal import (
    BUSINESS_BASIC_SKU,
    Json,
    Portal,
    Seatkeeper,
    plan_body,
    row,
    subscription_body,
)
from tests.stories.test_actions import an_action, licences, people, upn, with_basic, work_off

BATCHES = ("north", "south")
BUSINESS_STANDARD = "CFQ7TTC0LDPB:0001"
BUSINESS_STANDARD_SKU = "f245ecc8-75af-4f8e-b61f-27d8114de5f3"


async def send_both(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, *rows: Json
) -> list[Json]:
    """The same rows in two batches at once."""
    for name in BATCHES:
        document = {"id": name, "customerId": customer["id"], "rows": list(rows)}
        await portal.post("batches", document)
    await seatkeeper.settle()
    return [await portal.get(f"batches/{name}") for name in BATCHES]


async def test_a_person_in_two_batches_of_two_hosts_has_one_account_and_one_seat(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    app = build_app(lambda: seatkeeper.works.office, seatkeeper.prefix)

    async with Host(app, {"AzureWebJobsStorage": azurite}, time_scale=0.01):
        batches = await send_both(seatkeeper, portal, customer, row(1), row(2))

    assert {b["status"] for b in batches} == {"done"}, batches
    assert sum(b["progress"]["done"] for b in batches) == 2, batches
    assert await seats_of(portal, customer) == 2
    losers = [b["id"] for b in batches if b["progress"]["failed"]]
    items = await portal.get(f"batches/{losers[0]}/items")
    assert any("user name" in i["reason"] for i in items["items"] if i["status"] == "failed")


async def test_a_licence_that_two_batches_give_somebody_takes_one_seat(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await send_batch(seatkeeper, portal, customer, 2)
    await with_basic(seatkeeper, portal, customer)
    rows = [an_action("addAddOns", n, addOns=["lean"]) for n in (1, 2)]

    batches = await send_both(seatkeeper, portal, customer, *rows)

    assert [b["progress"]["done"] for b in batches] == [2, 2], batches
    grown = [(g["seatsBefore"], g["seatsAfter"]) for b in batches for g in b["growths"]]
    assert grown == [(1, 2)]
    assert all(len(licences(people(seatkeeper, customer)[upn(n)])) == 2 for n in (1, 2))


async def test_a_batch_that_has_ended_holds_nobody(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await send_batch(seatkeeper, portal, customer, 1)

    blocked = await portal.post(
        "batches", {"customerId": customer["id"], "rows": [an_action("block", 1)]}
    )
    await seatkeeper.settle()

    assert (await portal.get(f"batches/{blocked['id']}"))["progress"]["done"] == 1


async def north_goes_first(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, north: Json, south: Json
) -> None:
    """Both are planned while nobody has been touched; then north alone is worked off."""
    for name, asked in zip(BATCHES, (north, south), strict=True):
        await portal.post("batches", {"id": name, "customerId": customer["id"], "rows": [asked]})
    for name in BATCHES:
        await seatkeeper.host.run("plan_batch", json.dumps({"batchId": name}))
    await seatkeeper.host.run("provision", json.dumps({"batchId": "north", "chunk": 1}))
    assert (await portal.get("batches/north"))["progress"]["done"] == 1


async def test_a_second_change_of_plan_gives_up_what_the_first_one_gave(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await send_batch(seatkeeper, portal, customer, 1)
    await with_basic(seatkeeper, portal, customer)
    await seatkeeper.sell(portal, BUSINESS_STANDARD)
    standard = subscription_body(offerId=BUSINESS_STANDARD, name="Standard", seats=1)
    await portal.post(f"customers/{customer['id']}/subscriptions", standard)
    await portal.post("plans", plan_body(id="std", name="Std", baseSkuId=BUSINESS_STANDARD_SKU))
    changes = [an_action("changePlan", 1, plan=plan) for plan in ("lean", "std")]

    await north_goes_first(seatkeeper, portal, customer, *changes)
    await seatkeeper.settle()

    assert (await portal.get("batches/south"))["progress"]["done"] == 1
    assert licences(people(seatkeeper, customer)[upn(1)]) == {BUSINESS_STANDARD_SKU}
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_licence_that_another_batch_took_away_is_given_back_only_from_a_seat_of_its_own(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await send_batch(seatkeeper, portal, customer, 2)
    await with_basic(seatkeeper, portal, customer)
    lean = [an_action("addAddOns", n, addOns=["lean"]) for n in (1, 2)]
    taken = an_action("removeAddOns", 1, addOns=["lean"])
    await work_off(seatkeeper, portal, customer, lean[0])

    await north_goes_first(seatkeeper, portal, customer, taken, lean[0])
    await portal.post("batches", {"id": "east", "customerId": customer["id"], "rows": [lean[1]]})
    await seatkeeper.host.run("plan_batch", json.dumps({"batchId": "east"}))
    await seatkeeper.settle()

    south = await portal.get("batches/south/items")
    assert (await portal.get("batches/east"))["progress"]["done"] == 1
    assert "no seat is free" in south["items"][0]["reason"]
    found = people(seatkeeper, customer)
    assert [BUSINESS_BASIC_SKU in licences(found[upn(n)]) for n in (1, 2)] == [False, True]
    await nothing_is_left_open(seatkeeper, customer)
