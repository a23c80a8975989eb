import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import CustomerId, OfferId, SubscriptionId
from shared.domain.subscriptions import Lot, SubscriptionStatus, Terms
from shared.partner_center._wire_subscriptions import WireSubscription, changed
from shared.partner_center.calls import SignIn
from shared.partner_center.client import PartnerCenterClient, open_partner_center
from shared.transport.http import open_http
from shared.workflows.ports import SeatChange
from tests.identity.northwind import QUICK

CUSTOMER = CustomerId("7d1c7a52-0c3e-4a52-9f57-3a6d2b7be111")
SUBSCRIPTION = SubscriptionId("a4c1340d-6911-4758-bba3-0c4c6007d161")
PRODUCT = {
    "productId": "CFQ7TTC0LH18",
    "skuId": "0001",
    "availabilityId": "CFQ7TTC0K971",
    "billingCycle": "monthly",
    "termDuration": "P1Y",
}
DOCUMENT: dict[str, Any] = {
    "id": SUBSCRIPTION.upper(),
    "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
    "offerName": "Microsoft 365 Business Basic",
    "friendlyName": "Business Basic",
    "productType": {"id": "OnlineServicesNCE"},
    "quantity": 15,
    "effectiveStartDate": "2026-01-14T16:57:14.498252Z",
    "commitmentEndDate": "2027-01-13T00:00:00Z",
    "status": "active",
    "autoRenewEnabled": True,
    "billingCycle": "monthly",
    "termDuration": "P1Y",
    "renewalTermDuration": "",
    "partnerId": "4847383",
    "someNewField": {"price": 4.8},
    "refundableQuantity": {
        "totalQuantity": 5,
        "details": [{"quantity": 5, "allowedUntilDateTime": "2026-01-23T09:12:40.1234567Z"}],
    },
    "orderId": "a68736758d9c",
    "attributes": {"objectType": "Subscription"},
}


class Microsoft:
    """Keeps one subscription and the last change that was sent."""

    def __init__(self, **fields: object) -> None:
        self.document = DOCUMENT | fields
        self.sent: dict[str, Any] = {}
        self.request: httpx.Request | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            self.sent = json.loads(request.content)
            self.request = request
            return httpx.Response(202, headers={"MS-CorrelationId": "microsofts"})
        return httpx.Response(200, json=self.document)

    def client(self, *, scheduled_actions: bool = False) -> PartnerCenterClient:
        return open_partner_center(
            open_http(transport=httpx.MockTransport(self)),
            application_id="app",
            sign_in=SignIn(httpx.Auth(), httpx.Auth()),
            price_sheet_sign_in=httpx.Auth(),
            sends_scheduled_actions=scheduled_actions,
            retry=QUICK,
        )


async def test_the_whole_resource_is_sent_back() -> None:
    microsoft = Microsoft()
    client = microsoft.client()

    answer = await client.change(await client.read(CUSTOMER, SUBSCRIPTION), SeatChange(20), "r1")

    assert answer == "microsofts"
    assert microsoft.sent == DOCUMENT | {"quantity": 20, "scheduledNextTermInstructions": None}
    assert microsoft.request is not None
    assert microsoft.request.headers["MS-RequestId"] == "r1"
    assert microsoft.request.url.path.endswith(f"/{SUBSCRIPTION}")


@pytest.mark.parametrize(
    ("document", "scheduled", "instructions"),
    [
        pytest.param({}, None, None, id="no schedule"),
        pytest.param({}, 8, {"product": PRODUCT, "quantity": 8}, id="one that is made"),
        pytest.param(
            {
                "scheduledNextTermInstructions": {
                    "product": PRODUCT | {"termDuration": "P3Y"},
                    "quantity": 8,
                    "customTermEndDate": "2027-06-30T00:00:00Z",
                }
            },
            12,
            {
                "product": PRODUCT | {"termDuration": "P3Y"},
                "quantity": 12,
                "customTermEndDate": "2027-06-30T00:00:00Z",
            },
            id="one that is kept, with other seats",
        ),
    ],
)
def test_the_schedule_is_always_said(
    document: dict[str, Any], scheduled: int | None, instructions: object
) -> None:
    body = changed(DOCUMENT | document, SeatChange(15, scheduled))

    assert body["scheduledNextTermInstructions"] == instructions
    assert body["quantity"] == 15


