"""What somebody puts right past us is no drift of its own, and the night leaves it alone."""

from datetime import timedelta

import pytest

from shared.domain.ids import CustomerId
from shared.workflows.subscriptions import refresh_subscriptions
from simulator.faults import Fault
from tests.changing import change, held, patches
from tests.deaths import Fate, Moment
from tests.everyday import a_night
from tests.outside import edit, enforce, entries, look, rename, standing, told
from tests.portal import Json, Killed, Portal, Seatkeeper

NOT_NOW = {"code": 900279, "description": "updates not allowed"}


async def test_who_brings_back_what_was_there_resolves_what_was_open(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    ours = held(seatkeeper, customer).friendly_name

    await rename(seatkeeper, portal, customer, "Theirs", "Theirs again", ours)

    assert await standing(portal, customer) == [("name", "resolved", "reading")] * 2


async def test_what_comes_a_second_time_is_told_a_second_time(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    ours = held(seatkeeper, customer).friendly_name

    await rename(seatkeeper, portal, customer, "Theirs", ours, "Theirs")

    states = [state for _, state, _ in await standing(portal, customer)]
    assert states == ["resolved", "open"]


async def test_what_was_decided_here_since_is_not_brought_back_in_silence(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a foreign name that was given here as well, on second thoughts
    ours = held(seatkeeper, customer).friendly_name
    await rename(seatkeeper, portal, customer, "Theirs")
    await change(portal, customer, kind="rename", name="Another")
    await change(portal, customer, kind="rename", name="Theirs")

    # When somebody gives it the name of before
    await rename(seatkeeper, portal, customer, ours)

    # Then that is a difference
    assert ("name", "Theirs", ours) in await told(portal, customer)


async def test_a_renewal_that_an_operator_repaired_by_hand_is_not_switched_off_again(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a renewal that was switched off, and on again by who dealt with the entry
    await edit(seatkeeper, customer, autoRenewEnabled=False)
    await look(portal, customer)
    await edit(seatkeeper, customer, autoRenewEnabled=True)
    [entry] = await entries(portal, customer)
    await portal.post(f"customers/{customer['id']}/drift/{entry['id']}/resolve", key="")
    await enforce(portal, customer, "autoRenew")

    # When the night looks
    before = patches(seatkeeper)
    await a_night(seatkeeper, portal, days=1)

    # Then it renews, nothing was sent, and the entry is the operator's
    assert (held(seatkeeper, customer).auto_renew, patches(seatkeeper)) == (True, before)
    [(what, state, by)] = await standing(portal, customer)
    assert (what, state, by != "reading") == ("autoRenew", "resolved", True)


async def test_what_a_refusal_left_open_and_somebody_repaired_is_left_alone(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a renewal that the night could not switch on again, and an operator who did
    await enforce(portal, customer, "autoRenew")
    await edit(seatkeeper, customer, autoRenewEnabled=False)
    refusal = Fault("*/subscriptions/*", "PATCH", times=1, status=400, body=NOT_NOW)
    seatkeeper.world.faults.add(refusal)
    await a_night(seatkeeper, portal, days=1)
    [entry] = await entries(portal, customer)
    assert (entry["state"], bool(entry["reason"])) == ("open", True)
    await edit(seatkeeper, customer, autoRenewEnabled=True)

    # When the next night looks
    before = patches(seatkeeper)
    await a_night(seatkeeper, portal, days=1)

    # Then nothing is switched
    assert (held(seatkeeper, customer).auto_renew, patches(seatkeeper)) == (True, before)
    assert await standing(portal, customer) == [("autoRenew", "resolved", "reading")]


async def test_who_dies_while_resolving_is_followed_by_one_who_says_the_same(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, fate: Fate
) -> None:
    # Given the writes of a reading that finds something brought back
    desk, id_ = seatkeeper.works.office.desk, CustomerId(customer["id"])
    ours = held(seatkeeper, customer).friendly_name
    await rename(seatkeeper, portal, customer, "Theirs")
    await edit(seatkeeper, customer, friendlyName=ours)
    fate.arm()
    await refresh_subscriptions(desk, id_)
    fate.armed = False
    writes = [at for at, what in enumerate(fate.met, 1) if what.startswith("write ")]

    # When a host dies after each of them, and another one looks minutes later
    for at in writes:
        await rename(seatkeeper, portal, customer, "Theirs")
        await edit(seatkeeper, customer, friendlyName=ours)
        fate.arm(at, Moment.AFTER)
        with pytest.raises(Killed):
            await refresh_subscriptions(desk, id_)
        fate.armed = False
        seatkeeper.world.clock.advance(timedelta(minutes=10))
        await refresh_subscriptions(desk, id_)

    # Then every entry is resolved, and there is none for what was brought back
    expected = [("name", "resolved", "reading")] * (len(writes) + 1)
    assert await standing(portal, customer) == expected
