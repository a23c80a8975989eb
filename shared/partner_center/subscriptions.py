"""Read subscriptions and change their seats: the most dangerous call there is."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.errors import SubscriptionNotFound
from shared.domain.ids import CustomerId, SubscriptionId
from shared.domain.subscriptions import Subscription
from shared.partner_center._wire import dumps
from shared.partner_center._wire_subscriptions import WireSubscription, changed
from shared.partner_center.calls import Calls
from shared.transport.call import Call
from shared.workflows.ports import Reading, SeatChange

_ROUTE = "/v1/customers/{customer}/subscriptions/{subscription}"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Subscriptions:
    """``sends_scheduled_actions`` where Microsoft takes the newer end-of-term field."""

    calls: Calls
    sends_scheduled_actions: bool = False

    async def subscriptions(self, customer: CustomerId) -> Sequence[Subscription]:
        # https://learn.microsoft.com/partner-center/developer/get-all-of-a-customer-s-subscriptions
        call = Call(
            method="GET",
            route="/v1/customers/{customer}/subscriptions",
            place={"customer": customer},
        )
        wires = self.calls.items(WireSubscription, call)
        read = [wire.to_domain(customer) async for wire in wires]
        return [subscription for subscription in read if subscription is not None]

    async def read(self, customer: CustomerId, subscription: SubscriptionId) -> Reading:
        # https://learn.microsoft.com/partner-center/developer/get-a-subscription-by-id
        call = Call(
            method="GET",
            route=_ROUTE,
            place={"customer": customer, "subscription": subscription},
        )
        response = await self.calls.send(call)
        read = self.calls.parse(WireSubscription, call, response).to_domain(customer)
        if read is None:
            raise SubscriptionNotFound(subscription)
        return Reading(read, self.calls.document(call, response))

    async def change(self, reading: Reading, change: SeatChange, request_id: str) -> str:
        # https://learn.microsoft.com/partner-center/developer/change-the-quantity-of-a-subscription
        subscription = reading.subscription
        body = changed(reading.document, change)
        if "scheduledActions" in body and not self.sends_scheduled_actions:
            _log.warning(
                "subscription %s has an end-of-term action that is not sent back", subscription.id
            )
            del body["scheduledActions"]
        call = Call(
            method="PATCH",
            route=_ROUTE,
            place={"customer": subscription.customer_id, "subscription": subscription.id},
            content=dumps(body),
            request_id=request_id,
        )
        response = await self.calls.send(call)
        return self.calls.channel.correlation_of(response)
