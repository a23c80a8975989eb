"""Know a run: one pass of the night, or one started by hand, over many customers."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from shared.domain.giveback import Decision, DecisionKind
from shared.domain.ids import ConnectionId, CustomerId, RunId


class RunStatus(StrEnum):
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to."""

    customers: int = 0
    failed: int = 0
    seats_idle: int = 0
    seats_given_back: int = 0
    seats_scheduled: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    id: RunId
    requested_by: str
    opened_at: datetime
    dry_run: bool = False
    connection_id: ConnectionId | None = None
    customer_id: CustomerId | None = None
    status: RunStatus = RunStatus.OPEN
    summary: RunSummary = field(default_factory=RunSummary)
    finished_at: datetime | None = None
    etag: str = field(default="", compare=False)


def nightly_id(day: date) -> RunId:
    """The night of one business day has one run, whoever fires first."""
    return RunId(f"night-{day.isoformat()}")


class CustomerRunStatus(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CustomerRun:
    """One customer's part of a run, with a reason for every subscription.

    ``applied`` says whether the decisions were carried out or only reported.
    """

    run_id: RunId
    customer_id: CustomerId
    connection_id: ConnectionId
    status: CustomerRunStatus = CustomerRunStatus.WAITING
    decisions: tuple[Decision, ...] = ()
    applied: bool = False
    seats_idle: int = 0
    users: int = 0
    reason: str = ""
    finished_at: datetime | None = None
    etag: str = field(default="", compare=False)

    def given_back(self, kind: DecisionKind) -> int:
        if not self.applied:
            return 0
        if kind is DecisionKind.SCHEDULE:
            return sum(d.seats_scheduled for d in self.decisions)
        return sum(d.seats_given_back for d in self.decisions if d.kind is kind)


def summarise(parts: list[CustomerRun]) -> RunSummary:
    return RunSummary(
        customers=len(parts),
        failed=sum(p.status is CustomerRunStatus.FAILED for p in parts),
        seats_idle=sum(p.seats_idle for p in parts),
        seats_given_back=sum(p.given_back(DecisionKind.RETURN) for p in parts),
        seats_scheduled=sum(p.given_back(DecisionKind.SCHEDULE) for p in parts),
    )
