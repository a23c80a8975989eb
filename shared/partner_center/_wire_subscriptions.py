"""Read subscriptions, and write the whole resource that a change has to send back.

https://learn.microsoft.com/partner-center/developer/subscription-resources
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.domain.catalog import BillingPlan, Term
from shared.domain.ids import CustomerId, OfferId, SubscriptionId
from shared.domain.subscriptions import (
    EndOfTerm,
    Lot,
    Subscription,
    SubscriptionStatus,
    Terms,
)
from shared.partner_center._wire import EnumText, Guid, Moment, Wire
from shared.partner_center._wire_patches import said_of_end, said_of_next_term
from shared.transport.call import is_guid
from shared.workflows.ports import SeatChange

NEW_COMMERCE = "onlineservicesnce"
_LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)
_PARTS_OF_ITEM = 3
_TERM_END = "termend"
_TRANSITION = "transition"
_LICENCES = "license"
_ENDS = {
    "renewtonewterm": EndOfTerm.RENEW,
    "cancel": EndOfTerm.CANCEL,
    "renewtoextendedserviceterm": EndOfTerm.EXTEND,
}


class WireProductType(Wire):
    id: EnumText = ""


class WireLot(Wire):
    quantity: int
    allowed_until_date_time: Moment


class WireRefundable(Wire):
    total_quantity: int | None = None
    details: tuple[WireLot, ...] = ()

    def to_domain(self) -> tuple[Lot, ...]:
        """No more than the total at any moment: what closes last is left of the details."""
        left = sum(lot.quantity for lot in self.details)
        left = left if self.total_quantity is None else max(0, min(left, self.total_quantity))
        lots = []
        for lot in sorted(self.details, key=lambda lot: lot.allowed_until_date_time, reverse=True):
            part = min(left, lot.quantity)
            left -= part
            lots.append(Lot(part, lot.allowed_until_date_time))
        return tuple(lot for lot in reversed(lots) if lot.seats > 0)


class WireNextProduct(Wire):
    product_id: str = ""
    sku_id: str = ""
    billing_cycle: EnumText = ""
    term_duration: str = ""


class WireInstructions(Wire):
    product: WireNextProduct = WireNextProduct()
    quantity: int | None = None
    custom_term_end_date: Moment | None = None

    def to_terms(self) -> Terms | None:
        product, term = self.product, _term(self.product.term_duration)
        if term is None or product.billing_cycle not in set(BillingPlan):
            return None
        offer = OfferId(f"{product.product_id}:{product.sku_id}")
        billing = BillingPlan(product.billing_cycle)
        return Terms(offer, term, billing, self.custom_term_end_date)

    def sells_other_than(self, offer: OfferId) -> bool:
        """Also where its terms cannot be read."""
        item = f"{self.product.product_id}:{self.product.sku_id}"
        return bool(self.product.product_id) and item.lower() != offer.lower()


class WireAction(Wire):
    schedule_type: EnumText = ""
    action_type: EnumText = ""

    @property
    def is_at_end(self) -> bool:
        return self.schedule_type in (_TERM_END, "")

    @property
    def is_other_end(self) -> bool:
        """What we have no word for, and every end on a day of its own, may end it."""
        if self.action_type == _TRANSITION:
            return False
        known = _ENDS.get(self.action_type)
        return known is None or (known is EndOfTerm.CANCEL and not self.is_at_end)


class WireSubscription(Wire):
    id: Guid
    offer_id: str = ""
    offer_name: str = ""
    friendly_name: str = ""
    product_type: WireProductType = WireProductType()
    quantity: int = 0
    status: EnumText = ""
    term_duration: str = ""
    billing_cycle: EnumText = ""
    creation_date: Moment | None = None
    effective_start_date: Moment | None = None
    commitment_end_date: Moment | None = None
    commitment_end_date_time: Moment | None = None
    billing_cycle_end_date: Moment | None = None
    billing_cycle_end_date_time: Moment | None = None
    auto_renew_enabled: bool = False
    is_trial: bool = False
    cancellation_allowed_until_date: Moment | None = None
    refundable_quantity: WireRefundable | None = None
    scheduled_next_term_instructions: WireInstructions | None = None
    scheduled_actions: tuple[WireAction, ...] = ()
    order_id: str = ""
    entitlement_id: str = ""
    billing_type: EnumText = ""
    parent_subscription_id: str = ""

    @property
    def is_legacy(self) -> bool:
        """Licences of an old offer; its Azure plans are billed by use."""
        return is_guid(self.offer_id.lower()) and self.billing_type in (_LICENCES, "")

    @property
    def is_new_commerce(self) -> bool:
        """Azure plans are not sold by seats."""
        is_item = len(self.offer_id.split(":")) == _PARTS_OF_ITEM
        return is_item and self.product_type.id in (NEW_COMMERCE, "")

    def to_domain(self, customer: CustomerId) -> Subscription | None:
        """None where it is not one of ours to count: no seat term, or no end."""
        term, billing = self._term(), self._billing()
        starts = self.effective_start_date or self.creation_date
        ends = _end(self.commitment_end_date_time, self.commitment_end_date)
        is_seats = self.is_new_commerce or self.is_legacy
        if not is_seats or not (term and billing and starts and ends):
            return None
        period_end = _end(self.billing_cycle_end_date_time, self.billing_cycle_end_date)
        schedule = self.scheduled_next_term_instructions
        return Subscription(
            id=SubscriptionId(self.id),
            customer_id=customer,
            offer=self._offer(),
            name=self.friendly_name or self.offer_name,
            seats=self.quantity,
            status=_status(self.status),
            term=term,
            billing=billing,
            starts_at=starts,
            ends_at=ends,
            auto_renew=self.auto_renew_enabled,
            is_trial=self.is_trial,
            scheduled_seats=schedule.quantity if schedule else None,
            lots=self._lots(),
            billing_period_ends_at=period_end,
            order_id=self.order_id,
            entitlement_id=self.entitlement_id.lower(),
            next_terms=schedule.to_terms() if schedule else None,
            end_of_term=self._end_of_term(),
            cancellable_until=self.cancellation_allowed_until_date,
            lots_told=self.is_legacy or self.refundable_quantity is not None,
            parent=SubscriptionId(self.parent_subscription_id.lower()) or None,
            other_end=self._other_end(),
            moves=self._moves(),
        )

    def _offer(self) -> OfferId:
        """The case of a GUID is not stable; the catalog keeps it low."""
        if self.is_legacy:
            return OfferId(self.offer_id.lower())
        return OfferId(":".join(self.offer_id.split(":")[:2]))

    def _term(self) -> Term | None:
        """Legacy seats that do not say it are sold by the year."""
        return _term(self.term_duration) or (Term.YEAR if self.is_legacy else None)

    def _lots(self) -> tuple[Lot, ...]:
        told = self.refundable_quantity
        return told.to_domain() if told else ()

    def _end_of_term(self) -> EndOfTerm | None:
        at_end = (a for a in self.scheduled_actions if a.is_at_end)
        return next((_ENDS[a.action_type] for a in at_end if a.action_type in _ENDS), None)

    def _other_end(self) -> str:
        """In Microsoft's words."""
        others = (a for a in self.scheduled_actions if a.is_other_end)
        return next((f"{a.schedule_type} {a.action_type}".strip() or "unnamed" for a in others), "")

    def _moves(self) -> bool:
        schedule = self.scheduled_next_term_instructions
        if schedule is not None and schedule.sells_other_than(self._offer()):
            return True
        return any(a.action_type == _TRANSITION for a in self.scheduled_actions)

    def _billing(self) -> BillingPlan | None:
        if self.billing_cycle in set(BillingPlan):
            return BillingPlan(self.billing_cycle)
        return BillingPlan.MONTHLY if self.is_trial else None


