"""Carry one change that was written down to its end, exactly once (law 1).

The target is absolute. After an unknown outcome the remote is read, not asked again: it stands at
the target (applied), at the base (the same target may be sent again) or somewhere else, which is
for a person to look at.
"""

import asyncio
from dataclasses import dataclass, replace

from shared.domain.errors import (
    ChangeInReview,
    ChangeUnderWay,
    OutcomeUnknown,
    RemoteAnswer,
    RemoteRefused,
    RemoteUnavailable,
    SeatkeeperError,
    SeatsBusy,
)
from shared.domain.history import (
    CONCERNS,
    ChangeRecord,
    RecordStatus,
    Snapshot,
    snapshot_of,
    what_differs,
)
from shared.domain.operations import request_id
from shared.domain.subscriptions import EndOfTerm, Subscription
from shared.workflows.alarms import Alarm, raise_alarm
from shared.workflows.answers import is_answer
from shared.workflows.close_operation import close_operation
from shared.workflows.ports import Lease, Patch, Reading
from shared.workflows.read_situation import Room

_CONFLICT = 409
_LOOKS = 4


@dataclass(slots=True)
class Carrier:
    """The one hand that sends; it looks before it acts and after it acted."""

    room: Room
    lease: Lease
    record: ChangeRecord
    correlation_id: str = ""
    taken: bool = False
    """Whether Microsoft said so, in this try or an earlier one."""

    async def carry(self) -> Subscription:
        """Bring it about; raises retryable errors where the end cannot be known yet."""
        reading = await self._read()
        if not self._has_arrived(reading.subscription):
            if not self.is_at_base(reading.subscription):
                raise await self.put_aside(reading.subscription)
            if self.record.taken_at is None:
                await self._send(reading, patch_for(self.record, reading.subscription))
            reading = await self._until_it_shows()
        return await self._with_schedule(reading)

    async def complete(self) -> Subscription:
        """Put back what a change that has come about deleted on its way."""
        return await self._with_schedule(await self._read())

    async def outcome(self) -> tuple[RecordStatus, Subscription]:
        """How it ended, without sending anything; an intent is what may still come about."""
        found = (await self._read()).subscription
        if self._has_arrived(found):
            return RecordStatus.DONE, found
        if not self.is_at_base(found):
            return RecordStatus.REVIEW, found
        waits = self.record.taken_at is not None
        return RecordStatus.INTENT if waits else RecordStatus.FAILED, found

    async def target(self) -> Subscription | None:
        """Where an upgrade's seats went, if they left this subscription."""
        return None

    def is_at_base(self, found: Subscription) -> bool:
        return not self._moved_from(self.record.before, found)

    def _has_arrived(self, found: Subscription) -> bool:
        if self.record.kind == "setEndOfTerm":
            return _ends_as(self.record.after, found)
        return not self._moved_from(self.record.after, found)

    def _moved_from(self, snapshot: Snapshot | None, found: Subscription) -> frozenset[str]:
        if snapshot is None:
            return frozenset()
        return CONCERNS[self.record.kind].intersection(what_differs(snapshot, snapshot_of(found)))

    async def _until_it_shows(self) -> Reading:
        """A 202 is answered like a 200: what counts is what the resource says."""
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(self.room.desk.pauses.change_visible.total_seconds())
            reading = await self._read()
            if self._has_arrived(reading.subscription):
                return reading
        if self.record.kind == "setEndOfTerm" and not self.is_at_base(reading.subscription):
            raise await self.put_aside(reading.subscription)
        if self.taken or self.record.taken_at is not None:
            raise await self._under_way()
        raise _not_yet("Microsoft's answer was lost and the change does not show yet")

    async def _under_way(self) -> ChangeUnderWay:
        """Written down, so that nobody takes it for a change that was never taken."""
        if self.record.taken_at is None:
            now = await self.room.desk.clock.now()
            told = self.correlation_id or self.record.correlation_id
            self.record = replace(self.record, taken_at=now, correlation_id=told)
            await self.room.desk.history.update(self.record)
        return under_way(self.record)

    async def _with_schedule(self, reading: Reading) -> Subscription:
        """A change in mid-term deletes the schedule: say again what the renewal starts with."""
        wanted = self.record.after.schedule if self.record.after else None
        if wanted is None or reading.subscription.schedule == wanted:
            return reading.subscription
        try:
            await self._send(reading, Patch(wanted), step="schedule")
        except RemoteRefused as error:
            raise await self.put_aside(reading.subscription, f"schedule lost: {error}") from error
        again = (await self._read()).subscription
        if again.schedule != wanted:
            await self._note_answer()
            raise _not_yet("Partner Center does not show the renewal's schedule yet")
        return again

    async def _send(self, reading: Reading, patch: Patch, step: str = "") -> None:
        await self._still_ours()
        request = self._request_id(step or "patch")
        desk, record = self.room.desk, self.record
        await desk.history.note_update(record.customer_id, record.subscription_id)
        try:
            self.correlation_id = await self.room.partner_center.patch(reading, patch, request)
            self.taken = self.taken or not step
        except OutcomeUnknown:
            # The next reading says what became of it.
            return
        except RemoteRefused as error:
            await self._note_answer(error)
            await self._after_refusal(error, step)
        except SeatkeeperError as error:
            await self._note_answer(error)
            raise

    def _request_id(self, step: str) -> str:
        return request_id(self.record.id, step, self.record.answers)

    async def _note_answer(self, error: SeatkeeperError | None = None) -> None:
        """What was answered and is not settled is sent again under another id."""
        if error is None or is_answer(error):
            self.record = replace(self.record, answers=self.record.answers + 1)
            await self.room.desk.history.update(self.record)

    async def _after_refusal(self, error: RemoteRefused, step: str) -> None:
        """Pending work of Microsoft's own is waited for; any other no is final."""
        self.correlation_id = error.answer.correlation_id
        if error.answer.status == _CONFLICT:
            raise RemoteUnavailable(str(error), error.answer) from error
        if not step and not self._has_arrived((await self._read()).subscription):
            await self.end(RecordStatus.FAILED, str(error))
        raise error

    async def put_aside(self, found: Subscription, note: str = "") -> ChangeInReview:
        sentence = note or _review(self.record, found)
        await self.end(RecordStatus.REVIEW, sentence)
        await raise_alarm(
            self.room.desk,
            Alarm.CHANGE_IN_REVIEW,
            self.record.subscription_id,
            self.record.requested_by,
            change=self.record.id,
            kind=self.record.kind,
        )
        return ChangeInReview(sentence)

    async def end(self, status: RecordStatus, note: str = "") -> ChangeRecord:
        now = await self.room.desk.clock.now()
        ended = self.record.ended(status, now, note)
        ended = replace(ended, correlation_id=self.correlation_id or ended.correlation_id)
        await close_operation(self.room.desk, ended)
        await self.room.desk.history.close(ended)
        self.record = ended
        return ended

    async def _still_ours(self) -> None:
        """New-commerce subscriptions carry no ETag, so the lease must outlast the request."""
        ledger = self.room.desk.ledger
        self.lease = await ledger.renew(self.lease)
        if ledger.time_left(self.lease) <= self.room.desk.pauses.lease_margin:
            raise SeatsBusy("The lease is too short to send a change under it.")

    async def _read(self) -> Reading:
        return await self.room.partner_center.read(
            self.room.customer.id, self.record.subscription_id
        )


