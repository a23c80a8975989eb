"""Know what somebody has to look at again, and when, should nobody else come back to it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ReminderKind(StrEnum):
    BATCH = "batch"
    """A batch that has not been settled: its messages may be lost."""
    PURCHASE = "purchase"
    """An operation that buys: its host may have died before it put on record what it bought."""
    TENANT = "tenant"
    """An operation that makes a tenant: its host may have died before the tenant was on record."""
    FORGET = "forget"
    """A secret, by its name, that nobody may ask for any more by then."""
    ROWS = "rows"
    """A batch whose rows and results have been kept long enough."""
    PARTS = "parts"
    """A run whose customers' parts have been kept long enough."""
    PURGE = "purge"
    """The next round over what has no reminder of its own."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """``at`` is business time; another one of the same kind and subject takes its place."""

    kind: ReminderKind
    subject: str
    at: datetime
    etag: str = field(default="", compare=False)
