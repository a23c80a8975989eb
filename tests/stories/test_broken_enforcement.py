"""Putting things back meets deaths of its host, and batches that work on the same people."""

from datetime import datetime

import httpx
import pytest

from local.host import StillBusy
from shared.domain.claims import Claim, by_night
from shared.domain.ids import CustomerId, SubscriptionId
from tests.changing import held
from tests.everyday import a_night
from tests.outside import drift_of, edit, enforce, person_of, scheduled, take_licences
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, allow, let_go

READINGS = 2
"""Of a subscription whose schedule was sent: one settles it, one is kept in the mirror."""


def dies_at_the_first_assignment(seatkeeper: Seatkeeper, *, after_commit: bool) -> list[str]:
    """Answer the deaths as they come: there is one."""
    wire, deaths = seatkeeper.wire, list[str]()

    def before(request: httpx.Request) -> None:
        if b"assignLicense" in request.content and not deaths:
            deaths.append(request.url.path)
            wire.dies_at, wire.after_commit = wire.calls, after_commit

    wire.before = before
    return deaths


def has_seat(seatkeeper: Seatkeeper, customer: Json, name: str) -> bool:
    return person_of(seatkeeper, customer, name).licence(BUSINESS_PREMIUM_SKU) is not None


def of_batch(name: str, customer: Json) -> Json:
    person = f"{name}@{customer['domain']}"
    rows = [{"action": "deprovision", "userPrincipalName": person}]
    return {"customerId": customer["id"], "rows": rows}


@pytest.mark.trial
@pytest.mark.parametrize("after_commit", [False, True], ids=["before it", "after it"])
async def test_a_night_that_dies_at_an_assignment_gives_everybody_the_seats_it_had_promised(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json, *, after_commit: bool
) -> None:
    # Given as many seats as people, and two who lose theirs
    await edit(seatkeeper, staffed, quantity=3)
    await a_night(seatkeeper, portal, days=1)
    await enforce(portal, staffed, "licences")
    for name in ("person1", "person2"):
        take_licences(seatkeeper, staffed, name)

    # When the night dies on giving them back, and its message comes again
    deaths = dies_at_the_first_assignment(seatkeeper, after_commit=after_commit)
    night = await a_night(seatkeeper, portal, days=1)

    # Then both have their seats that same night
    assert deaths
    assert all(has_seat(seatkeeper, staffed, f"person{n}") for n in (1, 2, 3))
    assert night["summary"]["drift"]["enforced"] == 2


async def test_what_a_batch_took_since_is_not_given_back(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a person who lost a licence outside, and whom a batch deprovisioned after that
    take_licences(seatkeeper, staffed, "person1")
    await a_night(seatkeeper, portal, days=1)
    await allow(portal, staffed, peoplePercent=100)
    batch = await portal.post("batches", of_batch("person1", staffed))
    await seatkeeper.settle()
    assert (await portal.get(f"batches/{batch['id']}"))["status"] == "done"

    # When an admin lets the person sign in again, and the night enforces licences
    tenant, now = seatkeeper.world.tenants[staffed["id"]], seatkeeper.world.clock.now()
    person = person_of(seatkeeper, staffed, "person1")
    tenant.change_user(person, {"accountEnabled": True}, now)
    await enforce(portal, staffed, "licences")
    await a_night(seatkeeper, portal, days=1)

    # Then the person stays without
    assert not has_seat(seatkeeper, staffed, "person1")
    found = (await portal.get(f"customers/{staffed['id']}/drift"))["items"]
    [entry] = [e for e in found if e["what"] == "licences"]
    assert (entry["state"], "again since" in entry["reason"]) == ("open", True)


async def test_a_batch_waits_for_a_night_that_is_giving_its_person_licences_back(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a night at work on a person
    desk, customer = seatkeeper.works.office.desk, CustomerId(staffed["id"])
    now = datetime.fromisoformat((await seatkeeper.sim("GET", "clock"))["now"])
    name, night = f"person1@{staffed['domain']}", by_night("night-2026-03-01|customer")
    await desk.claims.take(customer, [Claim(name, night, 1, now)])
    await allow(portal, staffed, peoplePercent=100)

    # When a batch takes that person's licences
    batch = await portal.post("batches", of_batch("person1", staffed))
    with pytest.raises(StillBusy):
        await seatkeeper.settle(3)
    assert has_seat(seatkeeper, staffed, "person1")

    # Then it does so once the night has died on it
    await seatkeeper.sim("POST", "clock/advance", {"minutes": 11})
    await seatkeeper.settle()
    assert (await portal.get(f"batches/{batch['id']}"))["status"] == "done"
    assert not has_seat(seatkeeper, staffed, "person1")


@pytest.mark.trial
async def test_a_name_that_a_dead_night_has_sent_is_the_nights_and_its_change_is_closed(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a foreign name, and a night that dies once Microsoft has taken ours
    wire, ours = seatkeeper.wire, held(seatkeeper, staffed).friendly_name
    await enforce(portal, staffed, "name")
    await edit(seatkeeper, staffed, friendlyName="Theirs")
    deaths: list[str] = []

    def dies_after_the_patch(request: httpx.Request) -> None:
        if request.method == "PATCH" and not deaths:
            deaths.append(request.url.path)
            wire.dies_at, wire.after_commit = wire.calls, True

    # When its message comes again
    wire.before = dies_after_the_patch
    await a_night(seatkeeper, portal, days=1)

    # Then the entry says who put it back, and nothing stays under way
    assert deaths
    assert held(seatkeeper, staffed).friendly_name == ours
    assert (await drift_of(portal, staffed))["subscription", "name"]["state"] == "enforced"
    history = seatkeeper.works.office.desk.history
    customer, subscription = CustomerId(staffed["id"]), SubscriptionId(staffed["subscription"])
    assert not await history.unfinished(customer, subscription)


async def test_a_schedule_that_a_dead_night_put_back_is_the_nights_though_seats_changed_too(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a renewal that a night has scheduled, and somebody who adds seats, which deletes that
    await let_go(portal, staffed)
    await a_night(seatkeeper, portal, days=30)
    await enforce(portal, staffed, "schedule")
    await edit(seatkeeper, staffed, quantity=12)

    # When the next night dies once it has noted the schedule as it was
    deaths: list[str] = []

    def dies_at_the_last_reading(request: httpx.Request) -> None:
        is_one = request.url.path.endswith(staffed["subscription"])
        if scheduled(seatkeeper, staffed) and is_one and request.method == "GET":
            deaths.append(request.url.path)
            if len(deaths) == READINGS:
                seatkeeper.wire.dies_at = seatkeeper.wire.calls

    seatkeeper.wire.before = dies_at_the_last_reading
    await a_night(seatkeeper, portal, days=1)

    # Then it stands, and the entry says that the night has put it back
    assert len(deaths) >= READINGS
    assert scheduled(seatkeeper, staffed) == 3
    assert (await drift_of(portal, staffed))["subscription", "schedule"]["state"] == "enforced"
