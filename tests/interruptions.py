"""Let something happen just before a port is used, or let the port not answer."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

from shared.domain.errors import StateUnavailable
from shared.workflows.ports import Desk, Runs


class Interrupted:
    """A port to which something happens just before one of its methods is called."""

    def __init__(self, inner: object, method: str, before: Callable[[], Awaitable[object]]) -> None:
        self._inner, self._method, self._before = inner, method, before

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        return self._after_it(method) if name == self._method else method

    def _after_it(self, method: Callable[..., Awaitable[object]]) -> Any:
        async def interrupted(*words: Any) -> object:
            await self._before()
            return await method(*words)

        return interrupted


def interrupted(desk: Desk, method: str, meanwhile: Callable[[], Awaitable[object]]) -> Desk:
    return replace(desk, runs=cast("Runs", Interrupted(desk.runs, method, meanwhile)))


def once(deed: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
    left = [deed]

    async def do() -> None:
        if left:
            await left.pop()()

    return do


async def down() -> None:
    raise StateUnavailable("The store does not answer; try again in a moment.")
