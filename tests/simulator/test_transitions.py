"""Seats move up to a better product, whole or in part, some time after they are told to."""

import json
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx
import pytest

from simulator.nouns import Customer, Subscription
from simulator.world import World
from tests.simulator.northwind import Northwind, line, next_term, path_of

STANDARD = ("CFQ7TTC0LDPB", "0001")
PREMIUM = ("CFQ7TTC0LCHC", "0002")


@pytest.fixture
async def customer(northwind: Northwind) -> Customer:
    northwind.world.clock.set(datetime(2026, 1, 14, 16, 57, tzinfo=UTC))
    return await northwind.customer()


@pytest.fixture
async def ten_seats(northwind: Northwind, customer: Customer) -> Subscription:
    return await northwind.buy(customer, 10)


async def wish(northwind: Northwind, customer: Customer, **changes: object) -> dict[str, Any]:
    item = await northwind.item(customer, *PREMIUM)
    wanted = {"toCatalogItemId": item, "quantity": 10, "transitionType": "transition_only"}
    return wanted | changes


async def upgrade(
    northwind: Northwind, subscription: Subscription, **changes: object
) -> httpx.Response:
    customer = northwind.world.customers[subscription.customer_id]
    body = await wish(northwind, customer, **changes)
    return await northwind.call("POST", f"{path_of(subscription)}/transitions", body)


