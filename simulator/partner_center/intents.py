"""Read what a PATCH asks for: the body is the whole truth, and what is left out is gone."""

from dataclasses import dataclass
from typing import Any

from simulator.nouns import Subscription
from simulator.partner_center.documents import Json


@dataclass(frozen=True)
class Intent:
    """What a PATCH asks for, beside what is so."""

    status: str
    quantity: Any
    auto_renew: bool
    schedule: Json | None
    next_charge: Json | None
    scheduled_actions: list[Json] | None
    friendly_name: str
    term: str
    billing_cycle: str
    reseller_mpn_id: str


def intent_of(subscription: Subscription, body: Json) -> Intent:
    name, reseller = body.get("friendlyName"), body.get("partnerId")
    billing = body.get("billingCycle") or subscription.billing_cycle
    return Intent(
        status=str(body.get("status", subscription.status)).lower(),
        quantity=body.get("quantity", subscription.quantity),
        auto_renew=body.get("autoRenewEnabled") is True,
        schedule=body.get("scheduledNextTermInstructions"),
        next_charge=body.get("nextChargeInstructions"),
        scheduled_actions=body.get("scheduledActions"),
        friendly_name=name if isinstance(name, str) and name else subscription.friendly_name,
        term=str(body.get("termDuration") or subscription.term).upper(),
        billing_cycle=str(billing).lower(),
        reseller_mpn_id=subscription.reseller_mpn_id if reseller is None else str(reseller),
    )


def concerns(subscription: Subscription, body: Json) -> set[str]:
    """What the body itself changes; what its silence changes is not counted."""
    wanted = intent_of(subscription, body)
    changed = {
        "status": wanted.status != subscription.status,
        "quantity": wanted.quantity != subscription.quantity,
        "partner": wanted.reseller_mpn_id != subscription.reseller_mpn_id,
        "name": wanted.friendly_name != subscription.friendly_name,
        "term": (wanted.term, wanted.billing_cycle)
        != (subscription.term, subscription.billing_cycle),
        "renewal": "autoRenewEnabled" in body and wanted.auto_renew != subscription.auto_renew,
        "schedule": _differs(body, "scheduledNextTermInstructions", subscription.schedule),
        "nextCharge": _differs(body, "nextChargeInstructions", subscription.next_charge),
        "actions": _differs(body, "scheduledActions", subscription.scheduled_actions),
    }
    # What a change in the middle of a term deletes anyway may be said to be gone.
    if body.get("scheduledNextTermInstructions") is None and is_midterm(subscription, wanted):
        changed["schedule"] = False
    return {name for name, is_changed in changed.items() if is_changed}


def is_midterm(subscription: Subscription, intent: Intent) -> bool:
    """Whether the change is of the kind that deletes what was scheduled."""
    return (
        intent.quantity != subscription.quantity
        or intent.status != subscription.status
        or intent.term != subscription.term
        or (subscription.auto_renew and not intent.auto_renew)
    )


def _differs(body: Json, name: str, stored: object) -> bool:
    return name in body and body[name] != stored
