"""Seats that the night gave up for the renewal and that somebody uses again by then."""

import logging
from datetime import timedelta

import httpx
import pytest

from shared.domain.ids import CustomerId, SkuId
from shared.domain.seats import GrowthStatus
from simulator.estates import join
from simulator.faults import Fault
from simulator.nouns import Subscription
from simulator.partner_center.changes import change_outside
from tests.estates import PREMIUM
from tests.everyday import a_customer, a_night, events, leave, part_of, seats_of, send_batch
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, let_go, row

RENEWAL = 365
FIRST_NIGHT = 30


async def a_cut_renewal(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """Ten seats in their second month, and a renewal that our night scheduled with six."""
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    await let_go(portal, customer)
    await leave(seatkeeper, customer, 4)
    night = await a_night(seatkeeper, portal, days=FIRST_NIGHT)
    assert night["summary"]["seatsScheduled"] == 4
    return customer


def an_admin_gives_out(seatkeeper: Seatkeeper, customer: Json, count: int) -> None:
    """In Microsoft's own portal, so that nobody tells us."""
    world = seatkeeper.world
    join(world, world.tenants[customer["id"]], count, PREMIUM.entra_sku_id)


def held(seatkeeper: Seatkeeper) -> Subscription:
    [subscription] = seatkeeper.world.subscriptions.values()
    return subscription


def renews_with(seatkeeper: Seatkeeper) -> int:
    schedule = held(seatkeeper).schedule
    return held(seatkeeper).quantity if schedule is None else int(schedule["quantity"])


def patches(seatkeeper: Seatkeeper) -> int:
    calls = seatkeeper.world.calls.since(0)
    return sum(c.method == "PATCH" and "/subscriptions/" in c.path for c in calls)


async def test_seats_that_an_admin_gives_out_again_outlive_the_renewal(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a cut renewal, and a ledger that has forgotten how it came about
    customer = await a_cut_renewal(seatkeeper, portal)
    desk = seatkeeper.works.office.desk
    later = await desk.clock.now() + timedelta(days=1)
    assert await desk.ledger.purge(later, 100)

    # When an admin gives three people seats, two nights pass, and the term renews
    an_admin_gives_out(seatkeeper, customer, 3)
    night = await a_night(seatkeeper, portal, days=30)
    sent = patches(seatkeeper)
    again = await a_night(seatkeeper, portal, days=1)
    await seatkeeper.sim("POST", "clock/advance", {"days": RENEWAL - FIRST_NIGHT - 31})

    # Then all nine have their seats, the tenth is gone, and once was enough
    assert await seats_of(portal, customer) == 9
    assert (night["summary"]["seatsRestored"], again["summary"]["seatsRestored"]) == (3, 0)
    assert patches(seatkeeper) == sent
    [decision] = (await part_of(portal, night))["decisions"]
    assert (decision["kind"], decision["target"], decision["seatsAtRisk"]) == ("restore", 9, 0)
    assert night["summary"]["seatsAtRisk"] == 0


async def test_seats_that_a_group_gives_out_again_outlive_the_renewal_too(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a cut renewal, and two people whom a group gives the product
    customer = await a_cut_renewal(seatkeeper, portal)
    world = seatkeeper.world
    people = join(world, world.tenants[customer["id"]], 2, PREMIUM.entra_sku_id)
    for licence in (licence for person in people for licence in person.licences):
        licence.assigned_by_group = world.new_guid()

    # When a night passes
    night = await a_night(seatkeeper, portal, days=1)

    # Then the renewal keeps their seats
    [line] = (await portal.get(f"customers/{customer['id']}/comparison"))["items"]
    assert (line["assigned"], line["assignedByGroup"]) == (8, 2)
    assert night["summary"]["seatsRestored"] == 2
    assert renews_with(seatkeeper) == 8


@pytest.mark.trial
@pytest.mark.parametrize("after_commit", [False, True], ids=["before it", "after it"])
async def test_a_night_that_dies_at_the_raise_ends_it_and_tells_of_it(
    seatkeeper: Seatkeeper, portal: Portal, after_commit: bool
) -> None:
    customer, wire = await a_cut_renewal(seatkeeper, portal), seatkeeper.wire
    an_admin_gives_out(seatkeeper, customer, 3)
    sent = patches(seatkeeper)
    deaths: list[httpx.Request] = []

    def dies_at_the_raise(request: httpx.Request) -> None:
        if request.method == "PATCH" and "/subscriptions/" in request.url.path and not deaths:
            deaths.append(request)
            wire.dies_at, wire.after_commit = wire.calls, after_commit

    wire.before = dies_at_the_raise
    night = await a_night(seatkeeper, portal, days=30)

    assert deaths
    assert renews_with(seatkeeper) == 9
    assert patches(seatkeeper) - sent == 1
    assert (night["summary"]["seatsRestored"], night["summary"]["seatsAtRisk"]) == (3, 0)


@pytest.mark.trial
async def test_a_lost_reply_to_the_raise_is_read_and_not_asked_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_cut_renewal(seatkeeper, portal)
    an_admin_gives_out(seatkeeper, customer, 3)
    sent = patches(seatkeeper)
    lost = Fault(method="PATCH", path="*/subscriptions/*", drop_after_commit=True)
    seatkeeper.world.faults.add(lost)

    night = await a_night(seatkeeper, portal, days=30)

    assert (renews_with(seatkeeper), night["summary"]["seatsRestored"]) == (9, 3)
    assert patches(seatkeeper) - sent == 1


@pytest.mark.trial
async def test_a_schedule_that_changes_while_a_raise_is_on_its_way_stays_theirs(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a night that dies before it raises the renewal
    customer, wire = await a_cut_renewal(seatkeeper, portal), seatkeeper.wire
    an_admin_gives_out(seatkeeper, customer, 3)
    deaths: list[httpx.Request] = []

    def dies_before_the_raise(request: httpx.Request) -> None:
        if request.method == "PATCH" and "/subscriptions/" in request.url.path and not deaths:
            deaths.append(request)
            wire.dies_at = wire.calls
            reschedule(seatkeeper, 5)

    # When somebody schedules another number before its message comes again
    wire.before = dies_before_the_raise
    night = await a_night(seatkeeper, portal, days=30)

    # Then theirs stands, and the loss is told
    assert deaths
    assert (renews_with(seatkeeper), night["summary"]["seatsRestored"]) == (5, 0)
    ledger = seatkeeper.works.office.desk.ledger
    page = await ledger.read(CustomerId(customer["id"]), SkuId(BUSINESS_PREMIUM_SKU))
    assert GrowthStatus.INTENT not in {g.status for g in page.growths}
    assert night["summary"]["seatsAtRisk"] == 4


def reschedule(seatkeeper: Seatkeeper, seats: int) -> None:
    """In Partner Center itself."""
    found = held(seatkeeper)
    assert found.schedule is not None
    change_outside(
        seatkeeper.world,
        found,
        {"scheduledNextTermInstructions": {**found.schedule, "quantity": seats}},
    )


async def test_policy_report_tells_it_loudly_and_leaves_it_alone(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    customer = await a_cut_renewal(seatkeeper, portal)
    an_admin_gives_out(seatkeeper, customer, 3)
    await let_go(portal, customer, mode="report")

    far = await a_night(seatkeeper, portal, days=30)
    quiet = events(caplog, "seats-at-risk")
    near = await a_night(seatkeeper, portal, days=RENEWAL - 80)

    assert (renews_with(seatkeeper), far["summary"]["seatsAtRisk"]) == (6, 3)
    assert (quiet, events(caplog, "seats-at-risk")) == (0, 1)
    [decision] = (await part_of(portal, near))["decisions"]
    assert (decision["kind"], decision["seatsAtRisk"]) == ("restore", 3)


async def test_another_persons_schedule_is_an_alarm_and_never_touched(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    customer = await a_cut_renewal(seatkeeper, portal)
    reschedule(seatkeeper, 5)
    an_admin_gives_out(seatkeeper, customer, 3)

    night = await a_night(seatkeeper, portal, days=RENEWAL - 50)

    assert (renews_with(seatkeeper), night["summary"]["seatsAtRisk"]) == (5, 4)
    assert events(caplog, "seats-at-risk") == 1
    [decision] = (await part_of(portal, night))["decisions"]
    assert "somebody else scheduled it" in decision["reason"]


@pytest.mark.trial
async def test_a_batch_that_raises_our_schedule_leaves_it_ours(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a cut renewal that a batch of two has raised to eight, buying nothing
    customer = await a_cut_renewal(seatkeeper, portal)
    rows = [row(20 + n) for n in range(2)]
    await portal.post("batches", {"customerId": customer["id"], "rows": rows})
    await seatkeeper.settle()
    assert (renews_with(seatkeeper), held(seatkeeper).quantity) == (8, 10)

    # When an admin gives out the ninth seat
    an_admin_gives_out(seatkeeper, customer, 1)
    await a_night(seatkeeper, portal, days=1)

    # Then the renewal keeps it too
    assert renews_with(seatkeeper) == 9


@pytest.mark.trial
async def test_seats_that_the_portal_adds_leave_the_schedule_ours(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_cut_renewal(seatkeeper, portal)
    await change(portal, customer, {"kind": "setSeats", "seats": 12})
    assert renews_with(seatkeeper) == 8

    an_admin_gives_out(seatkeeper, customer, 4)
    await a_night(seatkeeper, portal, days=9)

    assert renews_with(seatkeeper) == 10


async def test_what_somebody_schedules_through_the_portal_is_theirs(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_cut_renewal(seatkeeper, portal)
    await change(portal, customer, {"kind": "scheduleRenewal", "seats": 7})
    await change(portal, customer, {"kind": "scheduleRenewal", "seats": 6})

    an_admin_gives_out(seatkeeper, customer, 3)
    night = await a_night(seatkeeper, portal, days=1)

    assert (renews_with(seatkeeper), night["summary"]["seatsAtRisk"]) == (6, 3)


async def change(portal: Portal, customer: Json, body: Json) -> None:
    place = f"customers/{customer['id']}/subscriptions/{customer['subscription']}/changes"
    await portal.post(place, body)
