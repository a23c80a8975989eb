"""Keep who was promised seats of one SKU, and who may change them (laws 1 to 3).

One partition per customer and SKU: ``lease``, ``head|{subscription}``, ``r|{holder}`` and
``g|{subscription}|{holder}``. Whoever changes seats writes under the lease, in one transaction
with it, so that a worker who lost it writes nothing.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.domain.cuts import Cut
from shared.domain.errors import AlreadyExists, ChangedMeanwhile, SeatsBusy
from shared.domain.ids import CustomerId, SkuId, SubscriptionId
from shared.domain.seats import Growth, GrowthStatus, Reservation
from shared.storage import keys
from shared.storage.codec import moment_to_text
from shared.storage.rows import Row, from_row, to_row
from shared.storage.tables import Tables
from shared.storage.writes import Change, inserting, replacing, upserting
from shared.workflows.ports import Lease, LedgerPage

LEASE_FOR = timedelta(minutes=15)
"""Longer than a function may run, so that a lease outlives whoever still acts under it."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """``claim`` is one caller's taking of the lease: it stays over renewals, never over owners."""

    owner: str
    claim: str
    expires_at: datetime
    etag: str = ""


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The last quantity of a subscription that we left, and the schedule that a night left."""

    subscription_id: SubscriptionId
    seats: int
    cut: Cut | None = None


class SeatLedgerTable:
    """``now`` and ``monotonic`` are the machine's clocks, never business time."""

    def __init__(
        self,
        tables: Tables,
        *,
        lease_for: timedelta = LEASE_FOR,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = tables["seatledger"]
        self._lease_for = lease_for
        self._now = now
        self._monotonic = monotonic

    async def lease(self, customer: CustomerId, sku: SkuId, owner: str) -> Lease:
        asked_at = self._monotonic()
        claim = uuid.uuid4().hex
        row = self._lease_row(customer, sku, owner, claim)
        try:
            etag = await self._table.insert(row)
        except AlreadyExists as error:
            held = await self._holder(customer, sku)
            if held is None or (held.claim != claim and self._now() < held.expires_at):
                raise _busy() from error
            etag = await self._take_over(row, held.etag)
        return Lease(customer, sku, owner, self._end(asked_at), _joined(claim, etag))

    async def renew(self, lease: Lease) -> Lease:
        return await self._write(lease)

    def time_left(self, lease: Lease) -> timedelta:
        return timedelta(seconds=max(0.0, lease.expires - self._monotonic()))

    async def release(self, lease: Lease) -> None:
        """Also a lease that was renewed since; one that somebody else has taken stays theirs."""
        held = await self._holder(lease.customer_id, lease.sku)
        if held is None or held.claim != _claim(lease):
            return
        partition = keys.ledger(lease.customer_id, lease.sku)
        try:
            await self._table.delete_unchanged(partition, keys.LEASE, held.etag)
        except ChangedMeanwhile:
            return

    async def read(self, customer: CustomerId, sku: SkuId) -> LedgerPage:
        rows = await self._table.partition(keys.ledger(customer, sku))
        heads = [from_row(HeadRow, row) for row in _under("head", rows)]
        return LedgerPage(
            reservations=tuple(from_row(Reservation, row) for row in _under("r", rows)),
            growths=tuple(from_row(Growth, row) for row in _under("g", rows)),
            heads={head.subscription_id: head.seats for head in heads},
            cuts={head.subscription_id: head.cut for head in heads if head.cut is not None},
        )

    async def promise(
        self, lease: Lease, reservation: Reservation, growths: Sequence[Growth]
    ) -> Lease:
        """Raise `ChangedMeanwhile` where the promise stands already: a second delivery."""
        partition = keys.ledger(lease.customer_id, lease.sku)
        promised = to_row(reservation, partition, keys.reservation(reservation.holder))
        intents = [_growth_row(lease, growth) for growth in growths]
        try:
            return await self._write(lease, inserting(promised), *map(inserting, intents))
        except AlreadyExists as error:
            raise ChangedMeanwhile("These seats are promised already.") from error

    async def write_growth(
        self, lease: Lease, growth: Growth, head: int | None, cut: Cut | None = None
    ) -> Lease:
        changes = [upserting(_growth_row(lease, growth))]
        if head is not None:
            left = HeadRow(growth.subscription_id, head, cut)
            changes.append(upserting(_head_row(lease, left)))
        return await self._write(lease, *changes)

    async def save_reservation(
        self, customer: CustomerId, sku: SkuId, reservation: Reservation
    ) -> None:
        row = keys.reservation(reservation.holder)
        await self._table.upsert(to_row(reservation, keys.ledger(customer, sku), row))

    async def drop_reservation(self, customer: CustomerId, sku: SkuId, holder: str) -> None:
        await self._table.delete(keys.ledger(customer, sku), keys.reservation(holder))

    async def purge(self, before: datetime, most: int) -> int:
        """Never an intent, a promise or a head: only how growths of long ago ended."""
        condition = (
            "RowKey ge 'g|' and RowKey lt 'g}' and intended_at lt @before and status ne @intent"
        )
        named = {"before": moment_to_text(before), "intent": GrowthStatus.INTENT.value}
        rows = await self._table.older(condition, named, most)
        for row in rows:
            await self._table.delete(str(row["PartitionKey"]), str(row["RowKey"]))
        return len(rows)

    async def write_head(
        self, lease: Lease, subscription: SubscriptionId, seats: int, cut: Cut | None = None
    ) -> Lease:
        left = HeadRow(subscription, seats, cut)
        return await self._write(lease, upserting(_head_row(lease, left)))

    async def _write(self, lease: Lease, *changes: Change) -> Lease:
        """One transaction that begins with the lease and starts its time again.

        An ETag that is not the latest may be our own doing (a reply that was lost, a caller who
        kept an earlier lease), so the claim says whose the lease is.
        """
        claim, _, etag = lease.etag.partition("|")
        for _ in range(_TRIES):
            asked_at = self._monotonic()
            row = self._lease_row(lease.customer_id, lease.sku, lease.owner, claim)
            try:
                etags = await self._table.transact([replacing(row, etag), *changes])
            except ChangedMeanwhile as error:
                held = await self._holder(lease.customer_id, lease.sku)
                if held is None or held.claim != claim:
                    raise _busy() from error
                etag = held.etag
            else:
                latest = _joined(claim, etags[0])
                expires = self._end(asked_at)
                return Lease(lease.customer_id, lease.sku, lease.owner, expires, latest)
        raise _busy()

    async def _take_over(self, row: Row, etag: str) -> str:
        try:
            return await self._table.replace(row, etag)
        except ChangedMeanwhile as error:
            raise _busy() from error

    async def _holder(self, customer: CustomerId, sku: SkuId) -> LeaseRow | None:
        row = await self._table.get(keys.ledger(customer, sku), keys.LEASE)
        return from_row(LeaseRow, row) if row is not None else None

    def _lease_row(self, customer: CustomerId, sku: SkuId, owner: str, claim: str) -> Row:
        held = LeaseRow(owner, claim, self._now() + self._lease_for)
        return to_row(held, keys.ledger(customer, sku), keys.LEASE)

    def _end(self, asked_at: float) -> float:
        """Counted from before the request was sent, so that its latency counts against us."""
        return asked_at + self._lease_for.total_seconds()


def _growth_row(lease: Lease, growth: Growth) -> Row:
    partition = keys.ledger(lease.customer_id, lease.sku)
    return to_row(growth, partition, keys.growth(growth.subscription_id, growth.holder))


def _head_row(lease: Lease, left: HeadRow) -> Row:
    partition = keys.ledger(lease.customer_id, lease.sku)
    return to_row(left, partition, keys.head_of(left.subscription_id))


def _under(first: str, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if str(row["RowKey"]).startswith(f"{first}|")]


def _joined(claim: str, etag: str) -> str:
    return f"{claim}|{etag}"


def _claim(lease: Lease) -> str:
    return lease.etag.partition("|")[0]


def _busy() -> SeatsBusy:
    return SeatsBusy("Somebody else is changing the seats of this SKU; try again in a moment.")
