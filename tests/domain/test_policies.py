"""Which rule holds for a SKU that several plans share."""

import pytest

from shared.domain.ids import PlanId
from shared.domain.plans import UserPlan
from shared.domain.policies import GiveBackMode, Hold, PlanRule, Policy
from tests.builders import E3, E5, NOW, days

PLANS = [UserPlan(PlanId(name), name.upper(), E3) for name in ("a", "b")]
REPORT, SCHEDULE_ONLY, APPLY = GiveBackMode


@pytest.mark.parametrize(
    ("mode", "spare", "rules", "expected"),
    [
        pytest.param(APPLY, 1, [], (APPLY, 1), id="no rule: the customer's"),
        pytest.param(
            REPORT, 5, [("a", APPLY, 1)], (REPORT, 5), id="the other plan is the customer's"
        ),
        pytest.param(
            REPORT, 5, [("a", APPLY, 1), ("b", APPLY, 2)], (APPLY, 2), id="a rule for each"
        ),
        pytest.param(
            APPLY,
            0,
            [("a", SCHEDULE_ONLY, None), ("b", None, 3)],
            (SCHEDULE_ONLY, 3),
            id="halves of rules",
        ),
        pytest.param(APPLY, 0, [("elsewhere", REPORT, 9)], (APPLY, 0), id="a plan of other SKUs"),
    ],
)
def test_of_plans_that_share_a_sku_the_most_cautious_rule_holds(
    mode: GiveBackMode,
    spare: int,
    rules: list[tuple[str, GiveBackMode | None, int | None]],
    expected: tuple[GiveBackMode, int],
) -> None:
    own = tuple(PlanRule(PlanId(plan), m, s) for plan, m, s in rules)
    policy = Policy(mode=mode, spare_seats=spare, plans=own)

    rule = policy.rule_of(E3, PLANS, NOW)

    assert (rule.mode, rule.floor) == expected


def test_a_hold_ends_at_its_moment() -> None:
    policy = Policy(spare_seats=1, holds=(Hold(E3, 4, NOW + days(1)), Hold(E5, 9, NOW + days(9))))

    floors = [policy.rule_of(E3, [], NOW + days(away)).floor for away in (0, 0.99, 1, 2)]

    assert floors == [5, 5, 1, 1]
