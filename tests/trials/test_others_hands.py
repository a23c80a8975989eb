"""What others do between a growth and the licences that it was bought for."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from simulator.faults import Fault
from simulator.tenants import Licence
from tests.everyday import a_customer, growth_patches, nothing_is_left_open, seats_of, send_batch
from tests.portal import (
    BUSINESS_BASIC,
    BUSINESS_BASIC_SKU,
    BUSINESS_PREMIUM_SKU,
    Json,
    Portal,
    Seatkeeper,
    let_go,
    plan_body,
    subscription_body,
)
from tests.portal import row as a_row

PEOPLE = 10
TAKEN = 3

pytestmark = pytest.mark.trial


class Hand:
    """Somebody who acts once, right before the first licence is assigned."""

    def __init__(self, seatkeeper: Seatkeeper, deed: Callable[[], None]) -> None:
        self._deed = deed
        self.acted = False
        seatkeeper.wire.before = self

    def __call__(self, request: httpx.Request) -> None:
        if not self.acted and b"assignLicense" in request.content:
            self.acted = True
            self._deed()


@pytest.mark.parametrize("group", [None, "sales-group"], ids=["an admin", "a group licence"])
async def test_seats_that_others_take_are_waited_for_and_never_bought_again(
    seatkeeper: Seatkeeper, portal: Portal, group: str | None
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    strangers(seatkeeper, customer)
    hand = Hand(seatkeeper, lambda: take_seats(seatkeeper, customer, group))

    await send(portal, customer)
    waiting = await until(seatkeeper, portal, lambda b: b["progress"]["waitingForSeat"] == TAKEN)
    await seatkeeper.sim("POST", "clock/advance", {"hours": 3})
    await seatkeeper.settle()

    ended = await portal.get("batches/monday")
    failed = await failed_rows(portal)
    assert hand.acted
    assert waiting["status"] == "running"
    assert (ended["status"], ended["progress"]["done"]) == ("done", PEOPLE - TAKEN)
    assert len(failed) == TAKEN
    assert all("refund window" in r["reason"] for r in failed), failed
    assert [bool(g.get("undoUntil")) for g in ended["growths"]] == [True]
    assert await seats_of(portal, customer) == PEOPLE
    assert growth_patches(seatkeeper) == 1
    await nothing_is_left_open(seatkeeper, customer)


async def test_seats_that_come_free_again_are_taken_by_the_rows_that_wait(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    strangers(seatkeeper, customer)
    Hand(seatkeeper, lambda: take_seats(seatkeeper, customer, None))
    await send(portal, customer)
    await until(seatkeeper, portal, lambda b: b["progress"]["waitingForSeat"] == TAKEN)

    tenant = seatkeeper.world.tenants[customer["id"]]
    for user in list(tenant.users.values()):
        if user.user_principal_name.startswith("stranger"):
            tenant.set_licences(user, [], seatkeeper.world.clock.now())
    await seatkeeper.settle()

    ended = await portal.get("batches/monday")
    assert ended["progress"]["done"] == PEOPLE, ended
    assert growth_patches(seatkeeper) == 1
    await nothing_is_left_open(seatkeeper, customer)


async def test_bought_seats_that_stay_invisible_fail_their_rows_and_go_back_at_night(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await let_go(portal, customer, spare=0)
    seatkeeper.world.switches.update({"lag.licenseCountsSeconds": 3600})

    await send(portal, customer)
    await until(seatkeeper, portal, lambda b: b["progress"]["waitingForSeat"] == PEOPLE)
    await seatkeeper.sim("POST", "clock/advance", {"hours": 3})
    await seatkeeper.settle()

    ended = await portal.get("batches/monday")
    assert (ended["status"], ended["progress"]["done"]) == ("done", 0), ended
    assert growth_patches(seatkeeper) == 1
    assert ended["growths"][0]["undoUntil"]
    await nothing_is_left_open(seatkeeper, customer)
    seatkeeper.world.switches.update({"lag.licenseCountsSeconds": 0})
    await portal.post("runs", {"customerId": customer["id"]})
    await seatkeeper.settle()
    assert await seats_of(portal, customer) == 1


async def test_a_sku_at_its_maximum_refuses_the_batch_before_anything_is_bought(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=295)

    batch = await send_batch(seatkeeper, portal, customer, 300)
    more = await portal.send(
        "POST",
        "batches",
        json={"customerId": customer["id"], "rows": [row_of("more", n) for n in range(1, 11)]},
    )
    await seatkeeper.settle()
    refused = await portal.get(f"batches/{more.json()['id']}")

    assert batch["progress"]["done"] == 300, batch
    assert refused["status"] == "refused", refused
    assert "300" in refused["faults"][0]["detail"]
    assert await seats_of(portal, customer) == 300
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_growth_refused_after_another_was_accepted_fails_only_who_needs_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await two_products(seatkeeper, portal)
    refuse_growth_of(seatkeeper, customer, BUSINESS_BASIC)
    rows = [
        row_of("person", n, plan=("office-worker", "lean")[n % 2]) for n in range(1, PEOPLE + 1)
    ]

    await send(portal, customer, rows)
    await seatkeeper.settle()

    ended = await portal.get("batches/monday")
    assert (ended["status"], ended["progress"]["done"]) == ("done", PEOPLE // 2), ended
    assert {r["reason"] for r in await failed_rows(portal)} != {""}
    assert sorted(g["status"] for g in ended["growths"]) == ["applied", "refused"]
    await nothing_is_left_open(seatkeeper, customer)


async def test_seats_bought_only_for_rows_that_a_refusal_failed_go_back_at_once(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await two_products(seatkeeper, portal)
    await portal.post("plans", plan_body(id="both", name="Both", addOnSkuIds=[BUSINESS_BASIC_SKU]))
    refuse_growth_of(seatkeeper, customer, BUSINESS_BASIC)

    rows = [row_of("person", n, plan="both") for n in range(1, PEOPLE + 1)]
    await send(portal, customer, rows)
    await seatkeeper.settle()
    ended = await portal.get("batches/monday")

    assert (ended["status"], ended["progress"]["failed"]) == ("done", PEOPLE), ended
    held = seatkeeper.world.subscriptions.values()
    assert sorted(s.quantity for s in held) == [1, 1]
    await nothing_is_left_open(seatkeeper, customer)


async def two_products(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await seatkeeper.sell(portal, BUSINESS_BASIC)
    basic = {"offerId": BUSINESS_BASIC, "name": "Business Basic", "seats": 1}
    await portal.post(f"customers/{customer['id']}/subscriptions", subscription_body(**basic))
    await portal.post("plans", plan_body(id="lean", name="Lean", baseSkuId=BUSINESS_BASIC_SKU))
    return customer


def refuse_growth_of(seatkeeper: Seatkeeper, customer: Json, offer: str) -> None:
    refusal = {"code": 900150, "description": "no", "data": [], "source": "PartnerFD"}
    product = offer.partition(":")[0]
    held = next(s for s in seatkeeper.world.subscriptions.values() if s.product_id == product)
    path = f"*/subscriptions/{held.id}"
    seatkeeper.world.faults.add(Fault(method="PATCH", path=path, status=403, body=refusal))


def strangers(seatkeeper: Seatkeeper, customer: Json) -> None:
    """People of the tenant whom we have never heard of, without a licence so far."""
    tenant = seatkeeper.world.tenants[customer["id"]]
    for number in range(TAKEN):
        name = f"stranger{number}"
        properties = {
            "displayName": name,
            "userPrincipalName": f"{name}@contosotest.onmicrosoft.com",
            "usageLocation": "US",
        }
        tenant.create_user(properties, "Not-Known-To-Us-1", seatkeeper.world.clock.now())


def take_seats(seatkeeper: Seatkeeper, customer: Json, group: str | None) -> None:
    tenant = seatkeeper.world.tenants[customer["id"]]
    now = seatkeeper.world.clock.now()
    idle = [u for u in tenant.users.values() if u.user_principal_name.startswith("stranger")]
    for user in idle[:TAKEN]:
        licence = Licence(BUSINESS_PREMIUM_SKU, [], now, assigned_by_group=group)
        tenant.set_licences(user, [licence], now)


async def send(portal: Portal, customer: Json, rows: list[Json] | None = None) -> None:
    rows = rows or [row_of("person", n) for n in range(1, PEOPLE + 1)]
    await portal.post("batches", {"id": "monday", "customerId": customer["id"], "rows": rows})


def row_of(name: str, number: int, **changes: str) -> Json:
    upn = f"{name}{number}@contosotest.onmicrosoft.com"
    return a_row(number, userPrincipalName=upn, **changes)


async def until(seatkeeper: Seatkeeper, portal: Portal, holds: Callable[[Json], bool]) -> Json:
    """Work on until the batch has come so far: what waits for a seat leaves no queue empty."""
    async with asyncio.timeout(60), seatkeeper.host:
        while True:
            batch = await portal.get("batches/monday")
            if holds(batch):
                return batch
            await asyncio.sleep(0.2)


async def failed_rows(portal: Portal) -> list[Json]:
    items = (await portal.get("batches/monday/items"))["items"]
    return [r for r in items if r["status"] == "failed"]
