"""A change that is disturbed is made once all the same, or shown to a person."""

from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest

from shared.domain.changes import SetSeats
from shared.domain.ids import SubscriptionId
from shared.workflows.change_subscription import Asked, change_subscription
from simulator.faults import Fault
from tests.changing import (
    WORK,
    a_room,
    a_small_customer,
    an_upgrade,
    change,
    changes_of,
    held,
    patches,
)
from tests.everyday import a_customer
from tests.portal import Killed, Portal, Seatkeeper

REMOTE_CALLS = 12
"""At least as many as a raise with a schedule takes; the last deaths come at no call at all."""


async def test_a_lost_reply_is_read_and_not_asked_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", drop_after_commit=True)
    )

    changed = await change(portal, customer, kind="setSeats", seats=12)

    assert changed["subscription"]["seats"] == 12
    assert patches(seatkeeper) == 1


async def test_a_change_that_was_not_taken_is_sent_again_under_the_same_key(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", drop_before_commit=True)
    )
    body = {"kind": "setSeats", "seats": 12}

    first = await portal.send("POST", changes_of(customer), json=body, key="twelve")
    again = await portal.send("POST", changes_of(customer), json=body, key="twelve")

    assert (first.status_code, again.status_code) == (503, 201)
    assert held(seatkeeper, customer).quantity == 12


async def test_a_slow_change_is_waited_for(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    seatkeeper.world.switches.update(
        {"subscriptions.patchMode": "async", "subscriptions.asyncSeconds": 0.02}
    )

    changed = await change(portal, customer, kind="setSeats", seats=12)

    assert changed["subscription"]["seats"] == 12


async def test_somebody_else_at_the_subscription_ends_in_review(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", drop_before_commit=True)
    )
    body = {"kind": "setSeats", "seats": 12}
    await portal.send("POST", changes_of(customer), json=body, key="twelve")
    place = f"portal/customers/{customer['id']}/subscriptions/{customer['subscription']}"
    await seatkeeper.sim("PATCH", place, {"quantity": 11})

    answer = await portal.send("POST", changes_of(customer), json=body, key="twelve")

    assert answer.status_code == 409
    assert "change-in-review" in answer.json()["type"]
    assert held(seatkeeper, customer).quantity == 11
    history = await portal.get(changes_of(customer))
    assert "review" in [c["status"] for c in history["items"]]


@pytest.mark.parametrize("after_commit", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("call", range(1, REMOTE_CALLS + 1))
async def test_a_death_at_any_remote_call_of_a_raise_changes_nothing_twice(
    seatkeeper: Seatkeeper, portal: Portal, call: int, after_commit: bool
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await change(portal, customer, kind="scheduleRenewal", seats=8)
    wire, room = seatkeeper.wire, await a_room(seatkeeper, customer)
    subscription, asked = SubscriptionId(customer["subscription"]), Asked("ada", WORK)
    wire.calls, wire.dies_at, wire.after_commit = 0, call, after_commit

    with suppress(Killed):
        await change_subscription(room, subscription, SetSeats(15), asked)
    wire.dies_at = 0
    await change_subscription(room, subscription, SetSeats(15), asked)

    found = held(seatkeeper, customer)
    assert found.quantity == 15
    assert found.schedule is not None
    assert found.schedule["quantity"] == 13
    assert [lot.quantity for lot in found.lots] == [10, 5]


async def test_what_microsoft_has_pending_is_waited_for_and_then_the_same_target_sent(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    seatkeeper.world.faults.add(Fault(method="PATCH", path="*/subscriptions/*", status=409))
    body = {"kind": "setSeats", "seats": 12}

    first = await portal.send("POST", changes_of(customer), json=body, key="twelve")
    again = await portal.send("POST", changes_of(customer), json=body, key="twelve")

    assert (first.status_code, again.status_code) == (503, 201)
    assert held(seatkeeper, customer).quantity == 12


async def test_a_lost_reply_to_an_upgrade_starts_no_second_one(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_small_customer(seatkeeper, portal)
    offer = await an_upgrade(portal, customer)
    seatkeeper.world.faults.add(Fault(method="POST", path="*/transitions", drop_after_commit=True))

    changed = await change(portal, customer, kind="upgrade", offerId=offer, seats=4)

    assert changed["subscription"]["seats"] == 6
    assert len(held(seatkeeper, customer).transitions) == 1


def dies_after_the_patch(seatkeeper: Seatkeeper) -> Callable[[httpx.Request], None]:
    """The first request after Microsoft has taken the change is never sent."""
    patched: list[str] = []

    def before(request: httpx.Request) -> None:
        if patched and "/_sim" not in request.url.path:
            raise Killed
        if request.method == "PATCH":
            patched.append(request.url.path)

    return before
