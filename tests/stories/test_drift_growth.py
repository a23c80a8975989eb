"""What our growths do is in the mirror at once, so that others' doings show beside it."""

from dataclasses import replace

import pytest

from shared.domain.ids import CustomerId, SkuId, SubscriptionId
from shared.domain.seats import Growth, GrowthStatus
from shared.workflows.settle_growth import Account, settle_growth
from shared.workflows.subscriptions import keep_mirror
from shared.workflows.tenant import customer_and_connection
from tests.changing import change, held
from tests.deaths import Fate, Moment
from tests.outside import edit, look, origins, told, wipe_schedule
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Killed, Portal, Seatkeeper, row

SKU = SkuId(BUSINESS_PREMIUM_SKU)
TERMS = {"productId": "CFQ7TTC0LCHC", "skuId": "0002", "termDuration": "P1Y"}


async def mirrored(portal: Portal, customer: Json) -> tuple[int, int | None]:
    """Seats and those of the next term, without asking Microsoft."""
    [one] = (await portal.get(f"customers/{customer['id']}/subscriptions"))["items"]
    return one["seats"], one.get("scheduledSeats")


async def people_come(seatkeeper: Seatkeeper, portal: Portal, customer: Json, count: int) -> None:
    rows = [row(number) for number in range(1, count + 1)]
    await portal.post("batches", {"customerId": customer["id"], "rows": rows})
    await seatkeeper.settle()


async def schedule(seatkeeper: Seatkeeper, customer: Json, seats: int) -> None:
    product = {**TERMS, "billingCycle": "monthly"}
    theirs = {"product": product, "quantity": seats}
    await edit(seatkeeper, customer, scheduledNextTermInstructions=theirs)


async def grow(
    seatkeeper: Seatkeeper, customer: Json, growth: Growth, fate: Fate, at: int = 0
) -> GrowthStatus:
    """As a batch's message does: under the lease, and by what stands in the ledger."""
    desk, id_ = seatkeeper.works.office.desk, CustomerId(customer["id"])
    lease = await desk.ledger.lease(id_, SKU, growth.holder)
    try:
        page = await desk.ledger.read(id_, SKU)
        known = [g for g in page.of(growth.holder) if g.subscription_id == growth.subscription_id]
        if not known:
            lease = await desk.ledger.write_growth(lease, growth, None)
        fate.arm(at, Moment.AFTER)
        ended, _ = await settle_growth(desk, lease, page, (known or [growth])[0], Account("ada"))
    finally:
        fate.armed = False
        await desk.ledger.release(lease)
    return ended.status


async def test_a_batchs_growth_is_in_the_mirror_and_hides_no_schedule_of_somebody_else(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a batch that buys, and somebody who schedules the renewal after it
    await people_come(seatkeeper, portal, customer, 13)
    assert await mirrored(portal, customer) == (13, None)
    await schedule(seatkeeper, customer, 4)

    await look(portal, customer)

    assert await told(portal, customer) == [("schedule", "", "4 seats")]
    assert await origins(portal, customer) == [
        ("changed", "outside", ["schedule"]),
        ("changed", "seatkeeper", ["seats"]),
    ]


async def test_what_somebody_else_changes_after_a_growth_does_not_make_its_seats_theirs(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    ours = held(seatkeeper, customer).friendly_name
    await people_come(seatkeeper, portal, customer, 13)
    await edit(seatkeeper, customer, friendlyName="Theirs")

    await look(portal, customer)

    assert await told(portal, customer) == [("name", ours, "Theirs")]


async def test_seats_that_somebody_took_and_gave_again_are_not_a_growth_of_long_ago(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a growth from ten seats to thirteen, and somebody who does the same by hand
    await people_come(seatkeeper, portal, customer, 13)
    for seats in (10, 13):
        await edit(seatkeeper, customer, quantity=seats)
        await look(portal, customer)

    # Then the first is a difference and the second its end
    found = (await portal.get(f"customers/{customer['id']}/drift"))["items"]
    assert [(e["before"], e["after"], e["state"]) for e in found] == [("13", "10", "resolved")]


async def test_what_somebody_did_before_a_growth_is_told_by_it(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    await edit(seatkeeper, customer, quantity=12)

    await people_come(seatkeeper, portal, customer, 13)

    assert await told(portal, customer) == [("seats", "10", "12")]
    assert await origins(portal, customer) == [
        ("changed", "seatkeeper", ["seats"]),
        ("changed", "outside", ["seats"]),
    ]


async def test_a_schedule_that_a_growth_put_back_is_ours_and_its_loss_somebody_elses(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    await change(portal, customer, kind="scheduleRenewal", seats=8)
    await people_come(seatkeeper, portal, customer, 13)
    seats, scheduled = await mirrored(portal, customer)
    assert (seats, scheduled) == (13, 13)

    await wipe_schedule(seatkeeper, customer)
    await look(portal, customer)

    assert await told(portal, customer) == [("schedule", "13 seats", "")]


async def test_a_growth_that_dies_anywhere_is_told_once_and_is_nobody_elses(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json, fate: Fate
) -> None:
    # Given everything that a growth calls and writes, the schedule's return included
    await change(portal, customer, kind="scheduleRenewal", seats=10)
    first = Growth(
        SubscriptionId(customer["subscription"]),
        "batch-0",
        base=10,
        target=11,
        request_id="batch-0",
        scheduled_base=10,
        scheduled_target=11,
    )
    assert await grow(seatkeeper, customer, first, fate) is GrowthStatus.APPLIED
    deeds = list(enumerate(fate.met, 1))

    # When a host dies after each, and another one takes the message and a reading comes by
    for number, (at, what) in enumerate(deeds, 1):
        growth = replace(
            first,
            holder=f"batch-{number}",
            request_id=f"batch-{number}",
            base=10 + number,
            target=11 + number,
            scheduled_base=10 + number,
            scheduled_target=11 + number,
        )
        with pytest.raises(Killed):
            await grow(seatkeeper, customer, growth, fate, at)
        if number % 2:
            await look(portal, customer)
        assert await grow(seatkeeper, customer, growth, fate) is GrowthStatus.APPLIED, what

    # Then nothing of it has come from outside, and the mirror has it
    await look(portal, customer)
    assert await told(portal, customer) == []
    assert await mirrored(portal, customer) == (11 + len(deeds), 11 + len(deeds))


async def test_a_list_that_is_older_than_a_growth_takes_nothing_back(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    # Given a list that was read before a growth, and is kept after it
    desk, id_ = seatkeeper.works.office.desk, CustomerId(customer["id"])
    _, connection = await customer_and_connection(desk, id_)
    old = await desk.subscriptions.of(id_)
    await people_come(seatkeeper, portal, customer, 13)

    await keep_mirror(desk, connection, id_, old)

    assert await told(portal, customer) == []
    assert await mirrored(portal, customer) == (13, None)
