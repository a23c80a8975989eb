"""A date on which two nights begin has two runs, and one idle night."""

import asyncio
from datetime import datetime, timedelta

from shared.workflows.open_run import open_night
from tests.everyday import a_customer, seats_of
from tests.firing import fire
from tests.portal import Portal, Seatkeeper, let_go
from tests.stories.test_run_report import page_of


async def midnight(seatkeeper: Seatkeeper) -> datetime:
    now = datetime.fromisoformat((await seatkeeper.sim("GET", "clock"))["now"])
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


async def fire_at(seatkeeper: Seatkeeper, moment: datetime) -> None:
    await seatkeeper.sim("PUT", "clock", {"now": moment.isoformat()})
    await fire(seatkeeper)
    await seatkeeper.settle()


async def test_a_late_hour_of_its_own_follows_a_firing_that_was_made_up_for(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a schedule of ten in the evening, and a host that was down until just after midnight
    day = await midnight(three)
    await fire_at(three, day + timedelta(minutes=5))

    # When two hosts fire at the schedule's own hour
    await three.sim("PUT", "clock", {"now": (day + timedelta(hours=22)).isoformat()})
    desk = three.works.office.desk
    await asyncio.gather(open_night(desk), open_night(desk))
    await three.settle()

    # Then the date has two nights, and both are complete
    nights, name = (await portal.get("runs"))["items"], f"night-{day:%Y-%m-%d}"
    assert [(n["id"], n["status"]) for n in nights] == [(f"{name}-2", "done"), (name, "done")]
    assert [n["summary"]["customers"] for n in nights] == [3, 3]
    assert (await portal.get("health"))["lastCompleteNight"]["runId"] == f"{name}-2"
    assert f"<h1>Night of {day:%Y-%m-%d} (2)</h1>" in await page_of(portal, nights[0])


async def test_a_schedule_at_midnight_that_fires_a_moment_early_loses_no_night(
    three: Seatkeeper, portal: Portal
) -> None:
    day = await midnight(three)

    await fire_at(three, day + timedelta(milliseconds=400))
    await fire_at(three, day + timedelta(hours=24, milliseconds=-900))

    assert len((await portal.get("runs"))["items"]) == 2


async def test_firings_that_lie_close_together_are_of_one_night(
    three: Seatkeeper, portal: Portal
) -> None:
    day = await midnight(three)

    await fire_at(three, day + timedelta(minutes=5))
    await fire_at(three, day + timedelta(hours=2))

    assert len((await portal.get("runs"))["items"]) == 1


async def test_two_nights_of_one_date_count_as_one_idle_night(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given seats that must be idle for two nights before they go
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, idleNights=2)
    day = await midnight(seatkeeper)

    await fire_at(seatkeeper, day + timedelta(minutes=5))
    await fire_at(seatkeeper, day + timedelta(hours=22))
    after_two_of_a_date = await seats_of(portal, customer)
    await fire_at(seatkeeper, day + timedelta(hours=46))

    assert (after_two_of_a_date, await seats_of(portal, customer)) == (10, 1)
