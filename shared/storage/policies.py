"""Keep what each customer allows the nightly run, and its batches, to do."""

from dataclasses import replace

from shared.domain.ceilings import BatchPolicy
from shared.domain.errors import AlreadyExists, ChangedMeanwhile
from shared.domain.ids import CustomerId
from shared.domain.policies import Policy
from shared.storage import keys
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables


class PolicyTable:
    def __init__(self, tables: Tables) -> None:
        self._table = tables["policies"]

    async def of(self, customer: CustomerId) -> Policy:
        row = await self._table.get(keys.customer(customer), keys.HEAD)
        return from_row(Policy, row) if row is not None else Policy()

    async def save(self, customer: CustomerId, policy: Policy) -> Policy:
        row = to_row(policy, keys.customer(customer), keys.HEAD)
        return replace(policy, etag=await self._write(row, policy.etag))

    async def batches_of(self, customer: CustomerId) -> BatchPolicy:
        row = await self._table.get(keys.customer(customer), keys.BATCHES)
        return from_row(BatchPolicy, row) if row is not None else BatchPolicy()

    async def save_batches(self, customer: CustomerId, policy: BatchPolicy) -> BatchPolicy:
        row = to_row(policy, keys.customer(customer), keys.BATCHES)
        return replace(policy, etag=await self._write(row, policy.etag))

    async def _write(self, row: Row, etag: str) -> str:
        """The default has no ETag: whoever saves from it must be the first."""
        if etag:
            return await self._table.replace(row, etag)
        try:
            return await self._table.insert(row)
        except AlreadyExists as error:
            raise ChangedMeanwhile("Somebody set this policy since it was read.") from error
