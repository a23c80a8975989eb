"""Close what a night had begun at a customer that nobody comes back to, and tell what it did."""

from collections.abc import AsyncIterator
from dataclasses import replace

from shared.domain.decisions import Decision
from shared.domain.errors import SeatkeeperError
from shared.domain.ids import SkuId
from shared.domain.outcomes import outcome_of
from shared.domain.runs import CustomerRun, drift_holder, night_holder, night_holders
from shared.domain.seats import Growth, GrowthStatus
from shared.workflows.alarms import Alarm, raise_alarm
from shared.workflows.ports import Desk, Lease, LedgerPage
from shared.workflows.settle_growth import Account, settle_growth


async def settle_night(desk: Desk, part: CustomerRun, *, requested_by: str) -> tuple[Decision, ...]:
    """Close what is still open, sending nothing, and answer what was carried out.

    A change that stayed open would keep every later growth of its product from coming.
    """
    for holder in night_holders(part.run_id, part.customer_id):
        await _close_all(desk, part, holder, requested_by)
    return await outcomes_of_night(desk, part)


async def settle_put_backs(desk: Desk, part: CustomerRun, *, requested_by: str) -> None:
    """Of what was put back the entries tell, or the review does."""
    holder = drift_holder(part.run_id, part.customer_id)
    await _close_all(desk, part, holder, requested_by)


async def _close_all(desk: Desk, part: CustomerRun, holder: str, requested_by: str) -> None:
    async for sku, page in _pages(desk, part):
        if _open_in(page, holder):
            lease = await desk.ledger.lease(part.customer_id, sku, holder)
            await _close(desk, lease, requested_by)


async def _close(desk: Desk, lease: Lease, requested_by: str) -> None:
    """Read again under the lease: another delivery may have closed some of it meanwhile."""
    try:
        page = await desk.ledger.read(lease.customer_id, lease.sku)
        for growth in _open_in(page, lease.owner):
            ended, lease = await _ended(desk, lease, page, growth, requested_by)
            if ended.status is GrowthStatus.REVIEW:
                alarm, subject = Alarm.NIGHT_IN_REVIEW, growth.subscription_id
                await raise_alarm(desk, alarm, subject, requested_by)
    finally:
        await desk.ledger.release(lease)


def _open_in(page: LedgerPage, holder: str) -> list[Growth]:
    return [g for g in page.of(holder) if g.status is GrowthStatus.INTENT]


async def _ended(
    desk: Desk, lease: Lease, page: LedgerPage, growth: Growth, requested_by: str
) -> tuple[Growth, Lease]:
    """Whoever may not even look any more leaves it to a person."""
    account = Account(requested_by, note=growth.reason)
    try:
        return await settle_growth(desk, lease, page, growth, account, may_send=False)
    except SeatkeeperError as error:
        if error.retryable:
            raise
        reason = (
            f"Nobody could look how far it came: {error} Compare the subscription with this change "
            "in Partner Center."
        )
        ended = replace(growth, status=GrowthStatus.REVIEW, reason=reason)
        return ended, await desk.ledger.write_growth(lease, ended, None)


async def outcomes_of_night(desk: Desk, part: CustomerRun) -> tuple[Decision, ...]:
    """What the ledger knows that this night has carried out, whatever became of its part.

    Named as the mirror does, for Microsoft may have let nobody in since.
    """
    known = {s.id: s for s in await desk.subscriptions.of(part.customer_id)} if part.skus else {}
    return tuple(
        [
            outcome_of(growth, known.get(growth.subscription_id), sku, growth.reason)
            async for sku, page in _pages(desk, part)
            for growth in page.of(night_holder(part.run_id, part.customer_id))
            if growth.status is GrowthStatus.APPLIED
        ]
    )


async def _pages(desk: Desk, part: CustomerRun) -> AsyncIterator[tuple[SkuId, LedgerPage]]:
    for sku in part.skus:
        yield sku, await desk.ledger.read(part.customer_id, sku)
