import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.workflows.side_by_side import side_by_side


async def numbers(count: int) -> AsyncIterator[int]:
    for number in range(1, count + 1):
        yield number


async def test_everything_is_done_a_few_at_a_time() -> None:
    under_way, most, done = 0, 0, list[int]()

    async def work(number: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        done.append(number)

    await side_by_side(3, work, numbers(10))

    assert sorted(done) == list(range(1, 11))
    assert most == 3


async def test_the_first_failure_ends_it_and_is_told() -> None:
    begun = list[int]()

    async def work(number: int) -> None:
        begun.append(number)
        await asyncio.sleep(0)
        if number == 2:
            raise ValueError("two")

    with pytest.raises(ValueError, match="two"):
        await side_by_side(2, work, numbers(100))

    assert len(begun) < 6
