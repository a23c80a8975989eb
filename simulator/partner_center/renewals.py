"""End terms: into a new one, into a paid extension, or into nothing."""

from datetime import datetime
from typing import TYPE_CHECKING

from simulator.company import note_stock
from simulator.nouns import Lot, Subscription
from simulator.partner_center.bookings import book
from simulator.partner_center.coterm import ends_of
from simulator.partner_center.terms import term_end
from simulator.products import by_sku

if TYPE_CHECKING:
    from simulator.world import World


def renew(world: "World", subscription: Subscription, completed: datetime) -> None:
    """The next term starts where this one ends; its window opens when the renewal is done."""
    _leave_extension(subscription)
    subscription.promotion_id = None
    custom_end = _take_schedule(subscription)
    subscription.next_charge = subscription.next_charge_due = None
    subscription.scheduled_actions = None
    subscription.term_started = subscription.term_ends
    subscription.term_ends = ends_of(subscription.term_started, subscription.term, custom_end)
    subscription.window_opened = completed
    subscription.lots = [Lot(subscription.quantity, completed)]
    note_stock(world, subscription)
    book(world, subscription, "Renew", subscription.quantity, completed)


def is_extended(world: "World", subscription: Subscription) -> bool:
    """Renewal switched off alone: since May 2026 that is a paid extension, not an end."""
    starts = datetime.fromisoformat(world.switches["est.from"])
    if not world.switches["est.enabled"] or subscription.term_ends <= starts:
        return False
    actions = subscription.scheduled_actions or []
    return not any(action.get("actionType") == "Cancel" for action in actions)


def extend(world: "World", subscription: Subscription) -> None:
    """A month more, dearer and without a window of its own, again and again."""
    if not subscription.extended:
        was = {"term": subscription.term, "billingCycle": subscription.billing_cycle}
        subscription.extended, subscription.extended_from = True, was
    subscription.term, subscription.billing_cycle = "P1M", "monthly"
    subscription.promotion_id = None
    subscription.term_started = subscription.term_ends
    subscription.term_ends = term_end(subscription.term_started, subscription.term)
    book(world, subscription, "Renew", subscription.quantity, subscription.term_started)


def change_charge(subscription: Subscription) -> None:
    """From its next charge on, three years are billed at another pace."""
    if subscription.next_charge is not None:
        product = subscription.next_charge["product"]
        subscription.billing_cycle = str(product["billingCycle"]).lower()
    subscription.next_charge = subscription.next_charge_due = None


def _leave_extension(subscription: Subscription) -> None:
    before = subscription.extended_from
    if subscription.extended and before is not None:
        subscription.term, subscription.billing_cycle = before["term"], before["billingCycle"]
    subscription.extended, subscription.extended_from = False, None


def _take_schedule(subscription: Subscription) -> str | None:
    """What was scheduled becomes so; the last day that the next term should have."""
    schedule = subscription.schedule
    if schedule is None:
        return None
    product = schedule["product"]
    subscription.quantity = schedule["quantity"]
    subscription.product_id = product["productId"].upper()
    subscription.sku_id = product["skuId"].upper()
    subscription.availability_id = product.get("availabilityId") or subscription.availability_id
    subscription.term = product["termDuration"]
    subscription.billing_cycle = product["billingCycle"].lower()
    subscription.promotion_id = product.get("promotionId")
    subscription.is_trial = by_sku(subscription.product_id, subscription.sku_id).is_trial
    subscription.schedule = None
    return schedule.get("customTermEndDate")
