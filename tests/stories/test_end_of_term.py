"""What is bought ends as the connection's baseline has it, and a person hears where it cannot."""

import logging

import pytest

from tests.changing import changes_of, let_it_speak_of_ends, refused
from tests.everyday import a_customer
from tests.portal import Json, Portal, Seatkeeper, customer_body, subscription_body

NOT_TO_RENEW = {"autoRenew": False}


async def a_connected_customer(
    seatkeeper: Seatkeeper, portal: Portal, *, speaks: bool = False, **baseline: object
) -> Json:
    await seatkeeper.connect(portal, baseline=baseline)
    if speaks:
        seatkeeper.world.switches.update({"est.enabled": True})
        await let_it_speak_of_ends(seatkeeper)
    return await portal.post("customers", customer_body())


async def bought(portal: Portal, customer: Json, **changes: object) -> Json:
    return await portal.post(
        f"customers/{customer['id']}/subscriptions", subscription_body(**changes)
    )


async def previewed(portal: Portal, customer: Json) -> Json:
    place = f"customers/{customer['id']}/subscriptions?dryRun=true"
    return await portal.post(place, subscription_body(), "")


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.split()[2] for line in caplog.messages if line.startswith("audit: alarm")]


async def test_a_purchase_renews_where_the_baseline_says_nothing_else(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_connected_customer(seatkeeper, portal)

    shown, made = await previewed(portal, customer), await bought(portal, customer)

    assert (shown["endOfTerm"], shown["commitments"]) == ("renew", [])
    assert made["autoRenew"] is True


async def test_a_baseline_that_does_not_renew_ends_the_term(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_connected_customer(seatkeeper, portal, speaks=True, **NOT_TO_RENEW)

    shown, made = await previewed(portal, customer), await bought(portal, customer)

    assert shown["endOfTerm"] == "cancel"
    assert (made["autoRenew"], made["endOfTerm"]) == (False, "cancel")
    history = await portal.get(changes_of({**customer, "subscription": made["id"]}))
    assert history["items"][0]["reason"] == "the connection's baseline"


async def test_an_end_that_the_connection_cannot_tell_is_an_alarm(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    customer = await a_connected_customer(seatkeeper, portal, **NOT_TO_RENEW)

    shown, made = await previewed(portal, customer), await bought(portal, customer)

    assert shown["endOfTerm"] == "extend"
    assert "paid extended term" in shown["commitments"][0]
    assert made["autoRenew"] is False
    assert alarms(caplog) == ["end-of-term-unspoken"]
    history = await portal.get(changes_of({**customer, "subscription": made["id"]}))
    assert (history["items"][0]["kind"], history["items"][0]["status"]) == ("alarm", "review")


async def test_who_buys_may_say_otherwise(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_connected_customer(seatkeeper, portal, **NOT_TO_RENEW)

    made = await bought(portal, customer, endOfTerm="renew")

    assert made["autoRenew"] is True


async def test_a_purchase_that_must_end_and_cannot_is_refused(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_connected_customer(seatkeeper, portal)
    place = f"customers/{customer['id']}/subscriptions"

    answer = await portal.send("POST", place, json=subscription_body(endOfTerm="cancel"))

    assert answer.status_code == 409
    assert "nothing was bought" in answer.json()["detail"]
    assert not seatkeeper.world.subscriptions


async def test_a_refused_end_of_term_is_an_alarm_once_a_term_in_the_history(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    customer = await a_customer(seatkeeper, portal)

    for _ in range(2):
        await refused(portal, customer, kind="setEndOfTerm", intent="cancel")

    assert alarms(caplog) == ["end-of-term-unspoken"] * 2
    history = await portal.get(changes_of(customer))
    assert [c["kind"] for c in history["items"]] == ["alarm", "bought"]


async def test_a_purchase_fails_if_its_preview_does_not_hold_any_more(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_connected_customer(seatkeeper, portal)
    shown, place = await previewed(portal, customer), f"customers/{customer['id']}/subscriptions"

    other = await portal.send(
        "POST", place, json=subscription_body(seats=11, digest=shown["digest"])
    )
    same = await bought(portal, customer, digest=shown["digest"])

    assert (other.status_code, "plan-outdated" in other.json()["type"]) == (409, True)
    assert same["seats"] == 10
