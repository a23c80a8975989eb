"""Build what one transaction writes, and put as much into one as it takes."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import TransactionOperation, UpdateMode

from shared.storage.rows import Row

TRANSACTION = 100
"""Operations that one transaction takes."""
_TRANSACTION_BYTES = 3 * 1024 * 1024
"""Of the 4 MiB that one takes, with room for what wraps each operation."""
Change = tuple[TransactionOperation, Row, Mapping[str, Any]]


def inserting(row: Row) -> Change:
    return TransactionOperation.CREATE, row, {}


def replacing(row: Row, etag: str) -> Change:
    condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
    return TransactionOperation.UPDATE, row, {"mode": UpdateMode.REPLACE, **condition}


def upserting(row: Row) -> Change:
    return TransactionOperation.UPSERT, row, {"mode": UpdateMode.REPLACE}


def deleting(partition: str, row: str) -> Change:
    return TransactionOperation.DELETE, {"PartitionKey": partition, "RowKey": row}, {}


def in_groups(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """As many changes as one transaction takes, by number and by size."""
    group: list[Change] = []
    weight = 0
    for change in changes:
        size = len(json.dumps(change[1]))
        if group and (len(group) == TRANSACTION or weight + size > _TRANSACTION_BYTES):
            yield group
            group, weight = [], 0
        group.append(change)
        weight += size
    if group:
        yield group
