"""Give people the licences of their plan back that somebody took, where seats are free (law 2).

Nothing is bought. Seats are promised under the lease of their SKU, written as assigned before they
are, and let go of by themselves when the licence counts show them, or after their bound.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.domain.claims import Claim, by_night
from shared.domain.drift import (
    DriftEntry,
    DriftField,
    DriftRule,
    DriftRules,
    DriftState,
)
from shared.domain.errors import SeatsBusy
from shared.domain.ids import BatchId, SkuId
from shared.domain.licence_drift import (
    AGAIN,
    BLOCKED,
    BY_GROUP,
    GONE,
    Restoring,
    restoring,
)
from shared.domain.people_drift import held_by
from shared.domain.runs import Run, night_holder
from shared.domain.seats import Reservation
from shared.domain.spells import NIGHT
from shared.domain.users import DirectoryUser
from shared.workflows.drift import decide
from shared.workflows.ports import Assignment, AuditEntry, Directory, Lease, OutcomeKind
from shared.workflows.promise_seats import (
    baseline,
    refuse_open_growths,
    refuse_shrinking,
    standing_promises,
)
from shared.workflows.read_situation import Room
from shared.workflows.tenant import read_tenant
from shared.workflows.user_plans import all_plans

Sieve = Callable[[Sequence[DriftEntry]], Awaitable[Sequence[DriftEntry]]]
"""Leave those out that nights have put back too often."""
AT_ONCE = 100
"""People that one night gives licences back to; the next one goes on."""
_LOOKED_AT = 300
"""Entries that one night looks at for them: those that can do nothing for anybody come last."""
_BUSY = "A batch is working on the person; the next night tries again."
_NO_SEAT = (
    "No seat of {} is free, and nothing is bought for this: buy one or free one, and the next "
    "night tries again; or adopt this entry."
)
_NOT_YET = "Microsoft has not done it yet; the next night looks again."


async def _all(entries: Sequence[DriftEntry]) -> Sequence[DriftEntry]:
    return entries


async def restore_licences(
    room: Room, run: Run, rules: DriftRules, worth_it: Sieve = _all, *, at_once: int = AT_ONCE
) -> None:
    """What cannot be given back stays open, with the reason, and lets the others go first."""
    if rules.rules.get(DriftField.LICENCES) is not DriftRule.ENFORCE:
        return
    customer = room.customer.id
    entries = await worth_it(
        await room.desk.drift.open_ones(customer, DriftField.LICENCES, _LOOKED_AT)
    )
    if entries:
        directory = room.desk.microsoft.directory(room.connection, customer)
        await _Night(room, run, directory).restore(entries, at_once)


@dataclass(slots=True)
class _Night:
    room: Room
    run: Run
    directory: Directory
    live: Mapping[str, DirectoryUser] = field(default_factory=dict)
    seats: dict[SkuId, int] = field(default_factory=dict)

    @property
    def holder(self) -> BatchId:
        return by_night(night_holder(self.run.id, self.room.customer.id))

    async def restore(self, entries: Sequence[DriftEntry], at_once: int) -> None:
        cases = (await self._cases(entries))[:at_once]
        mine = await self._claimed(await self._wanting(cases))
        names = [self._name(c) for c in mine]
        try:
            # A batch may have ended with one of them just before they were claimed.
            await self._give(await self._wanting(await self._untouched(mine)))
        finally:
            await self.room.desk.claims.drop(self.room.customer.id, self.holder, names)

    async def _wanting(self, cases: Sequence[Restoring]) -> list[Restoring]:
        self.live = await self.directory.users_with_ids([c.user.id for c in cases])
        return [c for c in cases if await self._wants(c)]

    async def _untouched(self, cases: Sequence[Restoring]) -> list[Restoring]:
        """Whom a batch has worked on since is as that batch has left them."""
        untouched, by_whom = [], await self._by_whom([case.entry for case in cases])
        for case in cases:
            if by_whom.get(case.entry.id, NIGHT) == NIGHT:
                untouched.append(case)
            else:
                await self._leave(case.entry, AGAIN)
        return untouched

    async def _by_whom(self, entries: Sequence[DriftEntry]) -> Mapping[str, BatchId]:
        """Who of us has worked on each person since it was found."""
        people, customer = self.room.desk.people, self.room.customer.id
        touches = await people.touches(customer, [entry.subject for entry in entries])
        pairs = [(entry, touches.get(entry.subject)) for entry in entries]
        return {e.id: t.batch_id for e, t in pairs if t is not None and t.at >= e.since}

    async def _cases(self, entries: Sequence[DriftEntry]) -> list[Restoring]:
        desk, customer = self.room.desk, self.room.customer.id
        known = await desk.people.known(customer, [e.subject for e in entries])
        offered = {plan.id: plan for plan in await all_plans(desk)}
        cases = []
        for entry in entries:
            user = known.get(entry.subject)
            if user is not None and held_by(user) == entry.before:
                await self._went_back(entry)
                continue
            case = restoring(entry, user, offered)
            if isinstance(case, str):
                await self._leave(entry, case)
            else:
                cases.append(case)
        return cases

    async def _leave(self, entry: DriftEntry, reason: str) -> None:
        desk = self.room.desk
        await desk.drift.tried(entry, reason, await desk.clock.now())

    async def _went_back(self, entry: DriftEntry) -> None:
        """By our hand, if a host died after it; else by somebody's."""
        desk = self.room.desk
        if (await self._by_whom([entry])).get(entry.id) == NIGHT:
            await decide(desk, entry, DriftState.ENFORCED, self.run.requested_by)
        else:
            await decide(desk, entry, DriftState.RESOLVED, "reading")

    async def _wants(self, case: Restoring) -> bool:
        """As the directory has the person at this moment."""
        person = self.live.get(case.user.id)
        if person is None or not person.enabled:
            await self._leave(case.entry, BLOCKED if person else GONE)
            return False
        if not self._missing(case):
            await self._held_again(case)
            return False
        return True

    async def _held_again(self, case: Restoring) -> None:
        if case.waits_for_group(self.live[case.user.id].licences):
            await self._leave(case.entry, BY_GROUP)
        else:
            await self._went_back(case.entry)

    def _missing(self, case: Restoring) -> tuple[SkuId, ...]:
        return case.missing(self.live[case.user.id].licences)

    def _name(self, case: Restoring) -> str:
        return self.live[case.user.id].user_principal_name.lower()

    async def _claimed(self, cases: Sequence[Restoring]) -> list[Restoring]:
        """Whom a batch has is the batch's tonight."""
        desk, now = self.room.desk, await self.room.desk.clock.now()
        claims = [Claim(self._name(c), self.holder, 1, now) for c in cases]
        held = {claim.name for claim in await desk.claims.take(self.room.customer.id, claims)}
        for case in cases:
            if self._name(case) in held:
                await self._leave(case.entry, _BUSY)
        return [case for case in cases if self._name(case) not in held]

    async def _give(self, cases: Sequence[Restoring]) -> None:
        for sku in dict.fromkeys(sku for case in cases for sku in self._missing(case)):
            wanting = {case.user.id for case in cases if sku in self._missing(case)}
            self.seats[sku] = await self._promised(sku, wanting)
        served = [case for case in cases if await self._has_seats(case)]
        for sku, left in self.seats.items():
            await self._let_go(sku, left)
        await self._assign(served)

    async def _has_seats(self, case: Restoring) -> bool:
        missing = self._missing(case)
        lacking = next((sku for sku in missing if not self.seats[sku]), None)
        if lacking is not None:
            await self._leave(case.entry, _NO_SEAT.format(lacking))
            return False
        for sku in missing:
            self.seats[sku] -= 1
        return True

    async def _promised(self, sku: SkuId, wanting: Collection[str]) -> int:
        """As many as are free and promised to nobody, up to what is wanted."""
        ledger, customer = self.room.desk.ledger, self.room.customer.id
        try:
            lease = await ledger.lease(customer, sku, self.holder)
        except SeatsBusy:
            return 0
        try:
            return await self._promise(lease, wanting)
        except SeatsBusy:
            return 0
        finally:
            await ledger.release(lease)

    async def _promise(self, lease: Lease, wanting: Collection[str]) -> int:
        desk, now = self.room.desk, await self.room.desk.clock.now()
        page = await desk.ledger.read(lease.customer_id, lease.sku)
        refuse_open_growths(page, self.holder)
        tenant = await read_tenant(desk, lease.customer_id)
        await refuse_shrinking(desk, tenant, lease.sku)
        standing = await standing_promises(desk, tenant, lease.sku, page, now)
        standing = await self._without_the_dead(standing, wanting)
        view = tenant.view(lease.sku, standing)
        free = min(len(wanting), max(0, view.usable - view.wanted))
        if free:
            mine = next((r for r in standing if r.holder == self.holder), None)
            mine = mine or Reservation(self.holder, 0, baseline(view.stock.consumed, standing))
            until = now + desk.pauses.settle_bound
            grown = replace(mine, assigned=mine.assigned + free, settles_by=until)
            await desk.ledger.save_reservation(lease.customer_id, lease.sku, grown)
        return free

    async def _without_the_dead(
        self, standing: Sequence[Reservation], wanting: Collection[str]
    ) -> list[Reservation]:
        """Of this night's own promise what was given: a host may have died with the rest."""
        people, customer, opened = self.room.desk.people, self.room.customer.id, self.run.opened_at
        given = len(await people.given(customer, self.holder, opened) - {*wanting})
        return [
            replace(r, assigned=min(r.assigned, given)) if r.holder == self.holder else r
            for r in standing
        ]

    async def _let_go(self, sku: SkuId, seats: int) -> None:
        ledger, customer = self.room.desk.ledger, self.room.customer.id
        page = await ledger.read(customer, sku) if seats else None
        for mine in page.reservations if page else ():
            if mine.holder != self.holder:
                continue
            if mine.assigned <= seats:
                await ledger.drop_reservation(customer, sku, self.holder)
            else:
                fewer = replace(mine, assigned=mine.assigned - seats)
                await ledger.save_reservation(customer, sku, fewer)

    async def _assign(self, cases: Sequence[Restoring]) -> None:
        if not cases:
            return
        await self._put_on_record(cases)
        outcomes = await self.directory.assign(await self._assignments(cases))
        for case, outcome in zip(cases, outcomes, strict=True):
            if outcome.kind is OutcomeKind.DONE:
                await self._given(case)
                continue
            if outcome.kind in (OutcomeKind.NO_SEAT, OutcomeKind.REFUSED):
                for sku in self._missing(case):
                    await self._let_go(sku, 1)
            await self._leave(case.entry, outcome.reason or _NOT_YET)

    async def _given(self, case: Restoring) -> None:
        desk = self.room.desk
        if case.waits_for_group(self.live[case.user.id].licences):
            await self._leave(case.entry, BY_GROUP)
        else:
            await decide(desk, case.entry, DriftState.ENFORCED, self.run.requested_by)

    async def _put_on_record(self, cases: Sequence[Restoring]) -> None:
        """Before anything is sent: the next reading must not take it for somebody else's doing."""
        desk, now, who = self.room.desk, await self.room.desk.clock.now(), self.run.requested_by
        people = [case.user.id for case in cases]
        await desk.people.note_given(self.room.customer.id, self.holder, people, now)
        await desk.people.note_ours(self.room.customer.id, NIGHT, people, now)
        for case in cases:
            facts = {"drift": case.entry.id, "plan": case.plan.id}
            await desk.audit.record(AuditEntry(now, who, "licences put back", case.user.id, facts))

    async def _assignments(self, cases: Sequence[Restoring]) -> list[Assignment]:
        parts = {s.sku: s.service_plans for s in await self.directory.stocks()}
        return [
            Assignment(
                case.user.id,
                {sku: case.plan.off_in(parts.get(sku, {})) for sku in self._missing(case)},
            )
            for case in cases
        ]
