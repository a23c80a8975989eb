"""Carry an upgrade that was written down to its end: started once, found again, waited for.

Microsoft does the work in its own time and keeps a list of what was started; that list, and not a
second order, says what became of a lost reply.
"""

import asyncio
from dataclasses import dataclass

from shared.domain.changes import UpgradeOption
from shared.domain.errors import (
    OutcomeUnknown,
    RemoteAnswer,
    RemoteRefused,
    RemoteUnavailable,
    SeatkeeperError,
)
from shared.domain.history import RecordStatus
from shared.domain.subscriptions import Subscription
from shared.workflows.carry_change import Carrier
from shared.workflows.ports import Reading, Transition, TransitionStatus, UpgradeOrder

_LOOKS = 4
_ENDS = {
    TransitionStatus.RUNNING: RecordStatus.INTENT,
    TransitionStatus.DONE: RecordStatus.DONE,
    TransitionStatus.FAILED: RecordStatus.FAILED,
}


@dataclass(slots=True)
class UpgradeCarrier(Carrier):
    """Knows its transition by product, number and the moment that it was written down."""

    async def carry(self) -> Subscription:
        transition = await self._found()
        if transition is None and self.record.taken_at is None:
            await self._start()
        transition = await self._until_it_ends()
        if transition.status is TransitionStatus.FAILED:
            raise await self._failed()
        return await self._with_schedule(await self._read())

    async def outcome(self) -> tuple[RecordStatus, Subscription]:
        transition, found = await self._found(), (await self._read()).subscription
        if transition is None:
            waits = self.record.taken_at is not None
            return RecordStatus.INTENT if waits else RecordStatus.FAILED, found
        return _ENDS[transition.status], found

    async def target(self) -> Subscription | None:
        transition = await self._found()
        if transition is None or transition.into in (None, self.record.subscription_id):
            return None
        customer = self.room.customer.id
        return (await self.room.partner_center.read(customer, transition.into)).subscription

    async def _start(self) -> None:
        reading = await self._read()
        if not self.is_at_base(reading.subscription):
            raise await self.put_aside(reading.subscription)
        order = await self._order(reading)
        await self._still_ours()
        try:
            self.correlation_id = await self.room.partner_center.start_upgrade(
                self.room.customer.id,
                self.record.subscription_id,
                order,
                self._request_id("upgrade"),
            )
            self.taken = True
        except OutcomeUnknown:
            # The list of what was started says what became of it.
            return
        except RemoteRefused as error:
            await self._note_answer(error)
            await self._after_refusal(error, "")
        except SeatkeeperError as error:
            await self._note_answer(error)
            raise

    async def _order(self, reading: Reading) -> UpgradeOrder:
        """The item's id changes without notice, so it is read right before it is named."""
        option = await self._option()
        target = self.record.upgrade
        found = reading.subscription
        if option is None or target is None:
            raise _not_yet()
        return UpgradeOrder(
            option.catalog_item,
            target.seats,
            target.term or found.term,
            target.billing or found.billing,
            option.moves_licences,
            target.into,
        )

    async def _option(self) -> UpgradeOption | None:
        options = await self.room.partner_center.upgrades(
            self.room.customer.id, self.record.subscription_id
        )
        wanted = self.record.upgrade.offer if self.record.upgrade else None
        return next((o for o in options if o.offer == wanted and o.is_eligible), None)

    async def _found(self) -> Transition | None:
        target = self.record.upgrade
        started = await self.room.partner_center.transitions(
            self.room.customer.id, self.record.subscription_id
        )
        mine = [
            t
            for t in started
            if target is not None
            and (t.offer, t.seats) == (target.offer, target.seats)
            and (t.started_at is None or t.started_at >= self.record.at)
        ]
        return mine[-1] if mine else None

    async def _until_it_ends(self) -> Transition:
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(self.room.desk.pauses.change_visible.total_seconds())
            transition = await self._found()
            if transition is not None and transition.status is not TransitionStatus.RUNNING:
                return transition
            self.taken = self.taken or transition is not None
        if self.taken or self.record.taken_at is not None:
            raise await self._under_way()
        raise _not_yet()

    async def _failed(self) -> RemoteRefused:
        sentence = "Microsoft could not carry the upgrade out; the seats are where they were."
        await self.end(RecordStatus.FAILED, sentence)
        return RemoteRefused(sentence, RemoteAnswer("partnerCenter"))


def _not_yet() -> RemoteUnavailable:
    return RemoteUnavailable(
        "Microsoft is at work on the upgrade, which takes up to an hour. Send the same request "
        "with the same Idempotency-Key again; nothing is moved twice.",
        RemoteAnswer("partnerCenter"),
    )
