"""Licences come back to who had a plan as a whole, and to nobody else."""

from dataclasses import replace

import pytest

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRules, held_by
from shared.domain.ids import PlanId, SkuId
from shared.domain.licence_drift import (
    AGAIN,
    BLOCKED,
    GONE,
    NO_PLAN,
    NOT_WHOLE,
    Restoring,
    restoring,
)
from shared.domain.mirror import MirroredUser
from shared.domain.plans import UserPlan
from tests.builders import CONTOSO, NOW

BASE, VOICE = SkuId("base"), SkuId("voice")
PHONE = UserPlan(PlanId("phone"), "Phone", BASE, (VOICE,))
OFFERED = {PHONE.id: PHONE}
LEFT = MirroredUser("ada", direct={BASE: ()}, plan_from=PHONE.id)


def taken(before: str = "base, voice", after: str = "base") -> DriftEntry:
    who = (DriftKind.USER, "ada")
    return DriftRules(CONTOSO).entry(who, DriftField.LICENCES, before, after, NOW)


def test_what_is_missing_of_the_plan_comes_back() -> None:
    case = restoring(taken(), LEFT, OFFERED)

    assert isinstance(case, Restoring)
    assert case.missing([BASE]) == (VOICE,)
    assert case.missing([]) == (BASE, VOICE)
    assert replace(case, user=replace(LEFT, by_group={VOICE: ()})).missing([BASE]) == ()


@pytest.mark.parametrize(
    ("entry", "user", "why"),
    [
        pytest.param(taken(), None, GONE, id="a deleted person"),
        pytest.param(taken(), replace(LEFT, enabled=False), BLOCKED, id="a blocked one"),
        pytest.param(taken(after=""), LEFT, AGAIN, id="changed again"),
        pytest.param(taken(), replace(LEFT, plan_from=None), NO_PLAN, id="no plan before"),
        pytest.param(taken(before="base, other"), LEFT, NOT_WHOLE, id="half a plan before"),
    ],
)
def test_others_get_nothing(entry: DriftEntry, user: MirroredUser | None, why: str) -> None:
    assert restoring(entry, user, OFFERED) == why


def test_who_has_another_plan_by_now_keeps_that() -> None:
    moved = replace(LEFT, plan=PlanId("office"))

    assert "office" in str(restoring(taken(), moved, OFFERED))
    assert held_by(moved) == "base"
