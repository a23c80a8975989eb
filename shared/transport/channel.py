"""Send calls to one API: attempts, pauses, ids, one log line each, errors in our words."""

import asyncio
import logging
import random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus

import httpx

from shared.domain.errors import RemoteAnswer, RemoteThrottled, SeatkeeperError
from shared.transport.budget import Meter
from shared.transport.call import Call
from shared.transport.refusals import SENTENCE, error_of, error_of_loss
from shared.transport.retry import Loss, Retry, retry_after_of

_log = logging.getLogger(__name__)
# Everything else that httpx raises while it talks comes after the request may have left.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one API names its ids and tells its refusals.

    ``read_fault`` finds the vendor's code and sentence in an answer's body; ``refuse`` may turn
    them into a more telling error than the status alone gives.
    """

    api: str
    correlation_header: str
    read_fault: Callable[[httpx.Response], tuple[str, str]]
    refuse: Callable[[RemoteAnswer, Call], SeatkeeperError | None] = lambda _answer, _call: None
    request_header: str = ""
    answer_header: str = ""
    """Where the vendor puts its own id of the call; the correlation header where empty."""


@dataclass(frozen=True, slots=True)
class Channel:
    """The way to one API; every attempt has a correlation id of its own."""

    http: httpx.AsyncClient
    base_url: str
    dialect: Dialect
    retry: Retry = field(default_factory=Retry)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    meter: Meter | None = None
    """The budget that all hosts share, where the API has one."""

    async def send(self, call: Call) -> httpx.Response:
        """Answer a success, or a status that the call allows; raise one of the domain's errors."""
        return await self._until_answered(call, stream=False)

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open an answer whose body is read piece by piece."""
        call = replace(call, request_id=call.request_id or str(uuid.uuid4()))
        response = await self._until_answered(call, stream=True)
        try:
            yield response.aiter_bytes()
        except (httpx.RequestError, ConnectionError) as error:
            answer = self.answer_of(call, response)
            raise error_of_loss(Loss.NO_ANSWER, answer, writes=call.is_write) from error
        finally:
            await response.aclose()

    async def _until_answered(self, call: Call, *, stream: bool) -> httpx.Response:
        call = replace(call, request_id=call.request_id or str(uuid.uuid4()))
        attempt, ended = 1, None
        while True:
            await self._turn(call, ended)
            ended = await self._attempt(call, attempt, stream=stream)
            if isinstance(ended, httpx.Response) and _is_wanted(ended, call):
                return ended
            await self._tell_others(call, ended)
            pause = self._pause(call, attempt, ended)
            if pause is None:
                raise self._error(call, ended)
            await self.sleep(pause.total_seconds())
            attempt += 1

    async def _turn(self, call: Call, ended: "httpx.Response | Lost | None") -> None:
        """Wait for a call's share; a write whose outcome is in question stays one."""
        if self.meter is None:
            return
        try:
            await self.meter.take(call)
        except RemoteThrottled as error:
            if ended is not None and call.is_write:
                raise self._error(call, ended) from error
            raise

    async def _tell_others(self, call: Call, ended: "httpx.Response | Lost") -> None:
        if self.meter is None or isinstance(ended, Lost):
            return
        if ended.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            await self.meter.pause(call, retry_after_in(ended))

    async def _attempt(self, call: Call, attempt: int, *, stream: bool) -> "httpx.Response | Lost":
        correlation = str(uuid.uuid4())
        request = self._request(call, correlation)
        started = time.perf_counter()
        ended: httpx.Response | Lost
        try:
            ended = await self.http.send(request, auth=call.auth, stream=stream)
            if stream and not _is_wanted(ended, call):
                await ended.aread()
        except (*_NOT_SENT, ConnectionRefusedError) as error:
            ended = Lost(Loss.NOT_SENT, correlation, error)
        except (httpx.RequestError, ConnectionError) as error:
            ended = Lost(Loss.NO_ANSWER, correlation, error)
        self._note(call, attempt, ended, correlation, time.perf_counter() - started)
        return ended

    def _request(self, call: Call, correlation: str) -> httpx.Request:
        headers = dict(call.headers) | {self.dialect.correlation_header: correlation}
        if self.dialect.request_header:
            headers[self.dialect.request_header] = call.request_id
        if call.content is not None:
            headers.setdefault("Content-Type", "application/json")
        return self.http.build_request(
            call.method,
            call.address(self.base_url),
            params=dict(call.params) or None,
            content=call.content,
            headers=headers,
            timeout=httpx.USE_CLIENT_DEFAULT if call.timeout is None else call.timeout,
        )

    def _pause(self, call: Call, attempt: int, ended: "httpx.Response | Lost") -> timedelta | None:
        return self.retry.pause_before(
            attempt,
            ended=ended.how if isinstance(ended, Lost) else ended.status_code,
            repeatable=call.may_be_repeated,
            retry_after=retry_after_in(ended),
            jitter=self.jitter(),
        )

    def _error(self, call: Call, ended: "httpx.Response | Lost") -> SeatkeeperError:
        if isinstance(ended, Lost):
            answer = RemoteAnswer(
                self.dialect.api, request_id=call.request_id, correlation_id=ended.correlation
            )
            error = error_of_loss(ended.how, answer, writes=call.is_write)
            error.__cause__ = ended.error
            return error
        answer = self.answer_of(call, ended)
        return self.dialect.refuse(answer, call) or error_of(
            answer, writes=call.is_write, retry_after=retry_after_in(ended)
        )

    def answer_of(self, call: Call, response: httpx.Response) -> RemoteAnswer:
        """What the vendor said, as far as it may be kept."""
        code, message = ("", "")
        if response.is_closed and not response.is_success:
            code, message = self.dialect.read_fault(response)
        return RemoteAnswer(
            self.dialect.api,
            response.status_code,
            code,
            message[:SENTENCE],
            call.request_id,
            self.correlation_of(response),
        )

    def correlation_of(self, response: httpx.Response) -> str:
        """The id by which Microsoft's support finds the call."""
        header = self.dialect.correlation_header
        sent = str(response.request.headers.get(header, ""))
        return str(response.headers.get(self.dialect.answer_header or header, sent))

    def _note(
        self,
        call: Call,
        attempt: int,
        ended: "httpx.Response | Lost",
        correlation: str,
        seconds: float,
    ) -> None:
        fine = isinstance(ended, httpx.Response) and _is_wanted(ended, call)
        _log.log(
            logging.INFO if fine else logging.WARNING,
            "%s %s %s: %s in %d ms, attempt %d, of [%s], request %s, correlation %s, answer %s",
            self.dialect.api,
            call.method,
            call.route,
            ended.how.name if isinstance(ended, Lost) else ended.status_code,
            seconds * 1000,
            attempt,
            call.ids(),
            call.request_id,
            correlation,
            "-" if isinstance(ended, Lost) else self.correlation_of(ended),
        )


@dataclass(frozen=True, slots=True)
class Lost:
    """An attempt without an answer."""

    how: Loss
    correlation: str
    error: Exception


def _is_wanted(response: httpx.Response, call: Call) -> bool:
    return response.is_success or response.status_code in call.allow


def retry_after_in(response: "httpx.Response | Lost") -> timedelta | None:
    if isinstance(response, Lost):
        return None
    return retry_after_of(response.headers.get("Retry-After"))
