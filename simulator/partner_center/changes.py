"""Change subscriptions by PATCH, the most dangerous call: what is left out is taken as gone."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from simulator.company import note_stock
from simulator.nouns import Lot, PendingChange, Subscription
from simulator.partner_center import subscriptions
from simulator.partner_center.call import Answer, Call
from simulator.partner_center.documents import Json
from simulator.partner_center.errors import Refused
from simulator.partner_center.lots import give_back, refundable_quantity
from simulator.partner_center.terms import MONTHS
from simulator.products import UnknownProduct, by_sku

if TYPE_CHECKING:
    from simulator.world import World

_FINAL = ("expired", "disabled")
_MOVES = {("active", "suspended"), ("active", "deleted"), ("suspended", "active")}


@dataclass(frozen=True)
class Intent:
    """What a PATCH asks for, beside what is so."""

    status: str
    quantity: int
    auto_renew: bool
    schedule: Json | None
    next_charge: Json | None
    scheduled_actions: list[Json] | None
    friendly_name: str


def patch(call: Call) -> Answer:
    subscription = subscriptions.found(call)
    _check_ready(call.world, subscription)
    check(call.world, subscription, call.body)
    if call.switch("subscriptions.patchMode") == "async":
        return _later(call, subscription)
    apply(call.world, subscription, call.body)
    return Answer(200, subscriptions.shown(call, subscription))


def check(world: "World", subscription: Subscription, body: Json) -> None:
    """Refuses before anything is changed."""
    if subscription.status == "deleted":
        raise Refused(2011)
    if subscription.status in _FINAL or subscription.extended:
        raise Refused(900279)
    if subscription.updates >= world.switches["subscriptions.updateLimit"]:
        raise Refused(900311)
    intent = _intent(subscription, body)
    _check_terms(subscription, body)
    _check_status(world, subscription, intent)
    _check_quantity(world, subscription, intent)
    if intent.status == "active":
        _check_next_term(subscription, intent)


def apply(world: "World", subscription: Subscription, body: Json) -> None:
    """Takes the whole intent over; every mid-term change deletes what was scheduled."""
    intent = _intent(subscription, body)
    is_midterm = (
        intent.quantity != subscription.quantity
        or intent.status != subscription.status
        or (subscription.auto_renew and not intent.auto_renew)
    )
    keeps_renewing = intent.status == "active" and subscription.status == "active"
    _change_quantity(world, subscription, intent.quantity)
    subscription.auto_renew = intent.auto_renew and keeps_renewing
    subscription.schedule = None if is_midterm else intent.schedule
    subscription.next_charge = intent.next_charge
    subscription.scheduled_actions = intent.scheduled_actions
    subscription.friendly_name = intent.friendly_name
    if intent.status != subscription.status:
        subscription.status, subscription.status_since = intent.status, world.clock.now()
        note_stock(world, subscription)
    subscription.updates += 1


def change_outside(world: "World", subscription: Subscription, quantity: int) -> None:
    """What somebody does in the portal: the same rules, and the same loss of schedules."""
    body = {"quantity": quantity, "autoRenewEnabled": subscription.auto_renew}
    check(world, subscription, body)
    apply(world, subscription, body)


def _later(call: Call, subscription: Subscription) -> Answer:
    wait = timedelta(seconds=call.switch("subscriptions.asyncSeconds"))
    subscription.pending = PendingChange(call.body, call.world.clock.real() + wait)
    path = f"/customers/{subscription.customer_id}/subscriptions/{subscription.id}"
    return Answer(202, headers={"Location": path})


def _intent(subscription: Subscription, body: Json) -> Intent:
    name = body.get("friendlyName")
    return Intent(
        status=str(body.get("status", subscription.status)).lower(),
        quantity=body.get("quantity", subscription.quantity),
        auto_renew=body.get("autoRenewEnabled") is True,
        schedule=body.get("scheduledNextTermInstructions"),
        next_charge=body.get("nextChargeInstructions"),
        scheduled_actions=body.get("scheduledActions"),
        friendly_name=name if isinstance(name, str) and name else subscription.friendly_name,
    )


def _check_ready(world: "World", subscription: Subscription) -> None:
    renewing = (
        subscription.status == "active"
        and subscription.auto_renew
        and world.clock.now() >= subscription.term_ends
    )
    if renewing or subscription.pending is not None:
        raise Refused(800082)


def _check_terms(subscription: Subscription, body: Json) -> None:
    """Of a running term, neither the length nor the billing is changed by this call."""
    term = body.get("termDuration") or subscription.term
    if term != subscription.term:
        shorter = MONTHS.get(term, 0) < MONTHS[subscription.term]
        raise Refused(800122 if shorter else 800121)
    billing = str(body.get("billingCycle") or subscription.billing_cycle).lower()
    if billing != subscription.billing_cycle:
        raise Refused(800097)


def _check_status(world: "World", subscription: Subscription, intent: Intent) -> None:
    if intent.status == subscription.status:
        return
    if (subscription.status, intent.status) not in _MOVES:
        raise Refused(800040)
    until = subscription.window_opened + subscriptions.window(world)
    if intent.status == "deleted" and world.clock.now() > until:
        raise Refused(world.switches["subscriptions.cancelCode"])


def _check_quantity(world: "World", subscription: Subscription, intent: Intent) -> None:
    if intent.quantity == subscription.quantity:
        return
    if subscription.status == "suspended":
        raise Refused(2001)
    product = by_sku(subscription.product_id, subscription.sku_id)
    if not _is_count(intent.quantity, product.minimum, product.maximum):
        raise Refused(2002)
    decrease = subscription.quantity - intent.quantity
    allowed = refundable_quantity(subscription.lots, world.clock.now(), subscriptions.window(world))
    if decrease > allowed:
        raise Refused(800090)


def _check_next_term(subscription: Subscription, intent: Intent) -> None:
    if subscription.status == "suspended" and intent.auto_renew:
        raise Refused(800091)
    if intent.schedule is not None:
        if not intent.auto_renew:
            raise Refused(800093)
        _check_schedule(intent.schedule)
    if intent.next_charge is not None and subscription.term != "P3Y":
        raise Refused(900270)


def _check_schedule(schedule: Json) -> None:
    wanted = schedule.get("product") or {}
    try:
        product = by_sku(str(wanted.get("productId")), str(wanted.get("skuId")))
    except UnknownProduct:
        raise Refused(900267) from None
    if wanted.get("termDuration") not in MONTHS:
        raise Refused(900268)
    billing = str(wanted.get("billingCycle", "")).title()
    if (wanted["termDuration"], billing) not in product.terms:
        raise Refused(900270)
    if schedule.get("customTermEndDate"):
        raise Refused(900244, "They are not simulated.")
    if not _is_count(schedule.get("quantity"), product.minimum, product.maximum):
        raise Refused(2002)


def _is_count(quantity: Any, minimum: int, maximum: int) -> bool:  # noqa: ANN401 - as it was sent
    is_number = isinstance(quantity, int) and not isinstance(quantity, bool)
    return is_number and minimum <= quantity <= maximum


def _change_quantity(world: "World", subscription: Subscription, quantity: int) -> None:
    now, difference = world.clock.now(), quantity - subscription.quantity
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
