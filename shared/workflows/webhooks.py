"""Follow what Partner Center tells by webhook: note it once, and read anew what it is about.

https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.errors import (
    CustomerNotFound,
    RelationshipMissing,
    SubscriptionNotFound,
    WebhookUnavailable,
)
from shared.domain.history import snapshot_of
from shared.domain.ids import ConnectionId, CustomerId, SubscriptionId
from shared.domain.webhooks import (
    KEPT_FOR,
    TEST,
    WANTED,
    Event,
    Notice,
    Topic,
    WebhookRegistration,
)
from shared.workflows.agreements import read_agreement
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.subscriptions import refresh_subscription
from shared.workflows.tenant import customer_and_connection

WEBHOOKS = "webhooks"
_LOOKS = 2
_FORGOTTEN_AT_ONCE = 7
"""Days that one purge cleans up, so that a service which stood still for some catches up."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where an event points to; ``look`` counts from 1."""

    connection_id: ConnectionId
    event: str
    customer_id: CustomerId
    subscription_id: SubscriptionId | None = None
    look: int = 1

    def to_message(self) -> dict[str, object]:
        return {
            "connectionId": self.connection_id,
            "event": self.event,
            "customerId": self.customer_id,
            "subscriptionId": self.subscription_id or "",
            "look": self.look,
        }


async def take_event(desk: Desk, connection_id: ConnectionId, event: Event) -> None:
    """Note an event whose signature passed, and queue the look that it asks for, once."""
    connection = await desk.connections.get(connection_id)
    now = await desk.clock.now()
    await desk.healths.note(connection.id, last_webhook_at=now)
    if event.topic is Topic.TEST or event.changed_at < now - KEPT_FOR:
        logger.info("the event %s of %s leads to nothing", event.name[:100], connection.id)
        return
    notice = Notice(event.id(connection.id), connection.id, event.name[:100], event.changed_at, now)
    if not await desk.notices.claim(notice):
        return
    await _queue(desk, connection.id, event)
    # Last: an event whose message was never sent is taken again when it is delivered again.
    await desk.notices.settle(notice)


async def _queue(desk: Desk, connection_id: ConnectionId, event: Event) -> None:
    if event.topic is Topic.OTHER or event.customer_id is None:
        await _note(desk, "webhook event ignored", connection_id, event.name[:100])
        return
    subscription = event.subscription_id if event.topic is Topic.SUBSCRIPTION else None
    pointer = Pointer(connection_id, event.name, event.customer_id, subscription)
    await desk.queues.send(WEBHOOKS, pointer.to_message())


async def follow_event(desk: Desk, pointer: Pointer) -> None:
    """Read anew; where nothing shows yet, look again later, once."""
    try:
        customer, _ = await customer_and_connection(desk, pointer.customer_id)
    except CustomerNotFound:
        await _of_stranger(desk, pointer)
        return
    if customer.connection_id != pointer.connection_id:
        await _of_stranger(desk, pointer)
        return
    read = _read_subscription if pointer.subscription_id else _read_relationship
    if await read(desk, pointer) or pointer.look >= _LOOKS:
        return
    again = replace(pointer, look=pointer.look + 1)
    await desk.queues.send(WEBHOOKS, again.to_message(), desk.pauses.event_look)


async def _of_stranger(desk: Desk, pointer: Pointer) -> None:
    what = "webhook event of a customer not on record"
    await _note(desk, what, pointer.customer_id, pointer.event)


async def _read_subscription(desk: Desk, pointer: Pointer) -> bool:
    """Answer whether anything was found different."""
    customer_id, wanted = pointer.customer_id, SubscriptionId(pointer.subscription_id or "")
    known = {s.id: snapshot_of(s) for s in await desk.subscriptions.of(customer_id)}
    if wanted not in known and pointer.look < _LOOKS:
        # A purchase of ours that is under way must not be taken for somebody else's.
        return False
    try:
        found = await refresh_subscription(desk, customer_id, wanted)
    except SubscriptionNotFound:
        await _note(desk, "webhook event of a subscription not found", wanted, pointer.event)
        return True
    return known.get(found.id) != snapshot_of(found)


async def _read_relationship(desk: Desk, pointer: Pointer) -> bool:
    """Answer whether the agreement shows now and did not before, or the relationship is over."""
    before, connection = await customer_and_connection(desk, pointer.customer_id)
    try:
        await desk.microsoft.partner_center(connection).related_customer(before.id)
    except RelationshipMissing:
        if pointer.look >= _LOOKS:
            await _note(desk, "customer relationship is over", before.id, pointer.event)
        return False
    await read_agreement(desk, before.id)
    moved = await desk.customers.get(before.id) != before
    if moved or pointer.look >= _LOOKS:
        await _note(desk, "customer relationship read anew", before.id, pointer.event)
    return moved


async def give_up_event(desk: Desk, pointer: Pointer, reason: str) -> None:
    """The nightly run reads every customer anyway; until then a person may look."""
    subject = pointer.subscription_id or pointer.customer_id
    details = {"event": pointer.event, "reason": reason[:500]}
    now = await desk.clock.now()
    await desk.audit.record(
        AuditEntry(now, "microsoft", "webhook event given up", subject, details)
    )


async def forget_events(desk: Desk) -> None:
    """Remove what is too old to be known again."""
    last = (await desk.clock.now() - KEPT_FOR - timedelta(days=1)).date()
    await desk.notices.forget(last, _FORGOTTEN_AT_ONCE)


def address_of(desk: Desk, connection_id: ConnectionId) -> str:
    """Raise `WebhookUnavailable` where Microsoft could not reach us."""
    if not desk.public_url:
        raise WebhookUnavailable(
            "Microsoft could not reach this service: set PUBLIC_URL to its public address."
        )
    return f"{desk.public_url}/api/webhooks/{connection_id}"


async def register_webhook(
    desk: Desk, connection_id: ConnectionId, *, requested_by: str, organisation: str
) -> WebhookRegistration:
    """Have Microsoft send us what we follow of what it offers; again is as good as once."""
    connection = await desk.connections.get(connection_id)
    connection.require_manager(organisation)
    address = address_of(desk, connection.id)
    partner_center = desk.microsoft.partner_center(connection)
    offered = {name.lower(): name for name in await partner_center.webhook_events()}
    events = tuple(offered[name] for name in WANTED if name in offered)
    known = await partner_center.webhook()
    wanted = WebhookRegistration(address, events)
    registered = await partner_center.register_webhook(wanted, replaces=known is not None)
    now = await desk.clock.now()
    await desk.healths.note(connection.id, webhook_registered_at=now)
    await desk.audit.record(AuditEntry(now, requested_by, "webhook registered", connection.id))
    return registered


async def read_webhook(desk: Desk, connection_id: ConnectionId) -> WebhookRegistration | None:
    connection = await desk.connections.get(connection_id)
    return await desk.microsoft.partner_center(connection).webhook()


async def try_webhook(desk: Desk, connection_id: ConnectionId, *, organisation: str) -> str:
    """Have Microsoft send a validation event; answer its id of it."""
    connection = await desk.connections.get(connection_id)
    connection.require_manager(organisation)
    partner_center = desk.microsoft.partner_center(connection)
    known = await partner_center.webhook()
    if known is None or TEST not in {name.lower() for name in known.events}:
        raise WebhookUnavailable("Microsoft has no registration to try: register first.")
    return await partner_center.try_webhook()


async def _note(desk: Desk, what: str, subject: str, event: str) -> None:
    now = await desk.clock.now()
    await desk.audit.record(AuditEntry(now, "microsoft", what, subject, {"event": event}))
