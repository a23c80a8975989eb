"""Work off one chunk of a batch: make the people, give them their licences, read them back.

Run twice it does nothing twice: a person is found by the marker that the create call carried, and
an assignment says the whole wanted state.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.batch_control import CANCELLED, STOPPED
from shared.domain.batches import Batch, BatchStatus, RowResult, RowStatus
from shared.domain.chunks import Chunk
from shared.domain.ids import BatchId, PlanId, ServicePlanId, SkuId
from shared.domain.passwords import batch_key_name, derive_password
from shared.domain.plans import UserPlan
from shared.domain.users import TAKEN, DirectoryUser, marker
from shared.workflows.fan_out import finish_if_complete, send_chunk, tidy_batch
from shared.workflows.ports import (
    Assignment,
    Desk,
    Directory,
    Outcome,
    OutcomeKind,
    UserToCreate,
)
from shared.workflows.tenant import customer_and_connection, plans_named
from shared.workflows.watch import watch_batch

_NO_WAIT = timedelta(0)
_HAS_ACCOUNT = (
    "The account exists: give that person the licences, or delete it and send the row again."
)
_HAS_NONE = "Send the row again under a new batch id to try once more."
TRIED = (RowStatus.CREATED, RowStatus.WAITING_FOR_SEAT)
Licences = Mapping[SkuId, tuple[ServicePlanId, ...]]


async def provision_chunk(desk: Desk, batch_id: BatchId, number: int) -> bool:
    """Bring a chunk as far as it goes now; answer whether the whole batch has ended.

    What has to wait (seats that do not show yet, Microsoft's Retry-After) goes back to the queue.
    """
    batch = await desk.batches.get(batch_id)
    if batch.status is not BatchStatus.RUNNING:
        await tidy_batch(desk, batch)
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
    return await finish_if_complete(desk, batch_id)


async def _chunk_work(desk: Desk, batch: Batch, chunk: Chunk) -> "_Work":
    _, connection = await customer_and_connection(desk, batch.customer_id)
    directory = desk.microsoft.directory(connection, batch.customer_id)
    plans = await plans_named(desk, {r.row.plan for r in chunk.rows if not r.status.is_final})
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
    """Say for each SKU of a plan what is off in it; Microsoft refuses a stranger's service plan."""
    if not plan.add_ons or not plan.switched_off:
        return {plan.base: plan.switched_off} | dict.fromkeys(plan.add_ons, ())
    parts = {s.sku: s.service_plans for s in await directory.stocks()}
    return {
        sku: tuple(p for p in plan.switched_off if p in parts.get(sku, {})) for sku in plan.skus
    }


async def _cancel(rows: list[RowResult]) -> list[RowResult]:
    return [r.ended(RowStatus.FAILED, CANCELLED) for r in rows]


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
            await self._step(_cancel, RowStatus.WAITING)
        await self._step(self._create, RowStatus.WAITING)
        await self._step(self._assign, *TRIED)
        if not self.chunk.is_open:
            return None
        return max(self.wait, self.desk.pauses.seats_visible)

    async def _step(
        self,
        deed: Callable[[list[RowResult]], Awaitable[list[RowResult]]],
        *statuses: RowStatus,
    ) -> None:
        open_rows = [r for r in self.chunk.rows if r.status in statuses]
        if not open_rows:
            return
        results = [
            # A person who was just created has not been offered a licence yet.
            self._give_up_late(r) if r.status in statuses else r
            for r in await deed(open_rows)
        ]
        changed = self.chunk.having(results)
        if changed != self.chunk:
            self.chunk = await self.desk.batches.save_chunk(self.batch.id, changed)

    async def _create(self, rows: list[RowResult]) -> list[RowResult]:
        key = await self.desk.secrets.get_or_make(batch_key_name(self.batch.id))
        outcomes = await self.directory.create_users(
            [
                UserToCreate(
                    r.row.user,
                    marker(self.batch.id, r.row.number),
                    derive_password(key, r.row.number, r.row.user.user_principal_name),
                )
                for r in rows
            ]
        )
        doubtful = {OutcomeKind.EXISTS, OutcomeKind.UNKNOWN}
        pairs = list(zip(rows, outcomes, strict=True))
        present = await self._look_up([r for r, o in pairs if o.kind in doubtful])
        return [self._after_create(r, o, present) for r, o in pairs]

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
            return replace(result, status=RowStatus.CREATED, user_id=person.id, reason="")
        return replace(
            result,
            status=RowStatus.FAILED,
            reason=TAKEN,
        )

    async def _assign(self, rows: list[RowResult]) -> list[RowResult]:
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
            reason = "No seat shows as free in the directory yet."
            return replace(result, status=RowStatus.WAITING_FOR_SEAT, reason=reason)
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
