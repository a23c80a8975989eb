"""Count the calls that several hosts make of one allowance: slices, shares and pauses.

Microsoft counts over the last minute, wherever that begins. So a minute is cut into spans, and what
was handed out in this span and in the ones of a whole minute before it never exceeds the limit.
https://learn.microsoft.com/partner-center/developer/api-throttling-guidance
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum

SPANS = 20
"""In one minute; calls are handed out for one span, and are forgotten a minute and a span later."""
_SLICES = 20
"""A full minute's calls make so many slices: one write each, shared by several hosts."""


class Priority(IntEnum):
    """Who goes first where calls are short."""

    BACKGROUND = 0
    """The night: it leaves the last tenth to the others."""
    NORMAL = 1
    """A batch's people: they leave the last twentieth."""
    URGENT = 2
    """Growths and requests over HTTP."""


_SHARES = {Priority.BACKGROUND: 90, Priority.NORMAL: 95, Priority.URGENT: 100}
"""Percent of the limit that may be in use for another call to be made."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Calls per minute, and how they are cut."""

    limit: int

    @property
    def slice(self) -> int:
        return max(1, self.limit // _SLICES)

    def ceiling(self, priority: Priority) -> int:
        return max(1, self.limit * _SHARES[priority] // 100)

    def lowest(self, used: int) -> Priority:
        """Who may make calls of a slice that brought the use to this."""
        return next((p for p in Priority if used <= self.ceiling(p)), Priority.URGENT)


@dataclass(frozen=True, slots=True)
class Slice:
    """Calls that one host may make until its span is over; ``open_to`` this priority and higher."""

    calls: int = 0
    span: int = -1
    open_to: Priority = Priority.URGENT

    def serves(self, span: int, priority: Priority) -> bool:
        return self.calls > 0 and self.span >= span and priority >= self.open_to

    def less_one(self) -> "Slice":
        return replace(self, calls=self.calls - 1)


@dataclass(frozen=True, slots=True)
class Spending:
    """What all hosts together hold of one allowance; ``spent`` begins with ``span``, backwards."""

    span: int = 0
    spent: tuple[int, ...] = (0,) * (SPANS + 1)
    paused_until: datetime | None = None
    etag: str = field(default="", compare=False)

    @property
    def used(self) -> int:
        return sum(self.spent)

    def at(self, span: int) -> "Spending":
        """Let time pass; a clock that is a little behind spends in the latest span."""
        passed = span - self.span
        if passed > SPANS or passed < -1:
            return replace(self, span=span, spent=(0,) * (SPANS + 1))
        passed = max(0, passed)
        spent = ((0,) * passed + self.spent)[: SPANS + 1]
        return replace(self, span=self.span + passed, spent=spent)

    def with_back(self, left: Slice) -> "Spending":
        """Take back what a host did not use of its last slice."""
        age = self.span - left.span
        if not 0 <= age <= SPANS:
            return self
        spent = list(self.spent)
        spent[age] = max(0, spent[age] - left.calls)
        return replace(self, spent=tuple(spent))

    def cut(self, allowance: Allowance, priority: Priority) -> tuple["Spending", Slice]:
        """Hand out a slice, or what is left of one, or none at all."""
        calls = max(0, min(allowance.slice, allowance.ceiling(priority) - self.used))
        spent = (self.spent[0] + calls, *self.spent[1:])
        after = replace(self, spent=spent)
        return after, Slice(calls, self.span, allowance.lowest(after.used))

    def spans_to_wait(self, allowance: Allowance, priority: Priority) -> int:
        """After how many spans one more call fits, if nobody else takes it; at least one."""
        for spans in range(1, SPANS + 1):
            if self.at(self.span + spans).used < allowance.ceiling(priority):
                return spans
        return SPANS + 1

    def paused(self, until: datetime) -> "Spending":
        """A pause only ever grows."""
        longest = until if self.paused_until is None else max(until, self.paused_until)
        return replace(self, paused_until=longest)
