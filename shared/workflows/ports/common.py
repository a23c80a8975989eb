"""Say what every port shares: the clock, and pages of what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

Noun = TypeVar("Noun")


class Clock(Protocol):
    """Business time: windows, renewals, retention. Machine time is each adapter's own."""

    async def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Page(Generic[Noun]):
    """Some of a list, and an opaque cursor where there is more."""

    items: Sequence[Noun]
    cursor: str | None = None
