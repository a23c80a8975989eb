"""What changes past the product is listed with what it was, what it is and since when."""

from shared.domain.ids import CustomerId
from simulator.seeds import TAILSPIN
from simulator.tenants import Licence
from tests.everyday import a_night, leave
from tests.outside import drift_of, edit
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, allow, customer_body


async def test_what_a_customer_brought_along_and_what_batches_do_is_no_drift(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a person whom a batch has taken away again
    await allow(portal, staffed, peoplePercent=100)
    name = f"person1@{staffed['domain']}"
    rows = [{"action": "deprovision", "userPrincipalName": name, "delete": True}]
    batch = await portal.post("batches", {"customerId": staffed["id"], "rows": rows})
    await seatkeeper.settle()
    assert (await portal.get(f"batches/{batch['id']}"))["status"] == "done"

    # When the customer is read again
    await a_night(seatkeeper, portal, days=1)

    # Then nothing has come from outside, and the bill says whose doing it was
    assert await drift_of(portal, staffed) == {}
    period = (await portal.get(f"customers/{staffed['id']}/comparison"))["readAt"][:7]
    lines = (await portal.get(f"customers/{staffed['id']}/billing/{period}"))["items"]
    [removed] = [line for line in lines if line["kind"] == "removed"]
    assert removed["batchId"] == batch["id"]


async def test_what_an_administrator_does_is_listed_with_what_it_was(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given licences, a blocked person, a deleted one and a renewal switched off behind our back
    body = {"userPrincipalName": f"admin@{staffed['domain']}", "skuId": BUSINESS_PREMIUM_SKU}
    await seatkeeper.sim("POST", f"portal/customers/{staffed['id']}/licenses", body)
    tenant = seatkeeper.world.tenants[staffed["id"]]
    person = tenant.user(f"person2@{staffed['domain']}")
    assert person is not None
    tenant.change_user(person, {"accountEnabled": False}, seatkeeper.world.clock.now())
    gone = f"portal/customers/{staffed['id']}/users/remove"
    names = {"userPrincipalNames": [f"person3@{staffed['domain']}"]}
    await seatkeeper.sim("POST", gone, names)
    await edit(seatkeeper, staffed, autoRenewEnabled=False)

    # When the night looks
    night = await a_night(seatkeeper, portal, days=1)

    # Then each is told with what it was and since when
    found = await drift_of(portal, staffed)
    assert {
        key: (entry["before"], entry["after"], entry["state"]) for key, entry in found.items()
    } == {
        ("user", "licences"): ("", BUSINESS_PREMIUM_SKU, "open"),
        ("user", "blocked"): ("false", "true", "open"),
        ("user", "deleted"): (BUSINESS_PREMIUM_SKU, "", "open"),
        ("subscription", "autoRenew"): ("true", "false", "open"),
    }
    assert found["user", "blocked"]["subject"] == person.id
    today = night["id"].removeprefix("night-")
    assert {entry["since"][:10] for entry in found.values()} == {today}


async def test_what_an_administrator_does_to_people_is_listed_by_field(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given new people with licences, and one of ours with a service off, elsewhere, with aliases
    world, place = seatkeeper.world, f"portal/customers/{staffed['id']}/users/make"
    await seatkeeper.sim("POST", place, {"count": 2, "skuId": BUSINESS_PREMIUM_SKU})
    tenant, now = world.tenants[staffed["id"]], world.clock.now()
    person = tenant.user(f"person1@{staffed['domain']}")
    assert person is not None
    licences = [Licence(BUSINESS_PREMIUM_SKU, ["a-service"], now)]
    tenant.set_licences(person, licences, now)
    aliases = [f"SMTP:{person.user_principal_name}", "smtp:x@contoso.example"]
    tenant.change_user(person, {"usageLocation": "DE"}, now, aliases)

    # When two nights look
    await a_night(seatkeeper, portal, days=1)
    await a_night(seatkeeper, portal, days=1)

    # Then each is told once, and no address is
    items = (await portal.get(f"customers/{staffed['id']}/drift"))["items"]
    assert sorted(e["what"] for e in items) == [
        "aliases",
        "appeared",
        "appeared",
        "country",
        "services",
    ]
    found = await drift_of(portal, staffed)
    assert (found["user", "country"]["before"], found["user", "country"]["after"]) == ("US", "DE")
    assert found["user", "services"]["after"] == f"{BUSINESS_PREMIUM_SKU} without a-service"
    assert "@" not in str(items)


async def test_seats_that_others_sold_and_domains_in_every_state_are_listed(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a customer who buys seats alone and is about to add a domain
    place = f"portal/customers/{staffed['id']}/purchases"
    bought = {"skuId": BUSINESS_PREMIUM_SKU, "quantity": 50, "owner": "customer"}
    await seatkeeper.sim("POST", place, bought)
    domain = seatkeeper.world.tenants[staffed["id"]].add_domain("new.example")

    # When a night looks, and another one once the domain is verified
    await a_night(seatkeeper, portal, days=1)
    domain.is_verified = True
    await a_night(seatkeeper, portal, days=1)

    # Then each is told once
    found = await drift_of(portal, staffed)
    assert set(found) == {("holding", "appeared"), ("domain", "added"), ("domain", "verified")}
    assert found["holding", "appeared"]["after"].startswith("50 seats of ")


async def test_what_a_directory_holds_is_written_where_it_changed_only(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    estates, customer = seatkeeper.works.office.desk.estates, CustomerId(staffed["id"])
    before = await estates.of(customer)

    await a_night(seatkeeper, portal, days=1)

    assert before.is_known
    assert (await estates.of(customer)).etag == before.etag


async def test_an_entry_is_adopted_once_and_stays_so(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    await leave(seatkeeper, staffed, 1)
    await a_night(seatkeeper, portal, days=1)
    entry = (await drift_of(portal, staffed))["user", "deleted"]
    place = f"customers/{staffed['id']}/drift/{entry['id']}"

    adopted = await portal.post(f"{place}/adopt", key="")
    again = await portal.post(f"{place}/resolve", key="")

    assert (adopted["state"], again["state"]) == ("adopted", "adopted")
    assert adopted["decidedBy"]


async def test_what_the_policy_adopts_is_on_record_and_not_open(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    policy = {"mode": "report", "drift": {"deleted": "adopt"}}
    await portal.put(f"customers/{staffed['id']}/policy", policy)
    await leave(seatkeeper, staffed, 1)
    await edit(seatkeeper, staffed, quantity=12)

    await a_night(seatkeeper, portal, days=1)

    found = await drift_of(portal, staffed)
    assert found["user", "deleted"]["state"] == "adopted"
    seats = found["subscription", "seats"]
    assert (seats["before"], seats["after"], seats["state"]) == ("10", "12", "open")


async def test_a_renewal_that_somebody_switched_off_is_switched_on_again_and_nothing_bought(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a policy that puts renewals back, and somebody who switches one off
    policy = {"mode": "report", "drift": {"autoRenew": "enforce"}}
    await portal.put(f"customers/{staffed['id']}/policy", policy)
    await edit(seatkeeper, staffed, autoRenewEnabled=False)

    # When two nights go by
    await a_night(seatkeeper, portal, days=1)
    await a_night(seatkeeper, portal, days=1)

    # Then it renews again with the seats that it had, and the list says who did it
    held = seatkeeper.world.subscriptions[staffed["subscription"]]
    assert (held.auto_renew, held.quantity) == (True, 10)
    found = await drift_of(portal, staffed)
    assert set(found) == {("subscription", "autoRenew")}
    entry = found["subscription", "autoRenew"]
    assert (entry["state"], bool(entry["decidedBy"])) == ("enforced", True)


async def test_what_another_partner_took_over_is_told_as_gone_once_and_as_theirs(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a subscription that moves to another partner
    seatkeeper.world.subscriptions[staffed["subscription"]].partner_id = TAILSPIN

    # When two nights look
    await a_night(seatkeeper, portal, days=1)
    await a_night(seatkeeper, portal, days=1)

    # Then it is told once, has left the mirror, and its history says so
    found = await drift_of(portal, staffed)
    assert set(found) == {("subscription", "gone"), ("holding", "appeared")}
    gone, theirs = found["subscription", "gone"], found["holding", "appeared"]
    assert (gone["before"], gone["after"]) == ("10", "")
    assert theirs["after"].endswith("another partner's")
    assert (await portal.get(f"customers/{staffed['id']}/subscriptions"))["items"] == []
    place = f"customers/{staffed['id']}/subscriptions/{staffed['subscription']}/changes"
    assert (await portal.get(place))["items"][0]["kind"] == "gone"


async def test_what_a_list_leaves_out_and_is_there_is_not_gone(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a list of Microsoft's that is older than the purchase
    theirs = "/partnercenter/v1/customers/*/subscriptions"
    empty = {"totalCount": 0, "items": [], "attributes": {"objectType": "Collection"}}
    fault = {"method": "GET", "path": theirs, "times": 1, "status": 200, "body": empty}
    await seatkeeper.sim("POST", "faults", fault)

    await a_night(seatkeeper, portal, days=1)

    assert await drift_of(portal, staffed) == {}
    [held] = (await portal.get(f"customers/{staffed['id']}/subscriptions"))["items"]
    assert (held["id"], held["seats"]) == (staffed["subscription"], 10)


async def test_a_relationship_that_somebody_ended_and_another_agreement_are_told_within_a_week(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a customer who ends what it delegated, delegates less, and signs another text
    place = f"portal/customers/{staffed['id']}/gdap"
    await seatkeeper.sim("DELETE", place)
    given = await seatkeeper.sim("POST", place, {"days": 100})
    [agreement] = seatkeeper.world.customers[staffed["id"]].agreements
    agreement["templateId"] = "another-text"

    # When the night reads the weekly facts again
    await a_night(seatkeeper, portal, days=7)
    await a_night(seatkeeper, portal, days=7)

    # Then each is told once
    found = (await portal.get(f"customers/{staffed['id']}/drift"))["items"]
    told = {(e["kind"], e["what"], e["before"], e["after"]) for e in found}
    assert ("relationship", "relationship", "active", "terminated") in told
    assert ("relationship", "relationship", "", "active") in told
    assert {e["subject"] for e in found if e["after"] == "active"} == {given["id"]}
    [text] = [e for e in found if e["kind"] == "agreement"]
    assert (text["what"], text["after"]) == ("agreementVersion", "another-text")
    assert len(found) == 3


async def test_an_agreement_that_we_record_is_no_drift(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a customer whose agreement is missing at Microsoft, and a night that knows it
    seatkeeper.world.customers[staffed["id"]].agreements.clear()
    await a_night(seatkeeper, portal, days=7)
    lost = (await drift_of(portal, staffed))["agreement", "agreement"]
    assert (lost["before"], lost["after"]) == ("true", "false")

    # When we record it again
    body = customer_body()["agreement"]
    await portal.post(f"customers/{staffed['id']}/agreement", body)
    await a_night(seatkeeper, portal, days=7)

    # Then only the loss has come from outside
    assert set(await drift_of(portal, staffed)) == {("agreement", "agreement")}


async def test_the_run_says_what_it_found_what_became_of_it_and_what_is_still_open(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given one difference that nobody decided, and a policy for two other kinds of them
    await edit(seatkeeper, staffed, quantity=12)
    await a_night(seatkeeper, portal, days=1)
    rules = {"deleted": "adopt", "autoRenew": "enforce"}
    await portal.put(f"customers/{staffed['id']}/policy", {"mode": "report", "drift": rules})
    await leave(seatkeeper, staffed, 1)
    await edit(seatkeeper, staffed, autoRenewEnabled=False)

    # When the next night looks
    night = await a_night(seatkeeper, portal, days=1)

    # Then run, part and report count the same
    counts = {"found": 2, "adopted": 1, "enforced": 1, "open": 1}
    report = await portal.get(f"runs/{night['id']}/report.json")
    [part] = (await portal.get(f"runs/{night['id']}/customers"))["items"]
    listed = report["drift"].pop("items")
    assert night["summary"]["drift"] == part["drift"] == report["drift"] == counts

    # And the report lists each, what is older and open as well
    told = {(entry["what"], entry["state"]) for entry in listed}
    assert told == {("deleted", "adopted"), ("autoRenew", "enforced"), ("seats", "open")}
    assert listed[-1]["what"] == "seats"
    assert {entry["companyName"] for entry in listed} == {"Contoso Test"}


async def test_what_cannot_be_put_back_cannot_be_enforced(portal: Portal, staffed: Json) -> None:
    policy = {"mode": "report", "drift": {"seats": "enforce"}}

    answer = await portal.send("PUT", f"customers/{staffed['id']}/policy", json=policy)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/drift/seats"
