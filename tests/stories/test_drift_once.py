"""One change past the product is one entry, whoever finds it, how often, and wherever one dies."""

from datetime import timedelta

import pytest

from shared.domain.ids import CustomerId
from shared.workflows.subscriptions import refresh_subscriptions
from tests.changing import changes_of, held, refused
from tests.deaths import Fate, Moment
from tests.everyday import a_night
from tests.outside import edit, look, told
from tests.portal import Json, Killed, Portal, Seatkeeper


async def outside(portal: Portal, customer: Json) -> int:
    items = (await portal.get(changes_of(customer)))["items"]
    return sum(c["origin"] == "outside" for c in items)


async def test_a_change_that_is_refused_again_and_again_tells_of_a_difference_once(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given somebody who adds the two seats that a caller is about to ask for
    await edit(seatkeeper, customer, quantity=12)

    # When the caller asks twice, minutes apart, and the night looks as well
    for _ in range(2):
        assert await refused(portal, customer, kind="setSeats", seats=12) == ["nothingToDo"]
        await seatkeeper.sim("POST", "clock/advance", {"minutes": 5})
    await a_night(seatkeeper, portal, days=1)

    # Then it is one entry, and one line of the history
    assert await told(portal, customer) == [("seats", "10", "12")]
    assert await outside(portal, customer) == 1


async def test_two_changes_within_a_minute_are_two_entries(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    ours = held(seatkeeper, customer).friendly_name
    for name in ("Theirs", "Theirs again"):
        await edit(seatkeeper, customer, friendlyName=name)
        await look(portal, customer)

    assert await told(portal, customer) == [
        ("name", ours, "Theirs"),
        ("name", "Theirs", "Theirs again"),
    ]


async def test_whoever_dies_at_any_write_of_a_reading_is_followed_by_one_who_tells_nothing_twice(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, fate: Fate
) -> None:
    # Given the writes of a reading that finds something
    desk, id_ = seatkeeper.works.office.desk, CustomerId(customer["id"])
    await edit(seatkeeper, customer, quantity=11, friendlyName="Name 0")
    fate.arm()
    await refresh_subscriptions(desk, id_)
    fate.armed = False
    writes = [at for at, what in enumerate(fate.met, 1) if what.startswith("write ")]

    # When a host dies after each of them, and another one looks minutes later
    for number, at in enumerate(writes, 1):
        name = f"Name {number}"
        await edit(seatkeeper, customer, quantity=11 + number, friendlyName=name)
        fate.arm(at, Moment.AFTER)
        with pytest.raises(Killed):
            await refresh_subscriptions(desk, id_)
        fate.armed = False
        seatkeeper.world.clock.advance(timedelta(minutes=10))
        await refresh_subscriptions(desk, id_)

        # Then there are two entries more, of one line of the history
        found = await told(portal, customer)
        assert len(found) == 2 * (number + 1), f"after write {at}"
        assert ("name", f"Name {number - 1}", name) in found
        assert await outside(portal, customer) == number + 1


async def test_what_was_gone_and_came_back_is_told_both_times(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a subscription that goes to another partner, comes back, and goes and comes again
    subscription = held(seatkeeper, customer)
    ours = subscription.partner_id
    for _ in range(2):
        for partner in ("another", ours):
            subscription.partner_id = partner
            await look(portal, customer)

    assert [what for what, _, _ in await told(portal, customer)] == ["gone", "appeared"] * 2
