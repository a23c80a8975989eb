"""What else is asked about a subscription, and the quirks of changing one."""

from datetime import UTC, datetime
from typing import Any

import anyio
import pytest

from simulator.nouns import Subscription
from tests.simulator.northwind import PHONE, Northwind, line, next_term, path_of


@pytest.fixture
async def ten_seats(northwind: Northwind) -> Subscription:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    return await northwind.buy(await northwind.customer(), 10)


@pytest.mark.contract
async def test_tells_how_far_provisioning_is(northwind: Northwind, ten_seats: Subscription) -> None:
    path = f"{path_of(ten_seats)}/provisioningstatus"
    done = await northwind.get(path, user=True)
    northwind.world.switches["lag.provisioningSeconds"] = 60
    await northwind.change(ten_seats, quantity=12)

    meanwhile = await northwind.get(path, user=True)
    app_only = await northwind.call("GET", path)

    assert (done["status"], done["quantity"]) == ("success", 10)
    assert done["skuId"].lower() == "3b555118-da6a-4418-894f-7df1e2096870"
    assert meanwhile["status"] == "pending"
    assert (app_only.status_code, app_only.json()["code"]) == (403, 900329)


@pytest.mark.case(85)
async def test_a_registration_is_accepted_and_done_later(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["lag.registrationSeconds"] = 0.05
    status = f"{path_of(ten_seats)}/registrationstatus"
    before = (await northwind.get(status))["status"]

    accepted = await northwind.call("POST", f"{path_of(ten_seats)}/registrations")
    meanwhile = (await northwind.get(status))["status"]
    await anyio.sleep(0.06)
    after = (await northwind.get(status))["status"]

    assert (accepted.status_code, accepted.content) == (202, b"")
    assert accepted.headers["location"] == status.removeprefix("/v1")
    assert (before, meanwhile, after) == ("notRegistered", "registering", "registered")


@pytest.mark.contract
async def test_the_partner_gives_support_until_another_is_named(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    path = f"{path_of(ten_seats)}/supportcontact"
    ours = await northwind.get(path)
    other = {"supportTenantId": "t", "supportMpnId": "123", "name": "Tailspin"}

    await northwind.call("PUT", path, other)
    theirs = await northwind.get(path)

    assert ours["supportMpnId"] == northwind.partner.mpn_id
    assert theirs["name"] == "Tailspin"


@pytest.mark.contract
async def test_microsofts_seats_need_no_activation(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    order = f"/v1/customers/{ten_seats.customer_id}/orders/{ten_seats.order_id}"

    for path in (path_of(ten_seats), order, f"{order}/lineitems/0"):
        links = await northwind.get(f"{path}/activationlinks")
        assert (links["totalCount"], links["items"]) == (0, [])


@pytest.mark.contract
async def test_overage_is_for_those_who_have_a_phone(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    customer = northwind.world.customers[ten_seats.customer_id]
    path = f"/v1/customers/{customer.id}/subscriptions/overage"
    body = {"azureEntitlementId": "e", "overageEnabled": True}

    refused = await northwind.call("PUT", path, body)
    await northwind.order(customer, line(await northwind.item(customer, PHONE), 1))
    switched = await northwind.call("PUT", path, body)
    listed = await northwind.get(path)

    assert (refused.status_code, refused.json()["code"]) == (403, 800112)
    assert switched.json()["type"] == "PhoneServices"
    assert [row["overageEnabled"] for row in listed["items"]] == [True]


@pytest.mark.contract
async def test_lists_the_subscriptions_sold_through_a_reseller(northwind: Northwind) -> None:
    customer = await northwind.customer()
    reseller = [{"key": "transaction_reseller", "value": "5158294"}]
    wanted = line(await northwind.item(customer)) | {"participants": reseller}
    sold = await northwind.order(customer, wanted)
    await northwind.buy(customer)

    found = await northwind.get(f"/v1/customers/{customer.id}/subscriptions?mpn_id=5158294")

    assert [one["id"] for one in found["items"]] == [sold.id]


@pytest.mark.contract
async def test_the_partner_of_record_is_changed_with_the_rest(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    changed = await northwind.change(ten_seats, partnerId="5158294")
    refused = await northwind.change(ten_seats, partnerId="someone")

    assert changed.json()["partnerId"] == "5158294"
    assert refused.json()["code"] == 2072


async def test_one_concern_a_call_is_a_switch(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["subscriptions.concerns"] = "one"

    both = await northwind.change(ten_seats, quantity=11, friendlyName="Mail")
    one = await northwind.change(ten_seats, quantity=11)

    assert (both.status_code, one.status_code) == (400, 200)


async def test_a_schedule_sent_along_is_kept_where_the_switch_says_so(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["subscriptions.scheduleSentAlong"] = "kept"
    schedule = next_term(8)

    grown = await northwind.change(ten_seats, quantity=12, scheduledNextTermInstructions=schedule)

    assert grown.json()["scheduledNextTermInstructions"] == schedule


async def test_a_longer_term_is_taken_where_the_switch_says_so(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["subscriptions.termUpgrade"] = "taken"
    northwind.wait(days=10)

    longer = await northwind.change(ten_seats, termDuration="P3Y", billingCycle="annual")

    assert longer.json()["commitmentEndDate"] == "2029-01-23T00:00:00Z"
    assert longer.json()["refundableQuantity"]["totalQuantity"] == 0


@pytest.mark.contract
async def test_a_new_subscription_may_not_be_activated_yet(northwind: Northwind) -> None:
    northwind.world.switches["lag.activationSeconds"] = 60
    fresh = await northwind.buy(await northwind.customer())

    shown = await northwind.read(fresh)
    refused = await northwind.change(fresh, quantity=11)

    assert shown["status"] == "pending"
    assert refused.json()["code"] == 800081


@pytest.mark.contract
@pytest.mark.parametrize("code", [800082, 900278])
async def test_changes_that_overlap_are_refused(
    northwind: Northwind, ten_seats: Subscription, code: int
) -> None:
    slow = {"subscriptions.patchMode": "async", "subscriptions.asyncSeconds": 60}
    northwind.world.switches.update(slow | {"subscriptions.overlapCode": code})
    await northwind.change(ten_seats, quantity=11)

    refused = await northwind.change(ten_seats, quantity=12)

    assert (refused.status_code, refused.json()["code"]) == (409, code)


async def test_what_was_accepted_before_a_renewal_is_done_before_it(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    slow = {"subscriptions.patchMode": "async", "subscriptions.asyncSeconds": 0.01}
    northwind.world.switches.update(slow)
    await northwind.change(ten_seats, quantity=4)
    await anyio.sleep(0.02)
    northwind.wait(days=400)

    shown = await northwind.read(ten_seats)

    assert (shown["quantity"], shown["effectiveStartDate"]) == (4, "2027-01-14T00:00:00Z")


PORTAL_EDITS: list[dict[str, Any]] = [
    {"quantity": 11},
    {"friendlyName": "Mail"},
    {"autoRenewEnabled": False},
    {"status": "suspended"},
]


@pytest.mark.parametrize("edit", PORTAL_EDITS)
async def test_somebody_edits_in_the_portal(
    northwind: Northwind, ten_seats: Subscription, edit: dict[str, Any]
) -> None:
    base = f"/_sim/portal/customers/{ten_seats.customer_id}/subscriptions/{ten_seats.id}"

    await northwind.http.patch(base, json=edit)

    shown = await northwind.read(ten_seats)
    assert shown | edit == shown
