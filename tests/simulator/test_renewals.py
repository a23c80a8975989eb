"""Terms end by the business clock: renewed, changed as scheduled, expired, or extended."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.nouns import Subscription
from simulator.partner_center.terms import add_months
from tests.simulator.northwind import Northwind, next_term


@pytest.fixture
async def ten_seats(northwind: Northwind) -> Subscription:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    return await northwind.buy(await northwind.customer(), 10)


def to(northwind: Northwind, year: int, month: int, day: int, hour: int = 0) -> None:
    northwind.world.clock.set(datetime(year, month, day, hour, 0, 1, tzinfo=UTC))


@pytest.mark.case(76)
async def test_renews_at_midnight_and_the_whole_quantity_can_go_back(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    to(northwind, 2027, 1, 14)

    shown = await northwind.read(ten_seats)

    assert shown["status"] == "active"
    assert shown["commitmentEndDate"] == "2028-01-13T00:00:00Z"
    assert shown["refundableQuantity"]["totalQuantity"] == 10
    details = shown["refundableQuantity"]["details"]
    assert details[0]["allowedUntilDateTime"] == "2027-01-21T00:00:00Z"


@pytest.mark.contract
async def test_the_scheduled_quantity_comes_with_the_renewal(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    schedule = next_term(6, "P1M")
    await northwind.change(ten_seats, scheduledNextTermInstructions=schedule)
    to(northwind, 2027, 1, 14)

    shown = await northwind.read(ten_seats)

    assert (shown["quantity"], shown["termDuration"]) == (6, "P1M")
    assert "scheduledNextTermInstructions" not in shown
    assert shown["commitmentEndDate"] == "2027-02-13T00:00:00Z"


@pytest.mark.case(76)
async def test_writes_wait_while_a_renewal_runs(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["renewal.seconds"] = 4 * 3600
    to(northwind, 2027, 1, 14, hour=2)

    refused = await northwind.change(ten_seats, quantity=11)
    to(northwind, 2027, 1, 14, hour=5)
    done = await northwind.change(ten_seats, quantity=11)

    assert (refused.status_code, refused.json()["code"]) == (409, 800082)
    details = done.json()["refundableQuantity"]["details"]
    assert details[0]["allowedUntilDateTime"] == "2027-01-21T04:00:00Z"


@pytest.mark.contract
async def test_without_renewal_it_expires_then_is_disabled_then_deleted(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, autoRenewEnabled=False)

    found = []
    for day in (datetime(2027, 1, 14, tzinfo=UTC) + timedelta(days=n) for n in (0, 30, 120)):
        to(northwind, day.year, day.month, day.day)
        found.append((await northwind.read(ten_seats))["status"])

    assert found == ["expired", "disabled", "deleted"]


async def test_expired_seats_are_in_grace_and_take_no_changes(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, autoRenewEnabled=False)
    to(northwind, 2027, 1, 20)
    refused = await northwind.change(ten_seats, quantity=11)

    path = f"/v1/customers/{ten_seats.customer_id}/subscribedskus"
    row = (await northwind.get(path, user=True))["items"][0]

    assert refused.json()["code"] == 900279
    assert (row["activeUnits"], row["warningUnits"]) == (0, 10)


async def test_what_was_suspended_is_disabled_at_the_end_of_its_term(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, status="suspended")

    found = []
    for day in (datetime(2027, 1, 14, tzinfo=UTC) + timedelta(days=n) for n in (0, 119, 120)):
        to(northwind, day.year, day.month, day.day)
        found.append((await northwind.read(ten_seats))["status"])

    assert found == ["disabled", "disabled", "deleted"]


async def test_since_2026_renewal_off_alone_means_a_paid_extension(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["est.enabled"] = True
    await northwind.change(ten_seats, autoRenewEnabled=False)
    to(northwind, 2027, 3, 20)

    shown = await northwind.read(ten_seats)

    assert (shown["status"], shown["termDuration"]) == ("active", "P1M")
    assert shown["commitmentEndDate"] == "2027-04-13T00:00:00Z"


async def test_an_explicit_cancel_ends_it(northwind: Northwind, ten_seats: Subscription) -> None:
    northwind.world.switches["est.enabled"] = True
    cancel = [{"scheduleType": "TermEnd", "actionType": "Cancel"}]
    await northwind.change(ten_seats, autoRenewEnabled=False, scheduledActions=cancel)
    to(northwind, 2027, 1, 15)

    assert (await northwind.read(ten_seats))["status"] == "expired"


async def test_a_monthly_term_renews_month_by_month(northwind: Northwind) -> None:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    monthly = await northwind.buy(await northwind.customer(), 3, term="P1M")
    to(northwind, 2026, 6, 20)

    shown = await northwind.read(monthly)

    assert shown["effectiveStartDate"] == "2026-06-14T00:00:00Z"
    assert shown["commitmentEndDate"] == "2026-07-13T00:00:00Z"


@pytest.mark.parametrize(
    ("months", "expected"), [(1, (2028, 2, 29)), (12, (2029, 1, 31)), (13, (2029, 2, 28))]
)
def test_months_end_where_the_calendar_does(months: int, expected: tuple[int, int, int]) -> None:
    moment = add_months(datetime(2028, 1, 31, tzinfo=UTC), months)

    assert (moment.year, moment.month, moment.day) == expected
