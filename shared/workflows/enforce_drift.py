"""Put back what somebody changed past us, where the policy says so; nothing is bought for it."""

from collections.abc import Sequence

from shared.domain.changes import SetEndOfTerm
from shared.domain.drift import ENFORCEABLE, DriftEntry, DriftRule, DriftState
from shared.domain.errors import ChangeInReview, ChangeRefused, ChangeUnderWay, RemoteRefused
from shared.domain.operations import operation_id
from shared.domain.runs import Run
from shared.domain.subscriptions import Subscription
from shared.workflows.change_subscription import Asked, change_subscription
from shared.workflows.drift import decide, drift_rules
from shared.workflows.read_situation import Room

_RECENT = 100
"""Entries that are looked through, newest first."""
_WHY = "somebody changed it outside, and the policy says to put it back"


async def enforce_drift(
    room: Room, run: Run, found: Sequence[Subscription]
) -> Sequence[Subscription]:
    """Answer the subscriptions as they stand afterwards; what is refused stays open."""
    rules = await drift_rules(room.desk, room.customer, room.connection)
    wanted = any(rules.rules.get(what) is DriftRule.ENFORCE for what in ENFORCEABLE)
    if not wanted or run.dry_run or not room.connection.role.bills_directly:
        return found
    page = await room.desk.drift.page(room.customer.id, None, _RECENT)
    held = {subscription.id.lower(): subscription for subscription in found}
    for entry in page.items:
        subscription = held.get(entry.subject.lower())
        if subscription is not None and rules.enforces(entry):
            held[entry.subject.lower()] = await _put_back(room, run, entry, subscription)
    return list(held.values())


async def _put_back(
    room: Room, run: Run, entry: DriftEntry, subscription: Subscription
) -> Subscription:
    end = entry.end_before
    if end is None:
        return subscription
    asked = Asked(run.requested_by, operation_id(run.id, entry.id, "drift"), _WHY)
    try:
        after, record = await change_subscription(room, subscription.id, SetEndOfTerm(end), asked)
    except (ChangeRefused, ChangeInReview, ChangeUnderWay, RemoteRefused):
        return subscription
    if record.is_open:
        return after
    await decide(room.desk, entry, DriftState.ENFORCED, run.requested_by)
    return after
