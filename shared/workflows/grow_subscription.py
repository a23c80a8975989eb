"""Raise one subscription for one piece of work, exactly once (law 1).

The target was written down before this runs. After an unknown outcome the remote is read, not
asked again: it stands at the target (applied), at the base (the same target may be sent again) or
somewhere else, which is for a person to look at.
"""

from dataclasses import dataclass, replace

from shared.domain.billing import Transaction, TransactionKind
from shared.domain.errors import (
    OutcomeUnknown,
    RemoteAnswer,
    RemoteRefused,
    RemoteUnavailable,
    SeatsBusy,
)
from shared.domain.ids import BatchId, CustomerId, SkuId, SubscriptionId
from shared.domain.operations import request_id
from shared.domain.seats import Growth, GrowthStatus
from shared.workflows.fan_out import continue_batch
from shared.workflows.ports import (
    AuditEntry,
    Desk,
    Lease,
    LedgerPage,
    PartnerCenter,
    Reading,
    SeatChange,
)
from shared.workflows.tenant import customer_and_connection

_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class GrowthOrder:
    """Which growth a queue message is about."""

    batch_id: BatchId
    customer_id: CustomerId
    sku: SkuId
    subscription_id: SubscriptionId


async def grow_subscription(desk: Desk, order: GrowthOrder, *, start_rows: bool = True) -> None:
    """Settle one growth and, if it was the batch's last one, start its rows.

    Raises `SeatsBusy` while somebody else holds the SKU: try again later.
    """
    growth = _find(await desk.ledger.read(order.customer_id, order.sku), order)
    if growth is not None and growth.status is GrowthStatus.INTENT:
        lease = await desk.ledger.lease(order.customer_id, order.sku, order.batch_id)
        try:
            await _grow(desk, order, lease)
        finally:
            await desk.ledger.release(lease)
    if start_rows:
        await continue_batch(desk, order.batch_id)


def _find(page: LedgerPage, order: GrowthOrder) -> Growth | None:
    own = (g for g in page.of(order.batch_id) if g.subscription_id == order.subscription_id)
    return next(own, None)


async def _grow(desk: Desk, order: GrowthOrder, lease: Lease) -> None:
    page = await desk.ledger.read(order.customer_id, order.sku)
    growth = _find(page, order)
    if growth is None or growth.status is not GrowthStatus.INTENT:
        return
    _, connection = await customer_and_connection(desk, order.customer_id)
    partner_center = desk.microsoft.partner_center(connection)
    hand = _Hand(desk, partner_center, order, growth)
    ended, lease = await hand.raise_seats(lease)
    await _note_gap(desk, order, page, growth)
    head = ended.target if ended.status is GrowthStatus.APPLIED else None
    if ended.status is GrowthStatus.APPLIED:
        await _record(desk, order, ended, hand.correlation_id)
    await desk.ledger.close_growth(lease, ended, head)


