"""Invoke one function as the worker does, and say in one line how it went."""

import asyncio
import inspect
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import azure.functions as func
from azure.functions._abc import RetryContext, TraceContext

from local.functions import Function, HttpFunction, NotSupportedHere

logger = logging.getLogger("local.host")


class FunctionTimedOut(TimeoutError):
    """The function ran for longer than host.json's functionTimeout."""


class AnswerWithoutBinding(RuntimeError):
    """A queue or timer function answered something, which the platform's worker refuses."""


@dataclass(frozen=True)
class Outcome:
    """What a function answered, or how it failed."""

    value: object = None
    error: BaseException | None = None


class InvocationContext(func.Context):
    """What a function with a parameter named `context` is told about this invocation."""

    def __init__(self, name: str, invocation_id: str) -> None:
        self._name = name
        self._invocation_id = invocation_id

    @property
    def invocation_id(self) -> str:
        return self._invocation_id

    @property
    def thread_local_storage(self) -> type[threading.local]:
        return threading.local

    @property
    def function_name(self) -> str:
        return self._name

    @property
    def function_directory(self) -> str:
        return ""

    @property
    def trace_context(self) -> TraceContext:
        raise NotSupportedHere("context.trace_context")

    @property
    def retry_context(self) -> RetryContext:
        raise NotSupportedHere("context.retry_context")


@dataclass
class Invoker:
    """Runs functions within their time, and knows how many are running."""

    timeout: timedelta | None
    after_each: Callable[[object], None] = lambda _value: None
    """Told what the function was given."""
    running: int = 0
    finished: int = 0

    async def invoke(self, function: Function, value: object) -> Outcome:
        """Answer the outcome; a failure is the caller's to settle, never raised."""
        invocation_id = str(uuid.uuid4())
        started = time.perf_counter()
        self.running += 1
        try:
            outcome = Outcome(await self._within_time(function, value, invocation_id))
        except Exception as error:  # noqa: BLE001 (the platform survives whatever a function raises)
            outcome = Outcome(error=error)
        finally:
            self.running -= 1
            self.finished += 1
            self.after_each(value)
        _log(function, invocation_id, time.perf_counter() - started, outcome)
        return outcome

    async def _within_time(self, function: Function, value: object, invocation_id: str) -> object:
        seconds = self.timeout.total_seconds() if self.timeout else None
        try:
            async with asyncio.timeout(seconds) as limit:
                return await _call(function, value, invocation_id)
        except TimeoutError as error:
            if limit.expired():
                raise FunctionTimedOut(f"{function.name} ran into functionTimeout") from error
            raise


async def _call(function: Function, value: object, invocation_id: str) -> object:
    arguments: dict[str, object] = {function.parameter: value}
    if "context" in inspect.signature(function.code).parameters:
        arguments["context"] = InvocationContext(function.name, invocation_id)
    value = (
        await function.code(**arguments)
        if inspect.iscoroutinefunction(function.code)
        else await asyncio.to_thread(function.code, **arguments)
    )
    if value is not None and not isinstance(function, HttpFunction):
        raise AnswerWithoutBinding(f"{function.name} answered, and has no binding for answers")
    return value


def _log(function: Function, invocation_id: str, seconds: float, outcome: Outcome) -> None:
    words = (function.name, invocation_id, round(seconds * 1000))
    if outcome.error is None:
        logger.info("%s (%s) succeeded after %d ms", *words)
    else:
        logger.error("%s (%s) failed after %d ms", *words, exc_info=outcome.error)
