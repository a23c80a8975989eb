"""Renewals are seen coming, and a paid extended term that nobody chose is put right."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from simulator.faults import Fault
from tests.changing import change, held, let_it_speak_of_ends
from tests.everyday import (
    NEAR_THE_END,
    a_customer,
    a_monthly_customer,
    a_night,
    events,
    renewals_of,
)
from tests.portal import Json, Portal, Seatkeeper, let_go


async def prices_of(portal: Portal) -> list[Json]:
    found = await portal.get("catalog?connectionId=northwind&market=US&sellable=true")
    return found["items"][0]["prices"]  # type: ignore[no-any-return]


async def test_a_renewal_is_told_with_its_price_and_its_deadline_on_the_customers_clock(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_monthly_customer(seatkeeper, portal)
    night = await a_night(seatkeeper, portal, days=NEAR_THE_END)

    [renewal] = await renewals_of(portal, customer)

    [subscription] = (await portal.get(f"customers/{customer['id']}/subscriptions"))["items"]
    ends = datetime.fromisoformat(subscription["endsAt"])
    assert datetime.fromisoformat(renewal["renewsAt"]) == ends
    assert datetime.fromisoformat(renewal["decideBy"]) == ends - timedelta(days=1)
    local = datetime.fromisoformat(renewal["decideByLocal"])
    assert (local, renewal["timeZone"]) == (ends - timedelta(days=1), "America/New_York")
    assert local.utcoffset() != timedelta(0)
    assert (renewal["renewalSeats"], renewal["proposedSeats"]) == (10, 1)
    price, unit = (Decimal(renewal[p]["amount"]) for p in ("nextTermPrice", "unitPrice"))
    assert price == 10 * unit > 0
    listed = await portal.get("renewals?days=30")
    report = await portal.get(f"runs/{night['id']}/report.json")
    assert listed["items"] == report["nextRenewals"] == [renewal]
    assert [r["subscriptions"] for r in report["renewals"]] == [1, 1, 1]


async def test_what_ends_later_is_not_listed(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal)
    await seatkeeper.sim("POST", "clock/advance", {"days": 300})

    assert await renewals_of(portal, customer, 60) == []
    assert len(await renewals_of(portal, customer, 90)) == 1
    refused = await portal.send("GET", "renewals?days=31")
    assert refused.status_code == 422


async def test_the_customers_own_zone_goes_before_its_countrys(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_monthly_customer(seatkeeper, portal)
    place = f"customers/{customer['id']}/policy"
    wrong = await portal.send("PUT", place, json={"mode": "report", "timeZone": "Mars/North"})
    await portal.put(place, {"mode": "report", "timeZone": "America/Denver"})
    await a_night(seatkeeper, portal, days=NEAR_THE_END)

    [renewal] = await renewals_of(portal, customer)

    assert renewal["timeZone"] == "America/Denver"
    assert wrong.json()["errors"][0]["pointer"] == "/timeZone"


async def test_seats_that_are_scheduled_away_are_not_proposed_twice(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_monthly_customer(seatkeeper, portal)
    await let_go(portal, customer)
    await a_night(seatkeeper, portal, days=NEAR_THE_END)

    [renewal] = await renewals_of(portal, customer)

    assert (renewal["seats"], renewal["renewalSeats"], renewal["proposedSeats"]) == (10, 1, 1)


async def test_an_extended_term_that_nobody_chose_calls_somebody(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    customer = await a_monthly_customer(seatkeeper, portal)
    held(seatkeeper, customer).auto_renew = False

    night = await a_night(seatkeeper, portal, days=NEAR_THE_END)

    [renewal] = await renewals_of(portal, customer)
    assert renewal["unwantedExtension"] is True
    assert (renewal["heldEnd"], renewal["chosenEnd"]) == ("extend", "renew")
    assert (renewal["term"], renewal["renewalSeats"]) == ("P1M", 10)
    [month] = [p for p in await prices_of(portal) if p["term"] == "P1M"]
    dearer = Decimal(month["unit"]["amount"]) * Decimal("1.03")
    assert Decimal(renewal["unitPrice"]["amount"]) == pytest.approx(dearer, abs=Decimal("0.01"))
    assert events(caplog, "extended-term") == 1
    report = await portal.get(f"runs/{night['id']}/report.json")
    assert report["renewals"][0]["extended"] == 1
    assert held(seatkeeper, customer).auto_renew is False


async def test_the_policy_lets_the_night_put_it_right(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    customer = await a_monthly_customer(seatkeeper, portal)
    await let_go(portal, customer, mode="report", extendedTerms="enforce")
    held(seatkeeper, customer).auto_renew = False

    night = await a_night(seatkeeper, portal, days=NEAR_THE_END)

    assert held(seatkeeper, customer).auto_renew is True
    assert (events(caplog, "extended-term"), events(caplog, "extended-term-ended")) == (0, 1)
    [renewal] = await renewals_of(portal, customer)
    assert (renewal["heldEnd"], renewal["unwantedExtension"]) == ("renew", False)
    report = await portal.get(f"runs/{night['id']}/report.json")
    assert report["nextRenewals"][0]["heldEnd"] == "renew"
    assert held(seatkeeper, customer).quantity == 10


async def test_a_dry_run_puts_nothing_right(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_monthly_customer(seatkeeper, portal)
    await let_go(portal, customer, extendedTerms="enforce")
    held(seatkeeper, customer).auto_renew = False
    await seatkeeper.sim("POST", "clock/advance", {"days": NEAR_THE_END})

    await portal.post("runs?dryRun=true", {"customerId": customer["id"]})
    await seatkeeper.settle()

    assert held(seatkeeper, customer).auto_renew is False


async def test_an_extended_term_that_somebody_chose_stays(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    seatkeeper.world.switches.update({"est.enabled": True})
    customer = await a_monthly_customer(seatkeeper, portal)
    await let_it_speak_of_ends(seatkeeper)
    await let_go(portal, customer, mode="report", extendedTerms="enforce")
    await change(portal, customer, kind="setEndOfTerm", intent="extend")

    await a_night(seatkeeper, portal, days=NEAR_THE_END)

    [renewal] = await renewals_of(portal, customer)
    assert (renewal["heldEnd"], renewal["chosen"]) == ("extend", True)
    assert events(caplog, "extended-term") == 0
    assert held(seatkeeper, customer).auto_renew is False


async def test_a_failure_is_told_with_what_to_do(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    await a_monthly_customer(seatkeeper, portal)
    refusal = {"code": 1000, "description": "Not yours."}
    seatkeeper.world.faults.add(
        Fault(path="*/subscriptions", method="GET", times=9, status=403, body=refusal)
    )

    night = await a_night(seatkeeper, portal, days=1)

    report = await portal.get(f"runs/{night['id']}/report.json")
    [failure] = report["failures"]
    assert failure["customers"] == report["failed"] == 1
    assert failure["advice"]
    assert report["failedCustomers"][0]["detail"]
    assert events(caplog, "customer-failed") == 1
    [ended] = [line for line in caplog.messages if line.startswith("event: run-finished")]
    assert ended.endswith(":1")
