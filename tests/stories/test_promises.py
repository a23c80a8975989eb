"""Seats stay promised until the licence counts show them, however late those are."""

import asyncio

from shared.domain.ids import BatchId, CustomerId, SkuId, SubscriptionId
from shared.workflows.end_batch import give_up_batch
from shared.workflows.fan_out import settle_promises
from shared.workflows.grow_subscription import GrowthOrder, give_up_growth, grow_subscription
from tests.everyday import a_customer, nothing_is_left_open, seats_of, send_batch, user_body
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, let_go, row


async def test_licence_counts_that_lag_buy_no_second_seat(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    seatkeeper.world.switches.update({"lag.licenseCountsSeconds": 2})

    batch = await send_batch(seatkeeper, portal, customer, 5)
    answer = await portal.send("POST", f"customers/{customer['id']}/users", json=user_body())
    await seatkeeper.settle()

    assert batch["progress"]["done"] == 5, batch
    assert answer.status_code in (201, 202)
    assert await seats_of(portal, customer) == 6


async def test_batches_in_a_row_all_have_their_seats_while_the_counts_lag(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await let_go(portal, customer, spare=0)
    seatkeeper.world.switches.update({"replication.consumed_units_ms": 1500})

    for name, count in (("first", 10), ("second", 5), ("third", 5)):
        rows = [
            row(n, userPrincipalName=f"{name}{n}@contosotest.onmicrosoft.com")
            for n in range(1, count + 1)
        ]
        await portal.post("batches", {"id": name, "customerId": customer["id"], "rows": rows})
        await until_done(seatkeeper, portal, name)
        await portal.post("runs", {"customerId": customer["id"]})
    await seatkeeper.settle()

    assert await seats_of(portal, customer) == 20
    await nothing_is_left_open(seatkeeper, customer)


async def until_done(seatkeeper: Seatkeeper, portal: Portal, batch: str) -> None:
    """The rows have ended; what the licence counts do not show yet is still promised."""
    async with asyncio.timeout(30):
        while (await portal.get(f"batches/{batch}"))["status"] != "done":
            await seatkeeper.host.settle(60, delayed=False)


async def ten_not_counted(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """The batch `first` is done, and for ten minutes the counts show none of its ten licences."""
    customer = await a_customer(seatkeeper, portal, seats=1)
    seatkeeper.world.switches.update({"replication.consumed_units_ms": 600_000})
    rows = [row(n) for n in range(1, 11)]
    await portal.post("batches", {"id": "first", "customerId": customer["id"], "rows": rows})
    await until_done(seatkeeper, portal, "first")
    return customer


async def test_a_promise_outlives_every_look_until_the_counts_show_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer, desk = await ten_not_counted(seatkeeper, portal), seatkeeper.works.office.desk

    for _ in range(3):
        await settle_promises(desk, await desk.batches.get(BatchId("first")))

    page = await desk.ledger.read(CustomerId(customer["id"]), SkuId(BUSINESS_PREMIUM_SKU))
    assert [(r.seats, r.assigned) for r in page.reservations] == [(0, 10)]


async def test_a_late_second_message_takes_no_promise_away_that_the_counts_do_not_show_yet(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer, desk = await ten_not_counted(seatkeeper, portal), seatkeeper.works.office.desk
    batch, who, sku = BatchId("first"), CustomerId(customer["id"]), SkuId(BUSINESS_PREMIUM_SKU)
    order = GrowthOrder(batch, who, sku, SubscriptionId(customer["subscription"]))

    await grow_subscription(desk, order)
    await give_up_growth(desk, order, "It came too often.")
    await give_up_batch(desk, batch, "It came too often.")

    page = await desk.ledger.read(who, sku)
    assert [(r.seats, r.assigned) for r in page.reservations] == [(0, 10)]
