"""Change subscriptions by PATCH, the most dangerous call: what is left out is taken as gone."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.company import note_stock
from simulator.nouns import Lot, PendingChange, Subscription
from simulator.partner_center import subscriptions
from simulator.partner_center.bookings import book
from simulator.partner_center.call import Answer, Call
from simulator.partner_center.change_rules import check, check_ready
from simulator.partner_center.documents import Json
from simulator.partner_center.intents import Intent, intent_of, is_midterm
from simulator.partner_center.lots import give_back
from simulator.partner_center.schedules import schedule_of, takes_actions
from simulator.partner_center.terms import midnight, period_end, term_end

if TYPE_CHECKING:
    from simulator.world import World


def patch(call: Call) -> Answer:
    subscription = subscriptions.found(call)
    check_ready(call.world, subscription, call.body)
    check(call.world, subscription, call.body, call.now)
    if call.switch("subscriptions.patchMode") == "async":
        return _later(call, subscription)
    apply(call.world, subscription, call.body, call.now)
    return Answer(200, subscriptions.shown(call, subscription))


def apply(world: "World", subscription: Subscription, body: Json, now: datetime) -> None:
    """Takes the whole intent over; every mid-term change deletes what was scheduled."""
    intent = intent_of(subscription, body)
    is_break = is_midterm(subscription, intent)
    keeps_renewing = intent.status == "active" and subscription.status == "active"
    _plan_ahead(world, subscription, intent, now, is_break=is_break)
    _change_quantity(world, subscription, intent.quantity, now)
    _change_term(subscription, intent, now)
    subscription.auto_renew = intent.auto_renew and keeps_renewing
    subscription.friendly_name = intent.friendly_name
    subscription.reseller_mpn_id = intent.reseller_mpn_id
    if intent.status != subscription.status:
        subscription.status, subscription.status_since = intent.status, now
        note_stock(world, subscription)
    subscription.updates += 1


def change_outside(world: "World", subscription: Subscription, changes: Json) -> None:
    """What somebody does in the portal: the same rules, and the same loss of schedules."""
    now = world.clock.now()
    body = {
        "autoRenewEnabled": subscription.auto_renew,
        "scheduledNextTermInstructions": subscription.schedule,
        "nextChargeInstructions": subscription.next_charge,
        "scheduledActions": subscription.scheduled_actions,
    }
    check(world, subscription, body | changes, now)
    apply(world, subscription, body | changes, now)


def _plan_ahead(
    world: "World", subscription: Subscription, intent: Intent, now: datetime, *, is_break: bool
) -> None:
    """What is to come: sent along with a change of today, it is lost, or kept by a switch."""
    keeps = world.switches["subscriptions.scheduleSentAlong"] == "kept" and intent.auto_renew
    stays_active = intent.status == "active"
    schedule = schedule_of(world, intent) if intent.auto_renew else None
    subscription.schedule = schedule if stays_active and (keeps or not is_break) else None
    if takes_actions(world):
        changes_seats = intent.quantity != subscription.quantity
        wiped = changes_seats and world.switches["est.midtermWipesActions"]
        subscription.scheduled_actions = None if wiped else intent.scheduled_actions
    if stays_active and intent.next_charge != subscription.next_charge:
        _plan_charge(subscription, intent.next_charge, now)


def _plan_charge(subscription: Subscription, instructions: Json | None, now: datetime) -> None:
    start, end = subscription.term_started, subscription.term_ends
    due = period_end(start, end, subscription.billing_cycle, now)
    subscription.next_charge = instructions
    subscription.next_charge_due = None if instructions is None else due


def _change_quantity(
    world: "World", subscription: Subscription, quantity: int, now: datetime
) -> None:
    difference = quantity - subscription.quantity
    if difference == 0:
        return
    if difference > 0:
        subscription.lots.append(Lot(difference, now))
    else:
        order = world.switches["subscriptions.lotOrder"]
        window = subscriptions.window(world)
        subscription.lots = give_back(subscription.lots, -difference, now, window, order)
    subscription.quantity = quantity
    note_stock(world, subscription)
    if world.switches["orders.quantityChanges"]:
        kind = "AddQuantity" if difference > 0 else "RemoveQuantity"
        book(world, subscription, kind, abs(difference), now)


def _change_term(subscription: Subscription, intent: Intent, now: datetime) -> None:
    """A longer term begins at once, and opens no window."""
    if intent.term == subscription.term:
        return
    subscription.term, subscription.billing_cycle = intent.term, intent.billing_cycle
    subscription.term_started = now
    subscription.term_ends = term_end(midnight(now), intent.term)


def _later(call: Call, subscription: Subscription) -> Answer:
    wait = timedelta(seconds=call.switch("subscriptions.asyncSeconds"))
    due = call.world.clock.real() + wait
    subscription.pending = PendingChange(call.body, due, call.now + wait)
    path = f"/customers/{subscription.customer_id}/subscriptions/{subscription.id}"
    return Answer(202, headers={"Location": path})
