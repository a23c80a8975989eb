"""Seats are changed by Microsoft's rules: lots, windows, schedules that vanish."""

from datetime import UTC, datetime
from typing import Any

import anyio
import pytest

from simulator.nouns import Subscription
from tests.simulator.northwind import Northwind, next_term, path_of

REQUEST = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
async def ten_seats(northwind: Northwind) -> Subscription:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    return await northwind.buy(await northwind.customer(), 10)


@pytest.mark.contract
async def test_a_yearly_term_ends_on_its_last_inclusive_day(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    shown = await northwind.read(ten_seats)

    assert shown["commitmentEndDate"] == "2027-01-13T00:00:00Z"
    assert shown["commitmentEndDateTime"] == "2027-01-13T23:59:59Z"
    assert shown["billingCycleEndDate"] == "2026-02-13T00:00:00Z"
    assert shown["productType"]["id"] == "OnlineServicesNCE"
    assert "etag" not in shown["attributes"]


@pytest.mark.contract
async def test_an_increase_opens_a_window_of_its_own(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.wait(days=2)

    answer = await northwind.change(ten_seats, quantity=15)

    refundable = answer.json()["refundableQuantity"]
    assert refundable["totalQuantity"] == 15
    assert [lot["quantity"] for lot in refundable["details"]] == [10, 5]


@pytest.mark.case(64)
async def test_on_day_eight_only_the_later_lot_goes_back(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.wait(days=2)
    await northwind.change(ten_seats, quantity=15)
    northwind.wait(days=6)

    too_much = await northwind.change(ten_seats, quantity=9)
    allowed = await northwind.change(ten_seats, quantity=10)

    assert (too_much.status_code, too_much.json()["code"]) == (400, 800090)
    assert allowed.status_code == 200
    assert allowed.json()["refundableQuantity"] == {"totalQuantity": 0, "details": []}


@pytest.mark.case(65)
@pytest.mark.parametrize(("seconds", "status"), [(-5, 200), (1, 400)])
async def test_the_window_is_168_hours_to_the_second(
    northwind: Northwind, ten_seats: Subscription, seconds: int, status: int
) -> None:
    northwind.wait(days=7, seconds=seconds)

    answer = await northwind.change(ten_seats, quantity=9)

    assert answer.status_code == status


@pytest.mark.contract
async def test_a_return_shrinks_what_can_still_go_back(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    answer = await northwind.change(ten_seats, quantity=1)

    assert answer.json()["refundableQuantity"]["totalQuantity"] == 1


@pytest.mark.parametrize(("order", "left"), [("newest", [8]), ("oldest", [3, 5])])
async def test_which_lot_goes_first_is_a_switch(
    northwind: Northwind, ten_seats: Subscription, order: str, left: list[int]
) -> None:
    northwind.world.switches["subscriptions.lotOrder"] = order
    await northwind.change(ten_seats, quantity=15)

    answer = await northwind.change(ten_seats, quantity=8)

    details = answer.json()["refundableQuantity"]["details"]
    assert [lot["quantity"] for lot in details] == left


@pytest.mark.contract
@pytest.mark.parametrize("quantity", [0, -1, 301, "12", 1.5, True])
async def test_a_quantity_outside_the_offer_is_refused(
    northwind: Northwind, ten_seats: Subscription, quantity: object
) -> None:
    answer = await northwind.change(ten_seats, quantity=quantity)

    assert (answer.status_code, answer.json()["code"]) == (400, 2002)
    assert ten_seats.quantity == 10


@pytest.mark.contract
async def test_a_partial_body_switches_renewal_off_and_deletes_the_schedule(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, scheduledNextTermInstructions=next_term(8))

    await northwind.call("PATCH", path_of(ten_seats), {"friendlyName": "Mail"})

    shown = await northwind.read(ten_seats)
    assert shown["friendlyName"] == "Mail"
    assert shown["autoRenewEnabled"] is False
    assert "scheduledNextTermInstructions" not in shown


@pytest.mark.contract
async def test_every_midterm_change_deletes_the_schedule_even_if_it_is_sent_along(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    scheduled = await northwind.change(ten_seats, scheduledNextTermInstructions=next_term(8))
    renamed = await northwind.change(ten_seats, friendlyName="Mail")
    grown = await northwind.change(ten_seats, quantity=12)

    assert scheduled.json()["scheduledNextTermInstructions"]["quantity"] == 8
    assert renamed.json()["scheduledNextTermInstructions"]["quantity"] == 8
    assert grown.json()["quantity"] == 12
    assert "scheduledNextTermInstructions" not in grown.json()


SCHEDULES = [
    pytest.param({}, False, 800093, id="without renewal"),
    pytest.param({"quantity": 0}, True, 2002, id="no seats"),
    pytest.param({"quantity": 301}, True, 2002, id="too many seats"),
    pytest.param({"product": {"productId": "X", "skuId": "1"}}, True, 900267, id="no product"),
    pytest.param(next_term(8, "P1D"), True, 900268, id="no term"),
    pytest.param(next_term(8, "P1M", "annual"), True, 900270, id="no such plan"),
    pytest.param({"customTermEndDate": "soon"}, True, 900244, id="no day"),
    pytest.param({"customTermEndDate": "2028-01-31"}, True, 900245, id="after the term"),
    pytest.param({"customTermEndDate": "2027-06-29"}, True, 900246, id="nobody's end"),
]


@pytest.mark.case(77)
@pytest.mark.parametrize(("changes", "renews", "code"), SCHEDULES)
async def test_a_schedule_that_cannot_come_true_is_refused(
    northwind: Northwind,
    ten_seats: Subscription,
    changes: dict[str, Any],
    renews: bool,
    code: int,
) -> None:
    schedule = next_term(8) | changes

    answer = await northwind.change(
        ten_seats, autoRenewEnabled=renews, scheduledNextTermInstructions=schedule
    )

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert ten_seats.auto_renew


@pytest.mark.contract
async def test_suspending_ends_renewal_and_schedules_and_reactivating_restores_neither(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, scheduledNextTermInstructions=next_term(8))

    suspended = await northwind.change(ten_seats, status="suspended")
    grown = await northwind.change(ten_seats, quantity=11)
    active = await northwind.change(ten_seats, status="active")

    assert suspended.json()["status"] == "suspended"
    assert suspended.json()["autoRenewEnabled"] is False
    assert "scheduledNextTermInstructions" not in suspended.json()
    assert (grown.status_code, grown.json()["code"]) == (400, 2001)
    assert active.json()["status"] == "active"
    assert active.json()["autoRenewEnabled"] is False


@pytest.mark.case(74)
@pytest.mark.parametrize(("days", "status", "code"), [(3, 200, None), (8, 400, 900117)])
async def test_can_be_cancelled_in_the_first_seven_days(
    northwind: Northwind, ten_seats: Subscription, days: int, status: int, code: int | None
) -> None:
    northwind.wait(days=days)

    answer = await northwind.change(ten_seats, status="deleted")

    assert answer.status_code == status
    assert answer.json().get("code") == code
    assert ten_seats.status == ("deleted" if status == 200 else "active")


async def test_what_is_deleted_stays_deleted(northwind: Northwind, ten_seats: Subscription) -> None:
    await northwind.change(ten_seats, status="deleted")

    revived = await northwind.change(ten_seats, status="active")

    assert (revived.status_code, revived.json()["code"]) == (400, 2011)


@pytest.mark.case(83)
async def test_update_number_1201_fails(northwind: Northwind, ten_seats: Subscription) -> None:
    ten_seats.updates = 1199

    last = await northwind.change(ten_seats, quantity=11)
    refused = await northwind.change(ten_seats, quantity=12)

    assert last.status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (400, 900311)


@pytest.mark.case(71)
async def test_a_slow_change_answers_202_and_shows_later(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    switches = northwind.world.switches
    switches.update({"subscriptions.patchMode": "async", "subscriptions.asyncSeconds": 0.05})

    accepted = await northwind.change(ten_seats, quantity=11)
    meanwhile = await northwind.change(ten_seats, quantity=12)
    before = await northwind.read(ten_seats)
    await anyio.sleep(0.06)
    after = await northwind.read(ten_seats)

    assert accepted.status_code == 202
    assert accepted.headers["location"] == path_of(ten_seats).removeprefix("/v1")
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, 800082)
    assert (before["quantity"], after["quantity"]) == (10, 11)


@pytest.mark.contract
async def test_the_term_and_the_billing_stay_as_they_are(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    shorter = await northwind.change(ten_seats, termDuration="P1M")
    longer = await northwind.change(ten_seats, termDuration="P3Y")
    billed = await northwind.change(ten_seats, billingCycle="annual")

    codes = [answer.json()["code"] for answer in (shorter, longer, billed)]
    assert codes == [800122, 800121, 800097]


async def test_a_request_id_repeats_its_change_no_more(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    body = {"quantity": 12, "autoRenewEnabled": True}

    await northwind.call("PATCH", path_of(ten_seats), body, MS_RequestId=REQUEST)
    again = await northwind.call("PATCH", path_of(ten_seats), body, MS_RequestId=REQUEST)

    assert again.json()["quantity"] == 12
    assert ten_seats.updates == 1


@pytest.mark.contract
async def test_an_unknown_subscription_and_another_customers_are_not_found(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    other = await northwind.customer("contoso.onmicrosoft.com")

    path = f"/v1/customers/{other.id}/subscriptions/{ten_seats.id}"
    answer = await northwind.call("GET", path)

    assert (answer.status_code, answer.json()["code"]) == (404, 20003)


@pytest.mark.contract
async def test_lists_the_subscriptions_of_an_order(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    base = f"/v1/customers/{ten_seats.customer_id}/subscriptions"

    found = await northwind.get(f"{base}?order_id={ten_seats.order_id}")
    nothing = await northwind.get(f"{base}?order_id=000000000000")

    assert [item["id"] for item in found["items"]] == [ten_seats.id]
    assert nothing["items"] == []


@pytest.mark.contract
async def test_licence_counts_follow_the_quantity(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, quantity=15)

    path = f"/v1/customers/{ten_seats.customer_id}/subscribedskus"
    row = (await northwind.get(path, user=True))["items"][0]
    none = await northwind.get(f"{path}?licenseGroupIds=Group2", user=True)

    assert row["totalUnits"] == row["activeUnits"] + row["warningUnits"] == 15
    assert row["availableUnits"] == row["totalUnits"] - row["consumedUnits"]
    assert row["productSku"]["skuPartNumber"] == "O365_BUSINESS_ESSENTIALS"
    assert none["items"] == []


async def test_licence_counts_can_lag_behind(northwind: Northwind, ten_seats: Subscription) -> None:
    customer_id = ten_seats.customer_id
    await anyio.sleep(0.06)
    northwind.world.switches["lag.licenseCountsSeconds"] = 0.05
    await northwind.change(ten_seats, quantity=15)

    at_once = northwind.world.company_subscriptions(customer_id)[0].total_licenses
    await anyio.sleep(0.06)
    later = northwind.world.company_subscriptions(customer_id)[0].total_licenses

    assert (at_once, later) == (10, 15)


async def test_an_unfriendly_profile_can_be_switched_on(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches.update(
        {
            "partnercenter.upperCaseIds": True,
            "partnercenter.unknownFields": True,
            "partnercenter.strangeStatus": "under_review",
            "partnercenter.bomEverywhere": True,
        }
    )

    answer = await northwind.call("GET", path_of(ten_seats))

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert ten_seats.id.upper() in answer.text
    assert "somethingNobodyDocumented" in answer.text
    assert "under_review" in answer.text
