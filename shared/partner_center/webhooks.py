"""Say where Partner Center sends its events, and have it send one for trial.

https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, RootModel
from pydantic.alias_generators import to_pascal

from shared.domain.errors import RemoteThrottled
from shared.domain.webhooks import WebhookRegistration
from shared.partner_center._wire import Wire
from shared.partner_center.calls import Calls
from shared.transport.call import Call
from shared.transport.retry import retry_after_of

_ROUTE = "/webhooks/v1/registration"
_A_MINUTE = timedelta(minutes=1)


class WireEventNames(RootModel[list[str]]):
    """A bare array."""


class WireRegistration(BaseModel):
    """Webhooks speak Pascal case, other than the rest of Partner Center."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)

    webhook_url: str
    webhook_events: tuple[str, ...] = ()

    def to_domain(self) -> WebhookRegistration:
        return WebhookRegistration(self.webhook_url, self.webhook_events)


class WireTrial(Wire):
    correlation_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    calls: Calls

    async def webhook_events(self) -> Sequence[str]:
        call = Call(method="GET", route=f"{_ROUTE}/events")
        return (await self.calls.read(WireEventNames, call)).root

    async def webhook(self) -> WebhookRegistration | None:
        call = Call(method="GET", route=_ROUTE, allow=frozenset({HTTPStatus.NOT_FOUND}))
        response = await self.calls.send(call)
        if response.status_code == HTTPStatus.NOT_FOUND:
            return None
        return self.calls.parse(WireRegistration, call, response).to_domain()

    async def register_webhook(
        self, registration: WebhookRegistration, *, replaces: bool
    ) -> WebhookRegistration:
        body = {"WebhookUrl": registration.url, "WebhookEvents": registration.events}
        call = Call(
            method="PUT" if replaces else "POST",
            route=_ROUTE,
            content=json.dumps(body).encode(),
        )
        return (await self.calls.read(WireRegistration, call)).to_domain()

    async def try_webhook(self) -> str:
        """Twice a minute at most; a pause that long is the caller's, not ours."""
        call = Call(
            method="POST",
            route=f"{_ROUTE}/validationEvents",
            allow=frozenset({HTTPStatus.TOO_MANY_REQUESTS}),
        )
        response = await self.calls.send(call)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise RemoteThrottled(
                "Microsoft sends two validation events a minute at most: try again in a minute",
                self.calls.channel.answer_of(call, response),
                retry_after_of(response.headers.get("Retry-After")) or _A_MINUTE,
            )
        return self.calls.parse(WireTrial, call, response).correlation_id