def _term(text: str) -> Term | None:
    return Term(text) if text in set(Term) else None


def _status(text: str) -> SubscriptionStatus:
    known = text in set(SubscriptionStatus)
    return SubscriptionStatus(text) if known else SubscriptionStatus.UNKNOWN


def _end(exact: datetime | None, day: datetime | None) -> datetime | None:
    """The plain date names the last inclusive day at midnight."""
    return exact or (day + _LAST_SECOND if day else None)


def changed(
    document: Mapping[str, object], change: SeatChange, catalog_item: str = ""
) -> dict[str, Any]:
    """Put the new seats into the whole resource.

    What a PATCH leaves out Microsoft takes for off: auto-renew and the schedule are always said.
    https://learn.microsoft.com/partner-center/developer/update-a-subscription-by-id
    """
    body = dict(document) | {
        "quantity": change.seats,
        "autoRenewEnabled": bool(document.get("autoRenewEnabled", False)),
        "scheduledNextTermInstructions": _next_term(document, change, catalog_item),
    }
    if change.end_of_term is not None:
        body["scheduledActions"] = said_of_end(document, change.end_of_term)
    return body


def _next_term(
    document: Mapping[str, object], change: SeatChange, catalog_item: str
) -> dict[str, Any] | None:
    if change.schedule is not None:
        return said_of_next_term(document, change.schedule, catalog_item)
    return _schedule(document, change.scheduled_seats)


def _schedule(document: Mapping[str, object], seats: int | None) -> dict[str, Any] | None:
    if seats is None:
        return None
    kept = document.get("scheduledNextTermInstructions")
    if isinstance(kept, Mapping) and kept.get("product"):
        return dict(kept) | {"quantity": seats}
    product, sku, availability = str(document.get("offerId", "::")).split(":")[:3]
    return {
        "product": {
            "productId": product,
            "skuId": sku,
            "availabilityId": availability,
            "billingCycle": document.get("billingCycle"),
            "termDuration": document.get("termDuration"),
        },
        "quantity": seats,
    }
