"""Make calls go wrong on request, and keep the log of every call."""

import fnmatch
import time
from dataclasses import dataclass, field
from typing import Any


class ReplyLost(ConnectionResetError):
    """The connection broke: whether the work was done, the caller cannot know."""


@dataclass
class Fault:
    """What befalls the next calls that fit; `path` is a glob on the path without its query."""

    path: str = "*"
    method: str = "*"
    times: int = 1
    skip: int = 0
    status: int | None = None
    retry_after: int | None = None
    body: Any = None
    delay_seconds: float = 0
    drop_after_commit: bool = False
    drop_before_commit: bool = False

    def fits(self, method: str, path: str) -> bool:
        spellings = (path, "/" + path.lstrip("/").partition("/")[2])
        return self.method.upper() in ("*", method.upper()) and any(
            fnmatch.fnmatchcase(spelling, self.path) for spelling in spellings
        )


@dataclass
class Faults:
    """The queue of faults, in the order in which they were asked for."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def match(self, method: str, path: str) -> Fault | None:
        """Takes one turn of the first fault that fits; Graph asks once per item of a batch."""
        for fault in self.waiting:
            if not fault.fits(method, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            return self._take(fault)
        return None

    def _take(self, fault: Fault) -> Fault:
        fault.times -= 1
        if fault.times <= 0:
            self.waiting.remove(fault)
        return fault


@dataclass
class CallRecord:
    """One HTTP request as it arrived; a batch is one, with its number of items."""

    seq: int
    method: str
    path: str
    api: str
    query: str
    tenant: str | None
    batch: bool
    items: int
    at: float = field(default_factory=time.time)
    """When it arrived: real seconds since 1970."""
    kinds: list[str] = field(default_factory=list)
    """What the items of a batch ask for, such as `POST /users`."""
    throttled: int = 0
    """Items of a batch that were answered 429."""
    status: int | None = None
    ms: float = 0
    lost: bool = False


@dataclass
class Calls:
    """The log of calls, which is no part of the saved state."""

    records: list[CallRecord] = field(default_factory=list)
    last: int = 0

    def open(self, **facts: Any) -> CallRecord:  # noqa: ANN401 - the record names them
        self.last += 1
        record = CallRecord(seq=self.last, **facts)
        self.records.append(record)
        return record

    def since(self, seq: int) -> list[CallRecord]:
        return [record for record in self.records if record.seq > seq]
