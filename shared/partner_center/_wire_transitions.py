"""Read what a subscription may become, how far it has come, and on which days terms may end.

https://learn.microsoft.com/partner-center/developer/transition-a-new-commerce-subscription
"""

from typing import Any

from pydantic import Field

from shared.domain.changes import UpgradeOption
from shared.domain.ids import OfferId, SubscriptionId
from shared.partner_center._wire import Code, EnumText, Guid, Moment, Wire
from shared.workflows.ports import CotermEnd, Transition, TransitionStatus, UpgradeOrder

_WITH_LICENCES = "transition_with_license_transfer"
_ONLY = "transition_only"
_ENDED = {"completed": TransitionStatus.DONE, "failed": TransitionStatus.FAILED}


class WireReason(Wire):
    code: Code = ""
    description: str = ""

    def __str__(self) -> str:
        return self.description or f"code {self.code}"


class WireEligibility(Wire):
    is_eligible: bool = False
    transition_type: EnumText = ""
    errors: tuple[WireReason, ...] = ()


class WireTargetSubscription(Wire):
    is_eligible: bool = False
    subscription_id: Guid = ""


class WireUpgrade(Wire):
    catalog_item_id: str = ""
    title: str = ""
    quantity: int = 0
    eligibilities: tuple[WireEligibility, ...] = ()
    subscription_eligibilities: tuple[WireTargetSubscription, ...] = ()

    def to_domain(self) -> UpgradeOption:
        ways = {e.transition_type for e in self.eligibilities if e.is_eligible}
        reasons = (str(r) for e in self.eligibilities if not e.is_eligible for r in e.errors)
        return UpgradeOption(
            offer=_offer(self.catalog_item_id),
            catalog_item=self.catalog_item_id,
            title=self.title,
            seats=self.quantity,
            is_eligible=bool(ways),
            moves_licences=_WITH_LICENCES in ways,
            reasons=() if ways else tuple(dict.fromkeys(reasons)),
            into=tuple(
                SubscriptionId(s.subscription_id)
                for s in self.subscription_eligibilities
                if s.is_eligible
            ),
        )


class WireEvent(Wire):
    name: EnumText = ""
    status: EnumText = ""
    timestamp: Moment | None = None


class WireTransition(Wire):
    to_catalog_item_id: str = ""
    to_subscription_id: Guid = ""
    quantity: int = 0
    events: tuple[WireEvent, ...] = ()

    def to_domain(self) -> Transition:
        moments = [event.timestamp for event in self.events if event.timestamp]
        into = self.to_subscription_id
        return Transition(
            offer=_offer(self.to_catalog_item_id),
            seats=self.quantity,
            status=self._status(),
            started_at=min(moments, default=None),
            into=SubscriptionId(into) if into else None,
        )

    def _status(self) -> TransitionStatus:
        """Of the conversion: a transfer of licences that failed has moved the seats all the same.

        Its events may carry one and the same moment, so an end counts wherever it stands.
        """
        said = {_ENDED.get(e.status) for e in self.events if e.name == "conversion"} - {None}
        return next((status for status in said if status), TransitionStatus.RUNNING)


class WireTransitions(Wire):
    """The list goes by either of two names."""

    items: tuple[WireTransition, ...] = ()
    transition: tuple[WireTransition, ...] = ()


class WireCotermEnd(Wire):
    allowed_custom_term_end_date: Moment
    coterm_subscription_ids: tuple[Guid, ...] = Field(default=())

    def to_domain(self) -> CotermEnd:
        ids = (SubscriptionId(one) for one in self.coterm_subscription_ids)
        return CotermEnd(self.allowed_custom_term_end_date, tuple(ids))


def transition_body(order: UpgradeOrder) -> dict[str, Any]:
    body = {
        "toCatalogItemId": order.catalog_item,
        "quantity": order.seats,
        "transitionType": _WITH_LICENCES if order.moves_licences else _ONLY,
        "termDuration": order.term.value,
        "billingCycle": order.billing.value,
        "toSubscriptionId": order.into,
    }
    return {name: value for name, value in body.items() if value is not None}


def _offer(catalog_item: str) -> OfferId:
    return OfferId(":".join(catalog_item.split(":")[:2]))
