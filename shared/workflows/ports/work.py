"""What is kept of work in hand: runs, operations, notices, reminders, what was put aside."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from shared.domain.callbacks import Delivery
from shared.domain.ids import (
    ConnectionId,
    CustomerId,
    OperationId,
    PoisonId,
    RunId,
)
from shared.domain.operations import Operation
from shared.domain.poison import PutAside
from shared.domain.reminders import Reminder, ReminderKind
from shared.domain.runs import Coverage, CustomerRun, LastNight, Nights, Run
from shared.domain.webhooks import Notice
from shared.workflows.ports.common import Page


class Operations(Protocol):
    async def add(self, operation: Operation) -> Operation:
        """Answer the one on record where the id exists."""
        ...

    async def get(self, operation: OperationId) -> Operation: ...
    async def save(self, operation: Operation) -> Operation: ...
    async def expire(self, operation: OperationId, at: datetime) -> None:
        """Have it named by `expired` from that moment on, until `keep`."""
        ...

    async def expired(self, now: datetime) -> Sequence[OperationId]: ...
    async def keep(self, operation: OperationId) -> None: ...


class Runs(Protocol):
    """Runs, each with a part per customer; who has not ended is found without the others."""

    async def claim(self, run: Run) -> tuple[Run, bool]:
        """Answer the run on record under this id, and whether it is the one that was given.

        A new one counts as not queued, so that nobody closes it before `note_queued`.
        """
        ...

    async def get(self, run: RunId) -> Run: ...
    async def save(self, run: Run) -> Run:
        """Raise `ChangedMeanwhile` where somebody wrote since it was read."""
        ...

    async def page(self, cursor: str | None, size: int) -> Page[Run]: ...
    async def open_runs(self) -> Sequence[Run]: ...
    async def unannounced_runs(self) -> Sequence[Run]:
        """Those that have closed, and of whose end nobody said that it was `announced`."""
        ...

    async def announced(self, run: RunId) -> None: ...
    async def expect_connections(self, run: RunId, connections: Sequence[ConnectionId]) -> None:
        """Note which connections must be expanded before the run may close."""
        ...

    async def note_queued(self, run: RunId) -> None:
        """Say that all which the run must cover was noted and sent."""
        ...

    async def connection_expanded(self, run: RunId, connection: ConnectionId) -> None: ...
    async def leave_out(self, run: RunId, connection: ConnectionId, reason: str) -> None:
        """Wait no longer for a connection; one that was expanded after all stays so."""
        ...

    async def coverage(self, run: RunId) -> Coverage: ...
    async def add_parts(self, parts: Sequence[CustomerRun]) -> Sequence[CustomerId]:
        """Insert those of one run that are absent; answer which of all have not ended."""
        ...

    async def part(self, run: RunId, customer: CustomerId) -> CustomerRun: ...
    async def save_part(self, part: CustomerRun) -> CustomerRun: ...
    def parts(self, run: RunId) -> AsyncIterator[CustomerRun]: ...
    async def parts_page(self, run: RunId, cursor: str | None, size: int) -> Page[CustomerRun]: ...
    async def purge_parts(self, run: RunId, most: int) -> int:
        """Delete up to so many rows of what a run found, never the run itself; answer how many."""
        ...

    async def waiting(self, run: RunId, size: int) -> Sequence[CustomerId]:
        """Up to so many customers whose part has not ended."""
        ...

    async def nights(self, now: datetime) -> Nights:
        """What is known of the nights; the first look says since when they are expected."""
        ...

    async def complete_night(self, night: LastNight) -> None:
        """Keep the one that ended last, in whichever order they are told."""
        ...


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


class IdempotencyKeys(Protocol):
    """What was answered to which key; scoped to caller and route, kept seven days."""

    async def claim(self, scope: str, key: str, digest: str) -> StoredAnswer | None:
        """Answer what was answered before, or None where the work is now ours to do.

        Raise `IdempotencyKeyReused` for another digest and `StillRunning` while somebody works on
        it; a claim older than the longest function run counts as abandoned and may be taken over.
        """
        ...

    async def keep(self, scope: str, key: str, answer: StoredAnswer) -> None: ...
    async def purge(self, most: int) -> int:
        """Delete claims older than seven days; answer how many."""
        ...

    async def give_up(self, scope: str, key: str) -> None:
        """The work failed and may have had an effect: let the same body be sent again."""
        ...

    async def forget(self, scope: str, key: str) -> None:
        """The request was wrong and nothing was begun: let the key be used for a mended one."""
        ...


class Notices(Protocol):
    """Events that came by webhook, so that none is followed twice."""

    async def claim(self, notice: Notice) -> bool:
        """Answer whether it is to be followed: it is new, or was never settled."""
        ...

    async def settle(self, notice: Notice) -> None: ...
    async def forget(self, last: date, days: int) -> None:
        """Remove what changed on that day and on so many before, the last one included."""
        ...


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Ids and counts only: never a name, an address or a body."""

    at: datetime
    who: str
    what: str
    subject: str
    details: Mapping[str, str] = field(default_factory=dict)


class Audit(Protocol):
    async def record(self, entry: AuditEntry) -> None: ...


class Poison(Protocol):
    """The messages that could not be handled, with their bodies."""

    async def add(self, message: PutAside) -> PutAside:
        """Answer the one on record where the id exists."""
        ...

    async def get(self, message: PoisonId) -> PutAside: ...
    async def save(self, message: PutAside) -> PutAside:
        """Raise `ChangedMeanwhile` where somebody wrote since it was read."""
        ...

    async def page(self, cursor: str | None, size: int) -> Page[PutAside]: ...
    async def purge(self, before: datetime, most: int) -> int:
        """Remove what was last seen before then; answer how many are gone."""
        ...


class Callbacks(Protocol):
    """Tells other people's servers, and reaches nothing that the operator has not listed."""

    def why_not(self, url: str) -> str:
        """Say why an address cannot be called, or nothing."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Delivery: ...


class Reminders(Protocol):
    """What a sweep finds although every message about it is lost."""

    async def put(self, reminder: Reminder) -> None: ...
    async def put_first(self, reminder: Reminder) -> None:
        """One that is there stays as it is."""
        ...

    async def due(self, kind: ReminderKind, now: datetime, most: int) -> Sequence[Reminder]: ...
    async def postpone(self, reminder: Reminder, until: datetime) -> bool:
        """Answer False where somebody else was first: it is theirs to look at."""
        ...

    async def drop(self, kind: ReminderKind, subject: str) -> None: ...


class Queues(Protocol):
    async def send(
        self, queue: str, message: Mapping[str, object], delay: timedelta = timedelta(0)
    ) -> None: ...
    async def send_raw(self, queue: str, text: str, delay: timedelta = timedelta(0)) -> None:
        """Send a message as it came (poison)."""
        ...
