from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.health import ConnectionHealth
from shared.domain.ids import ConnectionId
from shared.domain.webhooks import Topic, event_of

NOW = datetime(2026, 1, 20, 16, 19, 6, tzinfo=UTC)
CUSTOMER = "7d1c7a52-0c3e-4a52-9f57-3a6d2b7be111"
SUBSCRIPTION = "a4c1340d-6911-4758-bba3-0c4c6007d161"
PLACE = f"/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}"
OURS = ConnectionId("northwind")


@pytest.mark.parametrize(
    "resource",
    [
        f"http://api.partnercenter.microsoft.com/webhooks/v1{PLACE}",
        f"https://api.partnercenter.microsoft.com/v1{PLACE}",
        f"{PLACE.upper()}?x=1",
        f"https://evil.example{PLACE}/registrationstatus",
    ],
)
def test_of_an_address_only_the_ids_are_used(resource: str) -> None:
    event = event_of("Subscription-Updated", resource, NOW)

    assert (event.customer_id, event.subscription_id) == (CUSTOMER, SUBSCRIPTION)
    assert event.topic is Topic.SUBSCRIPTION


@pytest.mark.parametrize(
    ("name", "resource", "topic"),
    [
        ("test-created", "", Topic.TEST),
        ("subscription-updated", f"/customers/{CUSTOMER}", Topic.OTHER),
        ("subscription-updated", "/customers/1/subscriptions/2", Topic.OTHER),
        ("subscription-updated", f"/customers/{CUSTOMER}f/x", Topic.OTHER),
        ("dap-admin-relationship-terminated", f"/customers/{CUSTOMER}", Topic.RELATIONSHIP),
        ("granular-admin-relationship-approved", f"/other/{CUSTOMER}", Topic.OTHER),
        ("some-relationship-of-tomorrow", f"/customers/{CUSTOMER}", Topic.OTHER),
        ("invoice-ready", PLACE, Topic.OTHER),
    ],
)
def test_what_names_nothing_that_we_follow_leads_nowhere(
    name: str, resource: str, topic: Topic
) -> None:
    assert event_of(name, resource, NOW).topic is topic


@pytest.mark.parametrize(
    ("last", "waited", "is_silent"),
    [
        pytest.param(None, timedelta(days=1), False, id="too early to tell"),
        pytest.param(None, timedelta(days=3), True, id="nothing ever came"),
        pytest.param(NOW - timedelta(hours=1), timedelta(days=3), True, id="only before that"),
        pytest.param(NOW + timedelta(hours=1), timedelta(days=3), False, id="one came"),
    ],
)
def test_a_webhook_that_stays_silent_is_something_to_look_at(
    last: datetime | None, waited: timedelta, *, is_silent: bool
) -> None:
    health = ConnectionHealth(OURS, webhook_registered_at=NOW, last_webhook_at=last)

    found = [finding for finding in health.findings(NOW + waited) if "webhook" in finding.detail]

    assert bool(found) == is_silent


def test_every_delivery_of_an_event_has_one_id_and_every_event_its_own() -> None:
    event = event_of("subscription-updated", PLACE, NOW)
    spelt_otherwise = event_of("SUBSCRIPTION-UPDATED", PLACE.upper(), NOW)
    later = event_of("subscription-updated", PLACE, NOW + timedelta(microseconds=1))

    assert event.id(OURS) == spelt_otherwise.id(OURS)
    assert len({event.id(OURS), later.id(OURS), event.id(ConnectionId("south"))}) == 3