@dataclass(slots=True)
class _Hand:
    """The one hand that sends; it looks before it acts and after it acted."""

    desk: Desk
    partner_center: PartnerCenter
    order: GrowthOrder
    growth: Growth
    correlation_id: str = ""

    async def raise_seats(self, lease: Lease) -> tuple[Growth, Lease]:
        reading = await self._read()
        if reading.subscription.seats == self.growth.base != self.growth.target:
            refusal = reading.subscription.why_not_changeable(await self.desk.clock.now())
            if refusal is not None:
                return self._ended(GrowthStatus.REFUSED, f"It cannot grow: {refusal}."), lease
            lease = await self._still_ours(lease)
            try:
                await self._send(
                    reading, SeatChange(self.growth.target, reading.subscription.scheduled_seats)
                )
            except RemoteRefused as error:
                return await self._after_refusal(error), lease
            reading = await self._read()
        return await self._judge(reading, lease)

    async def _judge(self, reading: Reading, lease: Lease) -> tuple[Growth, Lease]:
        seats = reading.subscription.seats
        if seats == self.growth.target:
            lease = await self._restore_schedule(reading, lease)
            return self._ended(GrowthStatus.APPLIED), lease
        if seats == self.growth.base:
            raise RemoteUnavailable(
                "Partner Center has taken the growth and does not show it yet; it is read again.",
                RemoteAnswer("partnerCenter"),
            )
        reason = (
            f"The subscription holds {seats} seats, neither {self.growth.base} as planned nor "
            f"{self.growth.target} as wanted: somebody changed it meanwhile. Look at it in Partner "
            "Center, then start the batch again under a new id."
        )
        return self._ended(GrowthStatus.REVIEW, reason), lease

    async def _restore_schedule(self, reading: Reading, lease: Lease) -> Lease:
        """A change in mid-term deletes the schedule: say again what the renewal starts with."""
        wanted = self.growth.scheduled_target
        if wanted is None or reading.subscription.scheduled_seats == wanted:
            return lease
        lease = await self._still_ours(lease)
        await self._send(reading, SeatChange(self.growth.target, wanted), step="schedule")
        again = await self._read()
        if again.subscription.scheduled_seats != wanted:
            raise RemoteUnavailable(
                "Partner Center does not show the renewal's schedule yet; it is read again.",
                RemoteAnswer("partnerCenter"),
            )
        return lease

    async def _after_refusal(self, error: RemoteRefused) -> Growth:
        reading = await self._read()
        if reading.subscription.seats == self.growth.target:
            return self._ended(GrowthStatus.APPLIED)
        if reading.subscription.seats == self.growth.base and error.answer.status == _CONFLICT:
            raise RemoteUnavailable(str(error), error.answer)
        return self._ended(GrowthStatus.REFUSED, str(error))

    async def _still_ours(self, lease: Lease) -> Lease:
        """New-commerce subscriptions carry no ETag, so the lease must outlast the request."""
        lease = await self.desk.ledger.renew(lease)
        if self.desk.ledger.time_left(lease) <= self.desk.pauses.lease_margin:
            raise SeatsBusy("The lease is too short to send a change under it.")
        return lease

    async def _read(self) -> Reading:
        return await self.partner_center.read(self.order.customer_id, self.order.subscription_id)

    async def _send(self, reading: Reading, change: SeatChange, step: str = "") -> None:
        request = request_id(self.growth.request_id, step) if step else self.growth.request_id
        try:
            self.correlation_id = await self.partner_center.change(reading, change, request)
        except OutcomeUnknown:
            # The next reading says what became of it.
            return

    def _ended(self, status: GrowthStatus, reason: str = "") -> Growth:
        return replace(self.growth, status=status, reason=reason)


async def _note_gap(desk: Desk, order: GrowthOrder, page: LedgerPage, growth: Growth) -> None:
    """The quantity we left last time should be the one we found: anything else is on record."""
    head = page.heads.get(order.subscription_id)
    if head is not None and head not in (growth.base, growth.target):
        await desk.audit.record(
            AuditEntry(
                await desk.clock.now(),
                order.batch_id,
                "seats changed outside",
                order.subscription_id,
                {"left": str(head), "found": str(growth.base)},
            )
        )


async def _record(desk: Desk, order: GrowthOrder, growth: Growth, correlation_id: str) -> None:
    batch = await desk.batches.get(order.batch_id)
    summary = next((g for g in batch.growths if g.subscription_id == order.subscription_id), None)
    await desk.transactions.record(
        Transaction(
            id=growth.request_id,
            customer_id=order.customer_id,
            kind=TransactionKind.GROWN,
            subscription_id=order.subscription_id,
            sku=order.sku,
            seats_before=growth.base,
            seats_after=growth.target,
            requested_by=batch.requested_by,
            work=batch.id,
            at=await desk.clock.now(),
            price_now=summary.price_now if summary else None,
            price_until_term_end=summary.price_until_term_end if summary else None,
            correlation_id=correlation_id,
        )
    )
