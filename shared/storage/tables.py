"""Reach the tables of one storage account: claims, conditional writes, ranges, transactions."""

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TransactionOperation, UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

from shared.domain.errors import AlreadyExists
from shared.storage.account import DIRECT, default_credential
from shared.storage.cursors import from_cursor, to_cursor
from shared.storage.failures import cursor_errors, domain_errors
from shared.storage.keys import EVERYTHING
from shared.storage.rows import ETAG, Row
from shared.storage.writes import Change, in_groups
from shared.together import together

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables import TableEntity

_LARGEST_PAGE = 1000
_SIDE_BY_SIDE = 8
_OPTIONS = {**DIRECT, "retry_total": 4, "connection_timeout": 10, "read_timeout": 30}


@dataclass(slots=True)
class Table:
    """One table, made when it is first used."""

    client: TableClient
    made: bool = False

    async def get(self, partition: str, row: str) -> Row | None:
        client = await self._ready()
        with domain_errors():
            try:
                return _row(await client.get_entity(partition, row))
            except ResourceNotFoundError:
                return None

    async def insert(self, row: Row) -> str:
        """Claim a key: raise `AlreadyExists` where somebody was first."""
        client = await self._ready()
        with domain_errors():
            return str((await client.create_entity(row))[ETAG])

    async def insert_if_absent(self, row: Row) -> None:
        with suppress(AlreadyExists):
            await self.insert(row)

    async def replace(self, row: Row, etag: str) -> str:
        """Raise `ChangedMeanwhile` where the row is not the one that was read."""
        client = await self._ready()
        with domain_errors():
            saved = await client.update_entity(
                row,
                UpdateMode.REPLACE,
                etag=etag,
                match_condition=MatchConditions.IfNotModified,
            )
        return str(saved[ETAG])

    async def overwrite(self, row: Row) -> None:
        """The last writer wins; raise `ChangedMeanwhile` where there is nothing to write over."""
        client = await self._ready()
        with domain_errors():
            await client.update_entity(row, UpdateMode.REPLACE)

    async def upsert(self, row: Row) -> None:
        client = await self._ready()
        with domain_errors():
            await client.upsert_entity(row, UpdateMode.REPLACE)

    async def merge(self, row: Row) -> None:
        """Write these properties and leave the row's others as they are."""
        client = await self._ready()
        with domain_errors():
            await client.upsert_entity(row, UpdateMode.MERGE)

    async def delete(self, partition: str, row: str) -> None:
        """What is gone already is no fault."""
        client = await self._ready()
        with domain_errors():
            await client.delete_entity(partition, row)

    async def delete_unchanged(self, partition: str, row: str, etag: str) -> None:
        client = await self._ready()
        with domain_errors():
            await client.delete_entity(
                partition, row, etag=etag, match_condition=MatchConditions.IfNotModified
            )

    async def partition(self, partition: str, *, select: Sequence[str] = ()) -> list[Row]:
        client = await self._ready()
        found = client.query_entities(
            "PartitionKey eq @partition",
            parameters={"partition": partition},
            select=list(select) or None,
        )
        with domain_errors():
            return [_row(entity) async for entity in found]

    async def between(
        self, partition: str, keys: tuple[str, str], *, select: Sequence[str] = ()
    ) -> list[Row]:
        """Rows from the first key to the last, both included, in the order of their keys."""
        client = await self._ready()
        condition, words = _in_range(partition, keys)
        found = client.query_entities(condition, parameters=words, select=list(select) or None)
        with domain_errors():
            return [_row(entity) async for entity in found]

    async def older(self, condition: str, parameters: Mapping[str, object], most: int) -> list[Row]:
        """Up to so many rows of the whole table, keys only: for a purge, never on a hot path."""
        client = await self._ready()
        found = client.query_entities(
            condition,
            parameters=dict(parameters),
            select=["PartitionKey", "RowKey"],
            results_per_page=most,
        )
        return await _first(found, most)

    async def at_most(
        self,
        partition: str,
        column: str,
        value: str,
        most: int,
        keys: tuple[str, str] = EVERYTHING,
    ) -> list[Row]:
        """Up to so many rows of a range whose text column does not sort behind the value."""
        client = await self._ready()
        condition, words = _in_range(partition, keys)
        found = client.query_entities(
            f"{condition} and {column} le @value",
            parameters=words | {"value": value},
            results_per_page=most,
        )
        return await _first(found, most)

    async def page(
        self,
        partition: str,
        keys: tuple[str, str],
        cursor: str | None,
        size: int,
        *,
        at_least: tuple[str, str] | None = None,
    ) -> tuple[list[Row], str | None]:
        """Up to so many rows of a range; the service may stop early, and then is asked again.

        ``at_least`` names a text column, and leaves out where that sorts before the value.
        """
        client = await self._ready()
        condition, words = _in_range(partition, keys, at_least)
        token = from_cursor(cursor) if cursor is not None else None
        rows: list[Row] = []
        while len(rows) < size:
            found = client.query_entities(
                condition,
                parameters=words,
                results_per_page=min(size - len(rows), _LARGEST_PAGE),
            ).by_page(continuation_token=token)  # type: ignore[arg-type]
            with domain_errors(), cursor_errors(cursor):
                rows += [_row(entity) async for entity in await anext(found)]
            token = found.continuation_token  # type: ignore[attr-defined]
            if not token:
                return rows, None
        return rows, to_cursor(token) if token else None

    async def transact(self, changes: Sequence[Change]) -> list[str]:
        """All or nothing, in one partition; answer an ETag per change."""
        if len(changes) == 1 and (alone := await self._alone(*changes[0])) is not None:
            return [alone]
        client = await self._ready()
        with domain_errors():
            done = await client.submit_transaction(changes)
        return [str(part.get(ETAG) or "") for part in done]

    async def _alone(
        self, operation: TransactionOperation, row: Row, options: Mapping[str, Any]
    ) -> str | None:
        """What needs no envelope is sent without one; None where it differs by itself."""
        if operation is TransactionOperation.CREATE:
            return await self.insert(row)
        if operation is TransactionOperation.UPDATE and "etag" in options:
            return await self.replace(row, str(options["etag"]))
        return None

    async def transact_all(self, changes: Iterable[Change]) -> None:
        """Any number of changes of one partition, in as few transactions as they fit in."""
        await self.transact_each(in_groups(changes))

    async def transact_each(self, groups: Iterable[Sequence[Change]]) -> None:
        """A transaction per group, several side by side.

        One that fails stops no other: none is under way any more when this answers.
        """
        await together(_SIDE_BY_SIDE, self.transact, groups)

    async def _ready(self) -> TableClient:
        if not self.made:
            with domain_errors(), suppress(ResourceExistsError):
                await self.client.create_table()
            self.made = True
        return self.client


