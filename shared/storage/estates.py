"""Keep what each customer's directory holds, beside its people, with what changed of it."""

from collections.abc import Sequence
from dataclasses import replace

from shared.domain.drift import DriftEntry
from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.estate import Estate
from shared.domain.ids import CustomerId
from shared.storage import keys
from shared.storage.drift import drift_changes
from shared.storage.rows import from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import inserting, replacing

_TOGETHER = 49
"""Entries that fit into one transaction with the row: each may have a mark beside it."""


class EstateTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["users"]

    async def of(self, customer: CustomerId) -> Estate:
        row = await self._table.get(keys.customer(customer), keys.ESTATE)
        return from_row(Estate, row) if row is not None else Estate(customer)

    async def save(self, estate: Estate, drift: Sequence[DriftEntry]) -> Estate:
        """Where there is too much for one transaction, it is rather told twice than never."""
        before, together = drift[:-_TOGETHER], drift[-_TOGETHER:]
        await self._table.transact_all(c for entry in before for c in drift_changes(entry))
        row = to_row(estate, keys.customer(estate.customer_id), keys.ESTATE)
        kept = replacing(row, estate.etag) if estate.etag else inserting(row)
        told = [change for entry in together for change in drift_changes(entry)]
        try:
            etags = await self._table.transact([kept, *told])
        except AlreadyExists as error:
            raise ChangedMeanwhile("Somebody else has just read this directory.") from error
        return replace(estate, etag=etags[0])
