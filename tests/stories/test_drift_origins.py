"""A renewal or an end hides nothing that somebody did past us, and is nobody's doing itself."""

from datetime import timedelta

import httpx

from simulator.partner_center.lifecycle import settle
from tests.changing import asked_slowly, change, held, microsoft_takes
from tests.everyday import a_night
from tests.outside import (
    edit,
    enforce,
    entries,
    look,
    origins,
    scheduled,
    told,
    wipe_schedule,
)
from tests.portal import Json, Portal, Seatkeeper


def pass_the_end(seatkeeper: Seatkeeper, customer: Json, *, days: int = 2) -> None:
    """Microsoft has ended the term so many days ago."""
    world = seatkeeper.world
    world.clock.set(held(seatkeeper, customer).term_ends + timedelta(days=days))
    settle(world)


async def test_what_somebody_changes_in_the_night_of_a_renewal_is_told_beside_it(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a renewal, and somebody who renames it and switches the next one off
    ours = held(seatkeeper, customer).friendly_name
    pass_the_end(seatkeeper, customer)
    await edit(seatkeeper, customer, friendlyName="Theirs", autoRenewEnabled=False)

    # When it is read
    await look(portal, customer)

    # Then the renewal is Microsoft's, and the rest is not
    assert await origins(portal, customer) == [
        ("changed", "outside", ["name", "autoRenew"]),
        ("renewed", "microsoft", ["endsAt"]),
    ]
    assert sorted(await told(portal, customer)) == [
        ("autoRenew", "true", "false"),
        ("name", ours, "Theirs"),
    ]


async def test_what_fades_away_by_itself_is_nobodys_doing(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a renewal that somebody switched off, and a term that ends by that
    await edit(seatkeeper, customer, autoRenewEnabled=False)
    await look(portal, customer)

    # When it expires, is disabled and deleted, each of which is seen
    for days in (2, 33, 124):
        pass_the_end(seatkeeper, customer, days=days)
        await look(portal, customer)

    # Then only the switch is somebody's
    assert held(seatkeeper, customer).status == "deleted"
    assert await told(portal, customer) == [("autoRenew", "true", "false")]


async def test_what_microsoft_finishes_after_a_purchase_is_nobodys_doing(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    held(seatkeeper, customer).status = "pending"
    await look(portal, customer)
    before = await told(portal, customer)
    held(seatkeeper, customer).status = "active"
    await look(portal, customer)

    assert await told(portal, customer) == before


async def test_a_renewal_that_did_not_come_as_scheduled_is_told(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    await change(portal, customer, kind="scheduleRenewal", seats=8)
    await wipe_schedule(seatkeeper, customer)
    pass_the_end(seatkeeper, customer)

    await look(portal, customer)

    assert await told(portal, customer) == [("seats", "8", "10")]


async def test_a_schedule_of_the_term_before_is_not_put_back_into_this_one(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a renewal with fewer seats that was scheduled here, and which somebody switched off:
    # the term is extended instead
    seatkeeper.world.switches.update({"est.enabled": True})
    await change(portal, customer, kind="scheduleRenewal", seats=8)
    off = {"autoRenewEnabled": False, "scheduledNextTermInstructions": None}
    await edit(seatkeeper, customer, **off)
    pass_the_end(seatkeeper, customer)
    await look(portal, customer)
    await edit(seatkeeper, customer, autoRenewEnabled=True)
    await enforce(portal, customer, "schedule")

    # When the night enforces schedules
    await a_night(seatkeeper, portal, days=1)

    # Then the next renewal is left alone, and the entry says why
    assert scheduled(seatkeeper, customer) is None
    [entry] = [e for e in await entries(portal, customer) if e["what"] == "schedule"]
    assert (entry["state"], "not ours" in entry["reason"]) == ("open", True)


async def test_a_change_of_ours_hides_nothing_else_that_happens_meanwhile(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given somebody who renames it between our change and the look at what came of it
    subscription, sent = held(seatkeeper, customer), list[str]()
    ours = subscription.friendly_name

    def rename_after_the_patch(request: httpx.Request) -> None:
        if sent:
            subscription.friendly_name = "Theirs"
        if request.method == "PATCH":
            sent.append(request.url.path)

    seatkeeper.wire.before = rename_after_the_patch

    # When seats are raised here
    await change(portal, customer, kind="setSeats", seats=12)

    # Then the name is told, the seats are ours, and nobody tells it again
    assert await told(portal, customer) == [("name", ours, "Theirs")]
    await look(portal, customer)
    assert len(await told(portal, customer)) == 1


async def test_a_reading_while_microsoft_is_at_work_tells_what_is_not_ours(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    ours = held(seatkeeper, customer).friendly_name
    microsoft_takes(seatkeeper, 3600)
    await asked_slowly(portal, customer)
    held(seatkeeper, customer).quantity = 15
    held(seatkeeper, customer).friendly_name = "Theirs"

    await look(portal, customer)

    assert await told(portal, customer) == [("name", ours, "Theirs")]
