"""See that somebody changed a quantity past us: it is put on record, never hushed up (law 1)."""

import logging
from dataclasses import replace

from shared.domain.seats import Growth
from shared.workflows.ports import AuditEntry, Desk, LedgerPage

logger = logging.getLogger(__name__)


async def with_gap(desk: Desk, page: LedgerPage, growth: Growth) -> Growth:
    """The quantity that we left last time should be the one we found: anything else is seen."""
    head = page.heads.get(growth.subscription_id)
    if head is None or head in (growth.base, growth.target):
        return growth
    logger.warning("gap: subscription %s was changed outside", growth.subscription_id)
    await desk.audit.record(
        AuditEntry(
            await desk.clock.now(),
            growth.holder,
            "seats changed outside",
            growth.subscription_id,
            {"left": str(head), "found": str(growth.base)},
        )
    )
    reason = f"We had left it at {head} seats and found {growth.base}: somebody changed it outside."
    return replace(growth, reason=reason)
