"""Decide who is given the licences of a plan back that somebody took past us."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.domain.drift import DriftEntry
from shared.domain.ids import PlanId, SkuId
from shared.domain.mirror import MirroredUser
from shared.domain.people_drift import held_by
from shared.domain.plans import UserPlan

GONE = "The person is gone: resolve this entry."
BLOCKED = "The person is blocked, and gets no seat back: unblock them, or resolve this entry."
AGAIN = "Their licences were changed again since: resolve this entry."
NO_PLAN = (
    "They had no plan before that is still sold: assign what they need with a batch, then resolve "
    "this entry, or adopt it."
)
NOT_WHOLE = (
    "Their plan was not held as a whole before: assign what they need with a batch, then resolve "
    "this entry, or adopt it."
)
BY_GROUP = (
    "A group gave what they lost, so it is the group's to give again: look at its members and "
    "licences in Entra, or adopt this entry."
)
UNTOLD = (
    "Nobody knows whether a group gave what they lost: look at the person in Entra, then adopt or "
    "resolve this entry."
)


@dataclass(frozen=True, slots=True)
class Restoring:
    """One person, and the plan whose licences come back, as far as no group gave them."""

    entry: DriftEntry
    user: MirroredUser
    plan: UserPlan

    def missing(self, direct: Iterable[SkuId]) -> tuple[SkuId, ...]:
        """What was held directly and is not held any way; bases before add-ons."""
        return tuple(sku for sku in self._lacking(direct) if sku in (self.entry.direct or ()))

    def waits_for_group(self, direct: Iterable[SkuId]) -> bool:
        """A licence of ours in a group's place would stay when the person leaves for good."""
        return any(sku not in (self.entry.direct or ()) for sku in self._lacking(direct))

    def _lacking(self, direct: Iterable[SkuId]) -> list[SkuId]:
        held = {*direct, *self.user.by_group}
        return [sku for sku in self.plan.skus if sku not in held]


def restoring(
    entry: DriftEntry, user: MirroredUser | None, offered: Mapping[PlanId, UserPlan]
) -> Restoring | str:
    """Answer why not, where nothing is to be given back."""
    if user is None:
        return GONE
    if not user.enabled:
        return BLOCKED
    if _is_a_groups(entry, user):
        return BY_GROUP
    if held_by(user) != entry.after:
        return AGAIN
    if user.plan is not None:
        return f"Their licences fit the plan {user.plan} now."
    return _of_plan(entry, user, offered)


def _of_plan(
    entry: DriftEntry, user: MirroredUser, offered: Mapping[PlanId, UserPlan]
) -> Restoring | str:
    plan = offered.get(user.plan_from) if user.plan_from is not None else None
    if plan is None:
        return NO_PLAN
    if not {*plan.skus} <= {*entry.before.split(", ")}:
        return NOT_WHOLE
    return UNTOLD if entry.direct is None else Restoring(entry, user, plan)


def _is_a_groups(entry: DriftEntry, user: MirroredUser) -> bool:
    """Nothing is lost that was held directly."""
    lost = {*entry.before.split(", ")} - user.skus - {""}
    return bool(lost) and entry.direct is not None and lost.isdisjoint(entry.direct)
