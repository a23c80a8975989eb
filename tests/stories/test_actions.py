"""What a batch does for people who are there already, and that it buys no seat that it frees."""

from typing import Any

import pytest

from simulator.tenants import User
from tests.everyday import a_customer, seats_of, send_batch
from tests.portal import (
    BUSINESS_BASIC,
    BUSINESS_BASIC_SKU,
    BUSINESS_PREMIUM_SKU,
    Json,
    Portal,
    Seatkeeper,
    etag_of,
    plan_body,
    row,
    subscription_body,
)

DOMAIN = "contosotest.onmicrosoft.com"


def upn(number: int) -> str:
    return f"person{number}@{DOMAIN}"


def an_action(action: str, number: int, **changes: Any) -> Json:
    return {"action": action, "userPrincipalName": upn(number), **changes}


async def let_everybody_go(portal: Portal, customer: Json) -> None:
    """The default lets one batch take away from a tenth of the people only."""
    path = f"customers/{customer['id']}/policy/batches"
    headers = {"If-Match": await etag_of(portal, path)}
    answer = await portal.send("PUT", path, json={"peoplePercent": 100}, headers=headers)
    assert answer.is_success, answer.text


async def work_off(seatkeeper: Seatkeeper, portal: Portal, customer: Json, *rows: Json) -> Json:
    begun = await portal.post("batches", {"customerId": customer["id"], "rows": list(rows)})
    await seatkeeper.settle()
    return await portal.get(f"batches/{begun['id']}")


def people(seatkeeper: Seatkeeper, customer: Json) -> dict[str, User]:
    users = seatkeeper.world.tenants[customer["id"]].users.values()
    return {u.user_principal_name: u for u in users if u.deleted is None}


def licences(user: User) -> set[str]:
    return {licence.sku_id for licence in user.licences}


@pytest.mark.parametrize("size", [3, 12])
async def test_leavers_and_joiners_of_one_batch_share_their_seats(
    seatkeeper: Seatkeeper, portal: Portal, size: int
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=size)
    await send_batch(seatkeeper, portal, customer, size)
    await let_everybody_go(portal, customer)
    rows = [an_action("deprovision", n) for n in range(1, size + 1)]
    rows += [row(n) for n in range(101, 101 + size)]

    batch = await work_off(seatkeeper, portal, customer, *rows)

    assert batch["status"] == "done", batch
    assert batch["progress"]["done"] == 2 * size
    assert batch["growths"] == []
    assert await seats_of(portal, customer) == size


