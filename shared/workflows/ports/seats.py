"""What is kept of seats and of the batches that need them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.batches import Batch, RowResult
from shared.domain.billing import Transaction
from shared.domain.chunks import Chunk, Tally
from shared.domain.claims import Claim
from shared.domain.cuts import Cut
from shared.domain.ids import (
    BatchId,
    CustomerId,
    SkuId,
    SubscriptionId,
)
from shared.domain.seats import Growth, Reservation
from shared.workflows.ports.common import Page


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to change one SKU of one customer, for a while of machine time."""

    customer_id: CustomerId
    sku: SkuId
    owner: str
    expires: float
    """On this process's monotonic clock, with the store's own latency taken off."""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Everything on record for one SKU of one customer.

    ``heads`` hold the last quantity that we wrote, per subscription, ``cuts`` the schedules that
    our nights left.
    """

    reservations: tuple[Reservation, ...] = ()
    growths: tuple[Growth, ...] = ()
    heads: Mapping[SubscriptionId, int] = field(default_factory=dict)
    cuts: Mapping[SubscriptionId, Cut] = field(default_factory=dict)

    def of(self, holder: str) -> tuple[Growth, ...]:
        return tuple(g for g in self.growths if g.holder == holder)


class SeatLedger(Protocol):
    """Who was promised seats and who may change them; one partition per customer and SKU."""

    async def lease(self, customer: CustomerId, sku: SkuId, owner: str) -> Lease:
        """Raise `SeatsBusy` while somebody else holds it."""
        ...

    async def renew(self, lease: Lease) -> Lease:
        """Assert that it is still ours and start its time again; raise `SeatsBusy` if not."""
        ...

    def time_left(self, lease: Lease) -> timedelta: ...
    async def release(self, lease: Lease) -> None: ...
    async def read(self, customer: CustomerId, sku: SkuId) -> LedgerPage: ...
    async def promise(
        self, lease: Lease, reservation: Reservation, growths: Sequence[Growth]
    ) -> Lease:
        """In one transaction with the lease: insert the reservation and the growths' intents."""
        ...

    async def write_growth(
        self, lease: Lease, growth: Growth, head: int | None, cut: Cut | None = None
    ) -> Lease:
        """In one transaction with the lease: how a growth stands, and what we left.

        Where a quantity was left, a schedule of ours stands from now on, or none does.
        """
        ...

    async def save_reservation(
        self, customer: CustomerId, sku: SkuId, reservation: Reservation
    ) -> None: ...
    async def drop_reservation(self, customer: CustomerId, sku: SkuId, holder: str) -> None: ...
    async def purge(self, before: datetime, most: int) -> int:
        """Delete growths that were written down before then and have ended; answer how many."""
        ...

    async def write_head(
        self, lease: Lease, subscription: SubscriptionId, seats: int, cut: Cut | None = None
    ) -> Lease: ...


class Batches(Protocol):
    async def add(self, batch: Batch, rows: Sequence[RowResult]) -> Batch:
        """Claim the id and keep the rows; called again it completes what a crash left.

        Raise `BatchDiffers` where the id holds another digest; answer the one on record otherwise.
        """
        ...

    async def get(self, batch: BatchId) -> Batch: ...
    async def save(self, batch: Batch) -> Batch:
        """Raise `ChangedMeanwhile` where somebody wrote since it was read."""
        ...

    async def page(self, cursor: str | None, size: int) -> Page[Batch]: ...
    async def chunk(self, batch: BatchId, number: int) -> Chunk:
        """Raise `BatchNotFound` where there is no such batch, or no such chunk of it."""
        ...

    def chunks(self, batch: BatchId) -> AsyncIterator[Chunk]:
        """One at a time, so that a large batch is never held as a whole."""
        ...

    async def save_chunk(self, batch: BatchId, chunk: Chunk) -> Chunk:
        """Raise `ChangedMeanwhile` where another worker was first."""
        ...

    async def tallies(self, batch: BatchId) -> Sequence[Tally]:
        """One per chunk, read without its rows."""
        ...

    async def purge_rows(self, batch: BatchId) -> None:
        """Delete every chunk; the head stays."""
        ...

    async def any_open(self, batch: BatchId) -> bool:
        """Whether some row has not ended; costs one small read whatever the batch's size."""
        ...

    async def results_page(
        self, batch: BatchId, cursor: str | None, size: int
    ) -> Page[RowResult]: ...


class Transactions(Protocol):
    async def record(self, transaction: Transaction) -> None:
        """Once per id, however often it is told."""
        ...

    async def page(
        self, customer: CustomerId, cursor: str | None, size: int
    ) -> Page[Transaction]: ...


class Claims(Protocol):
    """Who works on which person of a customer: one batch at a time."""

    async def take(self, customer: CustomerId, claims: Sequence[Claim]) -> Sequence[Claim]:
        """Claim what is free; answer what other batches hold. What is ours already stays."""
        ...

    async def take_over(self, customer: CustomerId, claim: Claim, held: Claim) -> None:
        """Raise `ChangedMeanwhile` where somebody was first."""
        ...

    async def drop(self, customer: CustomerId, batch: BatchId, names: Sequence[str]) -> None:
        """Let go of people that the batch is known to hold, all at once."""
        ...

    async def let_go(self, customer: CustomerId, batch: BatchId, names: Sequence[str]) -> None:
        """As `drop`, of people that it may hold: what others hold stays as it is."""
        ...

    async def purge(self, before: datetime, most: int) -> int:
        """Delete claims of long ago: their batches have ended."""
        ...
