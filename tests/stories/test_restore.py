"""Seats that the night gave up for the renewal and that somebody uses again by then."""

from simulator.estates import join
from tests.estates import PREMIUM
from tests.portal import Json, Portal, Seatkeeper, let_go
from tests.stories.test_first_day import a_customer, a_night, leave, seats_of, send_batch


async def a_cut_renewal(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """Ten seats in their second month, and a renewal that our night scheduled with six."""
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    await let_go(portal, customer)
    await leave(seatkeeper, customer, 4)
    night = await a_night(seatkeeper, portal, days=30)
    assert night["summary"]["seatsScheduled"] == 4
    return customer


async def test_seats_that_an_admin_gives_out_again_outlive_the_renewal(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a renewal that our night scheduled with the six seats in use
    customer = await a_cut_renewal(seatkeeper, portal)
    world = seatkeeper.world

    # When an admin gives three people seats in Microsoft's portal, and the term renews
    join(world, world.tenants[customer["id"]], 3, PREMIUM.entra_sku_id)
    await a_night(seatkeeper, portal, days=30)
    await seatkeeper.sim("POST", "clock/advance", {"days": 320})

    # Then all nine have their seats, and the tenth is gone
    assert await seats_of(portal, customer) == 9
