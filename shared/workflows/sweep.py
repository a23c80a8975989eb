"""Find what a crash, a lost message or the calendar has left lying, and set it going again.

Every round does a bounded part, and every part is claimed, so that two hosts may sweep at once.
"""

import logging
from collections.abc import Awaitable, Callable

from shared.domain.batches import BatchStatus
from shared.domain.errors import BatchNotFound
from shared.domain.ids import BatchId
from shared.domain.reminders import ReminderKind
from shared.workflows.admit_batch import BATCHES
from shared.workflows.consent import purge_consents
from shared.workflows.control_batch import cancel_if_forgotten
from shared.workflows.follow_change import continue_changes
from shared.workflows.ports import Desk
from shared.workflows.purge import purge_by_age, purge_parts, purge_rows, purge_secrets
from shared.workflows.settle_purchase import sweep_purchases
from shared.workflows.settle_tenant import sweep_tenants
from shared.workflows.sweep_runs import sweep_runs
from shared.workflows.watch import without_a_sign

PORTION = 100
"""Pieces of one kind that a round looks at; the next round goes on."""
logger = logging.getLogger(__name__)


async def sweep(desk: Desk) -> None:
    """One part that fails leaves the others to be done."""
    for part in _PARTS:
        try:
            await part(desk)
        except Exception:
            logger.exception("a part of the sweep failed: %s", part.__name__)


async def sweep_batches(desk: Desk) -> int:
    """Queue every batch again that showed no sign of life; answer how many."""
    queued = 0
    async for batch in without_a_sign(desk, ReminderKind.BATCH, PORTION):
        queued += await _look_after(desk, BatchId(batch))
    return queued


async def _look_after(desk: Desk, batch_id: BatchId) -> bool:
    try:
        batch = await desk.batches.get(batch_id)
    except BatchNotFound:
        # Its sender died before it was accepted.
        await desk.reminders.drop(ReminderKind.BATCH, batch_id)
        return False
    if batch.status is BatchStatus.PAUSED:
        return await cancel_if_forgotten(desk, batch)
    logger.warning("batch %s is %s and without a sign of life", batch.id, batch.status.value)
    await desk.queues.send(BATCHES, {"batchId": batch.id})
    return True


_PARTS: tuple[Callable[[Desk], Awaitable[object]], ...] = (
    sweep_batches,
    sweep_runs,
    continue_changes,
    sweep_purchases,
    sweep_tenants,
    purge_consents,
    purge_secrets,
    purge_rows,
    purge_parts,
    purge_by_age,
)
