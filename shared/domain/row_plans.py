"""Decide what one row of a batch comes to, given who is there and what they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from shared.domain.actions import Action
from shared.domain.batches import RowResult, RowStatus
from shared.domain.ids import PlanId, SkuId
from shared.domain.plans import UserPlan
from shared.domain.users import TAKEN, DirectoryUser

NOBODY = "Nobody has this user name here. Correct it, or create the person with a row of its own."


@dataclass(frozen=True, slots=True)
class RowFault:
    """Something wrong with a row that only the tenant could tell."""

    column: str
    detail: str


@dataclass(frozen=True, slots=True)
class RowPlanner:
    """Knows every plan that a row may name; ``holder`` is the batch."""

    plans: Mapping[PlanId, UserPlan]
    holder: str

    def plan(self, result: RowResult, person: DirectoryUser | None) -> RowResult | RowFault:
        """Answer the row with whom it is about, what it takes and what it frees."""
        if result.row.action is Action.CREATE:
            return self._creation(result, person)
        if person is None:
            return result.ended(RowStatus.FAILED, NOBODY)
        if self._needs_location(result) and not (
            person.usage_location or result.row.user.usage_location
        ):
            detail = "the person has no usage location, and licences are given by it: give one"
            return RowFault("usageLocation", detail)
        freed = self._freed(result, person)
        if isinstance(freed, RowFault):
            return freed
        taken = tuple(s for s in self.skus_of(result.row.gives) if s not in person.licences)
        return replace(result, user_id=person.id, takes=taken, frees=freed)

    def skus_of(self, plans: Iterable[PlanId]) -> tuple[SkuId, ...]:
        return tuple(dict.fromkeys(sku for plan in plans for sku in self.plans[plan].skus))

    def _creation(self, result: RowResult, person: DirectoryUser | None) -> RowResult:
        if person is not None and not result.is_of(person, self.holder):
            return result.ended(RowStatus.FAILED, TAKEN)
        held = person.licences if person is not None else {}
        taken = (sku for sku in self.skus_of(result.row.gives) if sku not in held)
        return replace(result, takes=tuple(taken))

    def _needs_location(self, result: RowResult) -> bool:
        return bool(result.row.gives)

    def _freed(self, result: RowResult, person: DirectoryUser) -> tuple[SkuId, ...] | RowFault:
        row = result.row
        if row.action is Action.DEPROVISION:
            return tuple(sorted(person.licences))
        if row.action is Action.REMOVE_ADD_ONS:
            return _held(self.skus_of(row.add_ons), person)
        if row.action is not Action.CHANGE_PLAN:
            return ()
        before = row.from_plan or self._best_fit(row.plan, person)
        if isinstance(before, RowFault):
            return before
        kept = set(self.skus_of(row.gives))
        given_up = self.skus_of((before,)) if before else ()
        return _held((sku for sku in given_up if sku not in kept), person)

    def _best_fit(self, target: PlanId, person: DirectoryUser) -> PlanId | RowFault | None:
        """The plan with most of what the person holds, all of which they must hold."""
        fitting = [p for p in self.plans.values() if set(p.skus) <= set(person.licences)]
        if not fitting:
            return None if not person.licences else self._no_fit(target)
        most = max(len(set(plan.skus)) for plan in fitting)
        best = sorted({p.id for p in fitting if len(set(p.skus)) == most})
        if target in best:
            return target
        if len({self.plans[p].skus for p in best}) == 1:
            return best[0]
        detail = f"the person's licences fit the plans {', '.join(best)} alike: say which one"
        return RowFault("fromPlan", detail)

    def _no_fit(self, target: PlanId) -> RowFault:
        return RowFault(
            "fromPlan",
            f"none of the plans fits what the person holds, so nobody knows what {target!r} takes "
            "the place of: say it",
        )


def _held(skus: Iterable[SkuId], person: DirectoryUser) -> tuple[SkuId, ...]:
    return tuple(sku for sku in skus if sku in person.licences)
