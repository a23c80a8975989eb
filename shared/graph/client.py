"""Look into one customer's directory, make people in it and give them licences."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

import httpx
from pydantic import ValidationError

from shared.domain.errors import (
    MalformedRequest,
    RemoteError,
    RemoteRefused,
)
from shared.domain.ids import CustomerId
from shared.domain.seats import Holding, SkuStock
from shared.domain.standing import Delegation
from shared.domain.users import DirectoryUser
from shared.graph._wire import (
    Collection,
    Wire,
    WireDelegation,
    WireHolding,
    WireOrganization,
    WireSizedOrganization,
    WireStock,
    WireUser,
    assignment_body,
    change_body,
    selected,
    user_body,
)
from shared.graph.batch import Batches, Item
from shared.graph.errors import read_fault, refuse
from shared.graph.people import People
from shared.graph.survey import Surveys
from shared.graph.writing import Writes
from shared.transport.call import Call, segment
from shared.transport.channel import Channel, Dialect
from shared.transport.pace import Pace
from shared.transport.retry import Retry
from shared.workflows.ports import (
    Assignment,
    DirectoryQuota,
    Outcome,
    PeoplePage,
    Survey,
    UserChange,
    UserToCreate,
)

BASE_URL = "https://graph.microsoft.com"
WRITES, WINDOW = 3000, timedelta(seconds=150)
"""What one application may write to one tenant, each item of a ``$batch`` by itself.

https://learn.microsoft.com/graph/throttling-limits
"""
_DIALECT = Dialect(
    api="graph",
    correlation_header="client-request-id",
    read_fault=read_fault,
    refuse=refuse,
    answer_header="request-id",
)
_LARGEST_PAGE = 999
_USER = selected(WireUser)

Model = TypeVar("Model", bound=Wire)


@dataclass(frozen=True, kw_only=True)
class GraphClient:
    """Fulfils the port for one tenant, whose token the sign-in brings."""

    channel: Channel
    sign_in: httpx.Auth
    pace: Pace

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

    async def quota(self) -> DirectoryQuota | None:
        """Microsoft tells it under ``/beta`` only, so that a tenant may not tell it at all.

        https://learn.microsoft.com/graph/api/resources/directorysizequota?view=graph-rest-beta
        """
        wires = self._all("/beta/organization", WireSizedOrganization)
        try:
            sizes = [wire.directory_size_quota async for wire in wires]
        except RemoteRefused:
            return None
        return next((size.to_domain() for size in sizes if size), None)

    async def people(self) -> int:
        # https://learn.microsoft.com/graph/api/user-list
        call = Call(
            method="GET",
            route="/v1.0/users/$count",
            headers={"ConsistencyLevel": "eventual"},
            auth=self.sign_in,
        )
        response = await self.channel.send(call)
        try:
            return int(response.content.decode("utf-8-sig"))
        except ValueError as error:
            raise self._unreadable(call, response) from error

    async def users_named(
        self, names: Sequence[str], *, fresh: bool = False
    ) -> Mapping[str, DirectoryUser]:
        people = People(self._batches)
        return await (people.named_alone(names) if fresh else people.named(names))

    async def users_with_ids(self, ids: Sequence[str]) -> Mapping[str, DirectoryUser]:
        return await People(self._batches).with_ids(ids)

    async def users_page(
        self, cursor: str | None, size: int
    ) -> tuple[Sequence[DirectoryUser], str | None]:
        # https://learn.microsoft.com/graph/api/user-list
        top = str(min(max(size, 1), _LARGEST_PAGE))
        call = self._get("/v1.0/users", {"$select": _USER, "$top": top}, cursor)
        page = await self._page(call, WireUser)
        return [wire.to_domain() for wire in page.value], page.next_link

    async def survey(self, address: str) -> Survey:
        return await Surveys(self._batches).whole(address)

    async def news_of_people(self, address: str) -> PeoplePage:
        return await Surveys(self._batches).people(address)

    async def delegations(self, customer: CustomerId) -> Sequence[Delegation]:
        # https://learn.microsoft.com/graph/api/tenantrelationship-list-delegatedadminrelationships
        theirs = {"$filter": f"customer/tenantId eq '{customer}'"}
        route = "/v1.0/tenantRelationships/delegatedAdminRelationships"
        found = [wire.to_domain() async for wire in self._all(route, WireDelegation, theirs)]
        return [delegation for delegation in found if delegation is not None]

    async def create_users(self, users: Sequence[UserToCreate]) -> Sequence[Outcome]:
        # https://learn.microsoft.com/graph/api/user-post-users
        items = [Item("POST", "/users", user_body(user)) for user in users]
        return await Writes(self._batches, self.pace, repeatable=False).send(items)

    async def assign(self, assignments: Sequence[Assignment]) -> Sequence[Outcome]:
        # https://learn.microsoft.com/graph/api/user-assignlicense
        items = [
            Item("POST", f"{_path(a.user_id)}/assignLicense", assignment_body(a))
            for a in assignments
        ]
        return await self._write(items, [a.user_id for a in assignments])

    async def update_users(self, changes: Sequence[UserChange]) -> Sequence[Outcome]:
        # https://learn.microsoft.com/graph/api/user-update
        items = [Item("PATCH", _path(c.user_id), change_body(c)) for c in changes]
        return await self._write(items, [c.user_id for c in changes])

    async def block(self, ids: Sequence[str]) -> Sequence[Outcome]:
        return await self.update_users([UserChange(id_, enabled=False) for id_ in ids])

    async def unblock(self, ids: Sequence[str]) -> Sequence[Outcome]:
        return await self.update_users([UserChange(id_, enabled=True) for id_ in ids])

    async def revoke_sessions(self, ids: Sequence[str]) -> Sequence[Outcome]:
        # https://learn.microsoft.com/graph/api/user-revokesigninsessions
        items = [Item("POST", f"{_path(id_)}/revokeSignInSessions") for id_ in ids]
        return await self._write(items, ids)

    async def delete_users(self, ids: Sequence[str]) -> Sequence[Outcome]:
        # https://learn.microsoft.com/graph/api/user-delete
        items = [Item("DELETE", _path(id_)) for id_ in ids]
        writes = Writes(self._batches, self.pace, repeatable=True, missing_is_done=True)
        return _named(await writes.send(items), ids)

    @property
    def _batches(self) -> Batches:
        return Batches(self.channel, self.sign_in)

    async def _write(self, items: Sequence[Item], ids: Sequence[str]) -> list[Outcome]:
        return _named(await Writes(self._batches, self.pace, repeatable=True).send(items), ids)

    async def _all(
        self, route: str, model: type[Model], params: Mapping[str, str] | None = None
    ) -> AsyncIterator[Model]:
        cursor: str | None = None
        while True:
            call = self._get(route, params or {"$select": selected(model)}, cursor)
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
    pace: Pace | None = None,
) -> GraphClient:
    """``pace`` is what all of this host's clients of the same tenant share."""
    channel = Channel(http, base_url.rstrip("/"), _DIALECT, retry or Retry())
    own = pace or Pace(WRITES, WINDOW.total_seconds())
    return GraphClient(channel=channel, sign_in=sign_in, pace=own)


def _path(user_id: str) -> str:
    return f"/users/{segment(user_id)}"


def _named(outcomes: Sequence[Outcome], ids: Sequence[str]) -> list[Outcome]:
    """Most answers are empty; say whom each is about."""
    return [replace(o, user_id=id_) for o, id_ in zip(outcomes, ids, strict=True)]
