"""Licences come back to who had a plan as a whole, and to nobody else."""

from dataclasses import replace

import pytest

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRules
from shared.domain.ids import PlanId, SkuId
from shared.domain.licence_drift import (
    AGAIN,
    BLOCKED,
    BY_GROUP,
    GONE,
    NO_PLAN,
    NOT_WHOLE,
    UNTOLD,
    Restoring,
    restoring,
)
from shared.domain.mirror import MirroredUser, Move
from shared.domain.people_drift import held_by, of_move
from shared.domain.plans import UserPlan
from tests.builders import CONTOSO, NOW

BASE, VOICE, OTHER = SkuId("base"), SkuId("voice"), SkuId("other")
PHONE = UserPlan(PlanId("phone"), "Phone", BASE, (VOICE,))
OFFERED = {PHONE.id: PHONE}
LEFT = MirroredUser("ada", direct={BASE: ()}, plan_from=PHONE.id)


def taken(
    before: str = "base, voice", after: str = "base", *, direct: tuple[SkuId, ...] = (BASE, VOICE)
) -> DriftEntry:
    who = (DriftKind.USER, "ada")
    entry = DriftRules(CONTOSO).entry(who, DriftField.LICENCES, before, after, NOW)
    return replace(entry, direct=direct)


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
        pytest.param(taken("base, other", direct=(OTHER,)), LEFT, NOT_WHOLE, id="half a plan"),
        pytest.param(taken(direct=(BASE,)), LEFT, BY_GROUP, id="a group's add-on"),
        pytest.param(replace(taken(), direct=None), LEFT, UNTOLD, id="an entry of before"),
    ],
)
def test_others_get_nothing(entry: DriftEntry, user: MirroredUser | None, why: str) -> None:
    assert restoring(entry, user, OFFERED) == why


def test_who_has_another_plan_by_now_keeps_that() -> None:
    moved = replace(LEFT, plan=PlanId("office"))

    assert "office" in str(restoring(taken(), moved, OFFERED))
    assert held_by(moved) == "base"


def test_of_licences_lost_both_ways_the_direct_ones_come_back_and_the_groups_wait() -> None:
    nothing = replace(LEFT, direct={})

    case = restoring(taken(after="", direct=(BASE,)), nothing, OFFERED)

    assert isinstance(case, Restoring)
    assert case.missing([]) == (BASE,)
    assert case.waits_for_group([BASE])
    # And the next night still says what the entry waits for
    assert restoring(case.entry, LEFT, OFFERED) == BY_GROUP


def test_the_entry_knows_what_no_group_gave() -> None:
    before = MirroredUser("ada", direct={BASE: ()}, by_group={VOICE: ()})

    [entry] = of_move(DriftRules(CONTOSO), Move(before, replace(before, by_group={})), NOW)

    assert (entry.before, entry.direct) == ("base, voice", (BASE,))
