"""A run that stands still is sent again where it stands, and one that moves is left alone."""

import json
from collections.abc import Sequence

import pytest

from shared.domain.errors import StateUnavailable
from shared.domain.ids import CustomerId, RunId
from shared.workflows.run_customer import run_customer
from shared.workflows.sweep_runs import sweep_runs
from tests.firing import a_lost_night, fire, later, taken
from tests.portal import Portal, Seatkeeper


async def test_what_stands_still_is_queued_again(three: Seatkeeper, portal: Portal) -> None:
    run = await a_lost_night(three, portal)

    await sweep_runs(three.works.office.desk)
    await sweep_runs(three.works.office.desk)
    at_once = await taken(three, "nightly-customers")
    await later(three)

    assert at_once == []
    assert (await portal.get(f"runs/{run}"))["status"] == "done"


async def test_who_waits_for_long_is_sent_again_alone_and_not_at_every_sweep(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a night in which everybody has ended but one, who waits for seats or for Microsoft
    run = RunId(await a_lost_night(three, portal))
    desk = three.works.office.desk
    left, *others = await desk.runs.waiting(run, 9)
    for other in others:
        await run_customer(desk, run, other)

    # When the sweep comes by every five minutes for an hour
    for _ in range(12):
        await sweep_runs(desk)
        await three.sim("POST", "clock/advance", {"minutes": 5})

    # Then nobody else is sent again, and no list is read again
    sent = [json.loads(message) for message in await taken(three, "nightly-customers")]
    assert sent == [{"runId": run, "customerId": left}] * 2
    assert await taken(three, "nightly-connections") == []


async def test_a_list_that_is_read_again_sends_nobody_who_has_ended(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a night of which the second portion was lost, and one of the first two has ended
    desk = three.works.office.desk
    object.__setattr__(desk, "run_portion", 2)
    await fire(three)
    [first] = await taken(three, "nightly-connections")
    await three.host.run("nightly_connection", first)
    await taken(three, "nightly-connections")
    ended, waits = (json.loads(m)["customerId"] for m in await taken(three, "nightly-customers"))
    run = RunId((await portal.get("runs"))["items"][0]["id"])
    await run_customer(desk, run, ended)

    await three.host.run("nightly_connection", first)

    sent = [json.loads(message) for message in await taken(three, "nightly-customers")]
    assert sent == [{"runId": run, "customerId": waits}]


async def test_one_run_that_cannot_be_looked_after_leaves_the_others_to_be(
    three: Seatkeeper, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given two runs that stand still, of which one cannot be read any more
    desk, first = three.works.office.desk, RunId(await a_lost_night(three, portal))
    second = (await portal.post("runs", {}))["id"]
    await taken(three, "nightly-connections")
    real = desk.runs.waiting

    async def waiting(run: RunId, size: int) -> Sequence[CustomerId]:
        if run == first:
            raise StateUnavailable("The store does not answer; try again in a moment.")
        return await real(run, size)

    monkeypatch.setattr(desk.runs, "waiting", waiting)
    await later(three)

    assert (await portal.get(f"runs/{second}"))["status"] == "done"


async def test_a_customer_that_takes_long_to_read_does_not_stand_still(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a night whose first customer is read message by message
    await a_lost_night(three, portal)
    desk = three.works.office.desk
    [first] = await desk.runs.waiting((await desk.runs.open_runs())[0].id, 1)
    await sweep_runs(desk)

    # When it has come further at every sweep for an hour
    for _ in range(3):
        await desk.people.save(await desk.people.state(first))
        await three.sim("POST", "clock/advance", {"minutes": 20})
        await sweep_runs(desk)

    assert await taken(three, "nightly-customers") == []
