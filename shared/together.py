"""Run several calls side by side, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Given = TypeVar("Given")
Got = TypeVar("Got")


async def together(
    width: int, call: Callable[[Given], Awaitable[Got]], given: Iterable[Given]
) -> list[Got]:
    """Answer in the order given; all have ended before the first failure is raised."""
    gate = asyncio.Semaphore(width)

    async def gated(one: Given) -> Got:
        async with gate:
            return await call(one)

    ends = await asyncio.gather(*map(gated, given), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return [end for end in ends if not isinstance(end, BaseException)]
