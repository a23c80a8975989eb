"""Seats that were bought for rows which failed go back at once, and only those."""

import logging

import httpx
import pytest

from simulator.faults import Fault
from simulator.partner_center.changes import change_outside
from tests.everyday import a_customer, growth_patches, nothing_is_left_open
from tests.portal import (
    BUSINESS_BASIC,
    BUSINESS_BASIC_SKU,
    Json,
    Killed,
    Portal,
    Seatkeeper,
    plan_body,
    row,
    subscription_body,
)

REFUSAL = {"code": 900150, "description": "no", "data": [], "source": "PartnerFD"}
SINGLE, BOTH = 2, 3
"""Rows that need the first product alone, and rows that need the second one too."""


async def two_products(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """One seat of each, and a plan that takes one of both."""
    customer = await a_customer(seatkeeper, portal, seats=1)
    await seatkeeper.sell(portal, BUSINESS_BASIC)
    basic = {"offerId": BUSINESS_BASIC, "name": "Business Basic", "seats": 1}
    bought = await portal.post(
        f"customers/{customer['id']}/subscriptions", subscription_body(**basic)
    )
    both = plan_body(id="both", name="Both", addOnSkuIds=[BUSINESS_BASIC_SKU])
    await portal.post("plans", both)
    return {**customer, "basic": bought["id"]}


async def ask_for_both(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, status: int = 400
) -> Json:
    """Microsoft refuses the second product's growth and takes the first's."""
    path = f"*/subscriptions/{customer['basic']}"
    seatkeeper.world.faults.add(Fault(method="PATCH", path=path, status=status, body=REFUSAL))
    rows = [row(n) for n in range(1, SINGLE + 1)]
    rows += [row(n, plan="both") for n in range(SINGLE + 1, SINGLE + BOTH + 1)]
    batch = await portal.post("batches", {"customerId": customer["id"], "rows": rows})
    await seatkeeper.settle()
    return await portal.get(f"batches/{batch['id']}")


def seats(seatkeeper: Seatkeeper, customer: Json) -> tuple[int, int]:
    held = seatkeeper.world.subscriptions
    return held[customer["subscription"]].quantity, held[customer["basic"]].quantity


@pytest.mark.parametrize("status", [400, 403], ids=["by a rule", "and its message put aside"])
async def test_seats_bought_only_for_rows_that_a_refusal_failed_go_back(
    seatkeeper: Seatkeeper, portal: Portal, status: int
) -> None:
    customer = await two_products(seatkeeper, portal)

    batch = await ask_for_both(seatkeeper, portal, customer, status)

    assert (batch["status"], batch["progress"]["done"]) == ("done", SINGLE), batch
    assert seats(seatkeeper, customer) == (SINGLE, 1)
    grown = next(g for g in batch["growths"] if g["subscriptionId"] == customer["subscription"])
    assert (grown["seatsAfter"], grown["seatsReturned"]) == (SINGLE + BOTH, BOTH)
    assert "rows that failed" in grown["returnReason"]
    told = await portal.get(f"customers/{customer['id']}/transactions")
    back = next(t for t in told["items"] if t["kind"] == "givenBack")
    assert back["priceNow"]["amount"].startswith("-"), back
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_floor_of_the_policy_keeps_what_would_go_back(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await two_products(seatkeeper, portal)
    await portal.put(
        f"customers/{customer['id']}/policy", {"mode": "report", "spareSeats": BOTH - 1}
    )

    batch = await ask_for_both(seatkeeper, portal, customer)

    assert seats(seatkeeper, customer) == (SINGLE + BOTH - 1, 1), batch


@pytest.mark.parametrize(
    "lost",
    [pytest.param("drop_before_commit", marks=pytest.mark.trial), "drop_after_commit"],
)
async def test_a_lost_reply_to_the_return_sends_it_once(
    seatkeeper: Seatkeeper, portal: Portal, lost: str
) -> None:
    customer = await two_products(seatkeeper, portal)
    path = f"*/subscriptions/{customer['subscription']}"
    fault = Fault(method="PATCH", path=path, skip=1)
    setattr(fault, lost, True)
    seatkeeper.world.faults.add(fault)
    before = growth_patches(seatkeeper)

    batch = await ask_for_both(seatkeeper, portal, customer)

    assert batch["progress"]["done"] == SINGLE, batch
    assert seats(seatkeeper, customer) == (SINGLE, 1)
    tries = 3 + (lost == "drop_before_commit")
    assert growth_patches(seatkeeper) - before == tries
    await nothing_is_left_open(seatkeeper, customer)


@pytest.mark.trial
@pytest.mark.parametrize("after_commit", [False, True], ids=["before it", "after it"])
async def test_a_death_at_the_return_sends_nothing_twice(
    seatkeeper: Seatkeeper, portal: Portal, *, after_commit: bool
) -> None:
    customer = await two_products(seatkeeper, portal)
    die_at_the_return(seatkeeper, customer, after_commit=after_commit)

    batch = await ask_for_both(seatkeeper, portal, customer)

    assert batch["progress"]["done"] == SINGLE, batch
    assert seats(seatkeeper, customer) == (SINGLE, 1)
    told = await portal.get(f"customers/{customer['id']}/transactions")
    assert [t["kind"] for t in told["items"]].count("givenBack") == 1
    await nothing_is_left_open(seatkeeper, customer)


async def test_a_return_that_finds_other_seats_than_it_left_calls_a_person(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    customer = await two_products(seatkeeper, portal)
    held = seatkeeper.world.subscriptions[customer["subscription"]]
    seen = [0]

    def somebody_adds_seats(request: httpx.Request) -> None:
        seen[0] += request.method == "PATCH" and held.id in request.url.path
        if seen[0] == 2 and held.quantity == SINGLE + BOTH:
            change_outside(seatkeeper.world, held, {"quantity": SINGLE + BOTH + 4})

    seatkeeper.wire.before = somebody_adds_seats
    path = f"*/subscriptions/{held.id}"
    seatkeeper.world.faults.add(Fault(method="PATCH", path=path, skip=1, drop_before_commit=True))
    with caplog.at_level(logging.INFO):
        batch = await ask_for_both(seatkeeper, portal, customer)

    assert batch["progress"]["done"] == SINGLE, batch
    assert held.quantity == SINGLE + BOTH + 4
    assert f"audit: alarm return-in-review {held.id}" in caplog.text
    await nothing_is_left_open(seatkeeper, customer)


def die_at_the_return(seatkeeper: Seatkeeper, customer: Json, *, after_commit: bool) -> None:
    """The second PATCH of the first product is the return."""
    wire, seen = seatkeeper.wire, [0]
    wire.after_commit = after_commit

    def watch(request: httpx.Request) -> None:
        mine = request.method == "PATCH" and customer["subscription"] in request.url.path
        seen[0] += mine
        if not (mine and seen[0] == 2):
            return
        if not after_commit:
            raise Killed
        wire.dies_at = wire.calls

    wire.before = watch
