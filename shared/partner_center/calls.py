"""Speak to Partner Center: who signs in for which call, pages, and answers read into models."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from shared.domain.errors import OutcomeUnknown, RemoteError, RemoteRefused, SignInRefused
from shared.partner_center._wire import Collection, Link, loads
from shared.partner_center.errors import read_fault, refuse
from shared.transport.call import Call
from shared.transport.channel import Channel, Dialect

Model = TypeVar("Model", bound=BaseModel)

DIALECT = Dialect(
    api="partner_center",
    correlation_header="MS-CorrelationId",
    request_header="MS-RequestId",
    read_fault=read_fault,
    refuse=refuse,
)
_HEADERS = {"MS-Contract-Version": "v1", "MS-PartnerCenter-Application": "Seatkeeper"}


@dataclass(frozen=True, slots=True)
class SignIn:
    """The two ways in; which one a call takes is Microsoft's choice.

    https://learn.microsoft.com/partner-center/developer/partner-center-authentication
    """

    app_only: httpx.Auth
    app_and_user: httpx.Auth


@dataclass(frozen=True, slots=True)
class Calls:
    """One connection's calls; as the application alone unless ``as_user`` is asked for."""

    channel: Channel
    sign_in: SignIn
    on_refusal: Callable[[SignInRefused], Awaitable[None]] | None = None
    """Told where Partner Center itself turns a signed-in caller away."""

    async def send(self, call: Call, *, as_user: bool = False) -> httpx.Response:
        try:
            return await self.channel.send(self._signed(call, as_user=as_user))
        except SignInRefused as error:
            if self.on_refusal is not None and error.answer.api == DIALECT.api:
                await self.on_refusal(error)
            raise

    async def read(self, model: type[Model], call: Call, *, as_user: bool = False) -> Model:
        response = await self.send(call, as_user=as_user)
        return self.parse(model, call, response)

    async def items(
        self, model: type[Model], call: Call, *, as_user: bool = False
    ) -> AsyncIterator[Model]:
        """Walk a collection to its end, over every page."""
        following: Call | None = call
        while following is not None:
            page = await self.read(Collection[model], following, as_user=as_user)  # type: ignore[valid-type]
            for item in page.items:
                yield item
            link = page.links.next if page.links else None
            following = self._next(call, link) if link else None

    def parse(self, model: type[Model], call: Call, response: httpx.Response) -> Model:
        try:
            return model.model_validate(loads(response.content))
        except (ValidationError, ValueError) as error:
            raise self.unreadable(call, response) from error

    def document(self, call: Call, response: httpx.Response) -> dict[str, Any]:
        """The whole resource as it came."""
        try:
            document = loads(response.content)
        except ValueError as error:
            raise self.unreadable(call, response) from error
        if not isinstance(document, dict):
            raise self.unreadable(call, response)
        return document

    def unreadable(self, call: Call, response: httpx.Response) -> RemoteError:
        """A success whose body says nothing to us; after a write that leaves a question."""
        kind = OutcomeUnknown if call.is_write else RemoteRefused
        answer = self.channel.answer_of(call, response)
        return kind(f"Partner Center's answer to {call.route} cannot be read", answer)

    def _signed(self, call: Call, *, as_user: bool) -> Call:
        auth = self.sign_in.app_and_user if as_user else self.sign_in.app_only
        return replace(call, auth=auth, headers=_HEADERS | dict(call.headers))

    def _next(self, call: Call, link: Link) -> Call:
        headers = {header.key: header.value for header in link.headers}
        return replace(call, url=self._resolve(link.uri), params={}, headers=headers)

    def _resolve(self, uri: str) -> str:
        """Links are relative, mostly without the version; never follow one to another host."""
        path = uri.removeprefix(self.channel.base_url)
        path = path if path.startswith("/") else f"/{path}"
        if not path.startswith("/v1"):
            path = f"/v1{path}"
        return self.channel.base_url + path
