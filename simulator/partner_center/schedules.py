"""Judge what a subscription is told to become: at its renewal, or at its next charge."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.nouns import Subscription
from simulator.partner_center import promotions
from simulator.partner_center.coterm import is_inside, may_end, parsed_day
from simulator.partner_center.documents import Json
from simulator.partner_center.errors import Refused
from simulator.partner_center.intents import Intent
from simulator.partner_center.terms import MONTHS
from simulator.products import Product, UnknownProduct, by_sku

if TYPE_CHECKING:
    from simulator.world import World

_RENEWS = "RenewToNewTerm"
_ACTIONS = (_RENEWS, "Cancel", "RenewToExtendedServiceTerm")
_CHARGED = ("monthly", "annual")


def check_next_term(world: "World", subscription: Subscription, intent: Intent) -> None:
    if takes_actions(world):
        _check_actions(world, subscription, intent)
    if intent.schedule is not None and _renews(world, intent):
        _check_schedule(world, subscription, intent.schedule)
    if intent.next_charge is not None and intent.next_charge != subscription.next_charge:
        _check_next_charge(subscription, intent.next_charge)


def _renews(world: "World", intent: Intent) -> bool:
    """What stands or falls with renewal: a schedule without it is refused, or not looked at."""
    if not intent.auto_renew and world.switches["schedule.withoutRenewal"] == "refused":
        raise Refused(800093)
    return intent.auto_renew


def takes_actions(world: "World") -> bool:
    return bool(world.switches["est.enabled"] and world.switches["est.actionsTaken"])


def schedule_of(world: "World", intent: Intent) -> Json | None:
    """The instructions themselves, or those that come with the action to renew."""
    if intent.schedule is not None or not takes_actions(world):
        return intent.schedule
    actions = intent.scheduled_actions or []
    renewals = [one for one in actions if one.get("actionType") == _RENEWS]
    return next((one["instructions"] for one in renewals if one.get("instructions")), None)


def is_count(quantity: Any, product: Product) -> bool:  # noqa: ANN401 - as it was sent
    is_number = isinstance(quantity, int) and not isinstance(quantity, bool)
    return is_number and product.minimum <= quantity <= product.maximum


def _check_schedule(world: "World", subscription: Subscription, schedule: Json) -> None:
    wanted = schedule.get("product")
    if not isinstance(wanted, dict):
        raise Refused(900267)
    product = _product(world, subscription, wanted)
    if str(wanted.get("termDuration")) not in MONTHS:
        raise Refused(900268)
    billing = str(wanted.get("billingCycle", "")).title()
    if (wanted["termDuration"], billing) not in product.terms:
        raise Refused(900270)
    if not is_count(schedule.get("quantity"), product):
        raise Refused(2002)
    if wanted.get("promotionId") and not promotions.is_known(str(wanted["promotionId"])):
        raise Refused(900269)
    if schedule.get("customTermEndDate"):
        start = subscription.term_ends
        _check_end(world, subscription, start, wanted["termDuration"], schedule)


def _product(world: "World", subscription: Subscription, wanted: Json) -> Product:
    try:
        product = by_sku(str(wanted.get("productId")), str(wanted.get("skuId")))
    except UnknownProduct:
        raise Refused(900267) from None
    now_it_is = by_sku(subscription.product_id, subscription.sku_id)
    is_eligible = product.key in (now_it_is.key, *now_it_is.upgrades)
    if world.switches["schedule.products"] == "eligible" and not is_eligible:
        raise Refused(900267)
    return product


def _check_end(
    world: "World", subscription: Subscription, start: datetime, term: str, schedule: Json
) -> None:
    day = parsed_day(schedule["customTermEndDate"])
    if day is None:
        raise Refused(900244)
    if not is_inside(day, start, term):
        raise Refused(900245)
    if not may_end(world, subscription.customer_id, term, start, schedule["customTermEndDate"]):
        raise Refused(900246)


def _check_next_charge(subscription: Subscription, instructions: Json) -> None:
    """Only the frequency, and only of three years: the rest waits for the renewal."""
    product = instructions.get("product") or {}
    key = f"{product.get('productId')}:{product.get('skuId')}".upper()
    if key != f"{subscription.product_id}:{subscription.sku_id}":
        raise Refused(900267)
    if subscription.term != "P3Y" or product.get("termDuration", "P3Y") != "P3Y":
        raise Refused(900268)
    wanted = str(product.get("billingCycle", "")).lower()
    if wanted not in _CHARGED or subscription.billing_cycle not in _CHARGED:
        raise Refused(900270)
    if instructions.get("quantity", subscription.quantity) != subscription.quantity:
        raise Refused(2002)


def _check_actions(world: "World", subscription: Subscription, intent: Intent) -> None:
    for action in intent.scheduled_actions or []:
        if action.get("actionType") not in _ACTIONS:
            raise Refused(900126, "It is a scheduled action.")
        if action.get("scheduleType") != "TermEnd":
            raise Refused(900127, "Actions are taken at the end of a term.")
        if (action["actionType"] == _RENEWS) != intent.auto_renew:
            raise Refused(800093, "The action and automatic renewal say different things.")
    if intent.schedule is None and (instructions := schedule_of(world, intent)):
        _check_schedule(world, subscription, instructions)
