"""A connection whose customers cannot be listed is left out of a run, which says so."""

import logging

import pytest

from shared.domain.ids import ConnectionId, RunId
from shared.workflows.runs import give_up_connection
from shared.workflows.sweep_runs import sweep_runs
from tests.firing import fire, later, taken
from tests.portal import Json, Portal, Seatkeeper, customer_body
from tests.stories.test_run_report import page_of

BROKEN = "not a place in any list"


async def a_night_that_leaves_one_out(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """Of two connections, the list of the second one's only customer fails for good."""
    await seatkeeper.connect(portal, id="southwind")
    await portal.post("customers", customer_body("fabrikam", connectionId="southwind"))
    await seatkeeper.settle()
    await fire(seatkeeper)
    run = str((await portal.get("runs"))["items"][0]["id"])
    await taken(seatkeeper, "nightly-connections")
    queues, message = seatkeeper.works.office.desk.queues, {"kind": "run", "runId": run}
    await queues.send("nightly-connections", message | {"connectionId": "northwind"})
    south = message | {"connectionId": "southwind", "cursor": BROKEN}
    await queues.send("nightly-connections", south)
    await seatkeeper.settle()
    return await portal.get(f"runs/{run}")


async def test_a_night_that_leaves_a_connection_out_is_told_as_one_that_is_not_complete(
    three: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    await portal.send("GET", "health")

    night = await a_night_that_leaves_one_out(three, portal)

    assert (night["status"], night["summary"]["customers"]) == ("partial", 3)
    assert (night["summary"]["unfinished"], night["summary"]["leftOut"]) == (0, 1)
    [finished] = [line for line in caplog.messages if line.startswith("event: run-finished")]
    assert "status=partial" in finished
    assert "left_out=1" in finished
    await three.sim("POST", "clock/advance", {"hours": 27})
    health = (await portal.send("GET", "health")).json()
    assert health["status"] == "stale"
    assert "lastCompleteNight" not in health


async def test_the_report_says_which_connection_was_left_out_and_what_to_do(
    three: Seatkeeper, portal: Portal
) -> None:
    night = await a_night_that_leaves_one_out(three, portal)

    report = await portal.get(f"runs/{night['id']}/report.json")
    page = await page_of(portal, night)

    [left] = report["leftOutConnections"]
    assert (report["leftOut"], left["connectionId"]) == (1, "southwind")
    assert left["detail"]
    assert "POST /api/runs" in left["advice"]
    assert left["detail"] in page
    assert "run it by hand: <code>POST /api/runs</code>" in page
    assert "did not come to all customers of 1 connection," in page

    # And a run by hand makes up for it
    by_hand = await portal.post("runs", {"connectionId": "southwind"})
    await three.settle()
    made_up = await portal.get(f"runs/{by_hand['id']}")
    assert (made_up["status"], made_up["summary"]["customers"]) == ("done", 1)


async def test_a_connection_that_was_never_listed_counts_as_left_out_at_the_deadline(
    three: Seatkeeper, portal: Portal
) -> None:
    await fire(three)
    await taken(three, "nightly-connections")

    await three.sim("POST", "clock/advance", {"hours": 21})
    await sweep_runs(three.works.office.desk)

    [night] = (await portal.get("runs"))["items"]
    assert (night["status"], night["summary"]["leftOut"]) == ("partial", 1)


async def test_what_is_given_up_after_another_delivery_has_done_it_is_not_left_out(
    three: Seatkeeper, portal: Portal
) -> None:
    await fire(three)
    [message] = await taken(three, "nightly-connections")
    await three.host.run("nightly_connection", message)
    desk, run = three.works.office.desk, RunId((await portal.get("runs"))["items"][0]["id"])

    await give_up_connection(desk, run, ConnectionId("northwind"), "It failed eight times.")
    await three.settle()

    night = await portal.get(f"runs/{run}")
    assert (night["status"], night["summary"]["leftOut"]) == ("done", 0)


async def test_a_long_list_is_queued_portion_by_portion_and_goes_on_where_one_is_lost(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given portions of one customer each, the second of which is lost
    object.__setattr__(three.works.office.desk, "run_portion", 1)
    await fire(three)
    [first] = await taken(three, "nightly-connections")
    await three.host.run("nightly_connection", first)
    [second] = await taken(three, "nightly-connections")
    await three.settle()
    run = (await portal.get("runs"))["items"][0]["id"]
    assert "cursor" in second
    assert (await portal.get(f"runs/{run}"))["status"] == "open"

    # When the sweep finds that nothing moves
    await later(three)

    # Then all three have had their part, and the run is closed
    night = await portal.get(f"runs/{run}")
    assert (night["status"], night["summary"]["customers"]) == ("done", 3)
