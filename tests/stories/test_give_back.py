"""What a customer's policy makes of idle seats."""

import logging
from datetime import datetime, timedelta

import pytest

from simulator import estates, seeds
from simulator.faults import Fault
from simulator.legacy import OFFERS
from simulator.partner_center.changes import change_outside
from simulator.products import TRIALS
from tests.changing import change, let_it_speak_of_ends
from tests.estates import PHONE, PREMIUM
from tests.everyday import a_customer, a_night, events, leave, part_of, seats_of, send_batch
from tests.portal import (
    BUSINESS_PREMIUM_SKU,
    Portal,
    Seatkeeper,
    customer_body,
    let_go,
    plan_body,
    subscription_body,
)
from tests.stories.test_legacy_changes import sold_before


async def test_seats_go_after_as_many_idle_nights_as_the_policy_asks(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, idleNights=3)

    nights = [await a_night(seatkeeper, portal, days=1) for _ in range(3)]

    assert [n["summary"]["seatsGivenBack"] for n in nights] == [0, 0, 9]
    first = (await part_of(portal, nights[0]))["decisions"][0]
    assert "wait" in first["reason"]


async def test_seats_that_come_the_day_after_a_return_have_their_own_nights(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a night that gives nine idle seats back
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 1)
    await let_go(portal, customer, idleNights=2)
    await a_night(seatkeeper, portal, days=1)
    gone = await a_night(seatkeeper, portal, days=1)

    # When somebody buys five ahead on the day after
    subscription = f"customers/{customer['id']}/subscriptions/{customer['subscription']}"
    await portal.post(f"{subscription}/changes", {"kind": "setSeats", "seats": 6})
    next_nights = [await a_night(seatkeeper, portal, days=1) for _ in range(2)]

    # Then they stay for as many nights as any others
    assert gone["summary"]["seatsGivenBack"] == 9
    assert [n["summary"]["seatsGivenBack"] for n in next_nights] == [0, 5]


async def test_a_run_by_hand_makes_no_night(seatkeeper: Seatkeeper, portal: Portal) -> None:
    # Given seats of a new product that were bought in the afternoon
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, idleNights=2)
    now = datetime.fromisoformat((await portal.get("health"))["businessTime"])
    evening = now.replace(hour=17, minute=0) - now
    await seatkeeper.sim("POST", "clock/advance", {"seconds": evening.total_seconds()})

    # When somebody starts a run in the evening
    await portal.post("runs", {"customerId": customer["id"]})
    await seatkeeper.settle()
    await seatkeeper.sim("POST", "clock/advance", {"hours": 10})
    nights = [await a_night(seatkeeper, portal, days=days) for days in (0, 1)]

    # Then it is still the second night that takes them
    assert [n["summary"]["seatsGivenBack"] for n in nights] == [0, 9]


