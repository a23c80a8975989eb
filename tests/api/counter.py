"""Stand at the counter: the HTTP functions over a small office that tests can look into."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func

from functions.http_provision import blueprint
from shared.api.office import Limits, Office
from shared.domain.connections import Connection, PartnerRole
from shared.domain.customers import Customer
from shared.domain.errors import (
    ConnectionNotFound,
    CustomerNotFound,
    OperationNotFound,
    RunNotFound,
    UserPlanNotFound,
)
from shared.domain.ids import ConnectionId, CustomerId, PlanId, SkuId
from shared.domain.plans import UserPlan
from shared.workflows.ports import Desk
from tests.api.shelves import (
    NOW,
    BatchShelf,
    Clock,
    Diary,
    Drops,
    Healths,
    Keys,
    OperationShelf,
    Outbox,
    Policies,
    Reminders,
    RunShelf,
    Safe,
    Shelf,
    Signatures,
    Tokens,
)

CONTOSO = CustomerId("3f2504e0-4f89-41d3-9a0c-0305e82c3301")


@dataclass
class Counter:
    """The HTTP functions over an office that tests can look into."""

    limits: Limits = field(default_factory=Limits)
    connections: Shelf = field(default_factory=lambda: Shelf(ConnectionNotFound))
    healths: Healths = field(default_factory=Healths)
    customers: Shelf = field(default_factory=lambda: Shelf(CustomerNotFound))
    plans: Shelf = field(default_factory=lambda: Shelf(UserPlanNotFound))
    operations: OperationShelf = field(default_factory=lambda: OperationShelf(OperationNotFound))
    batches: BatchShelf = field(default_factory=BatchShelf)
    runs: RunShelf = field(default_factory=lambda: RunShelf(RunNotFound))
    policies: Policies = field(default_factory=Policies)
    keys: Keys = field(default_factory=Keys)
    safe: Safe = field(default_factory=Safe)
    diary: Diary = field(default_factory=Diary)
    outbox: Outbox = field(default_factory=Outbox)
    open_office: Callable[[], Office] | None = None

    def __post_init__(self) -> None:
        self.functions = functions_of(self.open_office or self.office)

    def office(self) -> Office:
        nothing = cast("Any", None)
        desk = Desk(
            clock=Clock(),
            microsoft=nothing,
            secrets=cast("Any", self.safe),
            connections=cast("Any", self.connections),
            healths=cast("Any", self.healths),
            consents=nothing,
            organisations=nothing,
            customers=cast("Any", self.customers),
            catalog=nothing,
            selections=nothing,
            syncs=nothing,
            plans=self.plans,
            policies=self.policies,
            idle=nothing,
            people=nothing,
            drift=nothing,
            standings=nothing,
            estates=nothing,
            subscriptions=nothing,
            history=nothing,
            ends=nothing,
            ledger=nothing,
            batches=cast("Any", self.batches),
            operations=self.operations,
            runs=cast("Any", self.runs),
            transactions=nothing,
            idempotency=self.keys,
            notices=nothing,
            audit=cast("Any", self.diary),
            poison=nothing,
            claims=nothing,
            reminders=cast("Any", Reminders()),
            callbacks=nothing,
            queues=cast("Any", self.outbox),
            row_limit=self.limits.rows,
        )
        return Office(desk, Tokens(), Signatures(), Drops(), limits=self.limits, version="9.9.9")

    async def ask(
        self,
        method: str,
        address: str,
        *,
        role: str | None = "admin",
        body: object = None,
        raw: bytes | None = None,
        content_type: str | None = "application/json",
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Reply":
        """Find the function as the platform's router does, and call it."""
        sent = dict(headers or {})
        sent |= {"Authorization": f"Bearer {role}"} if role else {}
        sent |= {"Idempotency-Key": key} if key else {}
        sent |= {"Content-Type": content_type} if content_type else {}
        split = urlsplit(address)
        name, values = route(self.functions, method, split.path)
        request = func.HttpRequest(
            method,
            f"http://localhost:7071{address}",
            headers=sent,
            params=dict(parse_qsl(split.query, keep_blank_values=True)),
            route_params=values,
            body=raw if raw is not None else _dumped(body),
        )
        return Reply(await self.functions[name].code(req=request))


@dataclass(frozen=True)
class Function:
    route: str
    methods: frozenset[str] | None
    code: Callable[..., Any]


@dataclass(frozen=True)
class Reply:
    response: func.HttpResponse

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def headers(self) -> Mapping[str, str]:
        return cast("Mapping[str, str]", self.response.headers)

    @property
    def text(self) -> str:
        return self.response.get_body().decode()

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def slug(self) -> str:
        """Which problem it is."""
        return str(self.json["type"]).removeprefix("/api/docs#problem-")

    @property
    def faults(self) -> list[tuple[Any, ...]]:
        return [
            (f.get("row"), f.get("column") or f.get("pointer"), f["detail"])
            for f in self.json["errors"]
        ]


def functions_of(open_office: Callable[[], Office]) -> dict[str, Function]:
    app = func.FunctionApp()
    app.register_functions(blueprint(open_office))
    found = {}
    for indexed in app.get_functions():
        trigger: Any = indexed.get_trigger()
        methods = frozenset(m.value for m in trigger.methods) if trigger.methods else None
        found[str(indexed.get_function_name())] = Function(
            trigger.route, methods, indexed.get_user_function()
        )
    return found


def route(functions: Mapping[str, Function], method: str, path: str) -> tuple[str, dict[str, str]]:
    """Text goes before parameters; the catch-all takes what nobody else does."""
    parts = path.removeprefix("/api/").split("/")
    fitting = []
    for name, function in functions.items():
        wanted = function.route.split("/")
        if function.methods is None or method not in function.methods or len(wanted) != len(parts):
            continue
        pairs = list(zip(wanted, parts, strict=True))
        if all(w.startswith("{") or w == p for w, p in pairs):
            values = {w.strip("{}"): p for w, p in pairs if w.startswith("{")}
            fitting.append((len(values), name, values))
    if not fitting:
        return "unknown_route", {"path": "/".join(parts)}
    _, name, values = min(fitting, key=lambda found: found[0])
    return name, values


def a_connection(name: str = "fabrikam") -> Connection:
    return Connection(
        ConnectionId(name), "Fabrikam", PartnerRole.DIRECT, CONTOSO, CONTOSO, ("GB", "DE"), NOW
    )


def a_customer(customer_id: CustomerId = CONTOSO) -> Customer:
    return Customer(
        customer_id, ConnectionId("fabrikam"), "Contoso", "contoso.onmicrosoft.com", "GB", NOW
    )


def a_plan(name: str = "office-worker") -> UserPlan:
    return UserPlan(PlanId(name), "Office worker", SkuId(CONTOSO))


def _dumped(body: object) -> bytes:
    return b"" if body is None else json.dumps(body).encode()
