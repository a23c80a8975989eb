"""Work through a long stream a few at a time, with no more than those in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

Given = TypeVar("Given")


async def side_by_side(
    width: int, work: Callable[[Given], Awaitable[None]], given: AsyncIterator[Given]
) -> None:
    """Take nothing more after the first failure, let what is begun end, and raise it."""
    turn, failures = asyncio.Lock(), list[Exception]()

    async def take() -> Given | None:
        async with turn:
            return None if failures else await anext(given, None)

    async def worker() -> None:
        while (one := await take()) is not None:
            try:
                await work(one)
            except Exception as failure:  # noqa: BLE001 (it is raised below)
                failures.append(failure)

    await asyncio.gather(*(worker() for _ in range(width)))
    if failures:
        raise failures[0]
