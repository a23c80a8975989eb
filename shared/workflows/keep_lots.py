"""Bring the ledger of a subscription's lots up to date with a reading or a change."""

from shared.domain.history import ChangeRecord
from shared.domain.lots import LotLedger
from shared.domain.subscriptions import Subscription
from shared.workflows.ports import Desk


async def keep_lots(
    desk: Desk, subscription: Subscription, record: ChangeRecord | None = None
) -> None:
    """What Microsoft tells settles it; where it tells nothing, our own changes are counted."""
    known = await desk.history.lots(subscription.customer_id, subscription.id)
    if subscription.lots_told:
        lots = known.reconciled(subscription.lots, await desk.clock.now())
    else:
        lots = _counted(known, record)
    if lots != known:
        await desk.history.keep_lots(subscription.customer_id, subscription.id, lots)


def _counted(lots: LotLedger, record: ChangeRecord | None) -> LotLedger:
    if record is None or record.before is None or record.after is None:
        return lots
    joined = record.after.seats - record.before.seats
    if joined > 0:
        return lots.added(joined, record.at)
    return lots.lowered(-joined, record.at) if joined < 0 else lots
