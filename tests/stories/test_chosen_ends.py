"""Whose word the end of a term is: a person's holds, a baseline's and a policy's are nobody's."""

import logging
from datetime import UTC, datetime

import pytest

from shared.domain.history import ChangeRecord, Origin
from shared.domain.ids import CustomerId, SubscriptionId
from tests.changing import change, held, let_it_speak_of_ends, patches, refused
from tests.everyday import NEAR_THE_END, a_monthly_customer, a_night, events, renewals_of
from tests.portal import Json, Portal, Seatkeeper, customer_body, etag_of, let_go, subscription_body

NOT_TO_RENEW = {"autoRenew": False}
TO_BE_EXTENDED = {"scheduleType": "TermEnd", "actionType": "RenewToExtendedServiceTerm"}


async def a_month_under_a_baseline(seatkeeper: Seatkeeper, portal: Portal, **words: object) -> Json:
    """Bought by a connection that does not renew and cannot tell Microsoft to end a term."""
    await seatkeeper.connect(portal, baseline=NOT_TO_RENEW)
    customer = await portal.post("customers", customer_body())
    wish = subscription_body(term="P1M", **words)
    bought = await portal.post(f"customers/{customer['id']}/subscriptions", wish)
    return {**customer, "subscription": bought["id"]}


async def renewal_of(portal: Portal, customer: Json) -> Json:
    [renewal] = await renewals_of(portal, customer)
    return renewal


