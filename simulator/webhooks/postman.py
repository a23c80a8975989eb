"""Post notices in the background, ten times if need be, and to loopback only."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from starlette.types import Scope

from simulator.webhooks.events import notice
from simulator.webhooks.nouns import Event
from simulator.webhooks.signing import Manner, Post, body_of, signed

if TYPE_CHECKING:
    from simulator.world import World

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_KEPT = 500
_OK = range(200, 300)


class Postman:
    """Carries the notices of one world; `transport` takes the place of the network in process."""

    def __init__(self, world: "World", transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.world = world
        self.origin = "http://127.0.0.1"
        self.log: list[dict[str, Any]] = []
        self._transport = transport
        self._round: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def after_call(self, scope: Scope) -> None:
        """Every call may have changed something, or let time pass."""
        host = dict(scope["headers"]).get(b"host", b"").decode()
        self.origin = f"{scope.get('scheme', 'http')}://{host}" if host else self.origin
        if not self.world.webhooks:
            return
        notice(self.world)
        idle = self._round is None or self._round.done()
        if self.world.switches["webhooks.background"] and idle and self._waiting():
            self._round = asyncio.get_running_loop().create_task(self._deliver_all())

    async def flush(self) -> int:
        """Delivers what is due, without the pauses between attempts; the number of posts."""
        before = len(self.log)
        while event := self._next(impatient=True):
            await self._deliver(event)
        return len(self.log) - before

    async def send(self, url: str, body: bytes, manner: Manner) -> dict[str, Any]:
        post = signed(self.world, self.origin, url, body, manner)
        return await self._posted(post, "by hand")

    async def _deliver_all(self) -> None:
        while waiting := self._waiting():
            if event := self._next():
                await self._deliver(event)
                continue
            soonest = min(event.next_try for event in waiting)
            pause = (soonest - self.world.clock.real()).total_seconds()
            await asyncio.sleep(max(pause, 0.01))

    def _waiting(self) -> list[Event]:
        now = self.world.clock.now()
        return [one for one in self.world.events if not one.outcome and one.due <= now]

    def _next(self, *, impatient: bool = False) -> Event | None:
        real = self.world.clock.real()
        due = [one for one in self._waiting() if impatient or one.next_try <= real]
        if not due:
            return None
        return due[-1] if self.world.switches["webhooks.newestFirst"] else due[0]

    async def _deliver(self, event: Event) -> None:
        async with self._turn:
            if event.outcome:
                return
            await self._attempt(event)

    async def _attempt(self, event: Event) -> None:
        registration = self.world.webhooks.get(event.partner_id)
        if registration is None:
            event.outcome = "offline"
            return
        manner = Manner(in_ms_signature=registration.in_ms_signature)
        post = signed(self.world, self.origin, registration.url, body_of(event), manner)
        answer = await self._posted(post, event.id)
        event.attempts += 1
        event.answers.append(answer)
        switches = self.world.switches
        if answer["status"] in _OK:
            event.outcome = "delivered"
        elif event.attempts >= switches["webhooks.attempts"]:
            event.outcome = "offline"
        wait = timedelta(seconds=switches["webhooks.retrySeconds"])
        event.next_try = self.world.clock.real() + wait

    async def _posted(self, post: Post, event_id: str) -> dict[str, Any]:
        status, error = await self._answer(post)
        at = self.world.clock.real().isoformat()
        line = {"event": event_id, "url": post.url, "status": status, "error": error, "at": at}
        self.log = [*self.log, line][-_KEPT:]
        return line

    async def _answer(self, post: Post) -> tuple[int | None, str]:
        if urlsplit(post.url).hostname not in _LOOPBACK:
            return None, "only loopback is ever called"
        seconds = self.world.switches["webhooks.timeoutSeconds"]
        try:
            async with self._http(seconds) as http:
                answer = await http.post(post.url, content=post.body, headers=post.headers)
        except httpx.HTTPError as broken:
            return None, repr(broken)
        return answer.status_code, ""

    def _http(self, seconds: float) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._transport, timeout=seconds, trust_env=False)
