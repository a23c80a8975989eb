"""Subscriptions change as asked, and what Microsoft deletes on the way is put back."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.connections import PartnerRole
from shared.domain.ids import ConnectionId
from tests.changing import (
    a_small_customer,
    an_upgrade,
    change,
    changes_of,
    held,
    let_it_speak_of_ends,
    preview,
    refused,
)
from tests.everyday import a_customer, a_night, send_batch
from tests.portal import Portal, Seatkeeper, let_go


async def a_week_later(seatkeeper: Seatkeeper, days: float = 8) -> None:
    await seatkeeper.sim("POST", "clock/advance", {"seconds": days * 86_400})


async def test_seats_are_raised_and_the_reason_is_on_record(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    changed = await change(portal, customer, kind="setSeats", seats=15, reason="five joiners")

    assert changed["subscription"]["seats"] == 15
    assert held(seatkeeper, customer).quantity == 15
    history = await portal.get(changes_of(customer))
    assert history["items"][0]["reason"] == "five joiners"
    assert history["items"][0]["status"] == "done"
    assert history["items"][0]["changed"] == ["seats"]
    assert history["items"][0]["correlationId"]
    transactions = await portal.get(f"customers/{customer['id']}/transactions")
    assert transactions["items"][0]["kind"] == "grown"


async def test_a_raise_puts_the_schedule_back_that_microsoft_deletes(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await change(portal, customer, kind="scheduleRenewal", seats=8)

    shown = await preview(portal, customer, kind="setSeats", seats=15)
    changed = await change(portal, customer, kind="setSeats", seats=15)

    assert shown["wipedSchedule"]["seats"] == 8
    assert shown["restoredSchedule"]["seats"] == 13
    assert changed["subscription"]["scheduledSeats"] == 13
    schedule = held(seatkeeper, customer).schedule
    assert schedule is not None
    assert schedule["quantity"] == 13


async def test_a_preview_says_the_price_and_until_when_it_can_be_undone(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    shown = await preview(portal, customer, kind="setSeats", seats=15)

    assert shown["allowed"]
    assert shown["quote"]["seats"] == 5
    assert shown["undoUntil"]
    assert held(seatkeeper, customer).quantity == 10


async def test_a_change_fails_if_the_world_changed_since_its_preview(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    shown = await preview(portal, customer, kind="setSeats", seats=15)
    place = f"portal/customers/{customer['id']}/subscriptions/{customer['subscription']}"
    await seatkeeper.sim("PATCH", place, {"quantity": 12})

    body = {"kind": "setSeats", "seats": 15, "digest": shown["digest"]}
    answer = await portal.send("POST", changes_of(customer), json=body)

    assert answer.status_code == 409
    assert "plan-outdated" in answer.json()["type"]
    assert held(seatkeeper, customer).quantity == 12
    history = await portal.get(changes_of(customer))
    assert [c["origin"] for c in history["items"]] == ["outside", "seatkeeper"]
    assert history["items"][1]["kind"] == "bought"


async def test_a_change_goes_through_where_its_preview_still_holds(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    shown = await preview(portal, customer, kind="setSeats", seats=15)

    changed = await change(portal, customer, kind="setSeats", seats=15, digest=shown["digest"])

    assert changed["subscription"]["seats"] == 15


async def test_seats_go_back_in_their_week_and_not_after_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    lowered = await change(portal, customer, kind="setSeats", seats=8)
    await a_week_later(seatkeeper)
    later = await preview(portal, customer, kind="setSeats", seats=5)

    assert lowered["subscription"]["seats"] == 8
    assert [r["why"] for r in later["refusals"]] == ["windowClosed"]
    assert "Schedule the lower number" in later["refusals"][0]["detail"]


async def test_seats_in_use_are_not_lowered(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 6)

    assert await refused(portal, customer, kind="setSeats", seats=5) == ["inUse"]
    assert await refused(portal, customer, kind="cancel") == ["inUse"]
    assert held(seatkeeper, customer).quantity == 10


async def test_a_suspended_subscription_comes_back_without_auto_renew(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    suspended = await change(portal, customer, kind="suspend", reason="unpaid")
    assert await refused(portal, customer, kind="setSeats", seats=12) == ["suspended"]
    back = await change(portal, customer, kind="reactivate")
    renewing = await change(portal, customer, kind="setEndOfTerm", intent="renew")

    assert suspended["subscription"]["status"] == "suspended"
    assert (back["subscription"]["status"], back["subscription"]["autoRenew"]) == ("active", False)
    assert renewing["subscription"]["autoRenew"] is True


async def test_cancelling_in_the_first_week_gives_money_back(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    shown = await preview(portal, customer, kind="cancel")
    cancelled = await change(portal, customer, kind="cancel", reason="wrong product")

    assert shown["refundEstimate"]
    assert cancelled["subscription"]["status"] == "deleted"
    transactions = await portal.get(f"customers/{customer['id']}/transactions")
    assert transactions["items"][0]["kind"] == "cancelled"


async def test_a_late_cancellation_says_what_to_do_instead(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await a_week_later(seatkeeper)

    shown = await preview(portal, customer, kind="cancel")

    assert [r["why"] for r in shown["refusals"]] == ["windowClosed"]
    assert "setEndOfTerm" in shown["refusals"][0]["detail"]


async def test_ending_with_the_term_takes_a_connection_that_may_say_so(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    unspoken = await refused(portal, customer, kind="setEndOfTerm", intent="cancel")

    assert unspoken == ["endOfTermUnspoken"]


async def test_a_schedule_is_made_and_cleared(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    made = await change(
        portal, customer, kind="scheduleRenewal", seats=8, term="P1Y", billingPlan="annual"
    )
    cleared = await change(portal, customer, kind="clearSchedule")

    assert made["subscription"]["schedule"]["billingPlan"] == "annual"
    assert "schedule" not in cleared["subscription"]
    assert held(seatkeeper, customer).schedule is None


async def test_the_renewal_day_is_left_alone(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    place = f"customers/{customer['id']}/subscriptions/{customer['subscription']}"
    ends_at = datetime.fromisoformat((await portal.get(place))["endsAt"])
    await seatkeeper.sim("PUT", "clock", {"now": (ends_at - timedelta(hours=6)).isoformat()})

    assert await refused(portal, customer, kind="rename", name="Head office") == ["renewing"]


async def test_a_renewal_is_not_taken_for_somebody_elses_change(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await change(portal, customer, kind="scheduleRenewal", seats=8)
    await a_week_later(seatkeeper, days=367)

    one = await portal.get(
        f"customers/{customer['id']}/subscriptions/{customer['subscription']}?refresh=true"
    )

    assert one["seats"] == 8
    history = await portal.get(changes_of(customer))
    assert (history["items"][0]["kind"], history["items"][0]["origin"]) == ("renewed", "microsoft")


async def test_a_batchs_growth_is_not_taken_for_somebody_elses_change(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    await send_batch(seatkeeper, portal, customer, 3)

    await portal.get(f"customers/{customer['id']}/subscriptions?refresh=true")

    history = await portal.get(changes_of(customer))
    assert [c["kind"] for c in history["items"]] == ["changed", "bought"]
    assert {c["origin"] for c in history["items"]} == {"seatkeeper"}


async def test_all_seats_move_to_a_larger_product_in_place(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_small_customer(seatkeeper, portal)
    offer = await an_upgrade(portal, customer)

    changed = await change(portal, customer, kind="upgrade", offerId=offer, seats=10)

    assert changed["subscription"]["id"] == customer["subscription"]
    assert changed["subscription"]["offerId"] == offer


async def test_a_part_of_the_seats_moves_and_the_rest_keeps_its_schedule(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_small_customer(seatkeeper, portal)
    await change(portal, customer, kind="scheduleRenewal", seats=5)
    offer = await an_upgrade(portal, customer)

    changed = await change(portal, customer, kind="upgrade", offerId=offer, seats=4)

    assert (changed["subscription"]["seats"], changed["subscription"]["scheduledSeats"]) == (6, 5)
    listed = await portal.get(f"customers/{customer['id']}/subscriptions?refresh=true")
    moved = next(s for s in listed["items"] if s["offerId"] == offer)
    assert moved["seats"] == 4
    place = f"customers/{customer['id']}/subscriptions/{moved['id']}/changes"
    assert [c["origin"] for c in (await portal.get(place))["items"]] == ["seatkeeper"]


async def test_the_days_that_terms_may_end_on_together_are_listed(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    found = await portal.get(f"customers/{customer['id']}/subscriptions/coterm?term=P1Y")

    assert len(found["items"]) >= 11
    assert all(item["endsOn"] for item in found["items"])


async def test_a_night_is_not_taken_for_somebody_elses_change(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, spare=2)
    await a_week_later(seatkeeper)

    await a_night(seatkeeper, portal, days=1)

    history = await portal.get(changes_of(customer))
    assert {c["origin"] for c in history["items"]} == {"seatkeeper"}
    assert history["items"][0]["changed"] == ["schedule"]


async def test_an_end_with_the_term_is_told_and_read_back(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    seatkeeper.world.switches.update({"est.enabled": True})
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_it_speak_of_ends(seatkeeper)

    ending = await change(portal, customer, kind="setEndOfTerm", intent="cancel", reason="leaving")
    named = await change(portal, customer, kind="rename", name="Leaving")

    assert ending["subscription"]["autoRenew"] is False
    assert ending["subscription"]["endOfTerm"] == "cancel"
    assert named["subscription"]["endOfTerm"] == "cancel"


async def test_an_indirect_reseller_changes_nothing(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    connections = seatkeeper.works.office.desk.connections
    connection = await connections.get(ConnectionId("northwind"))
    await connections.save(replace(connection, role=PartnerRole.INDIRECT_RESELLER))

    answer = await portal.send("POST", changes_of(customer), json={"kind": "setSeats", "seats": 12})

    assert answer.status_code == 403
    assert "direct-billing-required" in answer.json()["type"]
