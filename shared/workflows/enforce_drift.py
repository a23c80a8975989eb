"""Put back what somebody changed past us, where the policy says so; nothing is bought for it."""

from collections.abc import Sequence

from shared.domain.changes import Rename, SetEndOfTerm, SubscriptionChange
from shared.domain.drift import (
    ENFORCEABLE,
    READING,
    DriftEntry,
    DriftField,
    DriftKind,
    DriftRule,
    DriftState,
)
from shared.domain.drift_tally import COUNTED
from shared.domain.history import ChangeRecord, RecordStatus, snapshot_of
from shared.domain.ids import SubscriptionId
from shared.domain.operations import operation_id
from shared.domain.policies import Policy
from shared.domain.runs import Run
from shared.domain.subscription_drift import told_of
from shared.domain.subscriptions import Subscription
from shared.workflows.change_subscription import Asked
from shared.workflows.drift import decide, leave_open, rules_of
from shared.workflows.put_back import put_back
from shared.workflows.read_situation import Room
from shared.workflows.restore_licences import restore_licences
from shared.workflows.restore_schedule import restore_schedule

_WHY = "somebody changed it outside, and the policy says to put it back"
_RECENT = 50
_SENT = (RecordStatus.INTENT, RecordStatus.DONE)
_AGAIN = "Somebody changed it again since: what is there now is not what this entry tells of."


async def enforce_drift(
    room: Room, run: Run, policy: Policy, found: Sequence[Subscription]
) -> Sequence[Subscription]:
    """Answer the subscriptions as they stand afterwards; what is not put back stays open."""
    rules = rules_of(room.desk, room.connection, policy, room.customer.id)
    wanted = any(rules.rules.get(what) is DriftRule.ENFORCE for what in ENFORCEABLE)
    if not wanted or run.dry_run or not room.connection.role.bills_directly:
        return found
    page = await room.desk.drift.page(room.customer.id, None, COUNTED)
    held = {subscription.id.lower(): subscription for subscription in found}
    entries = [entry for entry in page.items if rules.enforces(entry)]
    for entry in entries:
        subscription = held.get(entry.subject.lower())
        if entry.kind is DriftKind.SUBSCRIPTION and subscription is not None:
            held[entry.subject.lower()] = await _undone(room, run, entry, subscription)
    await restore_licences(room, run, [e for e in entries if e.kind is DriftKind.USER])
    return list(held.values())


async def _undone(
    room: Room, run: Run, entry: DriftEntry, subscription: Subscription
) -> Subscription:
    """Only what the entry tells of is undone: what somebody decided since is theirs."""
    asked = Asked(run.requested_by, operation_id(run.id, entry.id, "drift"), _WHY)
    if entry.what is DriftField.SCHEDULE:
        return await restore_schedule(room, run, entry, subscription, asked)
    here, change = told_of(snapshot_of(subscription), entry.what), _change_to(entry)
    ours = await room.desk.history.get(room.customer.id, subscription.id, asked.work)
    if ours is not None and ours.is_open and change is not None:
        return await put_back(room, entry, subscription, change, asked)
    if here == entry.before:
        await _close_what_went_back(room, entry)
        return subscription
    if here != entry.after or change is None:
        await leave_open(room.desk, entry, _AGAIN if change else "Nothing was said before.")
        return subscription
    return await put_back(room, entry, subscription, change, asked)


def _change_to(entry: DriftEntry) -> SubscriptionChange | None:
    if entry.what is DriftField.NAME:
        return Rename(entry.before) if entry.before else None
    end = entry.end_before
    return SetEndOfTerm(end) if end is not None else None


async def _close_what_went_back(room: Room, entry: DriftEntry) -> None:
    """By our hand, where a host died after it or another run was faster; else by somebody's."""
    ours = await _our_restoration(room, entry)
    if ours is None:
        await decide(room.desk, entry, DriftState.RESOLVED, READING)
    elif not ours.is_open:
        await decide(room.desk, entry, DriftState.ENFORCED, ours.requested_by)


async def _our_restoration(room: Room, entry: DriftEntry) -> ChangeRecord | None:
    """The change of any run that put back what the entry tells of."""
    history, id_ = room.desk.history, SubscriptionId(entry.subject)
    recent = await history.page(room.customer.id, id_, None, _RECENT)
    ours = (r for r in recent.items if r.reason == _WHY and r.at >= entry.since)
    told = (r for r in ours if r.after and told_of(r.after, entry.what) == entry.before)
    return next((r for r in told if r.status in _SENT), None)
