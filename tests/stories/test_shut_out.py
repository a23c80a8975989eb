"""A night whose customer shuts it out in the middle leaves nothing open behind it."""

from datetime import timedelta

import httpx
import pytest

from local.host import StillBusy
from shared.domain.ids import CustomerId, SkuId
from shared.domain.seats import GrowthStatus
from shared.workflows.sweep_runs import sweep_runs
from simulator.faults import Fault
from tests.changing import held
from tests.everyday import a_night, part_of
from tests.outside import drift_of, edit, enforce
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, let_go


async def open_changes(seatkeeper: Seatkeeper, customer: Json) -> int:
    ledger = seatkeeper.works.office.desk.ledger
    page = await ledger.read(CustomerId(customer["id"]), SkuId(BUSINESS_PREMIUM_SKU))
    return sum(g.status is GrowthStatus.INTENT for g in page.growths)


def at_the_first_look(seatkeeper: Seatkeeper, customer: Json, *, is_gone: bool) -> None:
    """The night has written down by then what it wants, and has sent nothing."""
    looks: list[str] = []
    world, place = seatkeeper.world, f"*/subscriptions/{customer['subscription']}"

    def before(request: httpx.Request) -> None:
        if request.method != "GET" or not request.url.path.endswith(customer["subscription"]):
            return
        if not looks and is_gone:
            world.subscriptions.pop(customer["subscription"])
        elif not looks:
            body = {"code": 600009, "description": "no access"}
            world.faults.add(Fault(path=place, status=403, times=2, body=body))
        looks.append(request.url.path)

    seatkeeper.wire.before = before


@pytest.mark.parametrize("is_gone", [False, True], ids=["shut out", "taken over"])
async def test_a_customer_that_shuts_the_night_out_keeps_no_change_open(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json, *, is_gone: bool
) -> None:
    # Given idle seats past their window
    await let_go(portal, staffed)

    # When Microsoft answers no more just before the night schedules them
    at_the_first_look(seatkeeper, staffed, is_gone=is_gone)
    night = await a_night(seatkeeper, portal, days=30)

    # Then the customer has failed with the reason, and what was begun waits for nobody
    part = await part_of(portal, night)
    assert (part["status"], night["status"]) == ("failed", "done")
    assert await open_changes(seatkeeper, staffed) == 0


async def test_the_night_after_it_does_what_was_left(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    await let_go(portal, staffed)
    at_the_first_look(seatkeeper, staffed, is_gone=False)
    await a_night(seatkeeper, portal, days=30)

    night = await a_night(seatkeeper, portal, days=1)

    assert night["summary"]["seatsScheduled"] == 7


async def test_what_vanishes_while_it_is_put_back_fails_no_customer(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a foreign name on a subscription that is gone before the night looks closer
    await enforce(portal, staffed, "name")
    await edit(seatkeeper, staffed, friendlyName="Theirs")
    at_the_first_look(seatkeeper, staffed, is_gone=True)

    night = await a_night(seatkeeper, portal, days=1)

    assert (await part_of(portal, night))["status"] == "done"
    entry = (await drift_of(portal, staffed))["subscription", "name"]
    assert (entry["state"], "no subscription" in entry["reason"]) == ("open", True)


async def test_a_late_message_of_a_night_that_was_closed_closes_what_it_had_begun(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a night that Microsoft answers no more once it has written down what it wants
    await let_go(portal, staffed)
    outage: list[Fault] = []

    def before(request: httpx.Request) -> None:
        if request.url.path.endswith(staffed["subscription"]) and not outage:
            outage.append(Fault(path="*/subscriptions/*", status=503, times=10_000))
            seatkeeper.world.faults.add(outage[0])

    seatkeeper.wire.before = before
    with pytest.raises(StillBusy):
        await a_night(seatkeeper, portal, days=30, within=3)
    assert await open_changes(seatkeeper, staffed) == 1

    # When the night is closed at its deadline, and its message comes after that
    await seatkeeper.sim("POST", "clock/advance", {"hours": 21})
    await sweep_runs(seatkeeper.works.office.desk)
    seatkeeper.world.faults.waiting.clear()
    await seatkeeper.settle()

    # Then the next night is not kept from its work
    assert await open_changes(seatkeeper, staffed) == 0
    assert (await a_night(seatkeeper, portal, days=1))["summary"]["seatsScheduled"] == 7


async def test_a_directory_that_is_closed_to_us_does_not_hide_what_partner_center_tells(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a customer who has ended its relationship, and edits in Partner Center since
    await let_go(portal, staffed)
    await edit(seatkeeper, staffed, quantity=12, autoRenewEnabled=False)
    await seatkeeper.sim("DELETE", f"portal/customers/{staffed['id']}/gdap")
    denied = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient."}}
    fault = Fault("*/directory/subscriptions", "GET", times=50, status=403, body=denied)
    seatkeeper.world.faults.add(fault)

    # When the night looks
    part = await part_of(portal, await a_night(seatkeeper, portal, days=7))

    # Then it says what is missing and what the customer has to do
    assert part["status"] == "failed"
    assert "/directory/subscriptions" in part["reason"]
    assert "Organization.Read.All" in part["reason"]
    assert ["(GDAP) is active" in warning for warning in part["warnings"]] == [True]

    # And subscriptions and their drift are on record, and nothing has gone back
    [kept] = (await portal.get(f"customers/{staffed['id']}/subscriptions"))["items"]
    assert (kept["seats"], kept["autoRenew"]) == (12, False)
    told = {what for _, what in await drift_of(portal, staffed)}
    assert {"seats", "autoRenew"} <= told
    assert part["decisions"] == []


async def test_a_sign_in_that_a_customer_refuses_hides_no_term_that_ends(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a customer who has withdrawn the consent, and a term that ends soon as nobody chose
    await edit(seatkeeper, staffed, autoRenewEnabled=False)
    held(seatkeeper, staffed).term_ends = seatkeeper.world.clock.now() + timedelta(days=20)
    unknown = {"error": {"code": "InvalidAuthenticationToken", "message": "Consent is gone."}}
    seatkeeper.world.faults.add(Fault("*/$batch", "POST", times=50, status=401, body=unknown))

    night = await a_night(seatkeeper, portal, days=1)

    part = await part_of(portal, night)
    assert part["status"] == "failed"
    assert "does not accept our sign-in" in part["reason"]
    report = await portal.get(f"runs/{night['id']}/report.json")
    assert [r["subscriptionId"] for r in report["nextRenewals"]] == [staffed["subscription"]]
