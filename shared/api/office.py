"""Lay out what a request needs beside the desk: who reads tokens, and which limits hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from shared.domain.callers import Caller
from shared.workflows.ports import Desk

MEBIBYTE = 1024 * 1024


class CallerTokens(Protocol):
    """Reads an access token and vouches for it."""

    async def read(self, token: str, /) -> Caller:
        """Raise `CallerUnknown` for a token that does not pass."""
        ...


class NoticeSignatures(Protocol):
    """Tells what Partner Center has signed from everything else."""

    @property
    def is_ready(self) -> bool:
        """Whether anything can pass at all."""
        ...

    async def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise `SignatureRefused` for what does not pass."""
        ...


class Drops(Protocol):
    """The container that operations put batch documents into."""

    async def read(self, name: str, *, at_most: int) -> bytes:
        """Raise `BodyTooLarge` beyond so many bytes, `InvalidRequest` where nothing is there."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may carry, and how many faults one problem lists."""

    body_bytes: int = 16 * MEBIBYTE
    rows: int = 50_000
    cell_bytes: int = 1024
    faults: int = 500


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that stands behind the counter; the wiring furnishes it."""

    desk: Desk
    callers: CallerTokens
    signatures: NoticeSignatures
    drops: Drops
    limits: Limits = field(default_factory=Limits)
    automation_id: str = "automation"
    max_dequeue_count: int = 8
    """After which the platform moves a message to the poison queue."""
    version: str = "0.0.0"
