"""A PATCH carries the whole resource, with one concern changed and nothing left unsaid."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import OfferId
from shared.domain.subscriptions import EndOfTerm, Schedule, SubscriptionStatus, Terms
from shared.workflows.ports import Patch
from tests.partner_center.test_changes import CUSTOMER, DOCUMENT, PRODUCT, SUBSCRIPTION, Microsoft

RUNNING = Terms(OfferId("CFQ7TTC0LH18:0001"), Term.YEAR, BillingPlan.MONTHLY)
ENDS = {"scheduleType": "TermEnd", "actionType": "Cancel"}


async def sent(patch: Patch, *, speaks: bool = False, **fields: Any) -> dict[str, Any]:
    microsoft = Microsoft(**fields)
    client = microsoft.client(scheduled_actions=speaks)
    reading = await client.read(CUSTOMER, SUBSCRIPTION)
    await client.patch(reading, patch, "request-1")
    return microsoft.sent


async def test_a_new_name_leaves_everything_else_as_it_was_read() -> None:
    body = await sent(Patch(None, name="Head office"))

    assert body == {
        **DOCUMENT,
        "friendlyName": "Head office",
        "scheduledNextTermInstructions": None,
    }


async def test_a_schedule_that_stands_goes_along_with_its_promotion() -> None:
    kept = {"product": {**PRODUCT, "promotionId": "39NFJQT1PFPJ:000H:39NFJQT1Q5DK"}, "quantity": 8}

    body = await sent(Patch(Schedule(8, RUNNING), seats=20), scheduledNextTermInstructions=kept)

    assert body["quantity"] == 20
    assert body["scheduledNextTermInstructions"] == kept


async def test_a_schedule_can_end_elsewhere() -> None:
    terms = replace(RUNNING, ends_at=datetime(2027, 6, 30, tzinfo=UTC))

    body = await sent(Patch(Schedule(8, terms)))

    assert body["scheduledNextTermInstructions"] == {
        "product": PRODUCT,
        "quantity": 8,
        "customTermEndDate": "2027-06-30T00:00:00Z",
    }


async def test_suspending_says_that_nothing_renews() -> None:
    body = await sent(Patch(None, status=SubscriptionStatus.SUSPENDED, auto_renew=False))

    assert (body["status"], body["autoRenewEnabled"]) == ("suspended", False)


async def test_an_end_is_said_in_the_newer_field_where_microsoft_takes_it() -> None:
    moved = {"scheduleType": "CustomDate", "actionType": "Transition"}

    body = await sent(
        Patch(None, auto_renew=False, end_of_term=EndOfTerm.CANCEL),
        speaks=True,
        scheduledActions=[{"scheduleType": "TermEnd", "actionType": "RenewToNewTerm"}, moved],
    )

    assert body["scheduledActions"] == [moved, ENDS]


async def test_the_newer_field_is_left_out_where_nobody_takes_it() -> None:
    body = await sent(Patch(None, name="Post"), scheduledActions=[ENDS])

    assert "scheduledActions" not in body


async def test_what_is_scheduled_and_how_it_ends_is_read() -> None:
    microsoft = Microsoft(
        scheduledNextTermInstructions={"product": PRODUCT, "quantity": 8},
        scheduledActions=[ENDS],
        cancellationAllowedUntilDate="2026-01-21T16:57:14.498252Z",
    )

    found = (await microsoft.client().read(CUSTOMER, SUBSCRIPTION)).subscription

    assert found.schedule == Schedule(8, RUNNING)
    assert found.end_of_term is EndOfTerm.CANCEL
    assert found.cancellable_until is not None
    assert found.lots_told
