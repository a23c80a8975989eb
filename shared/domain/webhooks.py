"""Read what Partner Center tells by webhook: a name and ids, never anything to be believed.

https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.ids import ConnectionId, CustomerId, SubscriptionId

KEPT_FOR = timedelta(days=14)
"""How long an event is known again; an older one is not taken, so that none is played back."""
TEST = "test-created"
WANTED = (
    TEST,
    "subscription-updated",
    "reseller-relationship-accepted-by-customer",
    "dap-admin-relationship-approved",
    "dap-admin-relationship-terminated",
    "dap-admin-relationship-terminated-by-microsoft",
    "granular-admin-relationship-approved",
    "granular-admin-relationship-activated",
    "granular-admin-relationship-expired",
    "granular-admin-relationship-terminated",
)
"""What we register for, as far as Microsoft offers it."""
_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLACE = re.compile(rf"/customers/({_GUID})(?:/subscriptions/({_GUID}))?(?:/|\?|$)", re.IGNORECASE)


class Topic(StrEnum):
    """What an event leads to."""

    TEST = "test"
    SUBSCRIPTION = "subscription"
    RELATIONSHIP = "relationship"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; the ids are hints of where to look, whoever wrote them."""

    name: str
    resource: str
    changed_at: datetime
    customer_id: CustomerId | None = None
    subscription_id: SubscriptionId | None = None

    @property
    def topic(self) -> Topic:
        if self.name == TEST:
            return Topic.TEST
        if self.name == "subscription-updated" and self.subscription_id:
            return Topic.SUBSCRIPTION
        if self.name in WANTED and "relationship" in self.name and self.customer_id:
            return Topic.RELATIONSHIP
        return Topic.OTHER

    def id(self, connection: ConnectionId) -> str:
        """The same for every delivery: Microsoft gives events no id of their own."""
        parts = (connection, self.name, self.resource, self.changed_at.isoformat())
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def event_of(name: str, resource: str, changed_at: datetime) -> Event:
    """Find the ids in an address that may have another scheme or prefix than the API's."""
    place = _PLACE.search(resource)
    customer, subscription = place.groups() if place else (None, None)
    return Event(
        name=name.lower(),
        resource=resource.lower(),
        changed_at=changed_at,
        customer_id=CustomerId(customer.lower()) if customer else None,
        subscription_id=SubscriptionId(subscription.lower()) if subscription else None,
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """An event on record; ``is_settled`` once it was queued, or found to lead to nothing."""

    id: str
    connection_id: ConnectionId
    event: str
    changed_at: datetime
    received_at: datetime
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class WebhookRegistration:
    """Where Microsoft sends a partner's events, and which."""

    url: str
    events: tuple[str, ...]
