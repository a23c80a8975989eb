"""Raise one subscription for one batch, and start the batch's rows after its last growth."""

from dataclasses import dataclass

from shared.domain.batches import Batch
from shared.domain.errors import BatchNotFound
from shared.domain.ids import BatchId, CustomerId, SkuId, SubscriptionId
from shared.domain.seats import Growth, GrowthStatus
from shared.workflows.end_batch import end_if_cancelled, note_fault, settle_batch
from shared.workflows.fan_out import continue_batch
from shared.workflows.ports import Desk, Lease, LedgerPage
from shared.workflows.settle_growth import account_of, settle_growth
from shared.workflows.watch import watch_batch


@dataclass(frozen=True, slots=True)
class GrowthOrder:
    """Which growth a queue message is about."""

    batch_id: BatchId
    customer_id: CustomerId
    sku: SkuId
    subscription_id: SubscriptionId


async def grow_subscription(desk: Desk, order: GrowthOrder, *, start_rows: bool = True) -> None:
    """Settle one growth and, if it was the batch's last one, start its rows.

    Raises `SeatsBusy` while somebody else holds the SKU: try again later. A batch that has ended
    meanwhile buys nothing any more: it is only read how far the growth came.
    """
    batch = await desk.batches.get(order.batch_id)
    if batch.status.is_final:
        await settle_batch(desk, batch)
        return
    if (await end_if_cancelled(desk, batch)).status.is_final:
        return
    await watch_batch(desk, batch.id)
    growth = _find(await desk.ledger.read(order.customer_id, order.sku), order)
    if growth is not None and growth.status is GrowthStatus.INTENT:
        lease = await desk.ledger.lease(order.customer_id, order.sku, order.batch_id)
        try:
            await _settle(desk, order, lease, batch)
        finally:
            await desk.ledger.release(lease)
    if start_rows:
        await continue_batch(desk, order.batch_id)


async def give_up_growth(desk: Desk, order: GrowthOrder, reason: str) -> None:
    """See how far a growth came whose message cannot be handled, send nothing, and go on.

    Its seats are there, or its rows fail, or a person has to look: the batch says which, and why.
    Raises `SeatsBusy` and what may pass at Microsoft: it is looked at again.
    """
    try:
        batch = await desk.batches.get(order.batch_id)
    except BatchNotFound:
        return
    if batch.status.is_final:
        await settle_batch(desk, batch)
        return
    batch = await note_fault(desk, batch, reason)
    growth = _find(await desk.ledger.read(order.customer_id, order.sku), order)
    # Where the growth had ended already, it was the return of seats that could not be handled.
    is_open = growth is not None and growth.status is GrowthStatus.INTENT
    lease = await desk.ledger.lease(order.customer_id, order.sku, order.batch_id)
    try:
        await _settle(desk, order, lease, batch, gives_up=True)
    finally:
        await desk.ledger.release(lease)
    await continue_batch(desk, order.batch_id, may_return=is_open)


def _find(page: LedgerPage, order: GrowthOrder) -> Growth | None:
    own = (g for g in page.of(order.batch_id) if g.subscription_id == order.subscription_id)
    return next(own, None)


async def _settle(
    desk: Desk, order: GrowthOrder, lease: Lease, batch: Batch, *, gives_up: bool = False
) -> None:
    page = await desk.ledger.read(order.customer_id, order.sku)
    growth = _find(page, order)
    if growth is not None:
        account = account_of(batch, growth)
        await settle_growth(
            desk, lease, page, growth, account, may_send=not gives_up, patient=gives_up
        )
