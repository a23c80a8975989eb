"""Keep who works on which person: a partition per customer, a row per user name."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from shared.domain.claims import Claim
from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.ids import BatchId, CustomerId
from shared.storage import keys
from shared.storage.codec import moment_to_text
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import deleting, inserting


class ClaimTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["claims"]

    async def take(self, customer: CustomerId, claims: Sequence[Claim]) -> Sequence[Claim]:
        if not claims:
            return ()
        try:
            await self._table.transact([inserting(_row(customer, claim)) for claim in claims])
        except AlreadyExists:
            found = await asyncio.gather(*(self._take(customer, claim) for claim in claims))
            return [claim for claim in found if claim is not None]
        return ()

    async def take_over(self, customer: CustomerId, claim: Claim, held: Claim) -> None:
        await self._table.replace(_row(customer, claim), held.etag)

    async def drop(self, customer: CustomerId, batch: BatchId, names: Sequence[str]) -> None:
        if not names:
            return
        partition = keys.guid(customer)
        try:
            await self._table.transact([deleting(partition, keys.escaped(n)) for n in names])
        except ChangedMeanwhile:
            # Some are gone already, so the others have to be looked at one by one.
            await self.let_go(customer, batch, names)

    async def let_go(self, customer: CustomerId, batch: BatchId, names: Sequence[str]) -> None:
        await asyncio.gather(*(self._drop(customer, batch, name) for name in names))

    async def purge(self, before: datetime, most: int) -> int:
        rows = await self._table.older("at lt @before", {"before": moment_to_text(before)}, most)
        for row in rows:
            await self._table.delete(str(row["PartitionKey"]), str(row["RowKey"]))
        return len(rows)

    async def _take(self, customer: CustomerId, claim: Claim) -> Claim | None:
        try:
            await self._table.insert(_row(customer, claim))
        except AlreadyExists:
            held = await self._get(customer, claim.name)
            is_foreign = held is not None and held.batch != claim.batch
            return held if is_foreign else None
        return None

    async def _get(self, customer: CustomerId, name: str) -> Claim | None:
        row = await self._table.get(keys.guid(customer), keys.escaped(name))
        return from_row(Claim, row) if row is not None else None

    async def _drop(self, customer: CustomerId, batch: BatchId, name: str) -> None:
        held = await self._get(customer, name)
        if held is None or held.batch != batch:
            return
        try:
            await self._table.delete_unchanged(keys.guid(customer), keys.escaped(name), held.etag)
        except ChangedMeanwhile:
            return


def _row(customer: CustomerId, claim: Claim) -> Row:
    return to_row(claim, keys.guid(customer), keys.escaped(claim.name))
