"""Stand between the network and the apis: log, delay, break and settle every call."""

import asyncio
import json
import time
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from simulator.faults import CallRecord, Fault, ReplyLost
from simulator.latency import seconds_of
from simulator.partner_center.lifecycle import settle
from simulator.signin.tokens import unverified
from simulator.webhooks.postman import Postman

if TYPE_CHECKING:
    from simulator.world import World


class Simulator(Starlette):
    """A Starlette whose every Microsoft call goes over the simulated wire first."""

    def __init__(self, world: "World", postman: Postman, **options: Any) -> None:  # noqa: ANN401 - Starlette's own
        super().__init__(**options)
        self.world = world
        self.postman = postman
        # It decides how slow a simulation is, never a secret.
        self._chance = Random(f"{world.seed}/latency")  # noqa: S311

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            await self._serve(scope, receive, send)
        finally:
            self.postman.after_call(scope)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/_sim"):
            await super().__call__(scope, receive, send)
            return
        body = await _whole_body(receive)
        record, latency = self._record(scope, body), self._latency(scope, body)
        started = time.perf_counter()
        try:
            await _pass(latency)
            await self._travel(scope, _replay(body), _watched(send, record))
        except ReplyLost:
            record.lost = True
            raise
        finally:
            record.ms = round((time.perf_counter() - started) * 1000, 1)

    async def _travel(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self.world.faults.match(scope["method"], scope["path"])
        await _pass(fault.delay_seconds if fault is not None else 0)
        if fault is not None and fault.drop_before_commit:
            raise ReplyLost("the connection broke before the work was done")
        if fault is not None and fault.status is not None:
            await fault_answer(fault)(scope, receive, send)
            return
        settle(self.world)
        if fault is not None and fault.drop_after_commit:
            await super().__call__(scope, receive, _nowhere)
            raise ReplyLost("the connection broke after the work was done")
        await super().__call__(scope, receive, send)

    def _latency(self, scope: Scope, body: bytes) -> float:
        methods = _methods(body) if scope["path"].endswith("/$batch") else []
        reads = methods.count("GET")
        return seconds_of(
            self.world.switches,
            self._chance,
            scope["method"],
            scope["path"],
            reads=reads,
            writes=len(methods) - reads,
        )

    def _record(self, scope: Scope, body: bytes) -> CallRecord:
        path = scope["path"]
        is_batch = path.endswith("/$batch")
        token = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ")
        return self.world.calls.open(
            method=scope["method"],
            path=path,
            api=path.split("/")[1],
            query=scope["query_string"].decode(),
            tenant=unverified(token).get("tid"),
            batch=is_batch,
            items=len(_methods(body)) if is_batch else 1,
            kinds=_kinds(body) if is_batch else [],
        )


def fault_answer(fault: Fault) -> Response:
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    status = fault.status or 500
    if fault.body is None:
        return Response(status_code=status, headers=headers)
    if isinstance(fault.body, str):
        return Response(fault.body, status, headers, "text/html")
    return JSONResponse(fault.body, status, headers)


async def _pass(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)


async def _whole_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


def _watched(send: Send, record: CallRecord) -> Send:
    async def watched(message: Message) -> None:
        if message["type"] == "http.response.start":
            record.status = message["status"]
        elif record.batch:
            record.throttled += _throttled(message.get("body", b""))
        await send(message)

    return watched


async def _nowhere(_message: Message) -> None:
    return


def _methods(body: bytes) -> list[str]:
    """What each item of a batch wants to do; nothing, where it is no batch."""
    return [method for method, _ in _asked(body)]


def _kinds(body: bytes) -> list[str]:
    shapes = {f"{method} /{_shape(url)}" for method, url in _asked(body)}
    return sorted(shapes)


def _asked(body: bytes) -> list[tuple[str, str]]:
    try:
        items = json.loads(body)["requests"]
        return [(str(item["method"]).upper(), str(item["url"])) for item in items]
    except (ValueError, KeyError, TypeError):
        return []


def _shape(url: str) -> str:
    """A path without its keys: they stand in every second place."""
    parts = url.partition("?")[0].strip("/").split("/")
    return "/".join("{}" if number % 2 else part for number, part in enumerate(parts))


def _throttled(body: bytes) -> int:
    try:
        statuses = [item["status"] for item in json.loads(body)["responses"]]
    except (ValueError, KeyError, TypeError):
        return 0
    return statuses.count(HTTPStatus.TOO_MANY_REQUESTS)
