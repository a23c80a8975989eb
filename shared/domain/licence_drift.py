"""Decide who is given the licences of a plan back that somebody took past us."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.domain.drift import DriftEntry, held_by
from shared.domain.ids import PlanId, SkuId
from shared.domain.mirror import MirroredUser
from shared.domain.plans import UserPlan

GONE = "The person is gone."
BLOCKED = "The person is blocked, and gets no seat back."
AGAIN = "Their licences were changed again since."
NO_PLAN = "They had no plan before that is still sold."
NOT_WHOLE = "Their plan was not held as a whole before."


@dataclass(frozen=True, slots=True)
class Restoring:
    """One person, and the plan whose licences come back."""

    entry: DriftEntry
    user: MirroredUser
    plan: UserPlan

    def missing(self, direct: Iterable[SkuId]) -> tuple[SkuId, ...]:
        """What is not held, neither directly nor by a group; bases before add-ons."""
        held = {*direct, *self.user.by_group}
        return tuple(sku for sku in self.plan.skus if sku not in held)


def restoring(
    entry: DriftEntry, user: MirroredUser | None, offered: Mapping[PlanId, UserPlan]
) -> Restoring | str:
    """Answer why not, where nothing is to be given back."""
    if user is None:
        return GONE
    if not user.enabled:
        return BLOCKED
    if held_by(user) != entry.after:
        return AGAIN
    if user.plan is not None:
        return f"Their licences fit the plan {user.plan} now."
    plan = offered.get(user.plan_from) if user.plan_from is not None else None
    if plan is None:
        return NO_PLAN
    before = entry.before.split(", ")
    return Restoring(entry, user, plan) if {*plan.skus} <= {*before} else NOT_WHOLE