async def test_an_extended_term_that_only_a_baseline_brought_about_calls_somebody(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    customer = await a_month_under_a_baseline(seatkeeper, portal)

    await a_night(seatkeeper, portal, days=NEAR_THE_END)

    renewal = await renewal_of(portal, customer)
    assert (renewal["chosenEnd"], renewal["chosen"]) == ("cancel", False)
    assert (renewal["heldEnd"], renewal["unwantedExtension"]) == ("extend", True)
    assert events(caplog, "extended-term") == 1


@pytest.mark.parametrize("end", ["renew", "extend"])
async def test_who_buys_and_says_how_it_ends_has_chosen(
    seatkeeper: Seatkeeper, portal: Portal, end: str
) -> None:
    customer = await a_month_under_a_baseline(seatkeeper, portal, endOfTerm=end)

    await a_night(seatkeeper, portal, days=NEAR_THE_END)

    renewal = await renewal_of(portal, customer)
    assert (renewal["heldEnd"], renewal["chosenEnd"], renewal["chosen"]) == (end, end, True)
    assert renewal["unwantedExtension"] is False


async def test_an_extended_term_that_somebody_chose_goes_on_month_after_month(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")
    seatkeeper.world.switches.update({"est.enabled": True, "est.actionsTaken": False})
    customer = await a_monthly_customer(seatkeeper, portal)
    await let_go(portal, customer, mode="report", extendedTerms="enforce")
    await change(portal, customer, kind="setEndOfTerm", intent="extend")

    for days in (NEAR_THE_END, 31, 31):
        await a_night(seatkeeper, portal, days=days)

    assert (held(seatkeeper, customer).extended, held(seatkeeper, customer).auto_renew) == (
        True,
        False,
    )
    renewal = await renewal_of(portal, customer)
    assert (renewal["chosenEnd"], renewal["unwantedExtension"]) == ("extend", False)
    assert events(caplog, "extended-term") + events(caplog, "extended-term-ended") == 0


async def test_what_was_chosen_outlives_any_number_of_other_changes(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_month_under_a_baseline(seatkeeper, portal)
    await change(portal, customer, kind="setEndOfTerm", intent="extend")
    for number in range(60):
        await seatkeeper.works.office.desk.history.record(a_renaming(customer, number))

    await a_night(seatkeeper, portal, days=NEAR_THE_END)

    renewal = await renewal_of(portal, customer)
    assert (renewal["chosenEnd"], renewal["chosen"]) == ("extend", True)


def a_renaming(customer: Json, number: int) -> ChangeRecord:
    return ChangeRecord(
        id=f"rename-{number}",
        customer_id=CustomerId(customer["id"]),
        subscription_id=SubscriptionId(customer["subscription"]),
        kind="rename",
        origin=Origin.SEATKEEPER,
        requested_by="ada",
        at=datetime(2027, 1, 1, tzinfo=UTC),
    )


async def an_extension_that_microsoft_filled_in(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """Somebody has switched auto-renew off, and Microsoft has drawn its own conclusion."""
    seatkeeper.world.switches.update({"est.enabled": True})
    customer = await a_monthly_customer(seatkeeper, portal)
    held(seatkeeper, customer).auto_renew = False
    held(seatkeeper, customer).scheduled_actions = [TO_BE_EXTENDED]
    await a_night(seatkeeper, portal, days=NEAR_THE_END)
    return customer


async def test_an_extension_that_microsoft_filled_in_by_itself_is_nobodys_word(
    seatkeeper: Seatkeeper, portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seatkeeper.events")

    customer = await an_extension_that_microsoft_filled_in(seatkeeper, portal)

    renewal = await renewal_of(portal, customer)
    assert (renewal["heldEnd"], renewal["chosen"], renewal["unwantedExtension"]) == (
        "extend",
        False,
        True,
    )
    assert events(caplog, "extended-term") == 1


async def entries_of(portal: Portal, customer: Json) -> dict[str, Json]:
    found = await portal.get(f"customers/{customer['id']}/drift")
    return {entry["what"]: entry for entry in found["items"]}


async def test_who_adopts_that_auto_renew_is_off_has_chosen_what_microsoft_made_of_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await an_extension_that_microsoft_filled_in(seatkeeper, portal)
    entries = await entries_of(portal, customer)

    await adopt(portal, customer, entries["autoRenew"])

    assert "endOfTerm" not in entries
    assert await is_chosen(portal, customer, "extend")


async def test_who_adopts_another_end_that_somebody_said_elsewhere_has_chosen_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    seatkeeper.world.switches.update({"est.enabled": True})
    customer = await a_monthly_customer(seatkeeper, portal)
    await let_it_speak_of_ends(seatkeeper)
    await change(portal, customer, kind="setEndOfTerm", intent="cancel")
    await a_night(seatkeeper, portal, days=1)
    held(seatkeeper, customer).scheduled_actions = [TO_BE_EXTENDED]
    await a_night(seatkeeper, portal, days=NEAR_THE_END)
    entries = await entries_of(portal, customer)

    await adopt(portal, customer, entries["endOfTerm"])

    assert (entries["endOfTerm"]["before"], entries["endOfTerm"]["after"]) == ("cancel", "extend")
    assert await is_chosen(portal, customer, "extend")


async def adopt(portal: Portal, customer: Json, entry: Json) -> None:
    await portal.post(f"customers/{customer['id']}/drift/{entry['id']}/adopt", key="")


async def is_chosen(portal: Portal, customer: Json, end: str) -> bool:
    renewal = await renewal_of(portal, customer)
    assert (renewal["chosen"], renewal["unwantedExtension"]) == (True, False)
    return bool(renewal["chosenEnd"] == renewal["heldEnd"] == end)


async def test_a_person_may_choose_what_is_there_already(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await an_extension_that_microsoft_filled_in(seatkeeper, portal)

    await change(portal, customer, kind="setEndOfTerm", intent="extend")
    again = await refused(portal, customer, kind="setEndOfTerm", intent="extend")

    assert (await renewal_of(portal, customer))["chosen"] is True
    assert patches(seatkeeper) == 0
    assert again == ["nothingToDo"]


async def test_what_a_policy_put_right_gives_way_to_another_baseline(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_monthly_customer(seatkeeper, portal)
    await let_go(portal, customer, mode="report", extendedTerms="enforce")
    held(seatkeeper, customer).auto_renew = False
    await a_night(seatkeeper, portal, days=NEAR_THE_END)
    connection = "connections/northwind"
    match = {"If-Match": await etag_of(portal, connection)}

    await portal.send("PATCH", connection, json={"baseline": NOT_TO_RENEW}, headers=match)

    renewal = await renewal_of(portal, customer)
    assert (renewal["heldEnd"], renewal["chosenEnd"], renewal["chosen"]) == (
        "renew",
        "cancel",
        False,
    )
