"""Let one batch at a time work on a person, and promise that person's seat once.

People are claimed while their batch is planned; whose person another batch has waits for that one
to end, and then finds the person as it left them.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from shared.domain.batches import Batch, RowResult, RowStatus, chunk_of
from shared.domain.claims import (
    Claim,
    behind,
    claim_of,
    has_promise,
    is_by_night,
    is_planned,
    is_planned_first,
    name_of,
)
from shared.domain.errors import BatchNotFound, ChangedMeanwhile, SeatsBusy
from shared.workflows.ports import Desk

_WAITS = "Another batch, {}, is working on the same person."


@dataclass(slots=True)
class Claims:
    """The people of one batch; ``yields`` says that an earlier batch is being planned too."""

    desk: Desk
    batch: Batch
    yields: bool = False

    async def take(self, results: Sequence[RowResult]) -> list[RowResult]:
        """Claim who can be claimed; the other rows say whom they wait for.

        Raises `SeatsBusy` while that batch is still being planned.
        """
        now, batch = await self.desk.clock.now(), self.batch
        claims = {name_of(r): claim_of(r, batch.id, now) for r in results if _needs_claim(r)}
        rivals = {}
        for held in await self.desk.claims.take(batch.customer_id, list(claims.values())):
            if await self._stands(held):
                rivals[held.name] = held
                continue
            try:
                await self.desk.claims.take_over(batch.customer_id, claims[held.name], held)
            except ChangedMeanwhile as error:
                raise SeatsBusy("Somebody else has just claimed the same person.") from error
        return [behind(r, rivals) if _needs_claim(r) else r for r in results]

    async def retake(self, results: Sequence[RowResult]) -> list[RowResult]:
        """Try again for those who wait; what they need is to be looked at anew afterwards."""
        with suppress(SeatsBusy):
            taken = await self.take(results)
            return [
                replace(r, rival=t.rival, reason=_WAITS.format(t.rival) if t.rival else "")
                for r, t in zip(results, taken, strict=True)
            ]
        return list(results)

    async def drop(self, before: Sequence[RowResult], after: Sequence[RowResult]) -> None:
        """Let go of those whose rows have just ended."""
        open_ = {r.row.number for r in before if not r.status.is_final and not r.rival}
        ended = [r for r in after if r.status.is_final and r.row.number in open_]
        names = [name_of(r) for r in ended]
        await self.desk.claims.drop(self.batch.customer_id, self.batch.id, names)

    async def yield_all(self) -> None:
        """An earlier batch waits for people of this one, which has been promised nothing yet."""
        async for chunk in self.desk.batches.chunks(self.batch.id):
            names = [name_of(r) for r in chunk.rows]
            await self.desk.claims.let_go(self.batch.customer_id, self.batch.id, names)

    async def _stands(self, held: Claim) -> bool:
        if is_by_night(held, await self.desk.clock.now()):
            raise SeatsBusy("The night is giving the same person licences back.")
        try:
            holder = await self.desk.batches.get(held.batch)
            if is_planned(holder):
                self.yields = self.yields or is_planned_first(holder, self.batch)
                raise SeatsBusy(f"Batch {holder.id} is planned for the same person.")
            if not has_promise(holder):
                return False
            chunk = await self.desk.batches.chunk(held.batch, chunk_of(held.row))
        except BatchNotFound:
            return False
        result = chunk.row(held.row)
        return result is not None and not result.status.is_final


def _needs_claim(result: RowResult) -> bool:
    return result.status is RowStatus.WAITING
