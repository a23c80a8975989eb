"""Write the whole resource that a PATCH sends back, with one concern changed in it.

What a PATCH leaves out Microsoft takes for off: auto-renew and the schedule are always said.
https://learn.microsoft.com/partner-center/developer/update-a-subscription-by-id
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from shared.domain.subscriptions import EndOfTerm, Schedule, Terms
from shared.workflows.ports import Patch

_ACTIONS = {
    EndOfTerm.RENEW: "RenewToNewTerm",
    EndOfTerm.CANCEL: "Cancel",
    EndOfTerm.EXTEND: "RenewToExtendedServiceTerm",
}
Document = Mapping[str, object]


def patched(
    document: Document, patch: Patch, *, catalog_item: str, speaks_of_ends: bool
) -> dict[str, Any]:
    """``catalog_item`` names what the schedule buys, where the resource does not say it itself."""
    body = dict(document) | {
        "quantity": document.get("quantity") if patch.seats is None else patch.seats,
        "friendlyName": patch.name or document.get("friendlyName"),
        "status": patch.status.value if patch.status else document.get("status"),
        "autoRenewEnabled": _auto_renew(document, patch),
        "scheduledNextTermInstructions": said_of_next_term(document, patch.schedule, catalog_item),
    }
    if not speaks_of_ends:
        body.pop("scheduledActions", None)
    elif patch.end_of_term is not None:
        body["scheduledActions"] = said_of_end(document, patch.end_of_term)
    return body


def knows_terms(document: Document, terms: Terms) -> bool:
    """Whether the resource itself names the availability that a schedule with these terms buys."""
    return _product(document, terms) is not None


def drops_end_of_term(document: Document, body: Document) -> bool:
    return bool(document.get("scheduledActions")) and "scheduledActions" not in body


def _auto_renew(document: Document, patch: Patch) -> bool:
    return bool(document.get("autoRenewEnabled")) if patch.auto_renew is None else patch.auto_renew


def said_of_next_term(
    document: Document, schedule: Schedule | None, catalog_item: str
) -> dict[str, Any] | None:
    if schedule is None:
        return None
    product = _product(document, schedule.terms) or _bought(catalog_item, schedule.terms)
    said: dict[str, Any] = {"product": product, "quantity": schedule.seats}
    if schedule.terms.ends_at is not None:
        said["customTermEndDate"] = f"{schedule.terms.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return said


def _product(document: Document, terms: Terms) -> dict[str, Any] | None:
    """A promotion that the schedule names is kept with the rest of its product."""
    kept = document.get("scheduledNextTermInstructions")
    named = kept.get("product") if isinstance(kept, Mapping) else None
    running = _bought(str(document.get("offerId", "")), _running(document, terms))
    for product in (named, running):
        if isinstance(product, Mapping) and _is_for(product, terms):
            return dict(product)
    return None


def _running(document: Document, terms: Terms) -> Mapping[str, object] | Terms:
    said = {key: document.get(key) for key in ("billingCycle", "termDuration")}
    return said if all(said.values()) else terms


def _bought(item: str, terms: Mapping[str, object] | Terms) -> dict[str, Any]:
    product, sku, availability = [*item.split(":"), "", "", ""][:3]
    if isinstance(terms, Terms):
        terms = {"billingCycle": terms.billing.value, "termDuration": terms.term.value}
    named = {"productId": product, "skuId": sku, "availabilityId": availability}
    return {**named, **terms}


def _is_for(product: Mapping[str, object], terms: Terms) -> bool:
    said = [str(product.get(key, "")).lower() for key in ("productId", "skuId", "termDuration")]
    billing = str(product.get("billingCycle", "")).lower()
    wanted = [*terms.offer.lower().split(":"), terms.term.value.lower()]
    return said == wanted and billing == terms.billing.value


def said_of_end(document: Document, end_of_term: EndOfTerm) -> list[Any]:
    return [*_other_actions(document), _action(end_of_term)]


def _other_actions(document: Document) -> list[Any]:
    actions = document.get("scheduledActions")
    read = [a for a in actions if isinstance(a, Mapping)] if isinstance(actions, list) else []
    return [a for a in read if str(a.get("scheduleType", "TermEnd")).lower() != "termend"]


def _action(end_of_term: EndOfTerm) -> dict[str, str]:
    return {"scheduleType": "TermEnd", "actionType": _ACTIONS[end_of_term]}
