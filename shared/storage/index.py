"""List nouns through rows that only point at them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.storage import keys
from shared.storage.rows import Row
from shared.storage.tables import Table
from shared.workflows.ports import Page

Noun = TypeVar("Noun")


def pointer(partition: str, row: str, wanted: str) -> Row:
    return {"PartitionKey": partition, "RowKey": row, "id": wanted}


async def page_of(
    table: Table,
    cursor: str | None,
    size: int,
    read: Callable[[str], Awaitable[Noun | None]],
) -> Page[Noun]:
    """A pointer whose noun is not there yet (its writer died in between) is passed over."""
    rows, onward = await table.page(keys.INDEX, keys.EVERYTHING, cursor, size)
    nouns = await asyncio.gather(*(read(str(row["id"])) for row in rows))
    return Page([noun for noun in nouns if noun is not None], onward)
