"""Know a run: one pass of the night, or one started by hand, over many customers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.domain.callers import PROVIDER
from shared.domain.decisions import Decision, DecisionKind
from shared.domain.drift_tally import DriftCounts, NightDrift
from shared.domain.ids import ConnectionId, CustomerId, RunId, SkuId
from shared.domain.night_facts import NightFacts

LONGEST = timedelta(hours=20)
"""After which a run closes with what it has: the next night needs the hosts."""
STALE = timedelta(hours=26)
"""A night later than this is missing; two hours more than a day, so that a slow one is not."""
APART = timedelta(hours=6)
"""The timer's firings that lie closer together are of one night, as those of two hosts are."""
NIGHT = "night-"
"""Before the day, in the id of a night's run."""
PUT_ASIDE = "PutAside"
"""How a failure is called where a message was tried too often."""


class RunStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    """Every customer ended; some may have failed."""
    PARTIAL = "partial"
    """Closed without some customers: its deadline was over, or a connection was left out."""

    @property
    def is_final(self) -> bool:
        return self is not RunStatus.OPEN


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to; ``unfinished`` customers were left when it closed at its deadline.

    ``left_out`` connections are those whose customers could not be listed, or not all of them.
    """

    customers: int = 0
    failed: int = 0
    unfinished: int = 0
    left_out: int = 0
    seats_idle: int = 0
    seats_given_back: int = 0
    seats_scheduled: int = 0
    seats_restored: int = 0
    seats_at_risk: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    """How many customers failed of what, by the error's name."""
    drift: DriftCounts = field(default_factory=DriftCounts)


@dataclass(frozen=True, slots=True)
class Run:
    id: RunId
    requested_by: str
    opened_at: datetime
    dry_run: bool = False
    connection_id: ConnectionId | None = None
    customer_id: CustomerId | None = None
    nightly: bool = False
    """Opened by the timer for everything; a run by hand never stands in for the night's."""
    status: RunStatus = RunStatus.OPEN
    summary: RunSummary = field(default_factory=RunSummary)
    finished_at: datetime | None = None
    first_in_line: str = ""
    """Who waited, and how far they had come, when a sweep last saw the run move."""
    seen_moving_at: datetime | None = None
    organisation: str = PROVIDER
    """Whose work it is."""
    parts_purged_at: datetime | None = None
    """When what it found at each customer was deleted; the summary stays."""
    etag: str = field(default="", compare=False)

    def is_overdue(self, now: datetime, longest: timedelta = LONGEST) -> bool:
        return now >= self.opened_at + longest


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A connection of which a run did not come to every customer, and why."""

    connection_id: ConnectionId
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whom a run must come to, as far as that is known."""

    is_queued: bool = True
    """All of it was noted and sent once; nobody can say before that whether all have ended."""
    unexpanded: tuple[ConnectionId, ...] = ()
    """Connections whose customers are not all noted yet."""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def is_known(self) -> bool:
        return self.is_queued and not self.unexpanded


@dataclass(frozen=True, slots=True)
class LastNight:
    """The last night that was complete: everybody ended, failures are counted apart."""

    run_id: RunId
    finished_at: datetime
    customers: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Nights:
    """What is known of the nights: the last complete one, and since when one is expected."""

    expected_since: datetime
    last: LastNight | None = None

    def is_stale(self, now: datetime) -> bool:
        """A service that was set up today has missed nothing yet."""
        seen = self.expected_since if self.last is None else self.last.finished_at
        return now - max(seen, self.expected_since) > STALE


def nightly_id(day: date, number: int = 1) -> RunId:
    """A night has one run, whoever fires first; a date may have the beginnings of two nights."""
    return RunId(f"{NIGHT}{day.isoformat()}" + (f"-{number}" if number > 1 else ""))


def night_holder(run: RunId, customer: CustomerId) -> str:
    """Under which name a customer's part of a run stands in the ledger."""
    return f"{run}|{customer}"


def drift_holder(run: RunId, customer: CustomerId) -> str:
    """And under which name what it puts back there, which is told as drift and saves nothing."""
    return f"{night_holder(run, customer)}|drift"


def night_holders(run: RunId, customer: CustomerId) -> tuple[str, str]:
    """All names that a part of a run has in the ledger, in the order of its work."""
    return drift_holder(run, customer), night_holder(run, customer)


class CustomerRunStatus(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self is not CustomerRunStatus.WAITING


@dataclass(frozen=True, slots=True)
class CustomerRun:
    """One customer's part of a run, with a reason for every subscription.

    ``applied`` says whether decisions could be carried out, or were only reported.
    """

    run_id: RunId
    customer_id: CustomerId
    connection_id: ConnectionId
    status: CustomerRunStatus = CustomerRunStatus.WAITING
    decisions: tuple[Decision, ...] = ()
    applied: bool = False
    seats_idle: int = 0
    users: int = 0
    warnings: tuple[str, ...] = ()
    """What will stop our work at the customer, or has stopped it, and what to do."""
    reason: str = ""
    failure: str = ""
    """The error's name, where it failed."""
    skus: tuple[SkuId, ...] = ()
    """Products of which the ledger may hold changes of this part, open ones among them."""
    facts: NightFacts = field(default_factory=NightFacts)
    """What the run's report is made of."""
    drift: NightDrift = field(default_factory=NightDrift)
    finished_at: datetime | None = None
    etag: str = field(default="", compare=False)

    def given_back(self, kind: DecisionKind) -> int:
        """Seats of one kind of change that was carried out."""
        done = [d for d in self.decisions if d.applied]
        if kind is DecisionKind.SCHEDULE:
            return sum(d.seats_scheduled for d in done)
        if kind is DecisionKind.RESTORE:
            return sum(d.restored for d in done)
        return sum(d.seats_given_back for d in done if d.kind is kind)

    @property
    def seats_at_risk(self) -> int:
        return sum(d.at_risk for d in self.decisions)


def added(summary: RunSummary, part: CustomerRun) -> RunSummary:
    """Count one more customer in."""
    failures = Counter(summary.failures)
    if part.status is CustomerRunStatus.FAILED:
        failures[part.failure] += 1
    return replace(
        summary,
        customers=summary.customers + 1,
        failed=summary.failed + (part.status is CustomerRunStatus.FAILED),
        unfinished=summary.unfinished + (not part.status.is_final),
        seats_idle=summary.seats_idle + part.seats_idle,
        seats_given_back=summary.seats_given_back + part.given_back(DecisionKind.RETURN),
        seats_scheduled=summary.seats_scheduled + part.given_back(DecisionKind.SCHEDULE),
        seats_restored=summary.seats_restored + part.given_back(DecisionKind.RESTORE),
        seats_at_risk=summary.seats_at_risk + part.seats_at_risk,
        failures=dict(failures),
        drift=summary.drift + part.drift.counts,
    )