class Tables:
    """One service client for all tables of this process, and a prefix for their names."""

    def __init__(
        self, connection_string: str = "", *, endpoint: str = "", prefix: str = ""
    ) -> None:
        self._prefix = prefix
        self._tables: dict[str, Table] = {}
        self._credential: AsyncTokenCredential | None = None
        if connection_string:
            self._service = TableServiceClient.from_connection_string(connection_string, **_OPTIONS)
        else:
            self._credential = default_credential()
            self._service = TableServiceClient(endpoint, credential=self._credential, **_OPTIONS)

    def __getitem__(self, name: str) -> Table:
        if name not in self._tables:
            self._tables[name] = Table(self._service.get_table_client(self._prefix + name))
        return self._tables[name]

    async def close(self) -> None:
        await self._service.close()
        if self._credential is not None:
            await self._credential.close()


def _in_range(
    partition: str, keys: tuple[str, str], at_least: tuple[str, str] | None = None
) -> tuple[str, dict[str, object]]:
    condition = "PartitionKey eq @partition and RowKey ge @first and RowKey le @last"
    words: dict[str, object] = {"partition": partition, "first": keys[0], "last": keys[1]}
    if at_least is None:
        return condition, words
    column, least = at_least
    return f"{condition} and {column} ge @least", words | {"least": least}


async def _first(found: AsyncIterable["TableEntity"], most: int) -> list[Row]:
    rows: list[Row] = []
    with domain_errors():
        async for entity in found:
            rows.append(_row(entity))
            if len(rows) == most:
                break
    return rows


def _row(entity: "TableEntity") -> Row:
    return {**entity, ETAG: entity.metadata.get(ETAG) or ""}