def test_a_schedule_that_is_gone_is_said_again_with_its_terms() -> None:
    ends_at = datetime(2027, 6, 30, tzinfo=UTC)
    terms = Terms(OfferId("CFQ7TTC0LH18:0001"), Term.THREE_YEARS, BillingPlan.ANNUAL, ends_at)

    body = changed(DOCUMENT, SeatChange(15, 12, terms), "CFQ7TTC0LH18:0001:CFQ7TTC0OTHER")

    assert body["scheduledNextTermInstructions"] == {
        "product": {
            "productId": "CFQ7TTC0LH18",
            "skuId": "0001",
            "availabilityId": "CFQ7TTC0OTHER",
            "billingCycle": "annual",
            "termDuration": "P3Y",
        },
        "quantity": 12,
        "customTermEndDate": "2027-06-30T00:00:00Z",
    }


def test_auto_renew_is_always_said() -> None:
    document = {key: value for key, value in DOCUMENT.items() if key != "autoRenewEnabled"}

    assert changed(document, SeatChange(15))["autoRenewEnabled"] is False


@pytest.mark.parametrize("takes", [True, False])
async def test_end_of_term_actions_go_back_only_where_microsoft_takes_them(takes: bool) -> None:
    microsoft = Microsoft(scheduledActions=[{"actionType": "Cancel"}])
    client = microsoft.client(scheduled_actions=takes)

    await client.change(await client.read(CUSTOMER, SUBSCRIPTION), SeatChange(20), "r1")

    assert ("scheduledActions" in microsoft.sent) is takes


def test_a_subscription_is_read_in_our_words() -> None:
    read = WireSubscription.model_validate(DOCUMENT).to_domain(CUSTOMER)

    assert read is not None
    assert (read.id, read.offer, read.seats) == (SUBSCRIPTION, "CFQ7TTC0LH18:0001", 15)
    assert (read.term, read.billing) == (Term.YEAR, BillingPlan.MONTHLY)
    assert read.status is SubscriptionStatus.ACTIVE
    assert read.ends_at == datetime(2027, 1, 13, 23, 59, 59, tzinfo=UTC)
    assert read.lots == (Lot(5, datetime(2026, 1, 23, 9, 12, 40, 123456, tzinfo=UTC)),)
    assert (read.scheduled_seats, read.order_id) == (None, "a68736758d9c")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(
            {"offerId": "195416C1-3447-423A-B37B-EE59A99A19C4", "billingType": "usage"},
            id="an old Azure offer",
        ),
        pytest.param({"productType": {"id": "Azure"}}, id="an Azure plan"),
        pytest.param({"termDuration": "P5Y"}, id="a term that we do not know"),
        pytest.param({"billingCycle": "one_time"}, id="not paid by period"),
    ],
)
def test_what_is_not_sold_by_seat_and_term_is_left_out(fields: dict[str, Any]) -> None:
    assert WireSubscription.model_validate(DOCUMENT | fields).to_domain(CUSTOMER) is None


def test_an_old_offer_is_known_by_its_guid_in_lower_case() -> None:
    old = {"offerId": "195416C1-3447-423A-B37B-EE59A99A19C4", "billingType": "license"}
    hung = {"parentSubscriptionId": "B5C1340D-6911-4758-BBA3-0C4C6007D161", "termDuration": ""}

    read = WireSubscription.model_validate(DOCUMENT | old | hung).to_domain(CUSTOMER)

    assert read is not None
    assert read.offer == "195416c1-3447-423a-b37b-ee59a99a19c4"
    assert read.parent == "b5c1340d-6911-4758-bba3-0c4c6007d161"
    assert (read.is_legacy, read.term, read.lots_told) == (True, "P1Y", True)
