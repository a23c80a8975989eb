"""Let a host die at any one of its remote calls and writes, counted from when it is asked to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx
import pytest
from azure.data.tables.aio import TableClient
from azure.storage.queue.aio import QueueClient

from tests.portal import Killed, Seatkeeper

_WRITES = (
    (TableClient, ("create_entity", "upsert_entity", "update_entity", "delete_entity")),
    (TableClient, ("submit_transaction",)),
    (QueueClient, ("send_message",)),
)


class Moment(StrEnum):
    BEFORE = "before"
    AFTER = "after"
    LOST = "lost"
    """Microsoft has done it, and the answer never comes; the host lives."""


@dataclass
class Fate:
    """Counts while it is armed, and strikes once."""

    at: int = 0
    moment: Moment = Moment.BEFORE
    met: list[str] = field(default_factory=list)
    armed: bool = False
    uncounted: str = ""
    """Deeds that name this are passed over, where they do not come every time."""

    def arm(self, at: int = 0, moment: Moment = Moment.BEFORE) -> None:
        self.at, self.moment, self.armed, self.met = at, moment, True, []

    async def carry_out(self, what: str, deed: Callable[[], Awaitable[Any]]) -> Any:
        if not self.armed or (self.uncounted and self.uncounted in what):
            return await deed()
        self.met.append(what)
        if len(self.met) != self.at:
            return await deed()
        if self.moment is Moment.BEFORE:
            raise Killed
        await deed()
        if self.moment is Moment.AFTER:
            raise Killed
        if what.startswith("write "):
            raise Killed
        lost = "the answer was lost"
        raise httpx.ReadError(lost)


@dataclass
class _Fated(httpx.AsyncBaseTransport):
    inner: httpx.AsyncBaseTransport
    fate: Fate

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith(("/_sim", "/login")):
            return await self.inner.handle_async_request(request)
        what = f"call {request.method} {request.url.path}"
        answer = await self.fate.carry_out(what, lambda: self.inner.handle_async_request(request))
        assert isinstance(answer, httpx.Response)
        return answer


def fated(seatkeeper: Seatkeeper, monkeypatch: pytest.MonkeyPatch) -> Fate:
    """Stand between the product and everything that it calls or writes."""
    fate = Fate()
    wire = seatkeeper.wire
    monkeypatch.setattr(wire, "_inner", _Fated(wire._inner, fate))
    for owner, names in _WRITES:
        for name in names:
            monkeypatch.setattr(owner, name, _watched(getattr(owner, name), name, fate))
    return fate


def _watched(method: Callable[..., Awaitable[Any]], name: str, fate: Fate) -> Any:
    async def watched(self: Any, *words: Any, **named: Any) -> Any:
        place = getattr(self, "table_name", None) or getattr(self, "queue_name", "")
        return await fate.carry_out(f"write {name} {place}", lambda: method(self, *words, **named))

    return watched


async def dying(fate: Fate, at: int, deed: Awaitable[object]) -> bool:
    """Let the host die before that write, and say whether there was one."""
    fate.arm(at)
    try:
        await deed
    except Killed:
        return True
    finally:
        fate.armed = False
    return False
