"""Move seats to a larger product, and look up the days on which terms may end together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.catalog import Term
from shared.domain.changes import UpgradeOption
from shared.domain.ids import CustomerId, SubscriptionId
from shared.partner_center._wire import Collection, dumps
from shared.partner_center._wire_transitions import (
    WireCotermEnd,
    WireTransitions,
    WireUpgrade,
    transition_body,
)
from shared.partner_center.calls import Calls
from shared.transport.call import Call
from shared.workflows.ports import CotermEnd, Transition, UpgradeOrder

_ROUTE = "/v1/customers/{customer}/subscriptions/{subscription}"
_TOKEN = "MS-ContinuationToken"  # noqa: S105 (a header's name)


@dataclass(frozen=True, kw_only=True)
class Transitions:
    calls: Calls

    async def upgrades(
        self, customer: CustomerId, subscription: SubscriptionId
    ) -> Sequence[UpgradeOption]:
        # https://learn.microsoft.com/partner-center/developer/get-transition-eligibilities
        call = Call(
            method="GET",
            route=f"{_ROUTE}/transitionEligibilities",
            place={"customer": customer, "subscription": subscription},
            params={"eligibilityType": "immediate"},
        )
        return [wire.to_domain() async for wire in self.calls.items(WireUpgrade, call)]

    async def start_upgrade(
        self,
        customer: CustomerId,
        subscription: SubscriptionId,
        order: UpgradeOrder,
        request_id: str,
    ) -> str:
        # https://learn.microsoft.com/partner-center/developer/transition-a-new-commerce-subscription
        call = Call(
            method="POST",
            route=f"{_ROUTE}/transitions",
            place={"customer": customer, "subscription": subscription},
            content=dumps(transition_body(order)),
            request_id=request_id,
        )
        response = await self.calls.send(call)
        return self.calls.channel.correlation_of(response)

    async def transitions(
        self, customer: CustomerId, subscription: SubscriptionId
    ) -> Sequence[Transition]:
        # https://learn.microsoft.com/partner-center/developer/transition-a-new-commerce-subscription
        call = Call(
            method="GET",
            route=f"{_ROUTE}/transitions",
            place={"customer": customer, "subscription": subscription},
        )
        listed = await self.calls.read(WireTransitions, call)
        return [wire.to_domain() for wire in (*listed.items, *listed.transition)]

    async def coterm_ends(
        self, customer: CustomerId, term: Term, starts_at: datetime | None
    ) -> Sequence[CotermEnd]:
        # https://learn.microsoft.com/partner-center/developer/get-custom-term-end-dates
        params = {"term_duration": term.value}
        if starts_at is not None:
            params["term_start_date"] = f"{starts_at:%Y-%m-%d}"
        following: Call | None = Call(
            method="GET",
            route="/v1/customers/{customer}/subscriptions/customTermEndDates",
            place={"customer": customer},
            params=params,
        )
        ends: list[CotermEnd] = []
        while following is not None:
            response = await self.calls.send(following)
            page = self.calls.parse(Collection[WireCotermEnd], following, response)
            ends += [wire.to_domain() for wire in page.items]
            token = response.headers.get(_TOKEN)
            following = replace(following, headers={_TOKEN: token}) if token else None
        return ends
