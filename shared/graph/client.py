"""Look into one customer's directory, make people in it and give them licences."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from shared.domain.errors import (
    MalformedRequest,
    OutcomeUnknown,
    RemoteError,
    RemoteRefused,
    RemoteThrottled,
    RemoteUnavailable,
)
from shared.domain.seats import Holding, SkuStock
from shared.domain.users import DirectoryUser
from shared.graph._wire import (
    Collection,
    Wire,
    WireHolding,
    WireOrganization,
    WireStock,
    WireUser,
    assignment_body,
    selected,
    user_body,
)
from shared.graph.batch import LARGEST, Batches, Item
from shared.graph.errors import Answer, outcome_of, read_fault
from shared.transport.call import Call, segment
from shared.transport.channel import Channel, Dialect
from shared.transport.retry import Retry
from shared.workflows.ports import Assignment, Outcome, OutcomeKind, UserToCreate

BASE_URL = "https://graph.microsoft.com"
_DIALECT = Dialect(
    api="graph",
    correlation_header="client-request-id",
    read_fault=read_fault,
    answer_header="request-id",
)
_LARGEST_PAGE = 999
_WIDTH = 4
"""Batches of reads under way at the same time."""
_MISSING = frozenset({HTTPStatus.NOT_FOUND})
_USER = selected(WireUser)

Model = TypeVar("Model", bound=Wire)


@dataclass(frozen=True, kw_only=True)
class GraphClient:
    """Fulfils the port for one tenant, whose token the sign-in brings."""

    channel: Channel
    sign_in: httpx.Auth

    async def stocks(self) -> Sequence[SkuStock]:
        # https://learn.microsoft.com/graph/api/subscribedsku-list
        return [wire.to_domain() async for wire in self._all("/v1.0/subscribedSkus", WireStock)]

    async def holdings(self) -> Sequence[Holding]:
        # https://learn.microsoft.com/graph/api/directory-list-subscriptions
        wires = self._all("/v1.0/directory/subscriptions", WireHolding)
        return [wire.to_domain() async for wire in wires]

    async def verified_domains(self) -> frozenset[str]:
        # https://learn.microsoft.com/graph/api/organization-list
        wires = self._all("/v1.0/organization", WireOrganization)
        return frozenset([d.name.lower() async for wire in wires for d in wire.verified_domains])

    async def users_named(self, names: Sequence[str]) -> Mapping[str, DirectoryUser]:
        # https://learn.microsoft.com/graph/api/user-get
        return await self._users({name.lower(): _address(name) for name in names})

    async def users_with_ids(self, ids: Sequence[str]) -> Mapping[str, DirectoryUser]:
        return await self._users({id_: f"/users/{segment(id_)}" for id_ in ids})

    async def users_page(
        self, cursor: str | None, size: int
    ) -> tuple[Sequence[DirectoryUser], str | None]:
        # https://learn.microsoft.com/graph/api/user-list
        top = str(min(max(size, 1), _LARGEST_PAGE))
        call = self._get("/v1.0/users", {"$select": _USER, "$top": top}, cursor)
        page = await self._page(call, WireUser)
        return [wire.to_domain() for wire in page.value], page.next_link

    async def create_users(self, users: Sequence[UserToCreate]) -> Sequence[Outcome]:
        # https://learn.microsoft.com/graph/api/user-post-users
        items = [Item("POST", "/users", user_body(user)) for user in users]
        return await self._write(items, repeatable=False)

    async def assign(self, assignments: Sequence[Assignment]) -> Sequence[Outcome]:
        # https://learn.microsoft.com/graph/api/user-assignlicense
        items = [
            Item("POST", f"/users/{segment(a.user_id)}/assignLicense", assignment_body(a))
            for a in assignments
        ]
        return await self._write(items, repeatable=True)

    @property
    def _batches(self) -> Batches:
        return Batches(self.channel, self.sign_in)

    async def _write(self, items: Sequence[Item], *, repeatable: bool) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for at in range(0, len(items), LARGEST):
            chunk = items[at : at + LARGEST]
            outcomes += await self._write_chunk(chunk, repeatable=repeatable)
        return outcomes

    async def _write_chunk(self, items: Sequence[Item], *, repeatable: bool) -> list[Outcome]:
        """An envelope that was not answered is an outcome of every item in it."""
        try:
            answers = await self._batches.write(items, repeatable=repeatable)
        except RemoteThrottled as error:
            wait = error.retry_after
            outcome = Outcome(OutcomeKind.THROTTLED, reason=str(error), retry_after=wait)
        except RemoteUnavailable as error:
            outcome = Outcome(OutcomeKind.THROTTLED, reason=str(error))
        except OutcomeUnknown as error:
            outcome = Outcome(OutcomeKind.UNKNOWN, reason=str(error))
        else:
            return [outcome_of(answer) for answer in answers]
        return [outcome] * len(items)

    async def _users(self, addresses: Mapping[str, str]) -> Mapping[str, DirectoryUser]:
        keys = list(addresses)
        gate = asyncio.Semaphore(_WIDTH)

        async def look(chunk: Sequence[str]) -> dict[str, DirectoryUser]:
            async with gate:
                return await self._users_at(chunk, addresses)

        chunks = [keys[at : at + LARGEST] for at in range(0, len(keys), LARGEST)]
        found: dict[str, DirectoryUser] = {}
        for part in await asyncio.gather(*(look(chunk) for chunk in chunks)):
            found |= part
        return found

    async def _users_at(
        self, keys: Sequence[str], addresses: Mapping[str, str]
    ) -> dict[str, DirectoryUser]:
        items = [Item("GET", f"{addresses[key]}?$select={_USER}") for key in keys]
        answers = await self._batches.read(items, allow=_MISSING)
        return {
            key: _user(answer)
            for key, answer in zip(keys, answers, strict=True)
            if answer.status != HTTPStatus.NOT_FOUND
        }

    async def _all(self, route: str, model: type[Model]) -> AsyncIterator[Model]:
        cursor: str | None = None
        while True:
            call = self._get(route, {"$select": selected(model)}, cursor)
            page = await self._page(call, model)
            for item in page.value:
                yield item
            cursor = page.next_link
            if cursor is None:
                return

    def _get(self, route: str, params: Mapping[str, str], cursor: str | None) -> Call:
        """Follow a link to another page of the same list only: it would carry our token away."""
        if cursor is None:
            return Call(method="GET", route=route, params=params, auth=self.sign_in)
        own = cursor.startswith(f"{self.channel.base_url}{route}?")
        if not own or not cursor.isprintable():
            raise MalformedRequest("This cursor was not given out here.")
        return Call(method="GET", route=route, url=cursor, auth=self.sign_in)

    async def _page(self, call: Call, model: type[Model]) -> Collection[Model]:
        response = await self.channel.send(call)
        try:
            return Collection[model].model_validate_json(response.content)  # type: ignore[valid-type]
        except ValidationError as error:
            raise self._unreadable(call, response) from error

    def _unreadable(self, call: Call, response: httpx.Response) -> RemoteError:
        answer = self.channel.answer_of(call, response)
        return RemoteRefused(f"Graph's answer to {call.route} cannot be read", answer)


def open_graph(
    http: httpx.AsyncClient,
    *,
    sign_in: httpx.Auth,
    base_url: str = BASE_URL,
    retry: Retry | None = None,
) -> GraphClient:
    channel = Channel(http, base_url.rstrip("/"), _DIALECT, retry or Retry())
    return GraphClient(channel=channel, sign_in=sign_in)


def _address(name: str) -> str:
    """A name that begins with a dollar sign must stand in parentheses and quotes."""
    if name.startswith("$"):
        return f"/users('{quote(name.replace(chr(39), chr(39) * 2), safe='')}')"
    return f"/users/{segment(name)}"


def _user(answer: Answer) -> DirectoryUser:
    try:
        return WireUser.model_validate(answer.body).to_domain()
    except ValidationError as error:
        raise RemoteRefused("Graph's answer about a user cannot be read", answer.to_remote()) from (
            error
        )
