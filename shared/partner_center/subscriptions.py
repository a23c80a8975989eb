"""Read subscriptions and change them: the most dangerous call there is."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.domain.errors import SubscriptionNotFound
from shared.domain.ids import CustomerId, SubscriptionId
from shared.domain.subscriptions import Schedule, Subscription
from shared.partner_center._wire import dumps
from shared.partner_center._wire_patches import drops_end_of_term, knows_terms, patched
from shared.partner_center._wire_subscriptions import WireSubscription, changed
from shared.partner_center.catalogue import Catalogue
from shared.transport.call import Call
from shared.workflows.ports import Patch, Reading, SeatChange

_ROUTE = "/v1/customers/{customer}/subscriptions/{subscription}"
_UNSPOKEN = "subscription %s has an end-of-term action that is not sent back"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Subscriptions(Catalogue):
    """``sends_scheduled_actions`` where Microsoft takes the newer end-of-term field."""

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
        body = changed(reading.document, change, await self._item(reading, change.schedule))
        if "scheduledActions" in body and not self.sends_scheduled_actions:
            _log.warning(_UNSPOKEN, subscription.id)
            del body["scheduledActions"]
        return await self._send(subscription, body, request_id)

    async def patch(self, reading: Reading, patch: Patch, request_id: str) -> str:
        # https://learn.microsoft.com/partner-center/developer/update-a-subscription-by-id
        subscription = reading.subscription
        body = patched(
            reading.document,
            patch,
            catalog_item=await self._item(reading, patch.schedule),
            speaks_of_ends=self.sends_scheduled_actions,
        )
        if drops_end_of_term(reading.document, body):
            _log.warning(_UNSPOKEN, subscription.id)
        return await self._send(subscription, body, request_id)

    async def _item(self, reading: Reading, schedule: Schedule | None) -> str:
        """What a schedule buys, read right before it is named: such ids change without notice."""
        terms = schedule.terms if schedule else None
        if terms is None or knows_terms(reading.document, terms):
            return ""
        customer = reading.subscription.customer_id
        return await self.catalog_item(customer, terms.offer, terms.term, terms.billing)

    async def _send(
        self, subscription: Subscription, body: Mapping[str, object], request_id: str
    ) -> str:
        call = Call(
            method="PATCH",
            route=_ROUTE,
            place={"customer": subscription.customer_id, "subscription": subscription.id},
            content=dumps(body),
            request_id=request_id,
        )
        response = await self.calls.send(call)
        return self.calls.channel.correlation_of(response)
