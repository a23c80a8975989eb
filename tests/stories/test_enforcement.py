"""The night puts back what somebody changed past us, and buys nothing and takes nothing by it."""

from dataclasses import replace
from datetime import timedelta

from shared.domain.drift import DriftField, DriftKind, DriftRule, DriftRules, DriftState
from shared.domain.ids import CustomerId, SkuId
from shared.workflows.read_situation import Room
from shared.workflows.restore_licences import restore_licences
from shared.workflows.tenant import customer_and_connection
from simulator.tenants import Licence
from tests.changing import change, held
from tests.everyday import a_night
from tests.outside import (
    drift_of,
    edit,
    enforce,
    person_of,
    scheduled,
    take_licences,
    wipe_schedule,
)
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, let_go


async def test_a_name_is_put_back(seatkeeper: Seatkeeper, portal: Portal, staffed: Json) -> None:
    ours = held(seatkeeper, staffed).friendly_name
    await enforce(portal, staffed, "name")
    await edit(seatkeeper, staffed, friendlyName="Theirs")

    await a_night(seatkeeper, portal, days=1)
    await a_night(seatkeeper, portal, days=1)

    assert held(seatkeeper, staffed).friendly_name == ours
    found = await drift_of(portal, staffed)
    assert {key: entry["state"] for key, entry in found.items()} == {
        ("subscription", "name"): "enforced"
    }


