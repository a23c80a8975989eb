"""Change people who were there before the batch: give and take licences, block, remove.

Each round reads them first and asks only for what is still to be done, so that running it again
does nothing twice.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.domain.actions import Action
from shared.domain.batches import RowResult, RowStatus
from shared.domain.ids import PlanId, ServicePlanId, SkuId
from shared.domain.row_plans import NOBODY
from shared.domain.users import DirectoryUser
from shared.workflows.ports import Assignment, Directory, Outcome, OutcomeKind, UserChange

NO_SEAT = "No seat shows as free in the directory yet."
Licences = Mapping[SkuId, tuple[ServicePlanId, ...]]
Send = Callable[[Sequence[RowResult]], Awaitable[Sequence[Outcome]]]


@dataclass(slots=True)
class Service:
    """One round over some rows; ``outcomes`` keep by row what did not simply succeed."""

    directory: Directory
    licences: Mapping[PlanId, Licences]
    people: Mapping[str, DirectoryUser] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    async def serve(self, rows: Sequence[RowResult]) -> None:
        """Bring them as far as they come now; `end_of` tells afterwards how far that was."""
        self.people = await self._read(rows)
        there = [r for r in rows if r.user_id in self.people]
        locked_out = [r for r in there if r.row.action.takes_leave]
        await self._send(locked_out, lambda rs: self.directory.block(_ids(rs)))
        await self._send(locked_out, lambda rs: self.directory.revoke_sessions(_ids(rs)))
        doomed = [r for r in there if r.row.delete]
        await self._send(doomed, lambda rs: self.directory.delete_users(_ids(rs)))
        await self._send([r for r in there if self._moves(r)], self._relocate)
        await self._send([r for r in there if self._differs(r)], self._assign)
        self.people = await self._read([r for r in there if not r.row.delete])

    def end_of(self, result: RowResult) -> tuple[RowResult, Outcome | None]:
        """Answer the row as it stands, and where it has not ended what stood in the way."""
        outcome = self.outcomes.get(result.row.number)
        person = self.people.get(result.user_id)
        if person is None and (outcome is None or result.row.action is not Action.DEPROVISION):
            return self._gone(result), None
        if person is not None and self._is_served(result, person):
            return result.ended(RowStatus.DONE), None
        if outcome is not None and outcome.kind is OutcomeKind.NO_SEAT:
            return result.ended(RowStatus.WAITING_FOR_SEAT, NO_SEAT), outcome
        return result, outcome

    async def _read(self, rows: Sequence[RowResult]) -> Mapping[str, DirectoryUser]:
        return await self.directory.users_with_ids(_ids(rows)) if rows else {}

    async def _send(self, rows: Sequence[RowResult], send: Send) -> None:
        """A row that something went wrong with is asked nothing more in this round."""
        rows = [r for r in rows if r.row.number not in self.outcomes]
        outcomes = await send(rows) if rows else ()
        for result, outcome in zip(rows, outcomes, strict=True):
            if outcome.kind is not OutcomeKind.DONE:
                self.outcomes[result.row.number] = outcome

    async def _relocate(self, rows: Sequence[RowResult]) -> Sequence[Outcome]:
        return await self.directory.update_users(
            [UserChange(r.user_id, usage_location=r.row.user.usage_location) for r in rows]
        )

    async def _assign(self, rows: Sequence[RowResult]) -> Sequence[Outcome]:
        return await self.directory.assign(
            [
                Assignment(r.user_id, self._wanted(r), self._unwanted(r, self.people[r.user_id]))
                for r in rows
            ]
        )

    def _moves(self, result: RowResult) -> bool:
        """Only who is given licences; the others' country is nobody's concern here."""
        wanted = result.row.user.usage_location
        person = self.people[result.user_id]
        return bool(result.row.gives and wanted) and wanted != person.usage_location

    def _differs(self, result: RowResult) -> bool:
        if result.row.delete:
            return False
        return not self._is_licensed(result, self.people[result.user_id])

    def _wanted(self, result: RowResult) -> Licences:
        return {sku: off for plan in result.row.gives for sku, off in self.licences[plan].items()}

    def _unwanted(self, result: RowResult, person: DirectoryUser) -> tuple[SkuId, ...]:
        if result.row.action is Action.DEPROVISION:
            return tuple(person.licences)
        return tuple(sku for sku in result.frees if sku in person.licences)

    def _is_licensed(self, result: RowResult, person: DirectoryUser) -> bool:
        has_all = set(self._wanted(result)) <= set(person.licences)
        return has_all and not self._unwanted(result, person)

    def _is_served(self, result: RowResult, person: DirectoryUser) -> bool:
        outcome = self.outcomes.get(result.row.number)
        if result.row.action.takes_leave and (person.enabled or outcome is not None):
            return False
        refused = outcome is not None and outcome.kind is OutcomeKind.REFUSED
        return not refused and self._is_licensed(result, person)

    def _gone(self, result: RowResult) -> RowResult:
        if result.row.action is Action.DEPROVISION:
            return result.ended(RowStatus.DONE)
        return result.ended(RowStatus.FAILED, NOBODY)


def begun(rows: Sequence[RowResult]) -> list[RowResult]:
    """What is written down before Microsoft is asked for the first time."""
    return [replace(r, status=RowStatus.BEGUN) for r in rows]


def _ids(rows: Sequence[RowResult]) -> list[str]:
    return [r.user_id for r in rows]
