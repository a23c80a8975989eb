"""What differs of a person is told once, and what nobody kept before is no difference."""

from dataclasses import replace

import pytest

from shared.domain.drift import DriftRules
from shared.domain.ids import PlanId, ServicePlanId, SkuId
from shared.domain.mirror import MirroredUser, Move
from shared.domain.people_drift import of_move
from shared.domain.plans import UserPlan
from shared.domain.spells import Plans
from tests.builders import CONTOSO, NOW, days

BASE, VOICE = SkuId("base"), SkuId("voice")
MAIL, CHAT = ServicePlanId("mail"), ServicePlanId("chat")
ADA = MirroredUser(
    "ada", 1, usage_location="GB", direct={BASE: (MAIL,)}, aliases=1, alias_digest="d1"
)
MADE = replace(ADA, marker="seatkeeper:batch-1/7")
PLANS = Plans({PlanId("p"): UserPlan(PlanId("p"), "", BASE)}, NOW, NOW - days(1), {})


def told(before: MirroredUser | None, after: MirroredUser | None) -> list[tuple[str, str, str]]:
    entries = of_move(DriftRules(CONTOSO), Move(before, after), NOW)
    return [(entry.what.value, entry.before, entry.after) for entry in entries]


@pytest.mark.parametrize(
    ("after", "difference"),
    [
        (
            replace(ADA, direct={BASE: (CHAT, MAIL)}),
            ("services", "base without mail", "base without chat, mail"),
        ),
        (replace(ADA, direct={BASE: ()}), ("services", "base without mail", "base with all")),
        (
            replace(ADA, direct={}, by_group={BASE: (MAIL,)}),
            ("byGroup", "base direct", "base by a group"),
        ),
        (replace(ADA, by_group={BASE: (MAIL,)}), ("byGroup", "base direct", "base both ways")),
        (replace(ADA, usage_location="DE"), ("country", "GB", "DE")),
        (replace(ADA, aliases=3, alias_digest="d2"), ("aliases", "1 (d1)", "3 (d2)")),
        (replace(ADA, alias_digest="d2"), ("aliases", "1 (d1)", "1 (d2)")),
        (replace(ADA, enabled=False), ("blocked", "false", "true")),
        (replace(ADA, direct={BASE: (MAIL,), VOICE: ()}), ("licences", "base", "base, voice")),
    ],
    ids=[
        "off",
        "on",
        "into a group",
        "both",
        "country",
        "aliases",
        "a swap",
        "blocked",
        "licences",
    ],
)
def test_each_thing_that_differs_is_one_difference(
    after: MirroredUser, difference: tuple[str, str, str]
) -> None:
    assert told(ADA, after) == [difference]
    assert told(after, after) == []


def test_a_licence_that_came_or_went_says_nothing_of_its_services() -> None:
    assert [what for what, _, _ in told(ADA, replace(ADA, direct={VOICE: (CHAT,)}))] == ["licences"]


def test_what_nobody_kept_before_is_no_difference() -> None:
    old = replace(ADA, direct={}, by_group={BASE: None}, alias_digest=None)
    here = replace(old, by_group={BASE: (MAIL,)}, alias_digest="d1")

    assert told(old, here) == []
    assert told(old, replace(here, aliases=2)) == [("aliases", "1", "2 (d1)")]


def test_who_is_new_is_told_where_they_hold_a_licence() -> None:
    assert told(None, ADA) == [("appeared", "", "base")]
    assert told(None, MirroredUser("guest")) == []


@pytest.mark.parametrize(
    ("plans", "user", "is_told"),
    [
        pytest.param(PLANS, ADA, True, id="an administrator made them"),
        pytest.param(PLANS, MADE, False, id="a batch made them"),
        pytest.param(replace(PLANS, last_read=None), ADA, False, id="the first reading"),
    ],
)
def test_who_is_new_is_news_unless_we_made_them(
    plans: Plans,
    user: MirroredUser,
    is_told: bool,
) -> None:
    settled = replace(plans, rules=DriftRules(CONTOSO)).settle([Move(None, user)])

    assert bool(settled.drift) is is_told
