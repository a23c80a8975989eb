"""A few at a time, in the order given, and nobody is left running when the first failure shows."""

import asyncio

import pytest

from shared.together import together


async def test_no_more_run_at_once_than_was_said_and_the_answers_keep_their_order() -> None:
    running = most = 0

    async def double(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (5 - number))
        running -= 1
        return number * 2

    assert await together(2, double, range(5)) == [0, 2, 4, 6, 8]
    assert most == 2


async def test_all_have_ended_before_the_first_failure_is_raised() -> None:
    ended = []

    async def work(number: int) -> None:
        if number == 0:
            raise ValueError("the first")
        await asyncio.sleep(0.001)
        ended.append(number)

    with pytest.raises(ValueError, match="the first"):
        await together(3, work, range(5))
    assert ended == [1, 2, 3, 4]
