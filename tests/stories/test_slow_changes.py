"""What Microsoft takes its time for is answered at once and followed to its end."""

import json
from contextlib import suppress

import pytest

from shared.domain.changes import SetSeats
from shared.domain.ids import SubscriptionId
from shared.workflows.change_subscription import Asked, change_subscription
from shared.workflows.follow_change import continue_changes, unfinished_changes
from simulator.faults import Fault
from tests.changing import (
    FIVE_MORE,
    WORK,
    a_room,
    a_small_customer,
    an_upgrade,
    asked_slowly,
    changes_of,
    held,
    microsoft_takes,
    patches,
)
from tests.everyday import a_customer, user_body
from tests.portal import Json, Killed, Portal, Seatkeeper
from tests.stories.test_broken_changes import dies_after_the_patch


async def later(seatkeeper: Seatkeeper, **time: float) -> None:
    await seatkeeper.sim("POST", "clock/advance", {"seconds": time["minutes"] * 60})


async def test_a_slow_change_is_accepted_and_followed_until_it_shows(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    microsoft_takes(seatkeeper, 2)

    begun = await asked_slowly(portal, customer)
    under_way = await portal.get(begun["location"])
    await seatkeeper.settle()

    assert (begun["change"]["status"], under_way["status"]) == ("intent", "running")
    assert (await portal.get(begun["location"]))["status"] == "done"
    assert held(seatkeeper, customer).quantity == 15
    assert patches(seatkeeper) == 1
    history = await portal.get(changes_of(customer))
    assert (history["items"][0]["status"], bool(history["items"][0]["correlationId"])) == (
        "done",
        True,
    )
    assert not await seatkeeper.works.office.desk.history.watched()


async def test_a_long_upgrade_is_accepted_and_followed(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_small_customer(seatkeeper, portal)
    offer = await an_upgrade(portal, customer)
    seatkeeper.world.switches.update({"transitions.seconds": 2})

    begun = await asked_slowly(portal, customer, kind="upgrade", offerId=offer, seats=4)
    await seatkeeper.settle()

    assert (await portal.get(begun["location"]))["status"] == "done"
    assert held(seatkeeper, customer).quantity == 6
    assert len(held(seatkeeper, customer).transitions) == 1


async def test_an_upgrade_that_fails_later_says_so_on_its_operation(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_small_customer(seatkeeper, portal)
    offer = await an_upgrade(portal, customer)
    seatkeeper.world.switches.update({"transitions.seconds": 2, "transitions.outcome": "failed"})

    begun = await asked_slowly(portal, customer, kind="upgrade", offerId=offer, seats=4)
    await seatkeeper.settle()

    ended = await portal.get(begun["location"])
    assert (ended["status"], ended["reason"]) == (
        "failed",
        "It did not come about; ask for it again.",
    )


async def test_what_never_shows_ends_in_review_within_a_day(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    microsoft_takes(seatkeeper, 3600)
    begun = await asked_slowly(portal, customer)

    await later(seatkeeper, minutes=24 * 60)
    await seatkeeper.settle()

    ended = await portal.get(begun["location"])
    assert ended["status"] == "review"
    assert "within 24 hours" in ended["reason"]


async def test_another_change_waits_for_the_one_under_way(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    microsoft_takes(seatkeeper, 3600)
    begun = await asked_slowly(portal, customer)

    answer = await portal.send("POST", changes_of(customer), json={"kind": "setSeats", "seats": 17})

    assert answer.status_code == 409
    assert "change-under-way" in answer.json()["type"]
    assert begun["location"] in answer.json()["detail"]
    assert patches(seatkeeper) == 1


async def test_seats_that_a_slow_change_takes_away_are_promised_to_nobody(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    microsoft_takes(seatkeeper, 3600)
    await asked_slowly(portal, customer, kind="setSeats", seats=1)

    answer = await portal.send("POST", f"customers/{customer['id']}/users", json=user_body())

    calls = seatkeeper.world.calls.since(0)
    assert answer.status_code == 202
    assert not [c for c in calls if c.path.endswith("/assignLicense")]


async def test_a_sweep_finds_what_a_crash_left_without_a_message(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    desk, room = seatkeeper.works.office.desk, await a_room(seatkeeper, customer)
    seatkeeper.wire.before = dies_after_the_patch(seatkeeper)
    with suppress(Killed):
        subscription = SubscriptionId(customer["subscription"])
        await change_subscription(room, subscription, SetSeats(15), Asked("ada", WORK))
    seatkeeper.wire.before = lambda _request: None

    at_once = await unfinished_changes(desk)
    await later(seatkeeper, minutes=11)
    queued = await continue_changes(desk)
    twice = await continue_changes(desk)
    await seatkeeper.settle()

    assert (list(at_once), queued, twice) == ([], 1, 0)
    assert (await portal.get(f"operations/{WORK}"))["status"] == "done"
    assert not await desk.history.watched()


@pytest.mark.parametrize(
    ("minutes", "status"), [(5, "running"), (11, "failed")], ids=["not yet", "after its grace"]
)
async def test_what_was_never_taken_is_given_time_to_show(
    seatkeeper: Seatkeeper, portal: Portal, minutes: int, status: str
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", drop_before_commit=True)
    )
    answer = await portal.send("POST", changes_of(customer), json=FIVE_MORE)
    (change,) = await seatkeeper.works.office.desk.history.watched()

    await later(seatkeeper, minutes=minutes)
    await seatkeeper.host.run("follow_change", json.dumps(message_of(customer, change.id)))

    assert answer.status_code == 503
    assert (await portal.get(f"operations/{change.id}"))["status"] == status
    assert held(seatkeeper, customer).quantity == 10


def message_of(customer: Json, change: str) -> dict[str, object]:
    return {
        "customerId": customer["id"],
        "subscriptionId": customer["subscription"],
        "changeId": change,
    }


async def test_a_message_about_no_change_is_done_with(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    await seatkeeper.works.office.desk.queues.send("changes", message_of(customer, "unheard-of"))
    await seatkeeper.settle()

    assert not (await portal.get("poison"))["items"]
