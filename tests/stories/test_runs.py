"""Runs over many customers: opened once, continued, closed once, missed when missing."""

import logging
import re
from datetime import datetime
from pathlib import Path

import pytest

from shared.domain.ids import RunId
from shared.workflows.purge import purge_parts
from shared.workflows.sweep_runs import sweep_runs
from tests.everyday import a_night
from tests.firing import a_lost_night, fire, taken
from tests.portal import Portal, Seatkeeper, customer_body, let_go, subscription_body

ROOT = Path(__file__).parents[2]
PARTS = ("customers", "report", "report.json")


async def test_two_hosts_that_fire_at_once_open_one_night(
    three: Seatkeeper, portal: Portal
) -> None:
    await fire(three)
    await fire(three)

    [connection] = await taken(three, "nightly-connections")
    await three.host.run("nightly_connection", connection)
    await three.settle()

    runs = (await portal.get("runs"))["items"]
    assert [(r["status"], r["summary"]["customers"]) for r in runs] == [("done", 3)]


async def test_a_run_that_stays_open_closes_at_its_deadline_as_partial(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a night whose messages were lost
    run = await a_lost_night(three, portal)

    # When its time is over
    await three.sim("POST", "clock/advance", {"hours": 21})
    await sweep_runs(three.works.office.desk)

    # Then it says so, and who was left
    closed = await portal.get(f"runs/{run}")
    assert closed["status"] == "partial"
    assert closed["summary"]["unfinished"] == 3
    report = await portal.get(f"runs/{run}/report.json")
    assert len(report["unfinishedCustomers"]) == 3
    assert (await portal.get("health"))["status"] == "ok"


async def test_a_night_that_is_still_open_is_continued_by_the_next(
    three: Seatkeeper, portal: Portal
) -> None:
    await in_the_evening(three)
    run = await a_lost_night(three, portal)

    # When the next night fires before the deadline of this one
    await three.sim("POST", "clock/advance", {"hours": 19})
    await fire(three)
    await three.settle()

    assert [r["id"] for r in (await portal.get("runs"))["items"]] == [run]
    assert (await portal.get(f"runs/{run}"))["status"] == "done"


async def test_after_a_partial_night_the_next_begins_anew(
    three: Seatkeeper, portal: Portal
) -> None:
    lost = await a_lost_night(three, portal)

    night = await a_night(three, portal, days=1)

    assert (night["status"], night["summary"]["customers"]) == ("done", 3)
    assert (await portal.get(f"runs/{lost}"))["status"] == "partial"


async def test_a_run_by_hand_never_stands_in_for_a_night(three: Seatkeeper, portal: Portal) -> None:
    await portal.send("GET", "health")
    await three.sim("POST", "clock/advance", {"hours": 30})
    by_hand = await portal.post("runs", {})
    await three.settle()

    assert (await portal.get(f"runs/{by_hand['id']}"))["status"] == "done"
    stale = await portal.send("GET", "health")
    assert (stale.status_code, stale.json()["status"]) == (503, "stale")

    await a_night(three, portal, days=1)
    assert (await portal.get("health"))["lastCompleteNight"]["customers"] == 3


async def test_a_run_of_one_connection_covers_its_customers_and_may_only_look(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given another connection with one customer, who has seats that nobody uses
    await three.connect(portal, id="southwind")
    other = await portal.post("customers", customer_body("fabrikam", connectionId="southwind"))
    place = f"customers/{other['id']}/subscriptions"
    bought = await portal.post(place, subscription_body(seats=10))
    await let_go(portal, other)

    # When runs are started for that connection, for all and for one customer, the last for real
    looks = [
        await portal.post("runs?dryRun=true", body) for body in ({"connectionId": "southwind"}, {})
    ]
    await three.settle()
    seats_after_a_look = three.world.subscriptions[bought["id"]].quantity
    real = await portal.post("runs", {"customerId": other["id"]})
    await three.settle()

    # Then each covers what it was asked for, and only the last one gives back
    runs = [await portal.get(f"runs/{run['id']}") for run in (*looks, real)]
    assert [run["summary"]["customers"] for run in runs] == [1, 4, 1]
    assert [run["dryRun"] for run in runs] == [True, True, False]
    assert seats_after_a_look == 10
    assert runs[2]["summary"]["seatsGivenBack"] == 9


async def test_a_run_of_a_customer_through_another_connection_is_refused(
    three: Seatkeeper, portal: Portal
) -> None:
    await three.connect(portal, id="southwind")
    customer = (await portal.get("customers"))["items"][0]["id"]

    for named in ("southwind", "nowhere"):
        body = {"connectionId": named, "customerId": customer}
        answer = await portal.send("POST", "runs", json=body)
        assert answer.status_code == 422, answer.text
        [fault] = answer.json()["errors"]
        assert fault["pointer"] == "/connectionId"
        assert "not one of this connection" in fault["detail"]

    await portal.post("runs", {"connectionId": "northwind", "customerId": customer})
    await three.settle()
    [run] = (await portal.get("runs"))["items"]
    assert (run["status"], run["connectionId"]) == ("done", "northwind")


async def test_every_run_tells_that_it_lives(
    three: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    """An alert asks for these lines by their beginning."""
    caplog.set_level(logging.INFO, logger="seatkeeper.events")

    night = await a_night(three, portal, days=1)

    started, finished = [line for line in caplog.messages if line.startswith("event: run-")]
    counts = "customers=3 failed=0 unfinished=0 left_out=0 failures=-"
    assert started == f"event: run-started run={night['id']}"
    assert finished == f"event: run-finished run={night['id']} status=done {counts}"
    alerts = (ROOT / "infra" / "modules" / "alerts.bicep").read_text()
    asked = re.search(r'startswith "(event: run-finished [^"]*)" and Message has "([^"]*)"', alerts)
    assert asked is not None
    assert finished.startswith(asked[1])
    assert f" {asked[2]} " in finished


async def test_a_customer_that_comes_late_finds_its_run_closed(
    three: Seatkeeper, portal: Portal
) -> None:
    run = await a_lost_night(three, portal)
    await three.sim("POST", "clock/advance", {"hours": 21})
    await sweep_runs(three.works.office.desk)
    customer = (await portal.get("customers"))["items"][0]

    queues = three.works.office.desk.queues
    await queues.send("nightly-customers", {"runId": run, "customerId": customer["id"]})
    await three.settle()

    parts = (await portal.get(f"runs/{run}/customers"))["items"]
    assert {p["status"] for p in parts} == {"waiting"}


async def test_what_a_run_found_is_purged_after_its_time_and_its_totals_stay(
    three: Seatkeeper, portal: Portal
) -> None:
    # Given a run of long ago, and one of today
    old = await a_run_by_hand(three, portal)
    await three.sim("POST", "clock/advance", {"days": 401})
    new = await a_run_by_hand(three, portal)

    # When the sweep comes by, twice
    await purge_parts(three.works.office.desk)
    await purge_parts(three.works.office.desk)

    # Then the old one tells what it came to, and nothing that would be wrong
    shown = await portal.get(f"runs/{old}")
    gone = [await portal.send("GET", f"runs/{old}/{part}") for part in PARTS]
    assert shown["partsPurgedAt"]
    assert shown["summary"]["customers"] == 3
    assert [(answer.status_code, answer.json()["type"].rpartition("#")[2]) for answer in gone] == [
        (410, "problem-run-parts-gone")
    ] * len(PARTS)
    left = [part async for part in three.works.office.desk.runs.parts(RunId(old))]
    assert not left

    # And the new one tells everything
    assert "partsPurgedAt" not in await portal.get(f"runs/{new}")
    assert len((await portal.get(f"runs/{new}/customers"))["items"]) == 3


async def a_run_by_hand(seatkeeper: Seatkeeper, portal: Portal) -> str:
    run = await portal.post("runs", {})
    await seatkeeper.settle()
    return str(run["id"])


async def in_the_evening(seatkeeper: Seatkeeper) -> None:
    """So that less than a day leads to another date, whenever this is told."""
    now = datetime.fromisoformat((await seatkeeper.sim("GET", "clock"))["now"])
    await seatkeeper.sim("POST", "clock/advance", {"hours": (20 - now.hour) % 24})
