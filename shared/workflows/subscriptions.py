"""Bring our mirror of a customer's subscriptions up to date."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from shared.domain.connections import Connection
from shared.domain.errors import SubscriptionNotFound
from shared.domain.history import snapshot_of
from shared.domain.ids import CustomerId, SubscriptionId
from shared.domain.subscriptions import Subscription
from shared.workflows.keep_lots import keep_lots
from shared.workflows.note_drift import note_drift, note_gone
from shared.workflows.ports import Desk, Mirror
from shared.workflows.tenant import customer_and_connection, entries_of, with_skus


async def refresh_subscriptions(desk: Desk, customer_id: CustomerId) -> Sequence[Subscription]:
    """Read Microsoft, put on record what changed without us, keep what it says, answer it."""
    customer, connection = await customer_and_connection(desk, customer_id)
    found = await desk.microsoft.partner_center(connection).subscriptions(customer_id)
    subscriptions = with_skus(found, await entries_of(desk, customer, found))
    return await keep_mirror(desk, connection, customer_id, subscriptions)


async def keep_mirror(
    desk: Desk,
    connection: Connection,
    customer_id: CustomerId,
    listed: Sequence[Subscription],
) -> Sequence[Subscription]:
    """Write the mirror over, after what it does not know was put on record; answer what is kept."""
    mirror = await desk.subscriptions.mirror(customer_id)
    subscriptions = await note_gone(desk, connection, mirror, listed)
    known = {s.id: s for s in mirror.subscriptions}
    if mirror.was_read and known == {s.id: s for s in subscriptions}:
        # The mirror is written last, so that the lots of what it holds are kept as well.
        return subscriptions
    subscriptions = await _read_again(desk, connection, mirror, subscriptions)
    await note_drift(desk, customer_id, subscriptions, mirror)
    for subscription in subscriptions:
        await keep_lots(desk, subscription)
    await desk.subscriptions.replace(customer_id, subscriptions)
    return subscriptions


async def _read_again(
    desk: Desk, connection: Connection, mirror: Mirror, listed: Sequence[Subscription]
) -> Sequence[Subscription]:
    """What differs is asked for by itself: the list may be older than a change of ours."""
    found, partner_center = list[Subscription](), desk.microsoft.partner_center(connection)
    for one in listed:
        known = mirror.find(one.id)
        if known is not None and snapshot_of(known) != snapshot_of(one):
            with suppress(SubscriptionNotFound):
                reading = await partner_center.read(one.customer_id, one.id)
                found.append(replace(reading.subscription, sku=one.sku))
                continue
        found.append(one)
    return found


async def refresh_subscription(
    desk: Desk, customer_id: CustomerId, subscription_id: SubscriptionId
) -> Subscription:
    """Read one anew, with the same care."""
    customer, connection = await customer_and_connection(desk, customer_id)
    reading = await desk.microsoft.partner_center(connection).read(customer_id, subscription_id)
    found = [reading.subscription]
    (subscription,) = with_skus(found, await entries_of(desk, customer, found))
    await keep_reading(desk, subscription)
    return subscription


async def keep_reading(desk: Desk, subscription: Subscription) -> None:
    """Keep one that was read alone; who found the same before changes nothing any more."""
    mirror = await desk.subscriptions.mirror(subscription.customer_id)
    if mirror.find(subscription.id) == subscription:
        return
    await note_drift(desk, subscription.customer_id, [subscription], mirror)
    await keep_lots(desk, subscription)
    await desk.subscriptions.save(subscription)