@pytest.mark.case(80)
async def test_a_whole_upgrade_keeps_the_id_and_changes_the_offer(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    await northwind.change(ten_seats, scheduledNextTermInstructions=next_term(8))

    answer = await upgrade(northwind, ten_seats)
    shown = await northwind.read(ten_seats)

    assert answer.status_code == 200
    assert answer.json()["events"][0]["status"] == "Started"
    assert shown["offerName"] == "Microsoft 365 Business Premium"
    assert shown["commitmentEndDate"] == "2027-01-13T00:00:00Z"
    assert "scheduledNextTermInstructions" not in shown


@pytest.mark.case(80)
async def test_a_partial_upgrade_makes_another_subscription_that_ends_on_the_same_day(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    started = (await upgrade(northwind, ten_seats, quantity=4)).json()

    path = f"{path_of(ten_seats)}/transitions?operationId={started['operationId']}"
    done = (await northwind.get(path))["transition"][0]
    made = await northwind.read(northwind.world.subscriptions[done["toSubscriptionId"]])
    rest = await northwind.read(ten_seats)

    assert (rest["quantity"], made["quantity"]) == (6, 4)
    assert made["commitmentEndDate"] == rest["commitmentEndDate"]
    assert made["refundableQuantity"]["totalQuantity"] == 0
    assert "cancellationAllowedUntilDate" not in made
    assert [event["status"] for event in done["events"]] == ["Started", "Completed"]


@pytest.mark.contract
async def test_two_subscriptions_become_one(northwind: Northwind, customer: Customer) -> None:
    source = await northwind.buy(customer, 10)
    item = await northwind.item(customer, *PREMIUM)
    target = await northwind.order(customer, line(item, 5))
    northwind.wait(days=8)

    await upgrade(northwind, source, toSubscriptionId=target.id)

    assert (await northwind.read(target))["quantity"] == 15
    assert (await northwind.read(source))["status"] == "deleted"


@pytest.mark.case(79)
async def test_says_which_subscriptions_may_take_seats_in(
    northwind: Northwind, customer: Customer
) -> None:
    source = await northwind.buy(customer, 10)
    item = await northwind.item(customer, *PREMIUM)
    await northwind.order(customer, line(item, 5, "P1M"))
    path = f"{path_of(source)}/transitionEligibilities?eligibilityType="

    now = (await northwind.get(f"{path}immediate"))["items"]
    later = (await northwind.get(f"{path}scheduled"))["items"]

    assert [one["title"].rpartition(" ")[2] for one in now] == ["Standard", "Premium"]
    errors = now[1]["subscriptionEligibilities"][0]["errors"]
    assert [error["code"] for error in errors] == [2, 3, 4]
    assert all(one["subscriptionEligibilities"] == [] for one in later)


@pytest.mark.case(79)
async def test_a_trial_is_converted_into_the_paid_product(
    northwind: Northwind, customer: Customer
) -> None:
    trial_item = await northwind.item(customer, "CFQ7TTC0LCHC", "000H")
    trial = await northwind.order(customer, line(trial_item, 25, "P1M"))
    northwind.wait(days=10)
    found = await northwind.get(f"{path_of(trial)}/transitionEligibilities")

    await upgrade(northwind, trial, quantity=25)
    paid = await northwind.read(trial)

    assert found["items"][0]["subscriptionEligibilities"] == []
    assert (paid["isTrial"], paid["termDuration"]) == (False, "P1Y")
    assert paid["commitmentEndDate"] == "2027-01-23T00:00:00Z"
    assert paid["refundableQuantity"]["totalQuantity"] == 25


WRONG = [
    pytest.param({"toCatalogItemId": "CFQ7TTC0LH16:0001:CFQ7TTC0XXXX"}, 900236, id="downwards"),
    pytest.param({"quantity": 11}, 900258, id="more than there is"),
    pytest.param({"quantity": 0}, 900258, id="nothing"),
    pytest.param({"toSubscriptionId": "nobody"}, 900259, id="nobody takes them"),
    pytest.param({"transitionType": "teleport"}, 900260, id="no such kind"),
    pytest.param({"fromCatalogItemId": "CFQ7TTC0LF8Q:0001:X"}, 900261, id="from another"),
    pytest.param({"termDuration": "P1M"}, 800122, id="a shorter term"),
    pytest.param({"termDuration": "P9Y"}, 900268, id="no such term"),
    pytest.param({"billingCycle": "triennial"}, 900270, id="no such plan"),
]


@pytest.mark.contract
@pytest.mark.parametrize(("changes", "code"), WRONG)
async def test_an_upgrade_that_cannot_be_is_refused(
    northwind: Northwind, ten_seats: Subscription, changes: dict[str, Any], code: int
) -> None:
    answer = await upgrade(northwind, ten_seats, **changes)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert ten_seats.transitions == []


@pytest.mark.contract
async def test_nothing_else_is_changed_while_an_upgrade_runs(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    switches = northwind.world.switches
    switches.update({"transitions.seconds": 0.05, "subscriptions.overlapCode": 900278})
    await upgrade(northwind, ten_seats)

    meanwhile = await northwind.change(ten_seats, quantity=11)
    await anyio.sleep(0.06)
    later = await northwind.change(ten_seats, quantity=11)

    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, 900278)
    assert later.status_code == 200


@pytest.mark.contract
async def test_an_upgrade_can_fail_in_the_end(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches.update({"transitions.outcome": "failed", "transitions.key": "items"})
    await upgrade(northwind, ten_seats)

    done = (await northwind.get(f"{path_of(ten_seats)}/transitions"))["items"][0]

    assert done["events"][-1]["status"] == "Failed"
    assert ten_seats.product_id == "CFQ7TTC0LH18"


async def test_moving_licences_along_needs_delegated_roles(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    for relationship in northwind.world.tenants[ten_seats.customer_id].gdap:
        relationship.status = "terminated"
    kind = "transition_with_license_transfer"

    found = await northwind.get(f"{path_of(ten_seats)}/transitionEligibilities")
    refused = await upgrade(northwind, ten_seats, transitionType=kind)

    verdicts = {one["transitionType"]: one for one in found["items"][0]["eligibilities"]}
    assert verdicts["transition_only"]["isEligible"] is True
    assert verdicts[kind]["errors"][0]["code"] == 13
    assert refused.json()["code"] == 900308


@pytest.mark.contract
async def test_an_upgrade_may_take_a_longer_term(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.wait(days=30)

    await upgrade(northwind, ten_seats, termDuration="P3Y")

    assert (await northwind.read(ten_seats))["commitmentEndDate"] == "2029-02-12T00:00:00Z"


async def test_an_upgrade_under_way_is_saved_with_the_world(
    northwind: Northwind, ten_seats: Subscription
) -> None:
    northwind.world.switches["transitions.seconds"] = 60
    await upgrade(northwind, ten_seats, quantity=4)

    loaded = World.from_json(json.loads(json.dumps(northwind.world.to_json())))

    assert loaded.subscriptions[ten_seats.id] == ten_seats


async def test_the_standard_is_between(northwind: Northwind, ten_seats: Subscription) -> None:
    customer = northwind.world.customers[ten_seats.customer_id]
    between = await northwind.item(customer, *STANDARD)

    await upgrade(northwind, ten_seats, toCatalogItemId=between)
    shown = await northwind.read(ten_seats)
    further = await upgrade(northwind, ten_seats)

    assert shown["offerName"] == "Microsoft 365 Business Standard"
    assert further.status_code == 200
