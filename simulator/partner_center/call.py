"""Describe one call to Partner Center, and the endpoints that take it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.datastructures import QueryParams

from simulator.nouns import Customer, Partner
from simulator.partner_center.documents import Json
from simulator.partner_center.errors import Refused
from simulator.signin.tokens import Claims

if TYPE_CHECKING:
    from simulator.tenants import Tenant
    from simulator.world import World


@dataclass(frozen=True)
class Answer:
    """A status and a document; no document means an empty answer."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A request of a known partner, about a known customer where the path names one."""

    world: "World"
    partner: Partner
    claims: Claims
    params: Mapping[str, str]
    query: QueryParams
    headers: Mapping[str, str]
    body: Json
    found_customer: Customer | None

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def customer(self) -> Customer:
        if self.found_customer is None:
            raise Refused(60003)
        return self.found_customer

    @property
    def tenant(self) -> "Tenant":
        return self.world.tenants[self.customer.id]

    def switch(self, name: str) -> Any:  # noqa: ANN401 - a switch is any JSON value
        return self.world.switches[name]


Handler: TypeAlias = Callable[[Call], Answer | Awaitable[Answer]]

APP = "A"
USER = "U"


@dataclass(frozen=True)
class Endpoint:
    """One row of the table of routes, with the page that it imitates."""

    method: str
    path: str
    handler: Handler
    mode: str
    page: str
    gdap: frozenset[str] | None = None
    bom: bool = False
    replays: bool = False
    sells: bool = False
    price_sheet: bool = False


def whole_number(text: str | None) -> int:
    """A number in a query; nothing is nought."""
    if not text:
        return 0
    if not text.isascii() or not text.isdigit():
        raise Refused(3000, f"{text} is not a number.")
    return int(text)


def check_lines(call: Call) -> None:
    """The shape of what is to be bought, before anything is said of its content."""
    lines = call.body.get("lineItems") or []
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise Refused(3000, "lineItems is not a list of objects.")


def require(document: Json, *names: str) -> None:
    """Every name may be a dotted path; what is missing is named."""
    for name in names:
        value: Any = document
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value in (None, "", [], {}):
            raise Refused(3000, f"{name} is required.")
