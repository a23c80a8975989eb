"""Work off one chunk of a batch: make the people, give them their licences, read them back.

Run twice it does nothing twice: a person is found by the marker that the create call carried, and
an assignment says the whole wanted state.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.actions import Action
from shared.domain.batch_control import CANCELLED, STOPPED
from shared.domain.batches import Batch, BatchStatus, RowResult, RowStatus
from shared.domain.chunks import Chunk
from shared.domain.ids import BatchId, PlanId
from shared.domain.passwords import batch_key_name, derive_password
from shared.domain.plans import UserPlan
from shared.domain.users import TAKEN, DirectoryUser, marker
from shared.workflows.claim_people import Claims
from shared.workflows.fan_out import send_chunk, tidy_batch
from shared.workflows.ports import (
    Assignment,
    Desk,
    Directory,
    Outcome,
    OutcomeKind,
    UserToCreate,
)
from shared.workflows.second_look import SecondLook
from shared.workflows.serve_people import NO_SEAT, Licences, Service, begun
from shared.workflows.stages import go_on
from shared.workflows.tenant import customer_and_connection, plans_named
from shared.workflows.watch import watch_batch

_NO_WAIT = timedelta(0)
_HAS_ACCOUNT = (
    "The account exists: give that person the licences, or delete it and send the row again."
)
_HAS_NONE = "Send the row again under a new batch id to try once more."


_TRIED = (RowStatus.BEGUN, RowStatus.CREATED, RowStatus.WAITING_FOR_SEAT)


async def provision_chunk(desk: Desk, batch_id: BatchId, number: int) -> bool:
    """Bring a chunk as far as it goes now; answer whether the whole batch has ended.

    What has to wait (seats that do not show yet, Microsoft's Retry-After) goes back to the queue.
    """
    batch = await desk.batches.get(batch_id)
    if batch.status not in (BatchStatus.RELEASING, BatchStatus.RUNNING):
        await tidy_batch(desk, batch)
        if batch.status is BatchStatus.GROWING:
            # A host may have died between the plan of a stage and the messages that carry it out.
            await go_on(desk, batch_id)
        return batch.status.is_final
    chunk = await desk.batches.chunk(batch_id, number)
    if chunk.is_open:
        work = await _chunk_work(desk, batch, chunk)
        wait = await work.run()
        if wait is not None:
            await watch_batch(desk, batch_id, wait)
            await send_chunk(desk, batch_id, number, wait)
            return False
        await watch_batch(desk, batch_id)
    return await go_on(desk, batch_id)


async def _chunk_work(desk: Desk, batch: Batch, chunk: Chunk) -> "_Work":
    _, connection = await customer_and_connection(desk, batch.customer_id)
    directory = desk.microsoft.directory(connection, batch.customer_id)
    open_rows = [r for r in chunk.rows if not r.status.is_final]
    plans = await plans_named(desk, {plan for r in open_rows for plan in r.row.gives})
    return _Work(
        desk=desk,
        batch=batch,
        directory=directory,
        plans=plans,
        licences={p: await _licences(plan, directory) for p, plan in plans.items()},
        chunk=chunk,
        now=await desk.clock.now(),
    )


async def _licences(plan: UserPlan, directory: Directory) -> Licences:
    """Say for each SKU of a plan what is off in it."""
    if not plan.add_ons or not plan.switched_off:
        return {plan.base: plan.switched_off} | dict.fromkeys(plan.add_ons, ())
    parts = {s.sku: s.service_plans for s in await directory.stocks()}
    return {sku: plan.off_in(parts.get(sku, {})) for sku in plan.skus}


def _is_waiting(result: RowResult) -> bool:
    return result.status is RowStatus.WAITING


def _is_behind(result: RowResult) -> bool:
    return bool(result.rival) and result.status is RowStatus.WAITING


def _may_begin(result: RowResult) -> bool:
    return result.status is RowStatus.WAITING and not result.rival


def _is_to_create(result: RowResult) -> bool:
    return result.row.action is Action.CREATE and _may_begin(result)


def _is_to_license(result: RowResult) -> bool:
    return result.row.action is Action.CREATE and result.status in _TRIED


def _is_to_begin(result: RowResult) -> bool:
    return result.row.action is not Action.CREATE and _may_begin(result)


def _is_to_serve(result: RowResult) -> bool:
    return result.row.action is not Action.CREATE and result.status in _TRIED


@dataclass(slots=True)
class _Work:
    """A chunk in hand, and how far its rows have come."""

    desk: Desk
    batch: Batch
    directory: Directory
    plans: Mapping[PlanId, UserPlan]
    licences: Mapping[PlanId, Licences]
    chunk: Chunk
    now: datetime
    wait: timedelta = _NO_WAIT

    async def run(self) -> timedelta | None:
        """Answer how long to wait before the next try, or None where every row has ended."""
        if self.batch.is_cancelling:
            await self._step(self._cancel, _is_waiting)
        await self._follow()
        await self._step(self._create, _is_to_create)
        await self._step(self._assign, _is_to_license)
        await self._step(self._begin, _is_to_begin)
        await self._step(self._serve, _is_to_serve)
        if not any(map(self._is_due, self.chunk.rows)):
            return None
        return max(self.wait, self.desk.pauses.seats_visible)

    def _is_due(self, result: RowResult) -> bool:
        return not result.status.is_final and result.stage <= self.batch.stage

    async def _step(
        self,
        deed: Callable[[list[RowResult]], Awaitable[list[RowResult]]],
        concerns: Callable[[RowResult], bool],
    ) -> None:
        due = [r for r in self.chunk.rows if self._is_due(r) and concerns(r)]
        if not due:
            return
        results = [
            # A person who was just created has not been offered a licence yet.
            self._give_up_late(r) if concerns(r) else r
            for r in await deed(due)
        ]
        changed = self.chunk.having(results)
        if changed != self.chunk:
            before = self.chunk.rows
            self.chunk = await self.desk.batches.save_chunk(self.batch.id, changed)
            await Claims(self.desk, self.batch).drop(before, self.chunk.rows)

    async def _follow(self) -> None:
        """Whom another batch has let go of is looked at again."""
        again = SecondLook(self.desk, self.batch, self.directory)
        try:
            await self._step(again.look, _is_behind)
        finally:
            await again.release()

    async def _create(self, rows: list[RowResult]) -> list[RowResult]:
        key = await self.desk.secrets.get_or_make(batch_key_name(self.batch.id))
        outcomes = await self.directory.create_users(
            [
                UserToCreate(
                    r.row.user,
                    marker(self.batch.id, r.row.number),
                    derive_password(key, r.row.number, r.row.user.user_principal_name),
                    force_change=r.row.password_policy.force_change_at_next_sign_in,
                    never_expires=r.row.password_policy.password_never_expires,
                )
                for r in rows
            ]
        )
        doubtful = {OutcomeKind.EXISTS, OutcomeKind.UNKNOWN}
        pairs = list(zip(rows, outcomes, strict=True))
        present = await self._look_up([r for r, o in pairs if o.kind in doubtful])
        return [self._after_create(r, o, present) for r, o in pairs]

    async def _cancel(self, rows: list[RowResult]) -> list[RowResult]:
        """Who is there by a creation that no host lived to write down was begun."""
        there = await self._look_up([r for r in rows if r.row.action is Action.CREATE])
        return [self._after_cancel(r, there) for r in rows]

    def _after_cancel(self, result: RowResult, there: Mapping[str, DirectoryUser]) -> RowResult:
        person = there.get(result.row.user.user_principal_name.lower())
        if person is not None and person.marker == marker(self.batch.id, result.row.number):
            return self._adopt(result, person)
        return result.ended(RowStatus.FAILED, CANCELLED)

    async def _begin(self, rows: list[RowResult]) -> list[RowResult]:
        return begun(rows)

    async def _serve(self, rows: list[RowResult]) -> list[RowResult]:
        await self._say_whom(rows)
        service = Service(self.directory, self.licences)
        await service.serve(rows)
        ends = [service.end_of(r) for r in rows]
        return [self._not_now(r, outcome) if outcome else r for r, outcome in ends]

    async def _say_whom(self, rows: list[RowResult]) -> None:
        """The night must not take our own work for somebody else's."""
        ids = [r.user_id for r in rows if r.user_id]
        await self.desk.people.note_ours(self.batch.customer_id, self.batch.id, ids, self.now)

    async def _look_up(self, rows: list[RowResult]) -> Mapping[str, DirectoryUser]:
        """The answer was lost, or somebody is there: see who it is."""
        names = [r.row.user.user_principal_name for r in rows]
        return await self.directory.users_named(names, fresh=True) if names else {}

    def _after_create(
        self, result: RowResult, outcome: Outcome, present: Mapping[str, DirectoryUser]
    ) -> RowResult:
        if outcome.kind is OutcomeKind.DONE:
            return replace(result, status=RowStatus.CREATED, user_id=outcome.user_id, reason="")
        person = present.get(result.row.user.user_principal_name.lower())
        if person is not None:
            return self._adopt(result, person)
        return self._not_now(result, outcome)

    def _adopt(self, result: RowResult, person: DirectoryUser) -> RowResult:
        if result.is_of(person, self.batch.id):
            # What an earlier batch made has that batch's password, which this one cannot derive.
            not_ours = result.acknowledged or person.marker in result.earlier
            made = replace(result, status=RowStatus.CREATED, user_id=person.id, reason="")
            return replace(made, acknowledged=not_ours)
        return replace(
            result,
            status=RowStatus.FAILED,
            reason=TAKEN,
        )

    async def _assign(self, rows: list[RowResult]) -> list[RowResult]:
        await self._say_whom(rows)
        outcomes = await self.directory.assign(
            [Assignment(r.user_id, self.licences[r.row.plan]) for r in rows]
        )
        pairs = list(zip(rows, outcomes, strict=True))
        asked = {OutcomeKind.DONE, OutcomeKind.UNKNOWN}
        ids = [r.user_id for r, o in pairs if o.kind in asked]
        held = await self.directory.users_with_ids(ids) if ids else {}
        return [self._after_assign(r, o, held) for r, o in pairs]

    def _after_assign(
        self, result: RowResult, outcome: Outcome, held: Mapping[str, DirectoryUser]
    ) -> RowResult:
        person = held.get(result.user_id)
        if person is not None and set(self.plans[result.row.plan].skus) <= set(person.licences):
            return replace(result, status=RowStatus.DONE, reason="")
        if outcome.kind is OutcomeKind.NO_SEAT:
            return result.ended(RowStatus.WAITING_FOR_SEAT, NO_SEAT)
        return self._not_now(result, outcome)

    def _not_now(self, result: RowResult, outcome: Outcome) -> RowResult:
        if outcome.kind is OutcomeKind.REFUSED:
            return replace(result, status=RowStatus.FAILED, reason=outcome.reason)
        if outcome.retry_after is not None:
            self.wait = max(self.wait, outcome.retry_after)
        return result

    def _give_up_late(self, result: RowResult) -> RowResult:
        """Nothing waits for ever; what was bought meanwhile is named with its undo deadline."""
        if self.batch.is_cancelling and result.status is RowStatus.WAITING_FOR_SEAT:
            return result.ended(RowStatus.FAILED, f"{STOPPED} {_HAS_ACCOUNT}")
        began = self.batch.running_since or self.batch.accepted_at
        if self.now < began + self.desk.pauses.seats_bound:
            return result
        reason = result.reason or "Microsoft did not finish it in time."
        return replace(
            result,
            status=RowStatus.FAILED,
            reason=f"{reason} Given up after {self.desk.pauses.seats_bound}. Seats bought for this "
            "batch may go back with the nightly run inside their refund window. "
            + (_HAS_ACCOUNT if result.user_id else _HAS_NONE),
        )
