"""A schedule that a night puts back takes no seat from anybody, and is told as drift alone."""

from collections.abc import Awaitable, Callable

import pytest

from simulator.estates import join
from simulator.graph.replication import note_count
from tests.changing import change
from tests.estates import PREMIUM
from tests.everyday import a_night
from tests.outside import drift_of, enforce, scheduled, wipe_schedule
from tests.portal import Json, Portal, Seatkeeper, let_go

NEVER = 1e12


def an_admin_gives_out_what_nobody_counts(
    seatkeeper: Seatkeeper, customer: Json, count: int
) -> None:
    """People are told of at once; the directory's own count of consumed licences lags."""
    world = seatkeeper.world
    tenant = world.tenants[customer["id"]]
    join(world, tenant, count, PREMIUM.entra_sku_id)
    note_count(tenant, PREMIUM.entra_sku_id, count, NEVER)


async def by_a_night(seatkeeper: Seatkeeper, portal: Portal, customer: Json) -> None:
    await let_go(portal, customer)
    await a_night(seatkeeper, portal, days=30)


async def by_hand(_seatkeeper: Seatkeeper, portal: Portal, customer: Json) -> None:
    await change(portal, customer, kind="scheduleRenewal", seats=3)


@pytest.mark.parametrize("is_made", [by_a_night, by_hand])
async def test_a_schedule_below_the_people_who_were_counted_is_not_put_back(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json, is_made: Callable[..., Awaitable[None]]
) -> None:
    # Given a renewal with three seats, deleted by somebody who licenses four more people
    await is_made(seatkeeper, portal, staffed)
    assert scheduled(seatkeeper, staffed) == 3
    await enforce(portal, staffed, "schedule")
    an_admin_gives_out_what_nobody_counts(seatkeeper, staffed, 4)
    await wipe_schedule(seatkeeper, staffed)

    # When the night looks before the directory's count shows them
    await a_night(seatkeeper, portal, days=1)

    # Then nobody is to lose a seat by it
    assert scheduled(seatkeeper, staffed) is None
    entry = (await drift_of(portal, staffed))["subscription", "schedule"]
    assert (entry["state"], "7 of its seats are in use" in entry["reason"]) == ("open", True)


async def test_a_night_that_may_schedule_says_the_right_number_instead(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    await by_a_night(seatkeeper, portal, staffed)
    await let_go(portal, staffed, drift={"schedule": "enforce"})
    an_admin_gives_out_what_nobody_counts(seatkeeper, staffed, 4)
    await wipe_schedule(seatkeeper, staffed)

    night = await a_night(seatkeeper, portal, days=1)

    assert scheduled(seatkeeper, staffed) == 7
    assert night["summary"]["seatsAtRisk"] == 0


async def test_a_schedule_of_a_night_is_not_put_back_below_what_a_plan_keeps_spare(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a renewal that a night has scheduled, and a rule of the plan that came after it
    await by_a_night(seatkeeper, portal, staffed)
    spare = [{"planId": "office-worker", "spareSeats": 2}]
    policy = {"mode": "report", "plans": spare, "drift": {"schedule": "enforce"}}
    await portal.put(f"customers/{staffed['id']}/policy", policy)

    # When somebody deletes the schedule, and the night looks
    await wipe_schedule(seatkeeper, staffed)
    await a_night(seatkeeper, portal, days=1)

    # Then the two stay
    assert scheduled(seatkeeper, staffed) is None
    entry = (await drift_of(portal, staffed))["subscription", "schedule"]
    assert "5 of its seats are in use, promised or kept spare" in entry["reason"]
