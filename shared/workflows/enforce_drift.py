"""Put back what somebody changed past us, where the policy says so; nothing is bought for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.changes import Rename, SetEndOfTerm, SubscriptionChange
from shared.domain.drift import (
    ENFORCEABLE,
    READING,
    DriftEntry,
    DriftField,
    DriftRule,
    DriftState,
)
from shared.domain.drift_folds import Chain, is_contested
from shared.domain.drift_tally import COUNTED
from shared.domain.history import ChangeRecord, RecordStatus, snapshot_of
from shared.domain.operations import operation_id
from shared.domain.policies import Policy
from shared.domain.runs import Run, night_holder
from shared.domain.seats import GrowthStatus
from shared.domain.subscription_drift import end_of
from shared.domain.subscriptions import EndOfTerm, Subscription
from shared.workflows.change_subscription import Asked
from shared.workflows.drift import decide_all, leave_all_open, leave_open, rules_of
from shared.workflows.drift_records import RECENT, chains_to_undo, changed_here
from shared.workflows.events import event
from shared.workflows.part_in_hand import PartInHand
from shared.workflows.put_back import put_back
from shared.workflows.read_situation import Room, ledger_key
from shared.workflows.restore_licences import restore_licences
from shared.workflows.restore_schedule import restore_schedule

_WHY = "somebody changed it outside, and the policy says to put it back"
"""Kept with each change, and by it nights know their own again: to reword it is to forget them."""
_SENT = (RecordStatus.INTENT, RecordStatus.DONE)
_AGAIN = (
    "Somebody changed it again since: what is there now is not what this entry tells of. Adopt or "
    "resolve it."
)
_CONTESTED = (
    "It was put back three times within seven days, and somebody has changed it again: find out "
    "who wants it otherwise, then adopt or resolve this entry. Later nights will put it back again."
)
_LATER = (
    "The night had begun a change of its seats before its host died, which goes first: the next "
    "night puts this back."
)
_UNKNOWN = {
    DriftField.NAME: "It had no name before: rename it, or adopt this entry.",
    DriftField.END_OF_TERM: (
        "Before it was changed it was not to renew, and nobody had said what instead: to end, or "
        "to go on as a paid extended term. Say it with setEndOfTerm, or adopt what is there now."
    ),
}
"""Why nobody knows what to put back."""


async def enforce_drift(
    room: Room, run: Run, policy: Policy, found: Sequence[Subscription], hand: PartInHand
) -> Sequence[Subscription]:
    """Answer the subscriptions as they stand afterwards; what is not put back stays open."""
    rules = rules_of(room.desk, room.connection, policy, room.customer.id)
    wanted = any(rules.rules.get(what) is DriftRule.ENFORCE for what in ENFORCEABLE)
    if not wanted or run.dry_run or not room.connection.role.bills_directly:
        return found
    page = await room.desk.drift.page(room.customer.id, None, COUNTED)
    held = {subscription.id.lower(): subscription for subscription in found}
    enforcing = _Enforcing(room, run, page.items, hand)
    for chain in await chains_to_undo(room.desk, rules, page.items):
        subscription = held.get(chain.subject.lower())
        if subscription is not None:
            held[chain.subject.lower()] = await enforcing.undo(chain, subscription)
    await restore_licences(room, run, rules, enforcing.uncontested)
    return list(held.values())


@dataclass(frozen=True, slots=True)
class _Enforcing:
    room: Room
    run: Run
    entries: Sequence[DriftEntry]
    """All that are known of the customer, however they stand."""
    hand: PartInHand

    async def undo(self, chain: Chain, subscription: Subscription) -> Subscription:
        """Only what the entries tell of is undone: what somebody decided since is theirs."""
        work = operation_id(self.run.id, chain.first, chain.aspect, "drift")
        asked = Asked(self.run.requested_by, work, _WHY)
        ours = await self.room.desk.history.get(self.room.customer.id, subscription.id, work)
        if ours is not None and ours.is_open:
            return await self._put_back(chain, subscription, asked)
        if not chain.stands_before(snapshot_of(subscription)):
            if reason := await self._why_not(chain, subscription):
                await leave_all_open(self.room.desk, chain.entries, reason)
                return subscription
        elif chain.aspect is not DriftField.SCHEDULE:
            await _close_what_went_back(self.room, chain)
            return subscription
        return await self._put_back(chain, subscription, asked)

    async def _put_back(
        self, chain: Chain, subscription: Subscription, asked: Asked
    ) -> Subscription:
        if await self._has_begun(subscription):
            await leave_all_open(self.room.desk, chain.entries, _LATER)
            return subscription
        if chain.aspect is DriftField.SCHEDULE:
            return await restore_schedule(self.room, self.hand, chain, subscription, asked)
        change = await _change_to(self.room, chain, subscription)
        if change is None:
            await leave_all_open(self.room.desk, chain.entries, _UNKNOWN[chain.aspect])
            return subscription
        return await put_back(self.room, chain.entries, subscription, change, asked)

    async def _has_begun(self, subscription: Subscription) -> bool:
        """What waits for the night's own change would wait for itself: that one has its turn after.

        Only where the night's message comes again is there any.
        """
        customer = self.room.customer.id
        page = await self.room.desk.ledger.read(customer, ledger_key(subscription))
        own = page.of(night_holder(self.run.id, customer))
        return any(growth.status is GrowthStatus.INTENT for growth in own)

    async def _why_not(self, chain: Chain, subscription: Subscription) -> str:
        """Whose a schedule is, and whether it still stands, is known where it is put back."""
        is_schedule = chain.aspect is DriftField.SCHEDULE
        if not is_schedule and not await _still_stands(self.room, chain, subscription):
            return _AGAIN
        return _CONTESTED if await self._is_contested(chain.subject, chain.aspect) else ""

    async def uncontested(self, entries: Sequence[DriftEntry]) -> Sequence[DriftEntry]:
        left = []
        for entry in entries:
            if await self._is_contested(entry.subject, entry.what):
                await leave_open(self.room.desk, entry, _CONTESTED)
            else:
                left.append(entry)
        return left

    async def _is_contested(self, subject: str, aspect: DriftField) -> bool:
        now = await self.room.desk.clock.now()
        contested = is_contested(self.entries, subject, aspect, now)
        if contested:
            facts = {"customer": self.room.customer.id, "subject": subject, "what": aspect.value}
            event("drift-contested", run=self.run.id, **facts)
        return contested


async def _still_stands(room: Room, chain: Chain, subscription: Subscription) -> bool:
    """Whether it is as the entries tell, and nobody here has changed the same since."""
    if not chain.stands_after(snapshot_of(subscription)):
        return False
    subject = (room.customer.id, subscription.id)
    return not await changed_here(room.desk, subject, chain.aspect, chain.since, but=_WHY)


async def _change_to(room: Room, chain: Chain, found: Subscription) -> SubscriptionChange | None:
    """What stood before them all; an end that nobody had chosen is nobody's to choose here."""
    if chain.aspect is DriftField.NAME and chain.before.name:
        return Rename(chain.before.name)
    end = end_of(chain.before) if chain.aspect is DriftField.END_OF_TERM else None
    if end is None or (end is EndOfTerm.EXTEND and not await _has_chosen(room, found, end)):
        return None
    return SetEndOfTerm(end)


async def _has_chosen(room: Room, found: Subscription, end: EndOfTerm) -> bool:
    """An extension costs money, and Microsoft fills it in by itself."""
    chosen = (await room.desk.ends.of(room.customer.id)).get(found.id)
    return chosen is not None and chosen.intent is end and chosen.holds_for(found)


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
