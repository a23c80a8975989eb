"""A small office for tests of the counter: what it keeps, it keeps in dictionaries."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func

from functions.http_provision import blueprint
from shared.api.office import Limits, Office
from shared.domain.batches import Batch, RowResult
from shared.domain.callers import Caller
from shared.domain.ceilings import BatchPolicy
from shared.domain.chunks import Tally, chunked, tally_of
from shared.domain.connections import Connection, PartnerRole
from shared.domain.customers import Customer
from shared.domain.errors import (
    AlreadyExists,
    BatchNotFound,
    CallerUnknown,
    ConnectionNotFound,
    CustomerNotFound,
    Fault,
    IdempotencyKeyReused,
    InvalidRequest,
    OperationNotFound,
    RunNotFound,
    SignatureRefused,
    StillRunning,
    UserPlanNotFound,
)
from shared.domain.health import ConnectionHealth
from shared.domain.ids import ConnectionId, CustomerId, PlanId, SkuId
from shared.domain.passwords import Secret
from shared.domain.plans import UserPlan
from shared.domain.policies import Policy
from shared.domain.runs import Nights, Run
from shared.workflows.ports import AuditEntry, Desk, Page, StoredAnswer

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
CONTOSO = CustomerId("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
ROLES = {
    "admin": frozenset({"Provider.Admin"}),
    "operator": frozenset({"Operator"}),
    "reader": frozenset({"Reader"}),
    "automation": frozenset({"Automation"}),
    "stranger": frozenset({"Somebody.Else"}),
}


class Clock:
    async def now(self) -> datetime:
        return NOW


class Tokens:
    """A token is the name of a role."""

    async def read(self, token: str) -> Caller:
        if token not in ROLES:
            raise CallerUnknown("The token does not pass.")
        return Caller(f"{token}-id", "partner-tenant", ROLES[token])


class Drops:
    """Nobody has put anything there."""

    async def read(self, name: str, *, at_most: int) -> bytes:
        raise InvalidRequest([Fault(f"no {name} of {at_most} bytes", pointer="/blob")])


class Signatures:
    """Nobody's passes."""

    is_ready = True

    async def check(self, _headers: Mapping[str, str], _body: bytes) -> None:
        raise SignatureRefused("Not here.")


@dataclass
class Shelf:
    """Things by id, in the order they came."""

    missing: type[Exception]
    kept: dict[str, Any] = field(default_factory=dict)

    async def add(self, thing: Any) -> Any:
        if thing.id in self.kept and isinstance(thing, Connection | UserPlan):
            raise AlreadyExists(f"{thing.id} is taken")
        return self.kept.setdefault(thing.id, thing)

    async def get(self, wanted: str) -> Any:
        if wanted not in self.kept:
            raise self.missing(wanted)
        return self.kept[wanted]

    async def save(self, thing: Any) -> Any:
        self.kept[thing.id] = thing
        return thing

    async def all(self) -> Sequence[Any]:
        return list(self.kept.values())

    async def page(self, cursor: str | None, size: int) -> Page[Any]:
        start = int(cursor or 0)
        found = list(self.kept.values())
        more = start + size < len(found)
        return Page(found[start : start + size], str(start + size) if more else None)


class OperationShelf(Shelf):
    """Nothing on it ever expires."""

    async def expire(self, operation: str, at: datetime) -> None: ...

    async def expired(self, _now: datetime) -> Sequence[Any]:
        return ()

    async def keep(self, operation: str) -> None: ...


class RunShelf(Shelf):
    """Runs; which connections they cover is not looked at here."""

    expected_since = NOW

    async def claim(self, run: Run) -> tuple[Run, bool]:
        is_new = run.id not in self.kept
        return await self.add(run), is_new

    async def nights(self, _now: datetime) -> Nights:
        return Nights(self.expected_since)

    async def expect_connections(self, *_: object) -> None:
        pass

    async def unexpanded(self, _run: str) -> Sequence[str]:
        return ["fabrikam"]


@dataclass
class BatchShelf:
    """Batches, and beside them their rows."""

    heads: Shelf = field(default_factory=lambda: Shelf(BatchNotFound))
    rows: dict[str, list[RowResult]] = field(default_factory=dict)

    async def add(self, thing: Batch, rows: Sequence[RowResult] = ()) -> Batch:
        self.rows.setdefault(thing.id, list(rows))
        kept: Batch = await self.heads.add(thing)
        return kept

    async def get(self, wanted: str) -> Batch:
        found: Batch = await self.heads.get(wanted)
        return found

    async def page(self, cursor: str | None, size: int) -> Page[Batch]:
        return await self.heads.page(cursor, size)

    async def tallies(self, batch: str) -> Sequence[Tally]:
        return [tally_of(chunk) for chunk in chunked(self.rows[batch])]


class Policies:
    def __init__(self) -> None:
        self.kept: dict[str, Policy] = {}
        self.of_batches: dict[str, BatchPolicy] = {}

    async def of(self, customer: str) -> Policy:
        return self.kept.get(customer, Policy())

    async def save(self, customer: str, policy: Policy) -> Policy:
        self.kept[customer] = policy
        return policy

    async def batches_of(self, customer: str) -> BatchPolicy:
        return self.of_batches.get(customer, BatchPolicy())

    async def save_batches(self, customer: str, policy: BatchPolicy) -> BatchPolicy:
        self.of_batches[customer] = policy
        return policy


class Keys:
    """Idempotency keys, as storage keeps them: a claim is a row without an answer."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[str, StoredAnswer | None]] = {}
        self.given_up: set[tuple[str, str]] = set()

    async def claim(self, scope: str, key: str, digest: str) -> StoredAnswer | None:
        if (scope, key) not in self.kept:
            self.kept[scope, key] = (digest, None)
            return None
        before, answer = self.kept[scope, key]
        if before != digest:
            raise IdempotencyKeyReused("The key was used for another request.")
        if answer is None and (scope, key) in self.given_up:
            self.given_up.remove((scope, key))
            return None
        if answer is None:
            raise StillRunning("The same request is being worked on.")
        return answer

    async def keep(self, scope: str, key: str, answer: StoredAnswer) -> None:
        self.kept[scope, key] = (self.kept[scope, key][0], answer)

    async def give_up(self, scope: str, key: str) -> None:
        self.given_up.add((scope, key))

    async def purge(self, _most: int) -> int:
        return 0

    async def forget(self, scope: str, key: str) -> None:
        del self.kept[scope, key]


class Safe:
    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}

    async def put(self, name: str, secret: Secret) -> None:
        self.kept[name] = secret


class Diary:
    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    async def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)


class Outbox:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, object]]] = []

    async def send(self, queue: str, message: Mapping[str, object], *_delay: timedelta) -> None:
        self.sent.append((queue, message))


class Healths:
    def __init__(self) -> None:
        self.kept: dict[str, ConnectionHealth] = {}

    async def of(self, connection: ConnectionId) -> ConnectionHealth:
        return self.kept.get(connection, ConnectionHealth(connection))

    async def all(self) -> Mapping[str, ConnectionHealth]:
        return self.kept

    async def note(self, connection: ConnectionId, **seen: Any) -> None:
        self.kept[connection] = replace(await self.of(connection), **seen)


class Reminders:
    async def put(self, reminder: object) -> None:
        pass


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
            subscriptions=nothing,
            history=nothing,
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
