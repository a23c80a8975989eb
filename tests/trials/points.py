"""Name a point at which something goes wrong, so that it can be written down and tried again."""

import re
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

_SPELLING = re.compile(r"^(\w+) (.+) #(\d+) of (\w+)$")
ANYTHING = "anything"


class Moment(StrEnum):
    """What befalls the call."""

    BEFORE = "before"
    """The host is killed, and the call goes nowhere."""
    AFTER = "after"
    """The call is carried out, and the host is killed before it hears so."""
    LOST = "lost"
    """The call is carried out, and its answer is lost; the host lives."""
    TWICE = "twice"
    """A message is put on its queue a second time."""
    LATE = "late"
    """A message appears seconds after those that were sent behind it."""


@dataclass(frozen=True, slots=True)
class Point:
    """The so many-th call of a kind, from when a story's batch is sent, over both hosts."""

    moment: Moment
    kind: str
    number: int = 1
    story: str = "joiners"

    @classmethod
    def parse(cls, text: str) -> Self:
        found = _SPELLING.match(text)
        if not found:
            raise ValueError(f"{text!r} is no point such as 'after call PATCH /x #1 of joiners'")
        return cls(Moment(found[1]), found[2], int(found[3]), found[4])

    def __str__(self) -> str:
        return f"{self.moment} {self.kind} #{self.number} of {self.story}"


class Watch(Protocol):
    """Is told of every call that has a kind, and says what befalls it."""

    def meet(self, host: str, kind: str) -> Moment | None: ...


class Nothing:
    def meet(self, host: str, kind: str) -> Moment | None:  # noqa: ARG002 (nothing befalls any)
        return None


@dataclass
class Recorder:
    """Writes down the kinds of an undisturbed run, in the order in which they came."""

    kinds: list[str] = field(default_factory=list)

    def meet(self, host: str, kind: str) -> Moment | None:  # noqa: ARG002 (either host's)
        self.kinds.append(kind)
        return None


@dataclass
class Aim:
    """Strikes once, at its point."""

    point: Point
    met: threading.Event = field(default_factory=threading.Event)
    victim: str = ""
    _seen: int = 0

    def meet(self, host: str, kind: str) -> Moment | None:
        if self.point.kind not in (kind, ANYTHING) or self.met.is_set():
            return None
        self._seen += 1
        if self._seen < self.point.number:
            return None
        self.victim = host
        self.met.set()
        return self.point.moment
