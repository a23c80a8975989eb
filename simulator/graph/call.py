"""One request to Graph and one answer, alone or as an item of a batch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from simulator.tenants import JsonObject, Tenant
from simulator.world import World


@dataclass(frozen=True)
class Request:
    """What was sent, before anybody has looked at it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclass(frozen=True)
class Caller:
    """Who asks, in which tenant, and what the token lets them do."""

    tenant: Tenant
    app_id: str
    scopes: frozenset[str]
    app_only: bool = False
    directory_roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """A status and a document; no document means an empty answer."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A request by a known caller, on its way through one handler."""

    world: World
    caller: Caller
    request: Request
    chance: Random
    execute: Callable[[Request], Answer]
    params: Mapping[str, str] = field(default_factory=dict)
    payload: Any = None

    @property
    def tenant(self) -> Tenant:
        return self.caller.tenant

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def switch(self, name: str) -> Any:  # noqa: ANN401 - a switch is any JSON value
        return self.world.switches[name]

    def context(self, of: str) -> str:
        return f"{self.request.origin}/$metadata#{of}"

    def link(self, path: str, query: Mapping[str, str]) -> str:
        return f"{self.request.origin}{path}?{urlencode(query, quote_via=quote, safe='$(),')}"


Handler: TypeAlias = Callable[[Call], Answer]


def document(call: Call, context: str, body: Mapping[str, Any], status: int = 200) -> Answer:
    """An entity, or a collection, with the context that says which."""
    return Answer(status, {"@odata.context": call.context(context), **body})


def collection(call: Call, context: str, values: list[JsonObject]) -> Answer:
    return document(call, context, {"value": values})


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
