"""Refuse changes of subscriptions before anything is changed."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.nouns import Subscription
from simulator.partner_center import subscriptions
from simulator.partner_center.documents import Json
from simulator.partner_center.errors import Refused
from simulator.partner_center.intents import Intent, concerns, intent_of
from simulator.partner_center.lots import refundable_quantity
from simulator.partner_center.schedules import check_next_term, is_count
from simulator.partner_center.terms import MONTHS
from simulator.products import by_sku

if TYPE_CHECKING:
    from simulator.world import World

_FINAL = ("expired", "disabled")
_MOVES = {("active", "suspended"), ("active", "deleted"), ("suspended", "active")}
_WHILE_RENEWING = {"quantity", "partner", "name"}


def check_ready(world: "World", subscription: Subscription, body: Json) -> None:
    """One thing at a time: a change that is on its way, a renewal, a transition."""
    if subscription.pending is not None or _is_in_transition(subscription):
        raise Refused(world.switches["subscriptions.overlapCode"])
    if _is_renewing(world, subscription) and not _goes_on(world, subscription, body):
        raise Refused(800082)
    if subscription.activates is not None and world.clock.real() < subscription.activates:
        raise Refused(800081)


def check(world: "World", subscription: Subscription, body: Json, now: datetime) -> None:
    _check_shape(body)
    _check_alive(world, subscription, now)
    intent = intent_of(subscription, body)
    several = len(concerns(subscription, body)) > 1
    if several and world.switches["subscriptions.concerns"] == "one":
        raise Refused(800002, "A change concerns one thing only.")
    if subscription.is_trial:
        _check_trial(subscription, intent)
    _check_terms(world, subscription, intent)
    _check_status(world, subscription, intent, now)
    _check_quantity(world, subscription, intent, now)
    if intent.status == subscription.status == "suspended":
        _check_asleep(subscription, intent)
    _check_reseller(subscription, intent)
    if intent.status == "active":
        check_next_term(world, subscription, intent)


def _check_shape(body: Json) -> None:
    for name in ("scheduledNextTermInstructions", "nextChargeInstructions"):
        given = {} if body.get(name) is None else body[name]
        if not isinstance(given, dict) or not isinstance(given.get("product") or {}, dict):
            raise Refused(3000, f"{name} is not an object with a product.")
    if not isinstance(body.get("scheduledActions") or [], list):
        raise Refused(3000, "scheduledActions is not a list.")


def _is_in_transition(subscription: Subscription) -> bool:
    return any(one.ended is None for one in subscription.transitions)


def _is_renewing(world: "World", subscription: Subscription) -> bool:
    renews = subscription.status == "active" and subscription.auto_renew
    return renews and world.clock.now() >= subscription.term_ends


def _goes_on(world: "World", subscription: Subscription, body: Json) -> bool:
    """Some of Microsoft's renewals let some changes through."""
    if world.switches["renewal.writes"] != "some":
        return False
    cancels = str(body.get("status", "")).lower() == "deleted"
    allowed = _WHILE_RENEWING | ({"status"} if cancels else set())
    return concerns(subscription, body) <= allowed and body.get("autoRenewEnabled") is True


def _check_alive(world: "World", subscription: Subscription, now: datetime) -> None:
    if subscription.status == "deleted":
        raise Refused(2011)
    if subscription.status in _FINAL:
        raise Refused(900279)
    if subscription.updates >= world.switches["subscriptions.updateLimit"]:
        raise Refused(900311)
    hours = timedelta(hours=world.switches["renewal.expiringHours"])
    if not subscription.auto_renew and hours and now >= subscription.term_ends - hours:
        raise Refused(900277)


def _check_trial(subscription: Subscription, intent: Intent) -> None:
    if intent.quantity != subscription.quantity:
        raise Refused(800095)
    if intent.status != subscription.status:
        raise Refused(800096)
    if intent.term != subscription.term:
        raise Refused(800107)


def _check_terms(world: "World", subscription: Subscription, intent: Intent) -> None:
    """Of a running term, neither the length nor the billing is changed without a switch."""
    if intent.term != subscription.term:
        if MONTHS.get(intent.term, 0) < MONTHS[subscription.term]:
            raise Refused(800122 if intent.term in MONTHS else 800121)
        if world.switches["subscriptions.termUpgrade"] != "taken":
            raise Refused(800121)
        product = by_sku(subscription.product_id, subscription.sku_id)
        if (intent.term, intent.billing_cycle.title()) not in product.terms:
            raise Refused(900270)
    elif intent.billing_cycle != subscription.billing_cycle:
        raise Refused(800097)


def _check_status(
    world: "World", subscription: Subscription, intent: Intent, now: datetime
) -> None:
    if intent.status == subscription.status:
        return
    if (subscription.status, intent.status) not in _MOVES:
        raise Refused(800040)
    until = subscription.window_opened + subscriptions.window(world)
    if intent.status == "deleted" and now > until and not subscription.extended:
        raise Refused(world.switches["subscriptions.cancelCode"])


def _check_quantity(
    world: "World", subscription: Subscription, intent: Intent, now: datetime
) -> None:
    if intent.quantity == subscription.quantity:
        return
    if "suspended" in (subscription.status, intent.status):
        raise Refused(2001)
    if not is_count(intent.quantity, by_sku(subscription.product_id, subscription.sku_id)):
        raise Refused(2002)
    decrease = subscription.quantity - intent.quantity
    allowed = refundable_quantity(subscription.lots, now, subscriptions.window(world))
    if decrease > allowed:
        raise Refused(world.switches["subscriptions.decreaseCode"])


def _check_asleep(subscription: Subscription, intent: Intent) -> None:
    """Of what is suspended nothing is planned; only its name may change."""
    charge = intent.next_charge != subscription.next_charge and intent.next_charge is not None
    if intent.auto_renew or intent.schedule is not None or charge:
        raise Refused(800091)


def _check_reseller(subscription: Subscription, intent: Intent) -> None:
    reseller = intent.reseller_mpn_id
    if reseller != subscription.reseller_mpn_id and reseller and not reseller.isdigit():
        raise Refused(2072)
