"""Follow a change that was written down until it is seen, refused, or a person has to look.

Microsoft answers some changes with 202 and takes up to an hour for an upgrade. Nobody waits at a
request for that: a message looks again after a while, and within a bound.

https://learn.microsoft.com/partner-center/developer/update-a-subscription-by-id
"""

from collections.abc import Sequence
from contextlib import suppress

from shared.domain.errors import ChangeInReview
from shared.domain.history import ChangeRecord, OpenChange, RecordStatus
from shared.domain.ids import CustomerId, SubscriptionId
from shared.domain.subscriptions import Subscription
from shared.workflows.carry_change import Carrier
from shared.workflows.carry_upgrade import UpgradeCarrier
from shared.workflows.finish_change import finish_change
from shared.workflows.ports import Desk, Lease
from shared.workflows.read_situation import Room, ledger_key
from shared.workflows.tenant import customer_and_connection, entries_of, with_skus

CHANGES = "changes"


async def unfinished_changes(desk: Desk) -> Sequence[OpenChange]:
    """Those that nobody has looked at for longer than their message would have taken."""
    now = await desk.clock.now()
    return [c for c in await desk.history.watched() if now - c.look_at >= desk.pauses.change_grace]


async def continue_changes(desk: Desk) -> int:
    """Queue what a crash left without a message; answer how many those were."""
    left = await unfinished_changes(desk)
    for change in left:
        await _queue(desk, change)
    return len(left)


async def look_later(desk: Desk, record: ChangeRecord) -> None:
    now = await desk.clock.now()
    await _queue(desk, OpenChange(record.id, record.customer_id, record.subscription_id, now))


async def _queue(desk: Desk, change: OpenChange) -> None:
    message = {
        "customerId": change.customer_id,
        "subscriptionId": change.subscription_id,
        "changeId": change.id,
    }
    await desk.history.watch(
        OpenChange(change.id, change.customer_id, change.subscription_id, await desk.clock.now())
    )
    await desk.queues.send(CHANGES, message, desk.pauses.change_look)


async def follow_change(
    desk: Desk, customer: CustomerId, subscription: SubscriptionId, change: str
) -> None:
    """Look once, and come back later where it is not known yet."""
    record = await _open(desk, customer, subscription, change)
    if record is None:
        return
    with suppress(ChangeInReview):
        if not await _settle_under_lease(desk, record):
            await look_later(desk, record)


async def give_up_change(
    desk: Desk, customer: CustomerId, subscription: SubscriptionId, change: str, reason: str
) -> None:
    """Nobody looks any more: a person has to."""
    record = await _open(desk, customer, subscription, change)
    if record is not None:
        await _settle_under_lease(desk, record, reason)


async def _open(
    desk: Desk, customer: CustomerId, subscription: SubscriptionId, change: str
) -> ChangeRecord | None:
    record = await desk.history.get(customer, subscription, change)
    if record is not None and record.is_open:
        return record
    await desk.history.unwatch(change)
    return None


async def _settle_under_lease(desk: Desk, record: ChangeRecord, given_up: str = "") -> bool:
    room = Room(desk, *await customer_and_connection(desk, record.customer_id))
    subscription = await known_subscription(room, record.subscription_id)
    lease = await desk.ledger.lease(
        record.customer_id, ledger_key(subscription), f"follow|{record.id}"
    )
    try:
        again = await _open(desk, record.customer_id, record.subscription_id, record.id)
        if again is None:
            return True
        carrier = carrier_of(room, lease, again)
        if given_up:
            await carrier.put_aside(subscription, given_up)
            return True
        return await settle(carrier, patient=True)
    finally:
        await desk.ledger.release(lease)


async def settle(carrier: Carrier, *, patient: bool = False) -> bool:
    """Write its end down where that is known; with the lease ours, nobody is going to send it.

    Who is patient gives a change without any answer time to show before it counts as not taken.
    """
    outcome, found = await carrier.outcome()
    match outcome:
        case RecordStatus.DONE:
            await finish_change(carrier.room, carrier, await carrier.complete())
        case RecordStatus.REVIEW:
            await carrier.put_aside(found)
        case RecordStatus.INTENT:
            return await _waited_too_long(carrier, found)
        case _:
            return await _not_taken(carrier, patient=patient)
    return True


async def _waited_too_long(carrier: Carrier, found: Subscription) -> bool:
    desk = carrier.room.desk
    bound = desk.pauses.change_bound
    if not carrier.record.is_slower_than(bound, await desk.clock.now()):
        return False
    hours = bound.total_seconds() / 3600
    await carrier.put_aside(found, f"Microsoft took it and did not show it within {hours:g} hours.")
    return True


async def _not_taken(carrier: Carrier, *, patient: bool) -> bool:
    desk = carrier.room.desk
    late = carrier.record.is_slower_than(desk.pauses.change_grace, await desk.clock.now())
    if patient and not late and carrier.record.taken_at is None:
        return False
    await carrier.end(RecordStatus.FAILED, "It did not come about; ask for it again.")
    return True


def carrier_of(room: Room, lease: Lease, record: ChangeRecord) -> Carrier:
    kind = Carrier if record.upgrade is None else UpgradeCarrier
    return kind(room, lease, record)


async def known_subscription(room: Room, wanted: SubscriptionId) -> Subscription:
    """The mirror says which SKU's lease to take; what it does not know is looked up."""
    for subscription in await room.desk.subscriptions.of(room.customer.id):
        if subscription.id.lower() == wanted.lower() and subscription.sku is not None:
            return subscription
    found = (await room.partner_center.read(room.customer.id, wanted)).subscription
    return with_skus([found], await entries_of(room.desk, room.customer, [found]))[0]
