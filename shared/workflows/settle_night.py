"""Close what a night had begun at a customer that nobody comes back to, and tell what it did."""

from collections.abc import AsyncIterator, Sequence

from shared.domain.decisions import Decision
from shared.domain.ids import CustomerId, SkuId
from shared.domain.outcomes import outcome_of
from shared.domain.seats import GrowthStatus
from shared.domain.subscriptions import Subscription
from shared.workflows.alarms import Alarm, raise_alarm
from shared.workflows.ports import Desk, Lease, LedgerPage
from shared.workflows.read_situation import ledger_key
from shared.workflows.settle_growth import Account, settle_growth


async def settle_night(
    desk: Desk, customer_id: CustomerId, *, holder: str, requested_by: str
) -> tuple[Decision, ...]:
    """Close what is still open, sending nothing, and answer what was carried out.

    From the mirror, for Microsoft may have let nobody in since.
    """
    mirrored = await desk.subscriptions.of(customer_id)
    async for sku, page in _pages(desk, customer_id, mirrored):
        if any(g.status is GrowthStatus.INTENT for g in page.of(holder)):
            lease = await desk.ledger.lease(customer_id, sku, holder)
            await _close(desk, lease, page, requested_by)
    return await outcomes_of_night(desk, customer_id, holder)


async def _close(desk: Desk, lease: Lease, page: LedgerPage, requested_by: str) -> None:
    try:
        for growth in page.of(lease.owner):
            account = Account(requested_by, note=growth.reason)
            ended, lease = await settle_growth(desk, lease, page, growth, account, may_send=False)
            if ended.status is GrowthStatus.REVIEW:
                alarm, subject = Alarm.NIGHT_IN_REVIEW, growth.subscription_id
                await raise_alarm(desk, alarm, subject, requested_by)
    finally:
        await desk.ledger.release(lease)


async def outcomes_of_night(
    desk: Desk, customer_id: CustomerId, holder: str
) -> tuple[Decision, ...]:
    """What the ledger knows that this night has carried out, whatever became of its part."""
    mirrored = await desk.subscriptions.of(customer_id)
    known = {subscription.id: subscription for subscription in mirrored}
    return tuple(
        [
            outcome_of(growth, known[growth.subscription_id], growth.reason)
            async for _, page in _pages(desk, customer_id, mirrored)
            for growth in page.of(holder)
            if growth.status is GrowthStatus.APPLIED and growth.subscription_id in known
        ]
    )


async def _pages(
    desk: Desk, customer_id: CustomerId, mirrored: Sequence[Subscription]
) -> AsyncIterator[tuple[SkuId, LedgerPage]]:
    for sku in sorted({ledger_key(subscription) for subscription in mirrored}):
        yield sku, await desk.ledger.read(customer_id, sku)
