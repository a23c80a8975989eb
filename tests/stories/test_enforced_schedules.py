"""A schedule that a night puts back takes no seat from anybody, and is told as drift alone."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest

from simulator.estates import join
from simulator.faults import Fault
from simulator.graph.replication import note_count
from tests.changing import change, held
from tests.estates import PREMIUM
from tests.everyday import a_night, nothing_is_left_open, part_of
from tests.firing import taken
from tests.outside import drift_of, enforce, scheduled, wipe_schedule
from tests.portal import Json, Killed, Portal, Seatkeeper, let_go

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


async def five_ahead(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, *, since: int, **policy: int
) -> None:
    """Bought by hand on top of a renewal that a night has scheduled, which somebody deletes."""
    await by_a_night(seatkeeper, portal, customer)
    await let_go(portal, customer, **policy, drift={"schedule": "enforce"})
    await change(portal, customer, kind="setSeats", seats=15)
    assert scheduled(seatkeeper, customer) == 8
    await seatkeeper.sim("POST", "clock/advance", {"days": since})
    await wipe_schedule(seatkeeper, customer)


async def five_go_and_the_rest_is_drift(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, night: Json
) -> None:
    assert (held(seatkeeper, customer).quantity, scheduled(seatkeeper, customer)) == (10, 3)
    [decision] = (await part_of(portal, night))["decisions"]
    assert (decision["kind"], decision["seats"], decision["target"]) == ("return", 15, 10)
    sums = night["summary"]
    assert (sums["seatsGivenBack"], sums["seatsScheduled"], sums["seatsRestored"]) == (5, 0, 0)
    report = await portal.get(f"runs/{night['id']}/report.json")
    assert [(s["kind"], s["seats"]) for s in report["savings"]] == [("realised", 5)]
    await nothing_is_left_open(seatkeeper, customer)


async def test_seats_in_the_last_night_of_their_window_go_although_a_schedule_is_put_back(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    await five_ahead(seatkeeper, portal, staffed, since=5)

    night = await a_night(seatkeeper, portal, days=1)

    await five_go_and_the_rest_is_drift(seatkeeper, portal, staffed, night)
    assert night["summary"]["drift"]["enforced"] == 1
    assert (await drift_of(portal, staffed))["subscription", "schedule"]["state"] == "enforced"


async def test_a_schedule_that_is_put_back_takes_no_nights_from_idle_seats(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given five seats in their first idle night, which puts a schedule back
    await five_ahead(seatkeeper, portal, staffed, since=0, idleNights=2)
    first = await a_night(seatkeeper, portal, days=1)
    assert scheduled(seatkeeper, staffed) == 8

    # When their second night comes
    second = await a_night(seatkeeper, portal, days=1)

    # Then they go in it
    assert [n["summary"]["seatsGivenBack"] for n in (first, second)] == [0, 5]
    assert [n["summary"]["seatsScheduled"] for n in (first, second)] == [0, 0]


def dies(seatkeeper: Seatkeeper, customer: Json, method: str, *, after_commit: bool) -> list[str]:
    """At the first such call once it has begun to put the schedule back; answer the deaths."""
    wire, sent, deaths = seatkeeper.wire, list[str](), list[str]()

    def before(request: httpx.Request) -> None:
        sent.extend(["a schedule"] if request.method == "PATCH" else [])
        is_list = request.url.path.endswith(f"{customer['id']}/subscriptions")
        if sent and not deaths and (is_list if method == "GET" else request.method == method):
            deaths.append(request.url.path)
            wire.dies_at, wire.after_commit = wire.calls, after_commit

    wire.before = before
    return deaths


@pytest.mark.parametrize(
    ("method", "after_commit"),
    [
        pytest.param("PATCH", False, marks=pytest.mark.trial, id="before it is put back"),
        pytest.param("PATCH", True, marks=pytest.mark.trial, id="once it is put back"),
        pytest.param("GET", False, id="before seats go"),
    ],
)
async def test_a_night_that_dies_over_a_put_back_gives_back_what_it_would_have(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json, method: str, *, after_commit: bool
) -> None:
    await five_ahead(seatkeeper, portal, staffed, since=5)
    deaths = dies(seatkeeper, staffed, method, after_commit=after_commit)

    night = await a_night(seatkeeper, portal, days=1)

    assert deaths
    await five_go_and_the_rest_is_drift(seatkeeper, portal, staffed, night)
    assert (await drift_of(portal, staffed))["subscription", "schedule"]["state"] == "enforced"


async def test_a_put_back_that_nobody_wants_any_more_when_its_message_comes_again_is_closed(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a night that dies once Microsoft has taken a schedule
    await five_ahead(seatkeeper, portal, staffed, since=5)
    deaths = dies(seatkeeper, staffed, "PATCH", after_commit=True)
    clock = await seatkeeper.sim("POST", "clock/advance", {"days": 1})
    await seatkeeper.host.run("nightly")
    [connection] = await taken(seatkeeper, "nightly-connections")
    await seatkeeper.host.run("nightly_connection", connection)
    [message] = await taken(seatkeeper, "nightly-customers")
    with suppress(Killed):
        await seatkeeper.host.run("nightly_customer", message)
    assert deaths

    # When the policy puts nothing back any more before its message comes again
    await let_go(portal, staffed)
    await seatkeeper.host.run("nightly_customer", message)
    await seatkeeper.settle()

    # Then the night goes on with the subscription
    night = await portal.get(f"runs/night-{clock['now'][:10]}")
    await five_go_and_the_rest_is_drift(seatkeeper, portal, staffed, night)


@pytest.mark.parametrize("is_made", [by_a_night, pytest.param(by_hand, marks=pytest.mark.trial)])
async def test_a_night_that_dies_at_its_own_change_ends_it_although_a_put_back_is_refused(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json, is_made: Callable[..., Awaitable[None]]
) -> None:
    # Given a schedule that would take seats of people, and three others that nobody uses
    await is_made(seatkeeper, portal, staffed)
    await seatkeeper.sim("POST", "clock/advance", {"days": 30})
    await let_go(portal, staffed, drift={"schedule": "enforce"})
    an_admin_gives_out_what_nobody_counts(seatkeeper, staffed, 4)
    await wipe_schedule(seatkeeper, staffed)

    # When the night dies at the schedule of its own, and its message comes again
    deaths = dies(seatkeeper, staffed, "PATCH", after_commit=False)
    night = await a_night(seatkeeper, portal, days=1)

    # Then it is the night's
    assert deaths
    assert scheduled(seatkeeper, staffed) == 7
    assert night["summary"]["seatsScheduled"] == 3
    assert (await drift_of(portal, staffed))["subscription", "schedule"]["state"] == "open"


async def test_a_put_back_that_microsoft_refuses_calls_a_person_and_keeps_no_seat_from_going(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a Microsoft that refuses the first change of a night
    await five_ahead(seatkeeper, portal, staffed, since=5)
    refusal = {"code": 900150, "description": "no", "data": [], "source": "PartnerFD"}
    path = f"*/subscriptions/{staffed['subscription']}"
    seatkeeper.world.faults.add(Fault(method="PATCH", path=path, status=400, body=refusal))

    # When it puts a schedule back
    with caplog.at_level(logging.INFO):
        night = await a_night(seatkeeper, portal, days=1)

    # Then somebody is told, and what is idle in its last night goes
    assert f"audit: alarm night-in-review {staffed['subscription']}" in caplog.text
    assert (await drift_of(portal, staffed))["subscription", "schedule"]["state"] == "open"
    assert night["summary"]["seatsGivenBack"] == 5
