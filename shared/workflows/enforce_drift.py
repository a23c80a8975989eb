"""Put back what somebody changed past us, where the policy says so; nothing is bought for it."""

from collections.abc import Sequence

from shared.domain.changes import Rename, SetEndOfTerm, SubscriptionChange
from shared.domain.drift import (
    ENFORCEABLE,
    READING,
    DriftField,
    DriftRule,
    DriftState,
)
from shared.domain.drift_folds import Chain
from shared.domain.drift_tally import COUNTED
from shared.domain.history import ChangeRecord, RecordStatus, snapshot_of
from shared.domain.operations import operation_id
from shared.domain.policies import Policy
from shared.domain.runs import Run
from shared.domain.subscription_drift import end_of
from shared.domain.subscriptions import Subscription
from shared.workflows.change_subscription import Asked
from shared.workflows.drift import decide_all, leave_all_open, rules_of
from shared.workflows.drift_records import RECENT, chains_to_undo, changed_here
from shared.workflows.put_back import put_back
from shared.workflows.read_situation import Room
from shared.workflows.restore_licences import restore_licences
from shared.workflows.restore_schedule import restore_schedule

_WHY = "somebody changed it outside, and the policy says to put it back"
_SENT = (RecordStatus.INTENT, RecordStatus.DONE)
_AGAIN = "Somebody changed it again since: what is there now is not what this entry tells of."
_NAMELESS = "It had no name before."
_UNSAID = (
    "Before it was changed it was not to renew, and nobody had said what instead: to end, or to go "
    "on as a paid extended term. Say it with setEndOfTerm, or adopt what is there now."
)


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
    for chain in await chains_to_undo(room.desk, rules, page.items):
        subscription = held.get(chain.subject.lower())
        if subscription is not None:
            held[chain.subject.lower()] = await _undone(room, run, chain, subscription)
    await restore_licences(room, run, rules)
    return list(held.values())


async def _undone(room: Room, run: Run, chain: Chain, subscription: Subscription) -> Subscription:
    """Only what the entries tell of is undone: what somebody decided since is theirs."""
    work = operation_id(run.id, chain.first, chain.aspect, "drift")
    asked = Asked(run.requested_by, work, _WHY)
    if chain.aspect is DriftField.SCHEDULE:
        return await restore_schedule(room, run, chain, subscription, asked)
    here, change = snapshot_of(subscription), _change_to(chain)
    ours = await room.desk.history.get(room.customer.id, subscription.id, work)
    if ours is not None and ours.is_open and change is not None:
        return await put_back(room, chain.entries, subscription, change, asked)
    if chain.stands_before(here):
        await _close_what_went_back(room, chain)
        return subscription
    if not chain.stands_after(here) or await _is_decided_here(room, chain):
        await leave_all_open(room.desk, chain.entries, _AGAIN)
        return subscription
    if change is None:
        unknown = _NAMELESS if chain.aspect is DriftField.NAME else _UNSAID
        await leave_all_open(room.desk, chain.entries, unknown)
        return subscription
    return await put_back(room, chain.entries, subscription, change, asked)


def _change_to(chain: Chain) -> SubscriptionChange | None:
    """What stood before them all; an end that nobody had chosen is nobody's to choose here."""
    if chain.aspect is DriftField.NAME:
        return Rename(chain.before.name) if chain.before.name else None
    end = end_of(chain.before)
    return SetEndOfTerm(end) if end is not None else None


async def _is_decided_here(room: Room, chain: Chain) -> bool:
    subject = (room.customer.id, chain.subject)
    return await changed_here(room.desk, subject, chain.aspect, chain.since, but=_WHY)


async def _close_what_went_back(room: Room, chain: Chain) -> None:
    """By our hand, where a host died after it or another run was faster; else by somebody's."""
    ours = await _our_restoration(room, chain)
    if ours is None:
        await decide_all(room.desk, chain.entries, DriftState.RESOLVED, READING)
    elif not ours.is_open:
        await decide_all(room.desk, chain.entries, DriftState.ENFORCED, ours.requested_by)


async def _our_restoration(room: Room, chain: Chain) -> ChangeRecord | None:
    """The change of any run that put back what the entries tell of."""
    recent = await room.desk.history.page(room.customer.id, chain.subject, None, RECENT)
    ours = (r for r in recent.items if r.reason == _WHY and r.at >= chain.since)
    told = (r for r in ours if r.after and chain.stands_before(r.after))
    return next((r for r in told if r.status in _SENT), None)
