"""Look again at people whom another batch has let go of: they are not as they were planned.

What a row takes and gives back is worked out anew. A seat that nobody promised it is promised now
if one is free (law 2); none is bought, because no ceiling has seen it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.domain.actions import Stage
from shared.domain.batches import Batch, RowResult, RowStatus
from shared.domain.errors import SeatsBusy
from shared.domain.ids import SkuId
from shared.domain.row_plans import RowFault, RowPlanner
from shared.workflows.claim_people import Claims
from shared.workflows.ports import Desk, Directory, Lease
from shared.workflows.promise_seats import promise_more
from shared.workflows.survey_batch import plans_for

_NO_SEAT = (
    "Another batch left this person without a licence that was counted on, and no seat is free. "
    "POST /api/batches/{id}/retry plans the failed rows anew, and buys what is missing."
)


@dataclass(slots=True)
class SecondLook:
    """One round over rows that wait for other batches.

    Whoever counts seats before the rows are kept would not see who takes them, so the leases are
    to be released after that.
    """

    desk: Desk
    batch: Batch
    directory: Directory
    leases: list[Lease] = field(default_factory=list)

    async def look(self, rows: list[RowResult]) -> list[RowResult]:
        """Answer the rows; while somebody else changes the seats that they need they wait on."""
        taken = await Claims(self.desk, self.batch).retake(rows)
        let_go = [r for r in taken if not r.rival]
        if not let_go:
            return taken
        try:
            again = await self._promised(let_go, await self._planned(let_go))
        except SeatsBusy:
            return rows
        return [r for r in taken if r.rival] + again

    async def release(self) -> None:
        for lease in self.leases:
            await self.desk.ledger.release(lease)

    async def _planned(self, rows: Sequence[RowResult]) -> list[RowResult]:
        names = [r.row.user.user_principal_name for r in rows]
        present = await self.directory.users_named(names, fresh=True)
        planner = RowPlanner(await plans_for(self.desk, rows), self.batch.id)
        found = []
        for result in rows:
            person = present.get(result.row.user.user_principal_name.lower())
            planned = planner.plan(result, person)
            if isinstance(planned, RowFault):
                planned = result.ended(RowStatus.FAILED, planned.detail)
            found.append(planned)
        return found

    async def _promised(
        self, before: Sequence[RowResult], after: Sequence[RowResult]
    ) -> list[RowResult]:
        """Fail the rows for whose people no seat is left."""
        pairs = zip(before, after, strict=True)
        more = [() if a.status.is_final else _more(b, a) for b, a in pairs]
        free = Counter[SkuId]()
        for sku, seats in sorted(Counter(sku for skus in more for sku in skus).items()):
            free[sku] = await self._promise(sku, seats)
        found = []
        for planned, looked_at, skus in zip(before, after, more, strict=True):
            has_all = all(free[sku] for sku in skus)
            free.subtract(skus if has_all else ())
            # What nobody is given must not look as if a seat of it had been computed.
            found.append(looked_at if has_all else planned.ended(RowStatus.FAILED, _NO_SEAT))
        return found

    async def _promise(self, sku: SkuId, seats: int) -> int:
        lease = await self.desk.ledger.lease(self.batch.customer_id, sku, self.batch.id)
        self.leases.append(lease)
        is_last = self.batch.stage is Stage.REST
        return await promise_more(self.desk, lease, seats, is_last_stage=is_last)


def _more(before: RowResult, after: RowResult) -> tuple[SkuId, ...]:
    return tuple(sku for sku in after.takes if sku not in before.takes)