async def test_seats_that_went_lend_their_age_to_none_that_came_later(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given two seats that were idle for long, and three that were bought ahead yesterday
    customer = await a_customer(seatkeeper, portal, seats=5)
    await send_batch(seatkeeper, portal, customer, 3)
    await let_go(portal, customer, mode="report", idleNights=2)
    await a_night(seatkeeper, portal, days=1)
    subscription = f"customers/{customer['id']}/subscriptions/{customer['subscription']}"
    await portal.post(f"{subscription}/changes", {"kind": "setSeats", "seats": 8})
    await let_go(portal, customer, idleNights=2)

    # When a night takes the two, and somebody looks again on the same day
    first = await a_night(seatkeeper, portal, days=1)
    for _ in range(2):
        await portal.post("runs", {"customerId": customer["id"]})
        await seatkeeper.settle()
    kept = await seats_of(portal, customer)
    second = await a_night(seatkeeper, portal, days=1)

    # Then the three have their own nights
    assert (first["summary"]["seatsGivenBack"], kept) == (2, 6)
    assert second["summary"]["seatsGivenBack"] == 3


async def test_a_night_that_goes_on_beyond_midnight_is_one_night(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a night that begins before midnight and comes to the customer after it
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, idleNights=2)
    now = datetime.fromisoformat((await portal.get("health"))["businessTime"])
    late = now.replace(hour=23, minute=50) - now
    await seatkeeper.sim("POST", "clock/advance", {"seconds": late.total_seconds()})
    await seatkeeper.host.run("nightly")
    await seatkeeper.sim("POST", "clock/advance", {"minutes": 20})
    await seatkeeper.settle()

    # When the next one comes to it before midnight
    await seatkeeper.sim("POST", "clock/advance", {"hours": 23, "minutes": 40})
    await seatkeeper.host.run("nightly")
    await seatkeeper.settle()

    # Then the seats were idle for two nights
    assert await seats_of(portal, customer) == 1


async def test_the_last_night_of_the_window_waits_for_nothing(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, idleNights=30)

    nights = [await a_night(seatkeeper, portal, days=1) for _ in range(6)]

    assert [n["summary"]["seatsGivenBack"] for n in nights] == [0, 0, 0, 0, 0, 9]
    assert await seats_of(portal, customer) == 1


async def test_a_night_that_would_empty_a_tenant_takes_nothing(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, limitPercent=50)

    night = await a_night(seatkeeper, portal, days=1)

    assert night["summary"]["seatsGivenBack"] == 0
    [decision] = (await part_of(portal, night))["decisions"]
    assert "9 of the customer's 10 seats" in decision["reason"]
    assert events(caplog, "giveback-held") == 1


async def test_what_has_ended_counts_for_no_share(seatkeeper: Seatkeeper, portal: Portal) -> None:
    """Microsoft lists it for years, and half of a thousand seats that are gone is not unusual."""
    customer = await a_customer(seatkeeper, portal, seats=10)
    ended = await portal.post(
        f"customers/{customer['id']}/subscriptions", subscription_body(seats=200)
    )
    seatkeeper.world.subscriptions[ended["id"]].status = "deleted"
    await let_go(portal, customer, limitPercent=50)

    night = await a_night(seatkeeper, portal, days=1)

    assert night["summary"]["seatsGivenBack"] == 0
    reasons = " ".join(d["reason"] for d in (await part_of(portal, night))["decisions"])
    assert "9 of the customer's 10 seats" in reasons
    assert "it is deleted" in reasons


async def test_seats_that_go_in_two_nights_are_counted_once(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a renewal that is scheduled without the two seats of those who left first
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    await let_go(portal, customer)
    await leave(seatkeeper, customer, 2)
    first = await a_night(seatkeeper, portal, days=30)

    # When three more leave
    await leave(seatkeeper, customer, 3)
    second = await a_night(seatkeeper, portal, days=1)

    # Then that night secures the price of three
    report = await portal.get(f"runs/{second['id']}/report.json")
    assert [n["summary"]["seatsScheduled"] for n in (first, second)] == [2, 3]
    assert [s["seats"] for s in report["savings"] if s["kind"] == "secured"] == [3]


async def test_held_seats_stay_until_their_day(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    now = datetime.fromisoformat((await portal.get("health"))["businessTime"])
    until = (now + timedelta(days=2)).isoformat()
    hold = {"skuId": BUSINESS_PREMIUM_SKU, "seats": 4, "until": until, "reason": "a project"}
    await let_go(portal, customer, holds=[hold])

    held = await a_night(seatkeeper, portal, days=1)
    free = await a_night(seatkeeper, portal, days=2)

    assert (held["summary"]["seatsGivenBack"], free["summary"]["seatsGivenBack"]) == (6, 3)


async def test_a_plans_own_rule_goes_before_the_customers(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, plans=[{"planId": "office-worker", "mode": "scheduleOnly"}])

    night = await a_night(seatkeeper, portal, days=1)

    assert (night["summary"]["seatsGivenBack"], night["summary"]["seatsScheduled"]) == (0, 9)
    assert await seats_of(portal, customer) == 10


async def test_the_seats_of_a_trial_that_somebody_began_past_us_let_none_of_ours_go(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given as many seats as people, and a trial of the same product, which no price sheet lists
    customer = await a_customer(seatkeeper, portal, seats=5)
    await send_batch(seatkeeper, portal, customer, 5)
    await let_go(portal, customer)
    world, [trial] = seatkeeper.world, TRIALS
    whose = world.customers[customer["id"]]
    estates.sell(world, whose, seeds.NORTHWIND, trial, seats=trial.minimum, term="P1M")

    # When the windows have closed
    night = await a_night(seatkeeper, portal, days=8)

    # Then the renewal is not scheduled with fewer
    assert night["summary"]["seatsScheduled"] == 0


async def test_a_subscription_that_is_cancelled_for_its_end_keeps_the_others_seats(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given five people on ten seats, of which a night gives back what is idle
    seatkeeper.world.switches.update({"est.enabled": True})
    customer = await a_customer(seatkeeper, portal, seats=5)
    await send_batch(seatkeeper, portal, customer, 5)
    world = seatkeeper.world
    whose = world.customers[customer["id"]]
    other = estates.sell(world, whose, seeds.NORTHWIND, PREMIUM, seats=5)
    await let_go(portal, customer)
    await a_night(seatkeeper, portal, days=8)

    assert world.subscriptions[customer["subscription"]].schedule or other.schedule

    # When one of the two is told to end
    actions = [{"actionType": "Cancel", "scheduleType": "TermEnd"}]
    ends = {"autoRenewEnabled": False, "scheduledActions": actions}
    change_outside(world, other, ends | {"scheduledNextTermInstructions": None})
    await a_night(seatkeeper, portal, days=1)

    # Then the other one's renewal starts with everybody's seats
    kept = world.subscriptions[customer["subscription"]]
    assert kept.schedule is None or kept.schedule["quantity"] == 5


async def test_the_nights_after_a_renewal_take_what_its_schedule_left(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a renewal that is scheduled with the eight seats in use
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    await let_go(portal, customer)
    await leave(seatkeeper, customer, 2)
    before = await a_night(seatkeeper, portal, days=30)

    # When three more people leave in the last hours of the term, and it renews
    await seatkeeper.sim("POST", "clock/advance", {"days": 334, "hours": 12})
    await leave(seatkeeper, customer, 3)
    after = await a_night(seatkeeper, portal, days=3)

    # Then the renewal's own window gives three back
    assert (before["summary"]["seatsScheduled"], after["summary"]["seatsGivenBack"]) == (2, 3)
    assert await seats_of(portal, customer) == 5


async def test_what_waits_is_told_of_beside_what_went(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given four seats that were idle for long, and three that came yesterday
    customer = await a_customer(seatkeeper, portal, seats=5)
    await send_batch(seatkeeper, portal, customer, 1)
    await let_go(portal, customer, mode="report", idleNights=2)
    await a_night(seatkeeper, portal, days=1)
    subscription = f"customers/{customer['id']}/subscriptions/{customer['subscription']}"
    await portal.post(f"{subscription}/changes", {"kind": "setSeats", "seats": 8})

    # When the next night gives back
    await let_go(portal, customer, idleNights=2)
    night = await a_night(seatkeeper, portal, days=1)

    # Then the report names both
    report = await portal.get(f"runs/{night['id']}/report.json")
    [decision] = (await part_of(portal, night))["decisions"]
    assert night["summary"]["seatsGivenBack"] == 4
    assert "3 idle seats inside the refund window wait" in decision["reason"]
    assert [line["seats"] for line in report["realisable"]] == [3]


async def test_seats_that_outlive_others_are_kept_for_those_who_need_them_then(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given ten people, and ten seats that end with their term beside ten that renew
    customer = await a_customer(seatkeeper, portal, seats=10)
    seatkeeper.world.switches.update({"est.enabled": True})
    await let_it_speak_of_ends(seatkeeper)
    await send_batch(seatkeeper, portal, customer, 10)
    await change(portal, customer, kind="setEndOfTerm", intent="cancel")
    place = f"customers/{customer['id']}/subscriptions"
    await seatkeeper.sim("POST", "clock/advance", {"days": 30})
    lasts = await portal.post(place, subscription_body(seats=10))
    await let_go(portal, customer)

    # When the nights look while both are there, and when the first ones are over
    nights = [await a_night(seatkeeper, portal, days=days) for days in (2, 40, 300)]

    # Then nothing goes of what everybody needs in the end
    for night in nights:
        assert night["summary"]["seatsGivenBack"] == night["summary"]["seatsScheduled"] == 0
    reasons = [d["reason"] for d in (await part_of(portal, nights[1]))["decisions"]]
    assert any("needed when others of it end" in reason for reason in reasons)
    assert seatkeeper.world.subscriptions[customer["subscription"]].status != "active"
    assert seatkeeper.world.subscriptions[lasts["id"]].quantity == 10


async def test_a_base_keeps_its_seats_where_its_add_ons_may_not_go(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given ten idle seats of a legacy base with eight idle ones of its add-on
    customer = await a_customer(seatkeeper, portal)
    phone = next(offer for offer in OFFERS.values() if len(offer.bases) == 1)
    base = await sold_before(seatkeeper, customer, offerId=phone.bases[0], quantity=10)
    hangs = {"offerId": phone.id, "quantity": 8, "parentSubscriptionId": base["subscription"]}
    addon = (await sold_before(seatkeeper, customer, **hangs))["subscription"]
    world = seatkeeper.world
    await let_go(portal, customer)

    # When Microsoft refuses the add-on's return
    refusal = {"code": 900115, "description": "no"}
    path = f"*/subscriptions/{addon}*"
    world.faults.add(Fault(method="PATCH", path=path, status=403, body=refusal))
    await a_night(seatkeeper, portal, days=1)

    # Then the base keeps a seat for each of it
    left = {id_: s.quantity for id_, s in world.legacy_subscriptions.items()}
    assert (left[addon], left[base["subscription"]]) == (8, 8)


@pytest.mark.trial
async def test_one_product_that_is_stuck_keeps_no_other_from_its_turn(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given idle seats of two products, and a Microsoft that is busy with the first one for days
    await seatkeeper.connect(portal)
    await portal.post("plans", plan_body())
    customer = await portal.post("customers", customer_body())
    whose = seatkeeper.world.customers[customer["id"]]
    in_turn = sorted([PREMIUM, PHONE], key=lambda p: (not p.is_addon, p.entra_sku_id))
    first, second = (
        estates.sell(seatkeeper.world, whose, seeds.NORTHWIND, product, seats=10)
        for product in in_turn
    )
    await let_go(portal, customer)
    path = f"*/subscriptions/{first.id}*"
    busy = Fault(method="PATCH", path=path, status=409, times=10_000)
    seatkeeper.world.faults.add(busy)

    # When a night is over
    night = await a_night(seatkeeper, portal, days=1, within=100)

    # Then the second one's went, and the customer's part has failed for the first one's sake
    assert (await part_of(portal, night))["status"] == "failed"
    assert (first.quantity, second.quantity) == (10, 1)