def under_way(record: ChangeRecord) -> ChangeUnderWay:
    return ChangeUnderWay(
        f"Microsoft has been at work on {record.kind!r} since {record.taken_at or record.at:%c} "
        f"UTC: see /api/operations/{record.id}."
    )


def patch_for(record: ChangeRecord, found: Subscription) -> Patch:
    """One concern per call; auto-renew and the schedule go along as they are."""
    after = record.after or snapshot_of(found)
    match record.kind:
        case "setSeats":
            return Patch(found.schedule, seats=after.seats)
        case "suspend":
            return Patch(None, status=after.status, auto_renew=after.auto_renew)
        case "reactivate" | "cancel":
            kept = found.schedule if record.kind == "reactivate" else None
            return Patch(kept, status=after.status)
        case "rename":
            return Patch(found.schedule, name=after.name)
        case "setEndOfTerm":
            kept = found.schedule if after.auto_renew else None
            return Patch(kept, auto_renew=after.auto_renew, end_of_term=after.end_of_term)
        case _:
            return Patch(after.schedule)


def _ends_as(wanted: Snapshot | None, found: Subscription) -> bool:
    """To cancel takes a word of its own; the other two follow from auto-renew alone."""
    if wanted is None or found.auto_renew is not wanted.auto_renew:
        return False
    implied = found.end_of_term is None and wanted.end_of_term is not EndOfTerm.CANCEL
    return implied or found.end_of_term is wanted.end_of_term


def _review(record: ChangeRecord, found: Subscription) -> str:
    before, after, now = record.before, record.after, snapshot_of(found)
    what = ", ".join(
        f"{name} is {_words(getattr(now, name))}, not {_words(getattr(before, name))} as planned "
        f"nor {_words(getattr(after, name))} as wanted"
        for name in sorted(CONCERNS[record.kind])
        if getattr(now, name) != getattr(after, name)
    )
    return f"Somebody changed the subscription meanwhile: {what.replace('_', ' ')}."


def _words(value: object) -> str:
    return "unsaid" if value is None else str(value)


def _not_yet(sentence: str) -> RemoteUnavailable:
    return RemoteUnavailable(
        f"{sentence}. Send the same request with the same Idempotency-Key again in a minute; "
        "nothing is changed twice.",
        RemoteAnswer("partnerCenter"),
    )