async def test_what_another_run_has_just_put_back_did_not_go_back_by_itself(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a run that has put a name back and has not said so yet
    await enforce(portal, staffed, "name")
    await edit(seatkeeper, staffed, friendlyName="Theirs")
    await a_night(seatkeeper, portal, days=1)
    drift = seatkeeper.works.office.desk.drift
    [entry] = (await drift.page(CustomerId(staffed["id"]), None, 9)).items
    await drift.save(replace(entry, state=DriftState.OPEN, decided_by="", decided_at=None))

    # When another run comes to the customer
    await portal.post("runs", {"customerId": staffed["id"]})
    await seatkeeper.settle()

    # Then it tells whose doing it was
    told = (await drift_of(portal, staffed))["subscription", "name"]
    assert (told["state"], told["decidedBy"]) == ("enforced", "timer")


async def test_what_we_changed_since_is_not_undone(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a foreign name that nobody decided about, and one of ours after it
    await edit(seatkeeper, staffed, friendlyName="Theirs")
    await a_night(seatkeeper, portal, days=1)
    await change(portal, staffed, kind="rename", name="Decided here")
    await enforce(portal, staffed, "name")

    # When the night enforces names
    await a_night(seatkeeper, portal, days=1)

    # Then ours stays, and the entry says why it is open
    assert held(seatkeeper, staffed).friendly_name == "Decided here"
    entry = (await drift_of(portal, staffed))["subscription", "name"]
    assert entry["state"] == "open"
    assert "again since" in entry["reason"]


async def test_a_schedule_that_was_asked_for_here_is_put_back_and_a_dry_run_only_looks(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a renewal that was scheduled here, and somebody who deletes that
    await change(portal, staffed, kind="scheduleRenewal", seats=8)
    await enforce(portal, staffed, "schedule")
    await wipe_schedule(seatkeeper, staffed)

    # When a dry run looks, and then the night
    await portal.post("runs?dryRun=true", {"customerId": staffed["id"]})
    await seatkeeper.settle()
    after_dry_run = scheduled(seatkeeper, staffed)
    await a_night(seatkeeper, portal, days=1)

    # Then only the night has put it back
    assert (after_dry_run, scheduled(seatkeeper, staffed)) == (None, 8)
    assert held(seatkeeper, staffed).quantity == 10
    assert (await drift_of(portal, staffed))["subscription", "schedule"]["state"] == "enforced"


async def test_a_schedule_of_a_night_is_put_back_and_stays_the_nights(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a renewal that a night has scheduled, and somebody who deletes that
    await let_go(portal, staffed)
    await a_night(seatkeeper, portal, days=30)
    assert scheduled(seatkeeper, staffed) == 3
    await enforce(portal, staffed, "schedule")
    await wipe_schedule(seatkeeper, staffed)

    # When the next night only reports idle seats, but puts schedules back
    await a_night(seatkeeper, portal, days=1)

    # Then it stands, and the ledger remembers whose it is
    assert scheduled(seatkeeper, staffed) == 3
    ledger = seatkeeper.works.office.desk.ledger
    page = await ledger.read(staffed["id"], SkuId(BUSINESS_PREMIUM_SKU))
    assert [cut.seats for cut in page.cuts.values()] == [3]
    assert (await drift_of(portal, staffed))["subscription", "schedule"]["state"] == "enforced"


async def test_a_schedule_that_would_take_seats_in_use_is_not_put_back(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a schedule of three seats, deleted by somebody who licenses a fourth person
    await change(portal, staffed, kind="scheduleRenewal", seats=3)
    await enforce(portal, staffed, "schedule")
    await wipe_schedule(seatkeeper, staffed)
    body = {"userPrincipalName": f"admin@{staffed['domain']}", "skuId": BUSINESS_PREMIUM_SKU}
    await seatkeeper.sim("POST", f"portal/customers/{staffed['id']}/licenses", body)

    await a_night(seatkeeper, portal, days=1)

    assert scheduled(seatkeeper, staffed) is None
    entry = (await drift_of(portal, staffed))["subscription", "schedule"]
    assert (entry["state"], "in use" in entry["reason"]) == ("open", True)


async def test_a_schedule_of_somebody_else_is_nobodys_to_put_back(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a schedule of Partner Center's that was adopted, and somebody who deletes it
    terms = {"productId": "CFQ7TTC0LCHC", "skuId": "0002", "termDuration": "P1Y"}
    product = {**terms, "billingCycle": "monthly"}
    theirs = {"scheduledNextTermInstructions": {"product": product, "quantity": 5}}
    await edit(seatkeeper, staffed, **theirs)
    await a_night(seatkeeper, portal, days=1)
    entry = (await drift_of(portal, staffed))["subscription", "schedule"]
    await portal.post(f"customers/{staffed['id']}/drift/{entry['id']}/adopt", key="")
    await enforce(portal, staffed, "schedule")
    await wipe_schedule(seatkeeper, staffed)

    await a_night(seatkeeper, portal, days=1)

    assert scheduled(seatkeeper, staffed) is None
    found = (await portal.get(f"customers/{staffed['id']}/drift"))["items"]
    assert [entry["state"] for entry in found] == ["open", "adopted"]
    assert "not ours" in found[0]["reason"]


async def test_licences_of_a_plan_are_given_back_where_a_seat_is_free(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given free seats, and somebody who takes a person's licence
    await enforce(portal, staffed, "licences")
    take_licences(seatkeeper, staffed, "person1")

    # When two nights look
    await a_night(seatkeeper, portal, days=1)
    await a_night(seatkeeper, portal, days=1)

    # Then the person has the plan again, nothing was bought, and it is nobody else's doing
    assert person_of(seatkeeper, staffed, "person1").licence(BUSINESS_PREMIUM_SKU)
    assert held(seatkeeper, staffed).quantity == 10
    found = (await portal.get(f"customers/{staffed['id']}/drift"))["items"]
    assert [(e["what"], e["state"]) for e in found] == [("licences", "enforced")]
    period = (await portal.get(f"customers/{staffed['id']}/comparison"))["readAt"][:7]
    lines = (await portal.get(f"customers/{staffed['id']}/billing/{period}"))["items"]
    assert [line["by"] for line in lines if line["by"] == "night"] == ["night"]

    # And no promise is left behind
    ledger = seatkeeper.works.office.desk.ledger
    page = await ledger.read(staffed["id"], SkuId(BUSINESS_PREMIUM_SKU))
    now = seatkeeper.world.clock.now()
    assert all(r.is_settled(3, now) for r in page.reservations)


async def test_licences_stay_away_where_their_seat_is_somebody_elses_by_now(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given three seats, one of which goes from one person to another
    await edit(seatkeeper, staffed, quantity=3)
    await a_night(seatkeeper, portal, days=1)
    await enforce(portal, staffed, "licences")
    take_licences(seatkeeper, staffed, "person1")
    body = {"userPrincipalName": f"admin@{staffed['domain']}", "skuId": BUSINESS_PREMIUM_SKU}
    await seatkeeper.sim("POST", f"portal/customers/{staffed['id']}/licenses", body)

    # When the night looks
    await a_night(seatkeeper, portal, days=1)

    # Then nothing is bought, and each entry says why it is open
    assert held(seatkeeper, staffed).quantity == 3
    assert not person_of(seatkeeper, staffed, "person1").licence(BUSINESS_PREMIUM_SKU)
    found = (await portal.get(f"customers/{staffed['id']}/drift"))["items"]
    taken = {e["subject"]: e for e in found if e["what"] == "licences"}
    assert {e["state"] for e in taken.values()} == {"open"}
    lost = taken[person_of(seatkeeper, staffed, "person1").id]
    assert "No seat" in lost["reason"]


async def test_who_leaves_a_group_is_not_given_a_licence_to_keep(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a person whose licence somebody has moved into a group
    await enforce(portal, staffed, "licences")
    tenant, now = seatkeeper.world.tenants[staffed["id"]], seatkeeper.world.clock.now()
    person = person_of(seatkeeper, staffed, "person1")
    tenant.set_licences(person, [Licence(BUSINESS_PREMIUM_SKU, [], now, "a-group")], now)
    await a_night(seatkeeper, portal, days=1)

    # When the person leaves the group
    take_licences(seatkeeper, staffed, "person1")
    await a_night(seatkeeper, portal, days=1)

    # Then no seat is given past the group, and the entry says why it is open
    assert not person.licences
    entry = (await drift_of(portal, staffed))["user", "licences"]
    assert (entry["state"], "group" in entry["reason"]) == ("open", True)


async def test_who_cannot_be_helped_keeps_nobody_else_waiting(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given two people without their licences, one of whom is blocked, and a night for one of them
    customer, desk = CustomerId(staffed["id"]), seatkeeper.works.office.desk
    tenant, now = seatkeeper.world.tenants[staffed["id"]], seatkeeper.world.clock.now()
    for name in ("person1", "person2"):
        take_licences(seatkeeper, staffed, name)
    run = await desk.runs.get((await a_night(seatkeeper, portal, days=1))["id"])
    first, second = await desk.drift.open_ones(customer, DriftField.LICENCES, 9)
    tenant.change_user(tenant.users[first.subject], {"accountEnabled": False}, now)
    await a_night(seatkeeper, portal, days=1)
    room = Room(desk, *await customer_and_connection(desk, customer))
    rules = DriftRules(customer, {DriftField.LICENCES: DriftRule.ENFORCE})

    # When that night comes
    await restore_licences(room, run, rules, at_once=1)

    # Then the other one is helped, and the first one's entry says why not
    assert tenant.users[second.subject].licence(BUSINESS_PREMIUM_SKU)
    [left] = await desk.drift.open_ones(customer, DriftField.LICENCES, 9)
    assert (left.subject, "blocked" in left.reason) == (first.subject, True)


async def test_what_was_decided_long_ago_is_forgotten_within_a_week(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given what a rule adopted more than 400 days ago, and what nobody has decided since
    customer, drift = CustomerId(staffed["id"]), seatkeeper.works.office.desk.drift
    long_ago = seatkeeper.world.clock.now() - timedelta(days=401)
    for what, rule in ((DriftField.NAME, DriftRule.ADOPT), (DriftField.SEATS, DriftRule.REPORT)):
        subject = (DriftKind.SUBSCRIPTION, staffed["subscription"])
        rules = DriftRules(customer, {what: rule})
        await drift.add(rules.entry(subject, what, "before", "after", long_ago))

    for _ in range(7):
        await a_night(seatkeeper, portal, days=1)

    assert [what for _, what in await drift_of(portal, staffed)] == ["seats"]
