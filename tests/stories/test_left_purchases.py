"""A purchase whose host died is put on record or given up, and never made by the sweep."""

from contextlib import suppress

import pytest

from shared.domain.catalog import BillingPlan, Term
from shared.domain.errors import SeatkeeperError
from shared.domain.ids import CustomerId, OfferId, OperationId
from shared.domain.subscriptions import EndOfTerm, Purchase
from shared.workflows.buy_subscription import buy_subscription
from shared.workflows.settle_purchase import sweep_purchases
from simulator.faults import Fault
from tests.portal import BUSINESS_PREMIUM, Json, Killed, Portal, Seatkeeper
from tests.stories.test_laws import deaths
from tests.stories.test_purchase import a_tenant

WORK = OperationId("5a0c6a4e-0000-4000-8000-000000000016")
TEN = Purchase(
    OfferId(BUSINESS_PREMIUM),
    10,
    Term.YEAR,
    BillingPlan.MONTHLY,
    "Business Premium",
    end_of_term=EndOfTerm.RENEW,
)
REMOTE_CALLS = 9
"""At least as many as a purchase takes."""


async def buy(seatkeeper: Seatkeeper, customer: Json) -> None:
    desk = seatkeeper.works.office.desk
    await buy_subscription(
        desk, CustomerId(customer["id"]), TEN, requested_by="ada", operation_id=WORK
    )


async def half_an_hour_later(seatkeeper: Seatkeeper) -> int:
    await seatkeeper.sim("POST", "clock/advance", {"minutes": 30})
    return await sweep_purchases(seatkeeper.works.office.desk)


async def told(portal: Portal, customer: Json) -> list[tuple[str, int]]:
    found = await portal.get(f"customers/{customer['id']}/transactions")
    return [(t["kind"], t["seatsAfter"]) for t in found["items"]]


@pytest.mark.parametrize("call", deaths(REMOTE_CALLS, sharp={6}))
async def test_what_was_bought_is_on_record_although_nobody_asks_again(
    seatkeeper: Seatkeeper, portal: Portal, call: int
) -> None:
    customer = await a_tenant(seatkeeper, portal)
    wire = seatkeeper.wire
    wire.calls, wire.dies_at, wire.after_commit = 0, call, True
    with suppress(Killed):
        await buy(seatkeeper, customer)
    wire.dies_at = 0
    held = len(seatkeeper.world.subscriptions)

    await half_an_hour_later(seatkeeper)
    again = await half_an_hour_later(seatkeeper)

    assert again == 0
    assert len(seatkeeper.world.subscriptions) == held
    assert await told(portal, customer) == [("bought", 10)] * held
    known = await portal.get(f"customers/{customer['id']}/subscriptions")
    assert len(known["items"]) == held


async def test_what_was_not_taken_is_given_up_and_stays_given_up(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_tenant(seatkeeper, portal)
    fault = Fault(method="POST", path="*/checkout", times=9, drop_before_commit=True)
    seatkeeper.world.faults.add(fault)
    with suppress(SeatkeeperError):
        await buy(seatkeeper, customer)
    seatkeeper.world.faults.waiting.clear()

    ended = await half_an_hour_later(seatkeeper)
    with pytest.raises(SeatkeeperError, match="nothing was bought"):
        await buy(seatkeeper, customer)

    operation = await portal.get(f"operations/{WORK}")
    assert (ended, operation["status"]) == (1, "failed")
    assert not seatkeeper.world.subscriptions


async def test_a_purchase_that_came_to_its_end_is_not_looked_after(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_tenant(seatkeeper, portal)
    await buy(seatkeeper, customer)

    assert await half_an_hour_later(seatkeeper) == 0
    assert await told(portal, customer) == [("bought", 10)]


async def test_what_nobody_can_tell_for_two_days_is_for_a_person_to_look_at(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_tenant(seatkeeper, portal)
    fault = Fault(method="POST", path="*/checkout", times=9, drop_after_commit=True)
    seatkeeper.world.faults.add(fault)
    with suppress(SeatkeeperError):
        await buy(seatkeeper, customer)
    seatkeeper.world.faults.waiting.clear()
    seatkeeper.world.carts.clear()

    early = await half_an_hour_later(seatkeeper)
    await seatkeeper.sim("POST", "clock/advance", {"days": 2})
    late = await half_an_hour_later(seatkeeper)

    operation = await portal.get(f"operations/{WORK}")
    assert (early, late, operation["status"]) == (0, 1, "review")
    assert "Partner Center" in operation["reason"]
