"""Seats that end, change or are not renewed with their term make nobody else's idle."""

import pytest

from simulator.partner_center.changes import change_outside
from tests.changing import change, held, let_it_speak_of_ends
from tests.everyday import a_customer, a_night, part_of, seats_of, send_batch
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, let_go, subscription_body

OTHER = {
    "productId": "CFQ7TTC0LFLX",
    "skuId": "0001",
    "termDuration": "P1Y",
    "billingCycle": "Monthly",
}


async def ten_people_on_a_years_seats(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    return customer


async def ten_more_late_in_the_year(seatkeeper: Seatkeeper, portal: Portal, customer: Json) -> str:
    await seatkeeper.sim("POST", "clock/advance", {"days": 300})
    place = f"customers/{customer['id']}/subscriptions"
    return str((await portal.post(place, subscription_body(seats=10)))["id"])


async def test_before_a_conversion_the_others_seats_stay_for_everybody(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given ten people on seats that become another product at the renewal, and ten free ones
    customer = await ten_people_on_a_years_seats(seatkeeper, portal)
    world = seatkeeper.world
    world.switches.update({"schedule.products": "any"})
    first = held(seatkeeper, customer)
    change_outside(
        world, first, {"scheduledNextTermInstructions": {"product": OTHER, "quantity": 10}}
    )
    lasts = await ten_more_late_in_the_year(seatkeeper, portal, customer)
    await let_go(portal, customer)

    # When a night looks, and the renewal comes
    night = await a_night(seatkeeper, portal, days=1)
    reasons = [d["reason"] for d in (await part_of(portal, night))["decisions"]]
    await seatkeeper.sim("POST", "clock/advance", {"days": 80})
    await seats_of(portal, customer)

    # Then all ten still have a seat, and the new product as many as somebody scheduled
    assert any("it is another product" in reason for reason in reasons)
    assert (first.product_id, first.quantity) == ("CFQ7TTC0LFLX", 10)
    consumed = world.tenants[customer["id"]].consumed(BUSINESS_PREMIUM_SKU)
    assert world.subscriptions[lasts].quantity == consumed == 10


async def test_beside_seats_that_nobody_renews_the_others_stay_for_everybody(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given ten people on seats whose auto-renew is off, and ten free ones
    customer = await ten_people_on_a_years_seats(seatkeeper, portal)
    first = held(seatkeeper, customer)
    change_outside(seatkeeper.world, first, {"autoRenewEnabled": False})
    lasts = await ten_more_late_in_the_year(seatkeeper, portal, customer)
    await let_go(portal, customer)

    # When a night looks, and the first term is over
    await a_night(seatkeeper, portal, days=1)
    await seatkeeper.sim("POST", "clock/advance", {"days": 80})
    await seats_of(portal, customer)

    # Then all ten still have a seat
    assert first.status != "active"
    assert seatkeeper.world.subscriptions[lasts].quantity == 10


@pytest.mark.parametrize(
    "filled_in",
    [None, [{"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}]],
)
async def test_a_night_that_ends_a_subscription_itself_gives_nobody_elses_seats_away(
    seatkeeper: Seatkeeper, portal: Portal, filled_in: list[Json] | None
) -> None:
    # Given a subscription that was chosen to end, a choice that Microsoft has forgotten
    seatkeeper.world.switches.update({"est.enabled": True})
    customer = await ten_people_on_a_years_seats(seatkeeper, portal)
    await let_it_speak_of_ends(seatkeeper)
    await change(portal, customer, kind="setEndOfTerm", intent="cancel")
    first = held(seatkeeper, customer)
    change_outside(seatkeeper.world, first, {"scheduledActions": filled_in})
    await seatkeeper.sim("POST", "clock/advance", {"days": 40})
    lasts = await ten_more_late_in_the_year(seatkeeper, portal, customer)
    await let_go(portal, customer, extendedTerms="enforce")

    # When the night says it again
    await a_night(seatkeeper, portal, days=1)
    told = first.scheduled_actions
    await seatkeeper.sim("POST", "clock/advance", {"days": 40})
    await seats_of(portal, customer)

    # Then it has ended, and all ten have a seat of the other subscription
    assert told == [{"scheduleType": "TermEnd", "actionType": "Cancel"}]
    assert first.status != "active"
    assert seatkeeper.world.subscriptions[lasts].quantity == 10
