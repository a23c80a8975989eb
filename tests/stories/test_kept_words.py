"""What Microsoft was told of a next term or an end is said again after a change of seats."""

from typing import Any

from simulator.nouns import Subscription
from simulator.partner_center.changes import change_outside
from tests.portal import Json, Portal, Seatkeeper, let_go
from tests.stories.test_changes import held
from tests.stories.test_first_day import a_customer, a_night, leave, send_batch


def for_three_years(seatkeeper: Seatkeeper, customer: Json, seats: int) -> Subscription:
    """Somebody scheduled a longer term, paid by the year, that ends with the calendar's."""
    subscription = held(seatkeeper, customer)
    product = {
        "productId": subscription.product_id,
        "skuId": subscription.sku_id,
        "availabilityId": subscription.availability_id,
        "termDuration": "P3Y",
        "billingCycle": "Annual",
    }
    schedule = {"product": product, "quantity": seats}
    change_outside(seatkeeper.world, subscription, {"scheduledNextTermInstructions": schedule})
    return subscription


def scheduled(subscription: Subscription) -> tuple[Any, ...]:
    assert subscription.schedule is not None
    product = subscription.schedule["product"]
    billing = product["billingCycle"].lower()
    return subscription.schedule["quantity"], product["termDuration"], billing


async def test_a_schedule_that_a_return_deletes_keeps_its_terms(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    subscription = for_three_years(seatkeeper, customer, 10)
    await let_go(portal, customer)
    await leave(seatkeeper, customer, 3)

    await a_night(seatkeeper, portal, days=1)

    assert subscription.quantity == 7
    assert scheduled(subscription) == (7, "P3Y", "annual")


async def test_a_schedule_that_a_growth_deletes_keeps_its_terms(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    subscription = for_three_years(seatkeeper, customer, 10)

    await send_batch(seatkeeper, portal, customer, 12)

    assert subscription.quantity == 12
    assert scheduled(subscription) == (12, "P3Y", "annual")
