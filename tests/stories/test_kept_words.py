"""What Microsoft was told of a next term or an end is said again after a change of seats."""

import logging
from typing import Any

import pytest

from simulator.nouns import Subscription
from simulator.partner_center.changes import change_outside
from tests.changing import held, let_it_speak_of_ends
from tests.everyday import a_customer, a_night, leave, part_of, send_batch
from tests.portal import Json, Portal, Seatkeeper, let_go
from tests.stories.test_end_of_term import alarms


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


CANCEL = [{"scheduleType": "TermEnd", "actionType": "Cancel"}]


async def one_that_ends(seatkeeper: Seatkeeper, portal: Portal) -> tuple[Json, Subscription]:
    """Ten people, three of whom have left, on seats that end with their term."""
    seatkeeper.world.switches.update({"est.enabled": True})
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    subscription = held(seatkeeper, customer)
    ends = {"autoRenewEnabled": False, "scheduledActions": CANCEL}
    change_outside(seatkeeper.world, subscription, ends)
    await let_go(portal, customer)
    await leave(seatkeeper, customer, 3)
    return customer, subscription


@pytest.mark.parametrize("wipes", [False, True])
async def test_a_return_keeps_the_word_that_the_term_ends(
    seatkeeper: Seatkeeper, portal: Portal, wipes: bool
) -> None:
    seatkeeper.world.switches.update({"est.midtermWipesActions": wipes})
    _, subscription = await one_that_ends(seatkeeper, portal)
    await let_it_speak_of_ends(seatkeeper)

    await a_night(seatkeeper, portal, days=1)

    assert (subscription.quantity, subscription.scheduled_actions) == (7, CANCEL)


async def test_where_the_end_cannot_be_said_again_the_seats_stay(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    _, subscription = await one_that_ends(seatkeeper, portal)

    night = await a_night(seatkeeper, portal, days=1)

    [decision] = (await part_of(portal, night))["decisions"]
    assert decision["reason"].endswith("(sendsScheduledActions is off)")
    assert (subscription.quantity, subscription.scheduled_actions) == (10, CANCEL)


async def test_a_word_on_the_end_that_is_lost_all_the_same_is_an_alarm(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a renewal that Microsoft was told in so many words, by whom this connection is not
    caplog.set_level(logging.INFO)
    seatkeeper.world.switches.update({"est.enabled": True})
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    subscription = held(seatkeeper, customer)
    renews = [{"scheduleType": "TermEnd", "actionType": "RenewToNewTerm"}]
    change_outside(seatkeeper.world, subscription, {"scheduledActions": renews})
    await let_go(portal, customer)
    await leave(seatkeeper, customer, 3)

    # When a night gives back
    await a_night(seatkeeper, portal, days=1)

    # Then it renews as before, and somebody is called
    assert (subscription.quantity, subscription.auto_renew) == (7, True)
    assert subscription.scheduled_actions is None
    assert "end-of-term-lost" in alarms(caplog)
