"""Seats that somebody takes away here lend their idle nights to none that come after them."""

from collections.abc import Awaitable, Callable

import pytest

from tests.changing import a_small_customer, an_upgrade, change
from tests.everyday import a_night
from tests.portal import BUSINESS_BASIC, Json, Portal, Seatkeeper, let_go, subscription_body

NIGHTS = 3
"""So few that no window closes meanwhile, in whose last night age counts for nothing."""
IDLE = 9
"""Of ten seats that nobody uses, all but the product's minimum."""
Swap = Callable[[Portal, Json], Awaitable[None]]


async def ten_more(portal: Portal, customer: Json) -> None:
    place = f"customers/{customer['id']}/subscriptions"
    await portal.post(place, subscription_body(offerId=BUSINESS_BASIC, seats=10))


async def given_back(portal: Portal, customer: Json) -> None:
    await change(portal, customer, kind="setSeats", seats=1)
    await change(portal, customer, kind="setSeats", seats=10)


async def scheduled_away(portal: Portal, customer: Json) -> None:
    await change(portal, customer, kind="scheduleRenewal", seats=1)
    await change(portal, customer, kind="setSeats", seats=10 + IDLE)


async def cancelled(portal: Portal, customer: Json) -> None:
    await change(portal, customer, kind="cancel")
    await ten_more(portal, customer)


async def moved(portal: Portal, customer: Json) -> None:
    offer = await an_upgrade(portal, customer)
    await change(portal, customer, kind="upgrade", offerId=offer, seats=10)
    await ten_more(portal, customer)


def basic_seats(seatkeeper: Seatkeeper) -> int:
    held = seatkeeper.world.subscriptions.values()
    active = [s for s in held if s.status == "active"]
    return sum(s.quantity for s in active if f"{s.product_id}:{s.sku_id}" == BUSINESS_BASIC)


@pytest.mark.parametrize("swapped", [given_back, scheduled_away, cancelled, moved])
async def test_seats_that_are_bought_for_others_that_went_by_hand_have_nights_of_their_own(
    seatkeeper: Seatkeeper, portal: Portal, swapped: Swap
) -> None:
    # Given seats that were idle for all but one of the nights
    customer = await a_small_customer(seatkeeper, portal)
    await let_go(portal, customer, idleNights=NIGHTS)
    for _ in range(NIGHTS - 1):
        await a_night(seatkeeper, portal, days=1)

    # When somebody takes them away, and others come on the same day
    await swapped(portal, customer)
    bought = basic_seats(seatkeeper)
    left = []
    for _ in range(NIGHTS):
        await a_night(seatkeeper, portal, days=1)
        left.append(basic_seats(seatkeeper))

    # Then those are not gone before they were idle for as many nights themselves
    assert left == [bought] * (NIGHTS - 1) + [bought - IDLE]