async def test_who_is_deprovisioned_is_blocked_and_gives_the_licences_back(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await send_batch(seatkeeper, portal, customer, 2)
    await let_everybody_go(portal, customer)

    batch = await work_off(
        seatkeeper,
        portal,
        customer,
        an_action("deprovision", 1),
        an_action("deprovision", 2, delete=True),
    )

    assert batch["progress"]["done"] == 2, batch
    left = people(seatkeeper, customer)[upn(1)]
    assert (left.properties["accountEnabled"], licences(left)) == (False, set())
    assert upn(2) not in people(seatkeeper, customer)


async def test_who_is_blocked_keeps_the_licences(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await send_batch(seatkeeper, portal, customer, 1)

    batch = await work_off(seatkeeper, portal, customer, an_action("block", 1))

    assert batch["progress"]["done"] == 1, batch
    blocked = people(seatkeeper, customer)[upn(1)]
    assert not blocked.properties["accountEnabled"]
    assert licences(blocked) == {BUSINESS_PREMIUM_SKU}


async def test_nobody_is_found_under_a_wrong_name_and_the_others_go_on(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await send_batch(seatkeeper, portal, customer, 1)

    batch = await work_off(
        seatkeeper, portal, customer, an_action("block", 1), an_action("block", 77)
    )

    assert (batch["status"], batch["progress"]["done"], batch["progress"]["failed"]) == (
        "done",
        1,
        1,
    )
    items = await portal.get(f"batches/{batch['id']}/items")
    assert "Nobody has this user name" in items["items"][1]["reason"]


async def with_basic(seatkeeper: Seatkeeper, portal: Portal, customer: Json) -> None:
    """A second product with one seat, sold as the plan lean."""
    await seatkeeper.sell(portal, BUSINESS_BASIC)
    basic = {"offerId": BUSINESS_BASIC, "name": "Business Basic", "seats": 1}
    await portal.post(f"customers/{customer['id']}/subscriptions", subscription_body(**basic))
    await portal.post("plans", plan_body(id="lean", name="Lean", baseSkuId=BUSINESS_BASIC_SKU))


async def test_a_change_of_plan_frees_the_seat_that_a_joiner_of_the_same_batch_takes(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await send_batch(seatkeeper, portal, customer, 1)
    await with_basic(seatkeeper, portal, customer)

    batch = await work_off(
        seatkeeper, portal, customer, row(9), an_action("changePlan", 1, plan="lean")
    )

    assert (batch["status"], batch["progress"]["done"]) == ("done", 2), batch
    assert batch["growths"] == []
    found = people(seatkeeper, customer)
    assert licences(found[upn(1)]) == {BUSINESS_BASIC_SKU}
    assert licences(found[upn(9)]) == {BUSINESS_PREMIUM_SKU}


async def test_more_plans_are_given_and_taken_back(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await send_batch(seatkeeper, portal, customer, 1)
    await with_basic(seatkeeper, portal, customer)

    given = await work_off(seatkeeper, portal, customer, an_action("addAddOns", 1, addOns=["lean"]))
    both = licences(people(seatkeeper, customer)[upn(1)])
    taken = await work_off(
        seatkeeper, portal, customer, an_action("removeAddOns", 1, addOns=["lean"])
    )

    assert (given["progress"]["done"], taken["progress"]["done"]) == (1, 1), (given, taken)
    assert both == {BUSINESS_PREMIUM_SKU, BUSINESS_BASIC_SKU}
    assert licences(people(seatkeeper, customer)[upn(1)]) == {BUSINESS_PREMIUM_SKU}


async def test_a_licence_that_no_seat_is_free_for_is_bought_for_somebody_who_is_there(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await send_batch(seatkeeper, portal, customer, 2)
    await with_basic(seatkeeper, portal, customer)

    batch = await work_off(
        seatkeeper,
        portal,
        customer,
        *(an_action("addAddOns", n, addOns=["lean"]) for n in (1, 2)),
    )

    assert batch["progress"]["done"] == 2, batch
    assert [(g["seatsBefore"], g["seatsAfter"]) for g in batch["growths"]] == [(1, 2)]


async def test_a_batch_for_which_the_directory_has_no_room_buys_nothing(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    objects = seatkeeper.world.tenants[customer["id"]].objects
    await seatkeeper.sim("PUT", "switches", {"graph.quota.total": objects + 2})

    batch = await work_off(seatkeeper, portal, customer, *(row(n) for n in (1, 2, 3)))

    assert batch["status"] == "refused", batch
    assert "room for 2 more objects" in batch["faults"][0]["detail"]
    assert await seats_of(portal, customer) == 1


async def test_who_is_given_licences_moves_to_the_country_of_the_row_first(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=2)
    await send_batch(seatkeeper, portal, customer, 1)
    await with_basic(seatkeeper, portal, customer)

    move = an_action("addAddOns", 1, addOns=["lean"], usageLocation="CA")
    batch = await work_off(seatkeeper, portal, customer, move)

    moved = people(seatkeeper, customer)[upn(1)]
    assert batch["progress"]["done"] == 1, batch
    assert moved.properties["usageLocation"] == "CA"
    assert BUSINESS_BASIC_SKU in licences(moved)


async def test_a_preview_says_which_rows_would_fail_alone_and_why(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 1)
    taken, absent = row(1), an_action("block", 9)

    preview = await portal.post(
        "batches?dryRun=true", {"customerId": customer["id"], "rows": [taken, absent]}
    )

    reasons = {fault["row"]: fault["detail"] for fault in preview["failingRows"]}
    assert preview["faults"] == []
    assert reasons[1].startswith("Somebody has this user name already.")
    assert reasons[2].startswith("Nobody has this user name here.")


async def test_a_preview_shows_a_renewal_that_keeps_seats_instead_of_buying(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    [subscription] = (await portal.get(f"customers/{customer['id']}/subscriptions"))["items"]
    path = f"customers/{customer['id']}/subscriptions/{subscription['id']}/changes"
    await portal.post(path, {"kind": "scheduleRenewal", "seats": 1})
    await seatkeeper.settle()

    rows = [row(number) for number in range(1, 4)]
    preview = await portal.post("batches?dryRun=true", {"customerId": customer["id"], "rows": rows})

    [kept] = preview["seats"][0]["raises"]
    assert (kept["seatsBefore"], kept["seatsAfter"], kept["renewalSeats"]) == (10, 10, 3)
