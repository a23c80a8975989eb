"""A customer's months are billed by who had which plan, and seats are compared with their bill."""

import csv
import io
import uuid
from collections import Counter

from tests.changing import held
from tests.everyday import a_customer, a_night, leave, send_batch
from tests.outside import enforce, take_licences
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, etag_of, plan_body


async def statement(portal: Portal, customer: Json, period: str) -> list[Json]:
    answer = await portal.get(f"customers/{customer['id']}/billing/{period}")
    assert answer["period"] == period
    return sorted(answer["items"], key=lambda line: (line["kind"], line["userId"]))


def kinds(lines: list[Json]) -> list[tuple[str, bool]]:
    return [(line["kind"], line["billable"]) for line in lines]


async def an_admin_assigns(seatkeeper: Seatkeeper, customer: Json, name: str) -> None:
    body = {"userPrincipalName": name, "skuId": BUSINESS_PREMIUM_SKU}
    await seatkeeper.sim("POST", f"portal/customers/{customer['id']}/licenses", body)


async def test_people_of_a_batch_are_added_by_who_asked_for_it(
    portal: Portal, staffed: Json
) -> None:
    lines = await statement(portal, staffed, await this_period(portal, staffed))

    assert kinds(lines) == [("added", True)] * 3
    [batch] = (await portal.get("batches"))["items"]
    assert {line["batchId"] for line in lines} == {batch["id"]}
    assert {line["by"] for line in lines} == {batch["requestedBy"]}
    assert {line["planId"] for line in lines} == {"office-worker"}


