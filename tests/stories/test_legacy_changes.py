"""What was sold before the new commerce changes by its own rules."""

import pytest

from simulator.faults import Fault
from simulator.legacy import OFFERS, LegacySubscription
from tests.changing import change, changes_of, preview
from tests.everyday import a_customer, a_night, user_body
from tests.portal import Json, Portal, Seatkeeper, let_go

MAIL = "195416C1-3447-423A-B37B-EE59A99A19C4"
ARCHIVE = "2828BE95-46BA-4F91-B2FD-0BEF192ECF60"


async def with_mail(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """Ten seats of mail from before, beside what is sold today."""
    customer = await a_customer(seatkeeper, portal)
    return await sold_before(seatkeeper, customer, offerId=MAIL, quantity=10)


async def sold_before(seatkeeper: Seatkeeper, customer: Json, **body: object) -> Json:
    place = f"portal/customers/{customer['id']}/legacypurchases"
    made = await seatkeeper.sim("POST", place, body)
    return {**customer, "subscription": made["id"].lower()}


def old(seatkeeper: Seatkeeper, customer: Json) -> LegacySubscription:
    return seatkeeper.world.legacy_subscriptions[customer["subscription"]]


async def test_legacy_seats_go_up_and_down_on_any_day(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await with_mail(seatkeeper, portal)

    raised = await change(portal, customer, kind="setSeats", seats=15)
    await seatkeeper.sim("POST", "clock/advance", {"days": 60})
    lowered = await change(portal, customer, kind="setSeats", seats=4)

    assert (raised["subscription"]["seats"], lowered["subscription"]["seats"]) == (15, 4)
    assert old(seatkeeper, customer).quantity == 4


async def test_a_suspended_legacy_subscription_comes_back(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await with_mail(seatkeeper, portal)

    shown = await preview(portal, customer, kind="suspend")
    suspended = await change(portal, customer, kind="suspend")
    back = await change(portal, customer, kind="reactivate")

    assert "Billing stops" in shown["commitments"][0]
    assert suspended["subscription"]["status"] == "suspended"
    assert (back["subscription"]["status"], back["subscription"]["autoRenew"]) == ("active", True)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "cancel"},
        {"kind": "setEndOfTerm", "intent": "extend"},
        {"kind": "scheduleRenewal", "seats": 5},
        {"kind": "clearSchedule"},
        {"kind": "upgrade", "offerId": "CFQ7TTC0LH18:0001", "seats": 5},
    ],
    ids=lambda body: str(body["kind"]),
)
async def test_what_legacy_has_no_word_for_is_refused_with_what_to_do(
    seatkeeper: Seatkeeper, portal: Portal, body: Json
) -> None:
    customer = await with_mail(seatkeeper, portal)

    shown = await preview(portal, customer, **body)

    assert [r["why"] for r in shown["refusals"]] == ["legacy"]


async def test_an_add_on_has_no_more_seats_than_its_base(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    base = await with_mail(seatkeeper, portal)
    archive = await sold_before(
        seatkeeper, base, offerId=ARCHIVE, quantity=5, parentSubscriptionId=base["subscription"]
    )

    shown = await preview(portal, archive, kind="setSeats", seats=11)
    goes_along = await preview(portal, base, kind="suspend")

    assert [r["why"] for r in shown["refusals"]] == ["aboveMaximum"]
    assert "1 add-ons are suspended with it" in goes_along["commitments"][1]


async def test_a_change_on_an_old_reading_is_tried_again_on_a_new_one(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await with_mail(seatkeeper, portal)
    stale = {"code": 2055, "description": "Etag is no longer valid."}
    seatkeeper.world.faults.add(
        Fault(method="PATCH", path="*/subscriptions/*", status=400, body=stale)
    )
    body = {"kind": "setSeats", "seats": 12}

    first = await portal.send("POST", changes_of(customer), json=body, key="twelve")
    again = await portal.send("POST", changes_of(customer), json=body, key="twelve")

    assert (first.status_code, "changed-meanwhile" in first.json()["type"]) == (409, True)
    assert again.status_code == 201
    assert old(seatkeeper, customer).quantity == 12


async def test_a_night_gives_idle_legacy_seats_back_on_any_day(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given ten seats of mail of which one is in use, long past every window
    customer = await with_mail(seatkeeper, portal)
    await let_go(portal, customer)
    person = await portal.post(f"customers/{customer['id']}/users", user_body())
    sku = OFFERS[MAIL].sku_id
    body = {"userPrincipalName": person["userPrincipalName"], "skuId": sku}
    await seatkeeper.sim("POST", f"portal/customers/{customer['id']}/licenses", body)

    # When the night comes
    night = await a_night(seatkeeper, portal, days=40)

    # Then nine go back at once, and nothing of them is scheduled
    [part] = (await portal.get(f"runs/{night['id']}/customers"))["items"]
    [decision] = [d for d in part["decisions"] if d["subscriptionId"] == customer["subscription"]]
    assert decision["reason"] == "9 idle seats of a legacy subscription go back now"
    assert old(seatkeeper, customer).quantity == 1
