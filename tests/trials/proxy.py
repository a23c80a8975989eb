"""Stand between the hosts and what they call, and let calls go wrong from outside.

Every host has doors of its own here, so that it is known whose call it is. Nothing is changed on
the way: requests keep their host's spelling and their signature.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

from tests.trials.kinds import has_message, is_receive, kind_of
from tests.trials.points import Moment, Nothing, Watch

LATE_SECONDS = 3.0
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Door:
    """A port: whose calls come in, and to which service they go on."""

    host: str
    service: str
    upstream: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Proxy:
    """Runs on a thread of its own; ``watch`` may be exchanged between two calls."""

    def __init__(self, kill: Callable[[str], None]) -> None:
        self.watch: Watch = Nothing()
        self._kill = kill
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runners: list[web.ServerRunner] = []
        self._later: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self, door: Door) -> str:
        """Answer the address of a new port."""
        return asyncio.run_coroutine_threadsafe(self._open(door), self._loop).result()

    async def _start(self) -> None:
        self._http = aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=120),
        )

    async def _stop(self) -> None:
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        for runner in self._runners:
            await runner.cleanup()
        await self._http.close()

    async def _open(self, door: Door) -> str:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await self._serve(door, request)

        server = web.Server(handle, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _serve(self, door: Door, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        kind = kind_of(door.service, request.method, request.raw_path, body)
        if kind is None:
            return _spelled(request, await self._forward(door, request, body))
        if is_receive(kind):
            return await self._receive(door, request, body, kind)
        moment = self.watch.meet(door.host, kind)
        if moment is Moment.BEFORE:
            self._kill(door.host)
            return _hung_up(request)
        if moment is Moment.LATE:
            self._forward_late(door, request, body)
            return _spelled(request, _taken())
        answer = await self._forward(door, request, body)
        if moment is Moment.TWICE:
            await self._forward(door, request, body)
        return self._after(moment, door, request, answer)

    async def _receive(
        self, door: Door, request: web.BaseRequest, body: bytes, kind: str
    ) -> web.StreamResponse:
        """An empty queue is no call that anything could befall."""
        answer = await self._forward(door, request, body)
        moment = self.watch.meet(door.host, kind) if has_message(answer.body) else None
        return self._after(moment, door, request, answer)

    def _after(
        self, moment: Moment | None, door: Door, request: web.BaseRequest, answer: Answer
    ) -> web.StreamResponse:
        if moment is Moment.AFTER:
            self._kill(door.host)
        if moment in (Moment.AFTER, Moment.LOST):
            return _hung_up(request)
        return _spelled(request, answer)

    async def _forward(self, door: Door, request: web.BaseRequest, body: bytes) -> Answer:
        headers = [(n, v) for n, v in request.headers.items() if n.lower() not in _HOP]
        async with self._http.request(
            request.method,
            URL(door.upstream + request.raw_path, encoded=True),
            headers=headers,
            data=body or None,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Content-Type", "Accept", "Accept-Encoding"),
        ) as answer:
            kept = {n: v for n, v in answer.headers.items() if n.lower() not in _HOP}
            return Answer(answer.status, kept, await answer.read())

    def _forward_late(self, door: Door, request: web.BaseRequest, body: bytes) -> None:
        async def later() -> None:
            await asyncio.sleep(LATE_SECONDS)
            await self._forward(door, request, body)

        task = asyncio.ensure_future(later())
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _spelled(request: web.BaseRequest, answer: Answer) -> web.Response:
    body = None if request.method == "HEAD" else answer.body
    return web.Response(status=answer.status, headers=answer.headers, body=body)


def _hung_up(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _taken() -> Answer:
    """What a queue answers to a message that it keeps.

    https://learn.microsoft.com/rest/api/storageservices/put-message
    """
    now = datetime.now(UTC)
    moment = format_datetime(now, usegmt=True)
    never = format_datetime(now + timedelta(days=7), usegmt=True)
    text = (
        '<?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage>'
        f"<MessageId>{uuid.uuid4()}</MessageId><InsertionTime>{moment}</InsertionTime>"
        f"<ExpirationTime>{never}</ExpirationTime><PopReceipt>none</PopReceipt>"
        f"<TimeNextVisible>{moment}</TimeNextVisible></QueueMessage></QueueMessagesList>"
    )
    return Answer(201, {"Content-Type": "application/xml"}, text.encode())
