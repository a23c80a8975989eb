"""A run whose hosts die, or come at the wrong moment, covers everybody and closes once."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from local.functions import Retries, TimerFunction
from shared.domain.errors import StateUnavailable
from shared.domain.ids import ConnectionId, CustomerId, RunId
from shared.domain.runs import CustomerRun, CustomerRunStatus
from shared.workflows.close_run import close_if_complete
from shared.workflows.open_run import open_night
from shared.workflows.ports import Desk, Queues
from shared.workflows.run_customer import run_customer
from shared.workflows.runs import expand_connection
from shared.workflows.sweep_runs import sweep_runs
from tests.deaths import Fate, dying, fated
from tests.firing import a_lost_night, fire, later, taken
from tests.interruptions import Interrupted, down, interrupted, once
from tests.portal import Json, Portal, Seatkeeper, customer_body

NORTH, SOUTH = ConnectionId("northwind"), ConnectionId("southwind")


@pytest.fixture
def fate(three: Seatkeeper, monkeypatch: pytest.MonkeyPatch) -> Fate:
    return fated(three, monkeypatch)


async def nights_of(portal: Portal) -> list[Json]:
    return list((await portal.get("runs"))["items"])


async def test_a_sweep_that_comes_by_while_a_night_opens_does_not_close_it(
    three: Seatkeeper, portal: Portal
) -> None:
    desk = three.works.office.desk

    await open_night(interrupted(desk, "expect_connections", lambda: sweep_runs(desk)))
    await three.settle()

    [night] = await nights_of(portal)
    assert (night["status"], night["summary"]["customers"]) == ("done", 3)


async def test_a_night_that_dies_while_it_opens_is_found_and_covers_everybody(
    three: Seatkeeper, portal: Portal, fate: Fate
) -> None:
    # Given nights of which each dies before another one of its writes
    await portal.send("GET", "health")
    died_at = 0
    while await _dies_opening(three, fate, died_at + 1):
        died_at += 1

        # When the timer makes up for one that left nothing, and the sweep comes by
        if not await three.works.office.desk.runs.open_runs():
            await three.host.run("nightly")
        await later(three)

        # Then it is listed once and has come to everybody
        nights = await nights_of(portal)
        assert len({night["id"] for night in nights}) == len(nights) == died_at
        told = (nights[0]["status"], nights[0]["summary"]["customers"])
        assert told == ("done", 3), fate.met[-1]
    assert died_at >= 6


async def test_the_platform_tries_the_night_again_and_the_sweep_has_its_next_turn(
    three: Seatkeeper,
) -> None:
    timers = {f.name: f.retries for f in three.host.functions if isinstance(f, TimerFunction)}

    assert timers == {
        "nightly": Retries(24, timedelta(minutes=5)),
        "sweep": Retries(0, timedelta(0)),
    }


async def test_a_night_that_failed_while_it_opened_is_opened_by_the_next_try(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a store and then a queue that do not answer
    desk = three.works.office.desk
    no_queue = cast("Queues", Interrupted(desk.queues, "send", down))
    for failing in (interrupted(desk, "open_runs", down), replace(desk, queues=no_queue)):
        with pytest.raises(StateUnavailable):
            await open_night(failing)

    # When they answer again, and the timer fires on a second host as well
    await fire(three)
    await fire(three)

    # Then the night was queued once, and nobody waited for the sweep
    [message] = await taken(three, "nightly-connections")
    await three.host.run("nightly_connection", message)
    await three.settle()
    [night] = await nights_of(portal)
    assert (night["status"], night["summary"]["customers"]) == ("done", 3)


async def test_an_overdue_run_that_cannot_be_closed_keeps_no_night_from_opening(
    three: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    lost = await a_lost_night(three, portal)
    await three.sim("POST", "clock/advance", {"days": 1})
    desk = three.works.office.desk

    await open_night(interrupted(desk, "save", down))
    await three.settle()

    tonight, before = await nights_of(portal)
    assert (tonight["status"], tonight["summary"]["customers"]) == ("done", 3)
    assert (before["id"], before["status"]) == (lost, "open")
    assert f"run {lost} is overdue and could not be closed" in caplog.messages
    await sweep_runs(desk)
    assert (await portal.get(f"runs/{lost}"))["status"] == "partial"


@pytest.mark.parametrize("who", [sweep_runs, open_night], ids=["the sweep", "the next night"])
async def test_a_run_whose_customers_all_ended_is_done_at_its_deadline_too(
    three: Seatkeeper, portal: Portal, who: Callable[[Desk], Awaitable[object]]
) -> None:
    desk, run = three.works.office.desk, RunId(await a_lost_night(three, portal))
    await everybody_ends(desk, run)

    await three.sim("POST", "clock/advance", {"hours": 21})
    await who(desk)

    closed = await portal.get(f"runs/{run}")
    assert (closed["status"], closed["summary"]["customers"]) == ("done", 3)
    assert (await portal.get("health"))["lastCompleteNight"]["runId"] == run


async def test_a_connection_that_is_expanded_while_the_last_customer_looks_keeps_the_run_open(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a night over two connections, the first of which is expanded
    desk, run = three.works.office.desk, await a_night_over_two(three, portal)
    await expand_connection(desk, run, SOUTH)
    [customer] = await desk.runs.waiting(run, 9)

    # When the second one's customers are noted between two looks of the first one's last
    late = interrupted(desk, "coverage", once(lambda: expand_connection(desk, run, NORTH)))
    await run_customer(late, run, customer)
    still_open = await portal.get(f"runs/{run}")
    await three.settle()

    # Then they close the night
    closed = await portal.get(f"runs/{run}")
    assert (still_open["status"], still_open["summary"]["customers"]) == ("open", 0)
    assert (closed["status"], closed["summary"]["customers"]) == ("done", 4)
    assert closed["summary"]["unfinished"] == 0


async def test_no_run_is_done_with_somebody_left(three: Seatkeeper, portal: Portal) -> None:
    desk, run = three.works.office.desk, RunId(await a_lost_night(three, portal))
    await everybody_ends(desk, run)
    newcomer = CustomerRun(run, CustomerId("0a7e1c52-0000-4000-8000-000000000001"), NORTH)

    await close_if_complete(interrupted(desk, "get", lambda: desk.runs.add_parts([newcomer])), run)

    assert (await portal.get(f"runs/{run}"))["status"] == "open"


async def test_a_night_that_dies_while_it_closes_is_told_of_all_the_same(
    three: Seatkeeper, portal: Portal, fate: Fate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    desk, died_at, dies = three.works.office.desk, 0, True
    while dies:
        # Given a night in which everybody has ended, and a host that dies while it closes it
        await three.sim("POST", "clock/advance", {"days": 1})
        run = RunId(await a_lost_night(three, portal))
        await everybody_ends(desk, run)
        dies = await dying(fate, died_at + 1, close_if_complete(desk, run))
        died_at += dies

        # When the sweep comes by
        await sweep_runs(desk)

        # Then people and alerts know that it was complete, and nothing is left to be told
        last = (await portal.get("health"))["lastCompleteNight"]
        assert (last["runId"], last["customers"]) == (run, 3), fate.met[-1]
        told = f"event: run-finished run={run} status=done"
        assert any(line.startswith(told) for line in caplog.messages), fate.met[-1]
        assert (await portal.get(f"runs/{run}"))["status"] == "done"
        assert await desk.runs.unannounced_runs() == []
    assert died_at >= 5


async def test_a_message_that_comes_again_tells_of_the_night_that_its_host_closed(
    three: Seatkeeper, portal: Portal, fate: Fate
) -> None:
    # Given the last customer, whose host dies as soon as the night is closed
    desk, run = three.works.office.desk, RunId(await a_lost_night(three, portal))
    [customer, *_] = await desk.runs.waiting(run, 9)
    await everybody_ends(desk, run)
    assert await dying(fate, 3, close_if_complete(desk, run))
    assert (await portal.get(f"runs/{run}"))["status"] == "done"

    await run_customer(desk, run, customer)

    assert (await portal.get("health"))["lastCompleteNight"]["runId"] == run


async def test_a_connection_that_dies_while_it_is_expanded_is_expanded_in_the_end(
    three: Seatkeeper, portal: Portal, fate: Fate
) -> None:
    desk, died_at, dies = three.works.office.desk, 0, True
    object.__setattr__(desk, "run_portion", 2)
    while dies:
        await three.sim("POST", "clock/advance", {"days": 1})
        await fire(three)
        await taken(three, "nightly-connections")
        run = RunId((await nights_of(portal))[0]["id"])
        dies = await dying(fate, died_at + 1, expand_connection(desk, run, NORTH))
        died_at += dies

        await later(three)

        night = await portal.get(f"runs/{run}")
        assert (night["status"], night["summary"]["customers"]) == ("done", 3), fate.met[-1]
    assert died_at >= 4


async def test_an_end_that_cannot_be_told_keeps_no_other_run_from_being_looked_after(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a night whose end could not be told, and another run that is overdue
    desk, run = three.works.office.desk, RunId(await a_lost_night(three, portal))
    await everybody_ends(desk, run)
    failing = interrupted(desk, "complete_night", down)
    with pytest.raises(StateUnavailable):
        await close_if_complete(failing, run)
    by_hand = (await portal.post("runs", {}))["id"]
    await taken(three, "nightly-connections")
    await three.sim("POST", "clock/advance", {"hours": 21})

    await sweep_runs(failing)

    assert (await portal.get(f"runs/{by_hand}"))["status"] == "partial"
    assert [untold.id for untold in await desk.runs.unannounced_runs()] == [run]


async def a_night_over_two(seatkeeper: Seatkeeper, portal: Portal) -> RunId:
    """Let a night begin over two connections, whose messages are lost."""
    await seatkeeper.connect(portal, id=SOUTH)
    await portal.post("customers", customer_body("fabrikam", connectionId=SOUTH))
    await fire(seatkeeper)
    assert len(await taken(seatkeeper, "nightly-connections")) == 2
    return RunId((await nights_of(portal))[0]["id"])


async def everybody_ends(desk: Desk, run: RunId) -> None:
    """Whose hosts die before they look whether they were the last."""
    for customer in await desk.runs.waiting(run, 9):
        part = await desk.runs.part(run, customer)
        await desk.runs.save_part(replace(part, status=CustomerRunStatus.DONE))


async def _dies_opening(seatkeeper: Seatkeeper, fate: Fate, at: int) -> bool:
    await seatkeeper.sim("POST", "clock/advance", {"days": 1})
    return await dying(fate, at, open_night(seatkeeper.works.office.desk))
