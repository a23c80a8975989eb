"""Let time do its work: late changes, renewals, expiry, the end of the unpaid."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.company import note_stock
from simulator.nouns import Lot, Subscription
from simulator.partner_center.changes import apply, check
from simulator.partner_center.errors import Refused
from simulator.partner_center.terms import term_end

if TYPE_CHECKING:
    from simulator.world import World


def settle(world: "World") -> None:
    """Brings every subscription to where it is by the clock."""
    for subscription in world.subscriptions.values():
        _apply_pending(world, subscription)
        while _step(world, subscription):
            pass


def _apply_pending(world: "World", subscription: Subscription) -> None:
    pending = subscription.pending
    if pending is None or world.clock.real() < pending.due:
        return
    subscription.pending = None
    try:
        check(world, subscription, pending.body)
    except Refused:
        # Accepted and then not done: Microsoft never says so either.
        return
    apply(world, subscription, pending.body)


def _step(world: "World", subscription: Subscription) -> bool:
    """One move, or False where nothing is due."""
    now = world.clock.now()
    match subscription.status:
        case "active":
            return _end_term(world, subscription, now)
        case "suspended":
            return _move_at(world, subscription, subscription.term_ends, "disabled")
        case "expired" | "disabled":
            return _decay(world, subscription)
    return False


def _end_term(world: "World", subscription: Subscription, now: datetime) -> bool:
    if now < subscription.term_ends:
        return False
    if subscription.auto_renew:
        return _renew(world, subscription, now)
    if _is_extended(world, subscription):
        _extend(subscription)
        return True
    return _move_at(world, subscription, subscription.term_ends, "expired")


def _renew(world: "World", subscription: Subscription, now: datetime) -> bool:
    completed = subscription.term_ends + timedelta(seconds=world.switches["renewal.seconds"])
    if now < completed:
        return False
    _take_schedule(subscription)
    subscription.next_charge = None
    subscription.term_started = subscription.term_ends
    subscription.term_ends = term_end(subscription.term_started, subscription.term)
    # The window opens when the renewal is done, which may be hours after midnight.
    subscription.window_opened = completed
    subscription.lots = [Lot(subscription.quantity, completed)]
    note_stock(world, subscription)
    return True


def _take_schedule(subscription: Subscription) -> None:
    schedule = subscription.schedule
    if schedule is None:
        return
    product = schedule["product"]
    subscription.quantity = schedule["quantity"]
    subscription.product_id = product["productId"].upper()
    subscription.sku_id = product["skuId"].upper()
    subscription.availability_id = product.get("availabilityId") or subscription.availability_id
    subscription.term = product["termDuration"]
    subscription.billing_cycle = product["billingCycle"].lower()
    subscription.promotion_id = product.get("promotionId")
    subscription.schedule = None


def _is_extended(world: "World", subscription: Subscription) -> bool:
    """Renewal switched off alone: since May 2026 that is a paid extension, not an end."""
    actions = subscription.scheduled_actions or []
    cancels = any(action.get("actionType") == "Cancel" for action in actions)
    return bool(world.switches["est.enabled"]) and not cancels


def _extend(subscription: Subscription) -> None:
    subscription.extended = True
    subscription.term, subscription.billing_cycle = "P1M", "monthly"
    subscription.term_started = subscription.term_ends
    subscription.term_ends = term_end(subscription.term_started, subscription.term)
    subscription.lots = []


def _decay(world: "World", subscription: Subscription) -> bool:
    name, following = {
        "expired": ("lifecycle.expiredDays", "disabled"),
        "disabled": ("lifecycle.disabledDays", "deleted"),
    }[subscription.status]
    since = subscription.status_since or subscription.term_ends
    days = world.switches[name]
    # What was suspended had no grace of its own: it stays disabled for both.
    if subscription.status == "disabled" and since == subscription.term_ends:
        days += world.switches["lifecycle.expiredDays"]
    return _move_at(world, subscription, since + timedelta(days=days), following)


def _move_at(world: "World", subscription: Subscription, due: datetime, status: str) -> bool:
    if world.clock.now() < due:
        return False
    subscription.status, subscription.status_since = status, due
    note_stock(world, subscription)
    return True
