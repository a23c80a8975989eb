"""Tell which plan fits a person's licences best; what cannot be told is listed, not guessed."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.ids import PlanId, ServicePlanId, SkuId
from shared.domain.plans import UserPlan

Direct = Mapping[SkuId, tuple[ServicePlanId, ...]]
ByGroup = Mapping[SkuId, tuple[ServicePlanId, ...] | None]
"""None: it was read when nobody kept what a group switches off."""
Off = Mapping[SkuId, frozenset[ServicePlanId]]


class Doubt(StrEnum):
    """Why no plan is said to be a person's, although they hold something that plans sell."""

    TIE = "tie"
    """Several plans fit equally well."""
    INCOMPLETE = "incomplete"
    """No plan that sells these licences is held as a whole."""
    SURPLUS = "surplus"
    """The best plan leaves licences over that other plans sell."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One plan, or a doubt with the plans that come into question; neither: nothing is held."""

    plan: PlanId | None = None
    doubt: Doubt | None = None
    plans: tuple[PlanId, ...] = ()


def fit_plans(direct: Direct, by_group: ByGroup, plans: Collection[UserPlan]) -> Fit:
    """Find the plan that explains most of what is held, switched-off services second.

    Licences that no plan sells say nothing.
    """
    sold = {sku for plan in plans for sku in plan.skus}
    held = sold & {*direct, *by_group}
    if not held:
        return Fit()
    whole = [plan for plan in plans if held.issuperset(plan.skus)]
    if not whole:
        return Fit(doubt=Doubt.INCOMPLETE, plans=_ids(p for p in plans if held & {*p.skus}))
    best = _best(whole, off_in(direct, by_group))
    if len(best) > 1:
        return Fit(doubt=Doubt.TIE, plans=_ids(best))
    return _unless_surplus(best[0], held, plans)


def off_in(direct: Direct, by_group: ByGroup) -> Off:
    """Tell what is off in each licence; one that is held twice has on what either leaves on.

    https://learn.microsoft.com/graph/api/resources/licenseassignmentstate
    """
    off: dict[SkuId, frozenset[ServicePlanId]] = {}
    for sku in {*direct, *by_group}:
        told = [held[sku] for held in (direct, by_group) if sku in held]
        known = [frozenset(plans) for plans in told if plans is not None]
        if len(known) == len(told):
            off[sku] = frozenset.intersection(*known)
    return off


def _best(whole: Iterable[UserPlan], off: Off) -> list[UserPlan]:
    ranks = {plan.id: (-len({*plan.skus}), _strangeness(plan, off)) for plan in whole}
    return [plan for plan in whole if ranks[plan.id] == min(ranks.values())]


def _strangeness(plan: UserPlan, off: Off) -> int:
    """Services that are off and should not be, or the other way round.

    What should be off and is not seen to be may be so in a licence that does not tell.
    """
    told = [sku for sku in plan.skus if sku in off]
    here = frozenset[ServicePlanId]().union(*(off[sku] for sku in told))
    missed = {*plan.switched_off} - here if len(told) == len(plan.skus) else ()
    return len(here.difference(plan.switched_off)) + len(missed)


def _unless_surplus(best: UserPlan, held: Collection[SkuId], plans: Iterable[UserPlan]) -> Fit:
    left = {*held}.difference(best.skus)
    if not left:
        return Fit(plan=best.id)
    others = [plan for plan in plans if plan is best or left & {*plan.skus}]
    return Fit(doubt=Doubt.SURPLUS, plans=_ids(others))


def _ids(plans: Iterable[UserPlan]) -> tuple[PlanId, ...]:
    return tuple(sorted({plan.id for plan in plans}))


def digest_of(plans: Iterable[UserPlan]) -> str:
    """Same plans in any order, same digest; where none is defined, an empty text."""
    lines = sorted(repr((p.id, p.base, sorted(p.add_ons), sorted(p.switched_off))) for p in plans)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""
