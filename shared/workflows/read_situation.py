"""Read everything that a change of one subscription is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.changes import (
    Cancel,
    ScheduleRenewal,
    SetEndOfTerm,
    SetSeats,
    Situation,
    SubscriptionChange,
    Upgrade,
    UpgradeOption,
)
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.errors import SubscriptionNotFound
from shared.domain.ids import OfferId, SkuId, SubscriptionId
from shared.domain.lots import LotLedger
from shared.domain.seats import SeatView
from shared.domain.subscriptions import EndOfTerm, Subscription
from shared.workflows.ports import Desk, PartnerCenter
from shared.workflows.promise_seats import standing_promises
from shared.workflows.tenant import Tenant, entries_of, read_tenant, with_skus

_COUNTED = SetSeats | Cancel | ScheduleRenewal | Upgrade


@dataclass(frozen=True, slots=True)
class Room:
    """Where a change takes place."""

    desk: Desk
    customer: Customer
    connection: Connection
    assigned: Mapping[SkuId, int] = field(default_factory=dict)
    """Direct licences counted one by one, where somebody has just done so."""

    @property
    def partner_center(self) -> PartnerCenter:
        return self.desk.microsoft.partner_center(self.connection)


async def read_situation(
    room: Room, subscription_id: SubscriptionId, change: SubscriptionChange, *, floor: int = 0
) -> Situation:
    """Licence counts are asked for only where the change can take or give seats.

    ``floor`` seats shall stay idle; what a person asks for may go below them.
    """
    now = await room.desk.clock.now()
    tenant = await _tenant(room, counted=isinstance(change, _COUNTED))
    subscription = _found(tenant, subscription_id)
    lots = await room.desk.history.lots(room.customer.id, subscription.id)
    entries = dict(tenant.entries)
    for offer in _named(change):
        entry = await room.desk.catalog.entry(room.connection.id, room.customer.country, offer)
        entries |= {offer: entry} if entry is not None else {}
    policy = await room.desk.policies.of(room.customer.id)
    return Situation(
        subscription=_with_lots(subscription, lots),
        now=now,
        entries=entries,
        held=tuple(tenant.subscriptions),
        view=await _view(room.desk, tenant, subscription, now, floor=floor),
        spare=policy.spare_seats,
        updates=await _updates(room, subscription.id),
        last_window=lots.reconciled(subscription.lots, now).last_deadline(now),
        speaks_of_ends=room.connection.sends_scheduled_actions,
        chosen_end=await _chosen_end(room, subscription, change),
        upgrades=await _upgrades(room, subscription, change),
    )


async def _chosen_end(
    room: Room, subscription: Subscription, change: SubscriptionChange
) -> EndOfTerm | None:
    if not isinstance(change, SetEndOfTerm):
        return None
    chosen = (await room.desk.ends.of(room.customer.id)).get(subscription.id)
    return chosen.intent if chosen is not None and chosen.holds_for(subscription) else None


async def _updates(room: Room, subscription: SubscriptionId) -> int:
    """What we sent, or what is on record with others' changes, whichever is more."""
    sent = await room.desk.history.updates(room.customer.id)
    known = await room.desk.history.count(room.customer.id, subscription)
    return max(known, sent.get(subscription, 0))


def ledger_key(subscription: Subscription) -> SkuId:
    """What the seats' lease is taken on; a product that nobody counts has its own."""
    return subscription.sku or SkuId(subscription.offer)


async def _tenant(room: Room, *, counted: bool) -> Tenant:
    if counted:
        return replace(await read_tenant(room.desk, room.customer.id), assigned=room.assigned)
    held = await room.partner_center.subscriptions(room.customer.id)
    entries = await entries_of(room.desk, room.customer, held)
    return Tenant(room.connection, room.customer, {}, (), with_skus(held, entries), entries)


def _found(tenant: Tenant, wanted: SubscriptionId) -> Subscription:
    for subscription in tenant.subscriptions:
        if subscription.id.lower() == wanted.lower():
            return subscription
    raise SubscriptionNotFound(wanted)


def _named(change: SubscriptionChange) -> tuple[OfferId, ...]:
    named = change.offer if isinstance(change, ScheduleRenewal | Upgrade) else None
    return (named,) if named else ()


def _with_lots(subscription: Subscription, lots: LotLedger) -> Subscription:
    """Our own count, at its most cautious, where Microsoft says nothing."""
    return subscription if subscription.lots_told else replace(subscription, lots=lots.least)


async def _view(
    desk: Desk, tenant: Tenant, subscription: Subscription, now: datetime, *, floor: int
) -> SeatView | None:
    sku = subscription.sku
    if sku is None or sku not in tenant.stocks or not tenant.stocks[sku].per_user:
        return None
    page = await desk.ledger.read(tenant.customer.id, sku)
    return tenant.view(sku, await standing_promises(desk, tenant, sku, page, now), floor)


async def _upgrades(
    room: Room, subscription: Subscription, change: SubscriptionChange
) -> tuple[UpgradeOption, ...]:
    if not isinstance(change, Upgrade) or subscription.is_legacy:
        return ()
    return tuple(await room.partner_center.upgrades(room.customer.id, subscription.id))
