"""One growth in hand: look before it acts and after it acted, and never act twice (law 1)."""

from dataclasses import dataclass, replace

from shared.domain.ends import told_end
from shared.domain.errors import (
    OfferNotFound,
    OutcomeUnknown,
    RemoteAnswer,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    SeatkeeperError,
    SeatsBusy,
    SubscriptionNotFound,
)
from shared.domain.growth_refusals import why_not_changed, why_too_late
from shared.domain.operations import request_id
from shared.domain.seats import Growth, GrowthStatus
from shared.domain.subscriptions import Subscription
from shared.workflows.alarms import Alarm, raise_end_alarm
from shared.workflows.answers import is_answer
from shared.workflows.ports import Desk, Lease, PartnerCenter, Reading, SeatChange
from shared.workflows.subscriptions import keep_reading

_CONFLICT = 409


@dataclass(slots=True)
class Settling:
    """One growth in hand: it looks before it acts and after it acted."""

    desk: Desk
    partner_center: PartnerCenter
    lease: Lease
    growth: Growth
    may_send: bool
    patient: bool
    speaks_of_ends: bool = False
    correlation_id: str = ""
    answered: bool = False
    seen: Subscription | None = None
    """As it was read last."""

    async def look(self) -> Growth:
        """Nobody comes back to this growth, so it must not stay open whatever happens."""
        try:
            return await self.settle()
        except (RemoteError, SubscriptionNotFound) as error:
            if self.patient and error.retryable:
                raise
            return self._ended(
                GrowthStatus.REVIEW,
                f"Microsoft could not be asked how far it came: {error} Compare the subscription "
                "with this change in Partner Center.",
            )

    async def settle(self) -> Growth:
        reading = await self._read()
        if reading.subscription.seats == self.growth.base:
            # What others did before us is told now, and not taken for ours afterwards.
            await keep_reading(self.desk, self._held(reading.subscription))
        if self.may_send and reading.subscription.seats == self.growth.base != self.growth.target:
            now = await self.desk.clock.now()
            speaks = self.speaks_of_ends
            refusal = why_not_changed(self.growth, reading.subscription, now, speaks=speaks)
            if refusal is not None:
                return self._ended(GrowthStatus.REFUSED, f"It cannot change: {refusal}.")
            await self._note_schedule(reading)
            try:
                await self._send(reading, self.growth.target, reading.subscription.scheduled_seats)
            except RemoteRefused as error:
                return await self._after_refusal(error)
            reading = await self._read()
        return await self._judge(reading)

    async def _note_schedule(self, reading: Reading) -> None:
        """The change deletes a schedule, and perhaps the word on the end: both are written down.

        One that somebody made since the plan was made may count on seats that are promised by
        now, so it is restored without its cut; the next night plans it anew.
        """
        noted = replace(
            self.growth,
            scheduled_base=reading.subscription.scheduled_seats,
            scheduled_target=self._wanted(reading.subscription),
            scheduled_terms=reading.subscription.next_terms,
            end_of_term=told_end(reading.subscription),
        )
        if noted != self.growth:
            self.growth = noted
            self.lease = await self.desk.ledger.write_growth(self.lease, self.growth, None)

    def _wanted(self, subscription: Subscription) -> int | None:
        found = subscription.scheduled_seats
        if found == self.growth.scheduled_base:
            return self.growth.scheduled_target
        if found is None or subscription.is_converting:
            return found
        return max(found, self.growth.target)

    async def _judge(self, reading: Reading) -> Growth:
        seats = reading.subscription.seats
        if seats == self.growth.target:
            return await self._restore_schedule(reading)
        if seats == self.growth.base and self.may_send:
            raise RemoteUnavailable(
                "Partner Center has taken the change and does not show it yet; it is read again.",
                RemoteAnswer("partnerCenter"),
            )
        if seats == self.growth.base:
            return self._ended(GrowthStatus.REFUSED, "It was given up before Microsoft took it.")
        return self._ended(
            GrowthStatus.REVIEW,
            f"The subscription holds {seats} seats, neither {self.growth.base} as planned nor "
            f"{self.growth.target} as wanted: somebody changed it meanwhile. Look at it in Partner "
            "Center; a new batch counts what is really there.",
        )

    async def _restore_schedule(self, reading: Reading) -> Growth:
        """A change in mid-term deletes the schedule: say again what the renewal starts with.

        So it may be with how the term ends, where that can be said.
        """
        wanted = self.growth.scheduled_target
        stands = wanted is None or reading.subscription.scheduled_seats == wanted
        if stands and not (self.may_send and self._may_say_end(reading.subscription)):
            return self._ended(GrowthStatus.APPLIED, self.growth.reason)
        if not self.may_send:
            return self._ended(
                GrowthStatus.REVIEW,
                f"The seats are there, but the renewal's schedule of {wanted} seats is not. Set it "
                "in Partner Center.",
            )
        late = why_too_late(self.growth, reading.subscription, await self.desk.clock.now())
        if late is not None:
            return self._ended(GrowthStatus.REFUSED, late)
        return await self._send_schedule(reading, wanted)

    def _may_say_end(self, subscription: Subscription) -> bool:
        return self.speaks_of_ends and self._has_lost_end(subscription)

    def _has_lost_end(self, subscription: Subscription) -> bool:
        said = self.growth.end_of_term
        return said is not None and subscription.end_of_term is not said

    async def watch_the_end(self, requested_by: str) -> None:
        """An instruction for the term's end that got lost on the way is an alarm (law 6)."""
        said, found = self.growth.end_of_term, self.seen
        if said is None or found is None or not self._has_lost_end(found):
            return
        await raise_end_alarm(
            self.desk,
            Alarm.END_OF_TERM_LOST,
            found,
            requested_by,
            f"Its term was to end as {said.value!r} and Microsoft does not say so any more, after "
            "its seats changed. Say it again with setEndOfTerm, or in Partner Center.",
        )

    async def _send_schedule(self, reading: Reading, wanted: int | None) -> Growth:
        try:
            await self._send(reading, self.growth.target, wanted, step="schedule")
        except (RemoteRefused, OfferNotFound) as error:
            return self._ended(
                GrowthStatus.REVIEW,
                f"{_said_again(wanted)} was refused: {error} Set it in Partner Center.",
            )
        again = await self._read()
        if again.subscription.scheduled_seats != wanted:
            raise RemoteUnavailable(
                "Partner Center does not show the renewal's schedule yet; it is read again.",
                RemoteAnswer("partnerCenter"),
            )
        return self._ended(GrowthStatus.APPLIED, self.growth.reason)

    async def _after_refusal(self, error: RemoteRefused) -> Growth:
        reading = await self._read()
        if reading.subscription.seats != self.growth.base:
            return await self._judge(reading)
        if error.answer.status == _CONFLICT:
            raise RemoteUnavailable(str(error), error.answer)
        return self._ended(GrowthStatus.REFUSED, str(error))

    async def _send(
        self, reading: Reading, seats: int, scheduled: int | None, step: str = ""
    ) -> None:
        """New-commerce subscriptions carry no ETag, so the lease must outlast the request."""
        self.lease = await self.desk.ledger.renew(self.lease)
        if self.desk.ledger.time_left(self.lease) <= self.desk.pauses.lease_margin:
            raise SeatsBusy("The lease is too short to send a change under it.")
        await self.desk.history.note_update(self.lease.customer_id, self.growth.subscription_id)
        try:
            self.correlation_id = await self.partner_center.change(
                reading, self._change(seats, scheduled, step), self._request_id(step)
            )
            self.answered = True
        except OutcomeUnknown as error:
            # The next reading says what became of it.
            self.correlation_id = error.answer.correlation_id
        except SeatkeeperError as error:
            self.answered = is_answer(error)
            raise

    def _change(self, seats: int, scheduled: int | None, step: str) -> SeatChange:
        """What the resource itself does not say any more is said as it was noted."""
        if not step:
            return SeatChange(seats, scheduled)
        said = self.growth.end_of_term if self.speaks_of_ends else None
        return SeatChange(seats, scheduled, self.growth.scheduled_terms, said)

    def _request_id(self, step: str) -> str:
        """The growth's own, as long as nobody has answered it."""
        if not step and not self.growth.answers:
            return self.growth.request_id
        return request_id(self.growth.request_id, step, self.growth.answers)

    async def note_answer(self) -> None:
        """What was answered and is not settled is sent again under another id."""
        if self.answered:
            self.answered = False
            self.growth = replace(self.growth, answers=self.growth.answers + 1)
            self.lease = await self.desk.ledger.write_growth(self.lease, self.growth, None)

    async def _read(self) -> Reading:
        id_ = self.growth.subscription_id
        reading = await self.partner_center.read(self.lease.customer_id, id_)
        self.seen = self._held(reading.subscription)
        return reading

    def _held(self, found: Subscription) -> Subscription:
        """What nobody counts has its lease on its product."""
        is_by_offer = str(self.lease.sku) == str(found.offer)
        return replace(found, sku=None if is_by_offer else self.lease.sku)

    async def mirrored(self, ended: Growth) -> Growth:
        """Keep what it came to; the seats may be there although a person has to look."""
        has_come = ended.status in (GrowthStatus.APPLIED, GrowthStatus.REVIEW)
        if self.seen is None or not has_come or self.seen.seats != ended.target:
            return ended
        await keep_reading(self.desk, self.seen)
        return replace(ended, mirrored=True)

    def _ended(self, status: GrowthStatus, reason: str = "") -> Growth:
        return replace(self.growth, status=status, reason=reason)


def _said_again(wanted: int | None) -> str:
    if wanted is None:
        return "What Microsoft is told of the term's end"
    return f"The renewal's schedule of {wanted} seats"
