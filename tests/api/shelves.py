"""What the small office of the counter keeps, it keeps in dictionaries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.batches import Batch, RowResult
from shared.domain.callers import Caller
from shared.domain.ceilings import BatchPolicy
from shared.domain.chunks import Tally, chunked, tally_of
from shared.domain.connections import Connection
from shared.domain.errors import (
    AlreadyExists,
    BatchNotFound,
    CallerUnknown,
    Fault,
    IdempotencyKeyReused,
    InvalidRequest,
    SignatureRefused,
    StillRunning,
)
from shared.domain.health import ConnectionHealth
from shared.domain.ids import ConnectionId
from shared.domain.passwords import Secret
from shared.domain.plans import UserPlan
from shared.domain.policies import Policy
from shared.domain.runs import Coverage, Nights, Run
from shared.workflows.ports import AuditEntry, Page, StoredAnswer

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
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

    async def coverage(self, _run: str) -> Coverage:
        return Coverage(unexpanded=(ConnectionId("fabrikam"),))

    async def waiting(self, *_: object) -> Sequence[str]:
        return ()


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
