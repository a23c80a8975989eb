"""Our client comes to the same end whichever way Microsoft's undocumented choices fall."""

from typing import Any

import anyio
import pytest

from shared.domain.ids import CustomerId, SubscriptionId
from shared.domain.subscriptions import SubscriptionStatus
from shared.workflows.ports import Patch, Reading, SeatChange
from tests.identity.northwind import Northwind
from tests.partner_center.test_against_the_simulator import a_customer, a_subscription

SETTINGS: dict[str, dict[str, Any]] = {
    "codes as text": {"partnercenter.codesAsText": True},
    "marks everywhere": {"partnercenter.bomEverywhere": True},
    "capitals": {"partnercenter.upperCaseIds": True},
    "unknown fields": {"partnercenter.unknownFields": True},
    "another relationship": {"partnercenter.relationship": "none"},
    "a version that is asked for": {"partnercenter.contractVersionRequired": True},
    "rules as documented": {"customers.countryRules": "nested"},
    "no directory SKU in the catalogue": {"catalogue.provisioningIds": False},
    "no second refund": {"catalogue.partialRefund": False},
    "refunds by another name": {"subscriptions.refundEnd": "expiresAfter"},
    "attestation asked for": {"cart.attestationRequired": True},
    "lines apart": {"cart.groups": "apart"},
    "lines together": {"cart.groups": "together"},
    "strict checkouts": {"cart.strictCheckout": True},
    "orders done in other words": {"orders.doneStatus": "some day"},
    "changes that make no orders": {"orders.quantityChanges": False},
    "refusals that are remembered": {"replay.failures": True},
    "requests that are forgotten": {"replay.hours": 0},
    "agreements known as 400": {"agreements.duplicateStatus": 400},
    "oldest lots first": {"subscriptions.lotOrder": "oldest"},
    "largest lots first": {"subscriptions.lotOrder": "largest"},
    "smallest lots first": {"subscriptions.lotOrder": "smallest"},
    "one concern a call": {"subscriptions.concerns": "one"},
    "schedules that are kept": {"subscriptions.scheduleSentAlong": "kept"},
    "schedules that are dropped": {"schedule.withoutRenewal": "dropped"},
    "changes that come later": {
        "subscriptions.patchMode": "async",
        "subscriptions.asyncSeconds": 0.01,
    },
    "pages that name their token": {"partnercenter.continuationToken": True},
    "the customer looked at first": {"partnercenter.checksFirst": "customer"},
    "the body looked at first": {"partnercenter.checksFirst": "body"},
    "extended terms": {"est.enabled": True, "est.midtermWipesActions": True},
}


async def changed(
    northwind: Northwind, customer: CustomerId, held: SubscriptionId, wish: SeatChange | Patch
) -> Reading:
    """One change, and what is read once it may have been applied."""
    client = northwind.partner_center
    reading = await client.read(customer, held)
    request = f"{wish}"
    if isinstance(wish, SeatChange):
        await client.change(reading, wish, request)
    else:
        await client.patch(reading, wish, request)
    await anyio.sleep(0.02)
    return await client.read(customer, held)


@pytest.mark.contract
@pytest.mark.parametrize("switches", [pytest.param(v, id=k) for k, v in SETTINGS.items()])
async def test_a_subscription_is_bought_raised_lowered_scheduled_and_cancelled(
    northwind: Northwind, switches: dict[str, Any]
) -> None:
    northwind.world.switches.update(switches)
    customer = await a_customer(northwind.partner_center)
    held = (await a_subscription(northwind.partner_center, customer, 10)).id

    raised = await changed(northwind, customer, held, SeatChange(15))
    lowered = await changed(northwind, customer, held, SeatChange(12))
    scheduled = await changed(northwind, customer, held, SeatChange(12, 8))
    ended = await changed(
        northwind, customer, held, Patch(None, status=SubscriptionStatus("deleted"))
    )

    assert [r.subscription.seats for r in (raised, lowered, scheduled)] == [15, 12, 12]
    assert scheduled.subscription.scheduled_seats == 8
    assert ended.subscription.status.value == "deleted"
