"""Move seats of one product to another: started by a call, ended some time later."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.company import note_stock
from simulator.nouns import Lot, Subscription, Transition
from simulator.partner_center.bookings import book
from simulator.partner_center.call import Call
from simulator.partner_center.catalogue import parsed_item
from simulator.partner_center.documents import Json, compact, kind, time
from simulator.partner_center.lots import take
from simulator.partner_center.terms import midnight, term_end
from simulator.products import by_sku

if TYPE_CHECKING:
    from simulator.world import World

_NO_WINDOW = timedelta(seconds=1)


def running(subscription: Subscription) -> Transition | None:
    return next((one for one in subscription.transitions if one.ended is None), None)


def start(call: Call, subscription: Subscription, wanted: Json) -> Transition:
    product, availability = parsed_item(wanted["toCatalogItemId"])
    source = by_sku(subscription.product_id, subscription.sku_id)
    seconds = timedelta(seconds=call.switch("transitions.seconds"))
    transition = Transition(
        operation_id=call.world.new_guid(),
        catalog_item_id=f"{product.key}:{availability}",
        quantity=wanted["quantity"],
        kind=wanted["transitionType"],
        term=wanted["termDuration"],
        billing_cycle=wanted["billingCycle"],
        started=call.now,
        due=call.world.clock.real() + seconds,
        promotion_id=wanted.get("promotionId"),
        from_catalog_item_id=f"{source.key}:{subscription.availability_id}",
        to_subscription_id=wanted.get("toSubscriptionId"),
    )
    subscription.transitions.append(transition)
    return transition


def complete(world: "World", subscription: Subscription, transition: Transition) -> None:
    """Full ones keep the subscription, partial ones make another, two become one."""
    transition.ended = transition.started
    target = world.subscriptions.get((transition.to_subscription_id or "").lower())
    if world.switches["transitions.outcome"] == "failed" or subscription.status != "active":
        transition.failed = True
        return
    subscription.schedule = None
    subscription.updates += 1
    if target is not None:
        _merge(world, subscription, target, transition)
    elif transition.quantity < subscription.quantity:
        _split(world, subscription, transition)
    else:
        _become(world, subscription, transition)


def shown(subscription: Subscription, transition: Transition) -> Json:
    return compact(
        {
            "operationId": transition.operation_id,
            "fromCatalogItemId": transition.from_catalog_item_id,
            "fromSubscriptionId": subscription.id,
            "toCatalogItemId": transition.catalog_item_id,
            "toSubscriptionId": transition.to_subscription_id,
            "quantity": transition.quantity,
            "termDuration": transition.term,
            "billingCycle": transition.billing_cycle,
            "promotionId": transition.promotion_id,
            "transitionType": transition.kind,
            "events": _events(transition),
            **kind("Transition"),
        }
    )


def _events(transition: Transition) -> list[Json]:
    names = ["Conversion"]
    if transition.kind == "transition_with_license_transfer":
        names.append("LicenseReassignment")
    start, end = transition.started, transition.ended
    begun = [{"name": "Conversion", "status": "Started", "timestamp": time(start)}]
    if end is None:
        return begun
    status = "Failed" if transition.failed else "Completed"
    return begun + [{"name": name, "status": status, "timestamp": time(end)} for name in names]


def _become(world: "World", subscription: Subscription, transition: Transition) -> None:
    """The same id with another offer; a trial begins the term that is paid for."""
    now, was_trial = transition.started, subscription.is_trial
    _rename(subscription, transition)
    if was_trial or subscription.term != transition.term:
        subscription.term_started = now
        subscription.term_ends = term_end(midnight(now), transition.term)
    if was_trial:
        subscription.is_trial, subscription.window_opened = False, now
        subscription.lots = [Lot(subscription.quantity, now)]
    subscription.term, subscription.billing_cycle = transition.term, transition.billing_cycle
    transition.to_subscription_id = subscription.id
    _note(world, subscription, subscription.quantity, now)


def _split(world: "World", source: Subscription, transition: Transition) -> None:
    """The rest stays; what moved ends on the same day, and has no window any more."""
    _, gone = _give_up(world, source, transition)
    now, closed = transition.started, _before_windows(world, transition.started)
    made = replace(
        source,
        id=world.new_guid(),
        entitlement_id=world.new_guid(),
        quantity=transition.quantity,
        created=now,
        lots=[Lot(sum(lot.quantity for lot in gone), closed)],
        window_opened=min(source.window_opened, closed),
        stock=[],
        transitions=[],
        updates=0,
    )
    made.term, made.billing_cycle = transition.term, transition.billing_cycle
    if transition.term != source.term:
        made.term_started, made.term_ends = now, term_end(midnight(now), transition.term)
    _rename(made, transition)
    world.subscriptions[made.id] = made
    transition.to_subscription_id = made.id
    made.order_id = _note(world, made, made.quantity, now)


def _merge(
    world: "World", source: Subscription, target: Subscription, transition: Transition
) -> None:
    _give_up(world, source, transition)
    now = transition.started
    target.lots.append(Lot(transition.quantity, _before_windows(world, now)))
    target.quantity += transition.quantity
    target.schedule = None
    _note(world, target, transition.quantity, now)


def _give_up(
    world: "World", source: Subscription, transition: Transition
) -> tuple[list[Lot], list[Lot]]:
    """The seats leave their subscription; without any left, it is over."""
    stay, gone = take(source.lots, transition.quantity)
    if stay:
        source.lots, source.quantity = stay, source.quantity - transition.quantity
    else:
        source.status, source.status_since = "deleted", transition.started
    note_stock(world, source)
    return stay, gone


def _before_windows(world: "World", now: datetime) -> datetime:
    """Upgrades have no window, so these seats count as bought before any that is open."""
    return now - timedelta(hours=world.switches["subscriptions.windowHours"]) - _NO_WINDOW


def _rename(subscription: Subscription, transition: Transition) -> None:
    product, availability = parsed_item(transition.catalog_item_id)
    subscription.product_id, subscription.sku_id = product.product_id, product.sku_id
    subscription.availability_id = availability
    subscription.friendly_name = product.title
    subscription.promotion_id = transition.promotion_id


def _note(world: "World", subscription: Subscription, quantity: int, now: datetime) -> str:
    note_stock(world, subscription)
    return book(world, subscription, "Convert", quantity, now).id
