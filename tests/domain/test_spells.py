"""A plan that somebody named for a person stays until the licences change."""

from dataclasses import replace

from shared.domain.fitting import Doubt
from shared.domain.ids import PlanId, ServicePlanId, SkuId
from shared.domain.mirror import MirroredUser, Move
from shared.domain.plans import UserPlan
from shared.domain.spells import Plans, chosen_plan
from tests.builders import NOW, days

BASE = SkuId("base")
OFFICE, TWIN = (UserPlan(PlanId(name), name, BASE) for name in ("office", "twin"))
OFFERED = {plan.id: plan for plan in (OFFICE, TWIN)}
MAIL, CHAT = ServicePlanId("mail"), ServicePlanId("chat")
DOUBTED = MirroredUser(
    "ada", direct={BASE: (MAIL, CHAT)}, doubt=Doubt.TIE, doubt_plans=(OFFICE.id, TWIN.id)
)


def chosen(user: MirroredUser = DOUBTED) -> MirroredUser:
    (move,) = chosen_plan(user, TWIN.id, "operator", NOW, None).moves
    assert move.after is not None
    return move.after


def read_again(before: MirroredUser, after: MirroredUser, *plans: UserPlan) -> MirroredUser:
    offered = {plan.id: plan for plan in plans} or OFFERED
    (move,) = Plans(offered, NOW + days(1), NOW).settle([Move(before, after)]).moves
    assert move.after is not None
    return move.after


def test_naming_it_ends_the_doubt_and_says_who() -> None:
    user = chosen()

    assert (user.plan, user.plan_by, user.plan_since) == (TWIN.id, "operator", NOW)
    assert user.doubt is None


def test_it_stays_through_a_reading_from_the_start_in_any_order() -> None:
    blank = MirroredUser("ada", generation=2, direct={BASE: (CHAT, MAIL)})

    again = read_again(chosen(), blank)

    assert (again.plan, again.plan_since, again.doubt) == (TWIN.id, NOW, None)


def test_other_licences_are_fitted_anew() -> None:
    moved = replace(chosen(), direct={}, by_group={})

    assert (read_again(chosen(), moved).plan, read_again(chosen(), moved).chosen) == (None, None)


def test_a_choice_ends_where_a_group_switches_something_else_off() -> None:
    ours = chosen(replace(DOUBTED, direct={}, by_group={BASE: (MAIL, CHAT)}))

    same, other = (replace(ours, by_group={BASE: off}) for off in ((CHAT, MAIL), (MAIL,)))

    assert (read_again(ours, same).plan, read_again(ours, other).chosen) == (TWIN.id, None)


def test_what_a_reading_tells_first_of_a_groups_licence_is_nobodys_doing() -> None:
    # Given a row of before anybody kept what a group switches off, and a plan that fitted it
    quiet = replace(OFFICE, id=PlanId("quiet"), switched_off=(MAIL,))
    known = replace(
        DOUBTED, direct={}, by_group={BASE: None}, plan=OFFICE.id, plan_since=NOW, plan_by="found"
    )

    # When a reading tells it
    again = read_again(known, replace(known, by_group={BASE: (MAIL,)}), OFFICE, quiet)

    # Then the plan is the right one, and no administrator has changed anything
    assert (again.plan, again.plan_by) == (quiet.id, "definition")


def test_a_plan_that_is_sold_no_more_is_nobodys() -> None:
    assert read_again(chosen(), chosen(), OFFICE).plan == OFFICE.id


def test_a_plan_that_was_on_record_ends_with_the_choice() -> None:
    known = replace(DOUBTED, plan=OFFICE.id, plan_since=NOW - days(30), plan_by="found")

    settled = chosen_plan(known, TWIN.id, "operator", NOW, NOW)

    (ended,) = settled.ended
    assert (ended.plan, ended.moved_to, ended.ended_by) == (OFFICE.id, TWIN.id, "operator")