async def test_a_month_closes_and_the_next_one_carries(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a month in which somebody leaves and an administrator licenses somebody else
    first = await this_period(portal, staffed)
    await leave(seatkeeper, staffed, 1)
    await an_admin_assigns(seatkeeper, staffed, f"admin@{staffed['domain']}")
    await a_night(seatkeeper, portal, days=2)

    # When it is over
    await a_night(seatkeeper, portal, days=31)
    second = await this_period(portal, staffed)

    # Then it says who came and went, and by whose doing
    lines = await statement(portal, staffed, first)
    assert kinds(lines) == [("added", True)] * 4 + [("removed", False)]
    assert [line["by"] for line in lines if line["kind"] == "removed"] == ["outside"]
    assert sum(line["by"] == "outside" for line in lines) == 2
    assert (await portal.get(f"customers/{staffed['id']}/billing/{first}"))["closed"]

    # And the next one has the three who stayed, billed again
    assert kinds(await statement(portal, staffed, second)) == [("carried", True)] * 3


async def test_who_is_put_back_by_the_night_is_billed_once(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given somebody who has lost the plan for a night, and got it back by the policy
    await enforce(portal, staffed, "licences")
    take_licences(seatkeeper, staffed, "person1")
    await a_night(seatkeeper, portal, days=1)
    await a_night(seatkeeper, portal, days=1)

    # When the month is billed
    lines = await statement(portal, staffed, await this_period(portal, staffed))

    # Then it is one line of the person's two, and the other one says why
    billed = Counter(line["userId"] for line in lines if line["billable"])
    assert [*billed.values()] == [1, 1, 1]
    assert [line["whyNot"] for line in lines if line.get("whyNot")] == ["returned", "removal"]


async def this_period(portal: Portal, customer: Json) -> str:
    read = await portal.get(f"customers/{customer['id']}/comparison")
    return str(read["readAt"])[:7]


async def test_a_statement_is_paged_and_its_table_joins(portal: Portal, staffed: Json) -> None:
    period = await this_period(portal, staffed)
    place: str | None = f"/api/customers/{staffed['id']}/billing/{period}?format=csv&limit=2"
    text = ""

    while place is not None:
        answer = await portal.send("GET", place)
        assert answer.headers["content-type"].startswith("text/csv")
        text += answer.text
        link = answer.headers.get("link")
        place = link.partition("<")[2].partition(">")[0] if link else None

    lines = rows_of(text)
    assert [(r["kind"], r["planId"], r["billable"]) for r in lines] == [
        ("added", "office-worker", "true")
    ] * 3
    assert all("T" in r["at"] and r["at"].endswith("Z") for r in lines)


async def test_seats_that_are_assigned_purchased_and_billed_are_compared(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given seven idle seats of ours, and none of ours where somebody else sold one
    basic = "3b555118-da6a-4418-894f-7df1e2096870"
    place = f"portal/customers/{staffed['id']}"
    await seatkeeper.sim("POST", f"{place}/purchases", {"skuId": basic, "quantity": 5})
    name = f"admin@{staffed['domain']}"
    await seatkeeper.sim("POST", f"{place}/licenses", {"userPrincipalName": name, "skuId": basic})
    await a_night(seatkeeper, portal, days=1)

    # When they are compared
    answer = await portal.get(f"customers/{staffed['id']}/comparison")

    # Then both are seen
    lines = {line["skuId"]: line for line in answer["items"]}
    ours, theirs = lines[BUSINESS_PREMIUM_SKU], lines[basic]
    assert (ours["assigned"], ours["purchased"], ours["billed"], ours["idle"]) == (3, 10, 10, 7)
    assert (theirs["assigned"], theirs["purchased"]) == (1, 0)
    assert theirs["assignedNotPurchased"] == 1


async def test_two_plans_that_fit_alike_are_listed_and_what_is_known_stays(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a second plan of the same licence, and a person who came after it
    await portal.post("plans", plan_body(id="twin", name="Twin"))
    await an_admin_assigns(seatkeeper, staffed, f"admin@{staffed['domain']}")

    # When the customer is read again
    await a_night(seatkeeper, portal, days=1)

    # Then only the newcomer is in doubt, and nobody's plan has ended
    [doubt] = (await portal.get(f"customers/{staffed['id']}/plan-doubts"))["items"]
    assert (doubt["doubt"], doubt["planIds"]) == ("tie", ["office-worker", "twin"])
    lines = await statement(portal, staffed, await this_period(portal, staffed))
    assert kinds(lines) == [("added", True)] * 3


async def test_a_doubt_that_somebody_settles_stays_settled_until_the_licences_change(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given a person whom two plans fit
    await portal.post("plans", plan_body(id="twin", name="Twin"))
    admin = f"admin@{staffed['domain']}"
    await an_admin_assigns(seatkeeper, staffed, admin)
    await a_night(seatkeeper, portal, days=1)
    place = f"customers/{staffed['id']}/plan-doubts"
    [doubt] = (await portal.get(place))["items"]
    person = f"{place}/{doubt['userId']}"

    # When somebody names a plan that is not in question, and then one that is, twice
    stranger = await portal.send("POST", person, json={"planId": "unheard-of"}, key="")
    named = await portal.post(person, {"planId": "twin"}, key="")
    again = await portal.post(person, {"planId": "twin"}, key="")

    # Then it is billed, also after everybody was read and fitted again
    assert (stranger.status_code, named) == (422, again)
    await portal.post("plans", plan_body(id="third", name="Third"))
    await a_night(seatkeeper, portal, days=1)
    assert (await portal.get(place))["items"] == []
    lines = await statement(portal, staffed, await this_period(portal, staffed))
    [line] = [line for line in lines if line["planId"] == "twin"]
    assert (line["billable"], line["userId"]) == (True, doubt["userId"])
    assert line["by"] not in ("outside", "found", "definition")

    # And nobody is in doubt whom nobody doubted
    missing = await portal.send("POST", f"{place}/{uuid.uuid4()}", json={"planId": "twin"}, key="")
    assert missing.status_code == 404


async def test_all_customers_are_compared_at_once_and_as_a_table(
    portal: Portal, staffed: Json
) -> None:
    whole = await portal.get("comparison?limit=1")
    table = await portal.send("GET", "comparison?format=csv")
    own = await portal.send("GET", f"customers/{staffed['id']}/comparison?format=csv")

    [line] = whole["items"]
    assert (line["customerId"], line["companyName"]) == (staffed["id"], "Contoso Test")
    assert (line["assigned"], line["purchased"], line["billed"], line["idle"]) == (3, 10, 10, 7)
    [row] = rows_of(table.text)
    assert (row["customerId"], row["skuId"], row["idle"]) == (
        staffed["id"],
        BUSINESS_PREMIUM_SKU,
        "7",
    )
    [own_row] = rows_of(own.text)
    assert own_row == {name: row[name] for name in own_row}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


async def test_a_closed_month_on_a_trial_stays_so_when_the_trial_turns_paid(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a month in which everybody's plan rested on a trial alone
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 2)
    held(seatkeeper, customer).is_trial = True
    await a_night(seatkeeper, portal, days=1)
    first = await this_period(portal, customer)
    await a_night(seatkeeper, portal, days=31)
    place = f"customers/{customer['id']}/billing"
    closed = await portal.get(f"{place}/{first}")
    assert closed["closed"]
    assert [line["whyNot"] for line in closed["items"]] == ["trial", "trial"]

    # When it turns paid in the next one
    held(seatkeeper, customer).is_trial = False
    await a_night(seatkeeper, portal, days=1)

    # Then the first month is as it was, and the second one is billed
    assert (await portal.get(f"{place}/{first}"))["items"] == closed["items"]
    second = await statement(portal, customer, await this_period(portal, customer))
    assert kinds(second) == [("carried", True)] * 2


async def test_a_connection_has_a_closing_day_of_its_own(portal: Portal, staffed: Json) -> None:
    place = "connections/northwind"
    headers = {"If-Match": await etag_of(portal, place)}
    body = {"baseline": {"closingDay": 15}}
    assert (await portal.send("PATCH", place, json=body, headers=headers)).is_success

    period = await portal.get(f"customers/{staffed['id']}/billing/2026-03")

    assert (period["since"][:10], period["until"][:10]) == ("2026-02-16", "2026-03-16")


async def test_a_period_that_cannot_be_says_how_one_is_written(
    portal: Portal, staffed: Json
) -> None:
    answer = await portal.send("GET", f"customers/{staffed['id']}/billing/2026-13")

    assert answer.status_code == 422
    assert "Year and month, such as 2026-03." in answer.json()["errors"][0]["detail"]
