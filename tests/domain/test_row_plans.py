"""What a row comes to, given who is there and what they hold."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.actions import Action
from shared.domain.batches import RowResult, RowStatus
from shared.domain.ids import PlanId, SkuId
from shared.domain.plans import UserPlan
from shared.domain.row_plans import NOBODY, RowFault, RowPlanner
from shared.domain.users import TAKEN, DirectoryUser, marker
from tests.builders import E3, E5, a_row, a_user

PHONE = SkuId("phone")
OFFICE, MANAGER, CALLS = PlanId("office-worker"), PlanId("manager"), PlanId("calls")
PLANS: Mapping[PlanId, UserPlan] = {
    OFFICE: UserPlan(OFFICE, "Office worker", E3),
    MANAGER: UserPlan(MANAGER, "Manager", E5, (PHONE,)),
    CALLS: UserPlan(CALLS, "Calls", PHONE),
}
PLANNER = RowPlanner(PLANS, "batch-1")


def somebody(*skus: SkuId, marked: str = "", location: str = "GB") -> DirectoryUser:
    return DirectoryUser(
        "u1",
        "adele.vance@contoso.com",
        marker=marked,
        licences={sku: frozenset() for sku in skus},
        usage_location=location,
    )


def an_action(action: Action, **changes: Any) -> RowResult:
    row = replace(a_row(), action=action, plan=PlanId(""))
    return RowResult(replace(row, **changes))


def planned(result: RowResult, person: DirectoryUser | None) -> RowResult:
    found = PLANNER.plan(result, person)
    assert isinstance(found, RowResult), found
    return found


def test_a_new_person_takes_every_licence_of_the_plan() -> None:
    row = planned(RowResult(a_row(plan=MANAGER)), None)

    assert (row.takes, row.frees) == ((E5, PHONE), ())


def test_a_person_that_we_made_for_this_row_takes_only_what_is_missing() -> None:
    row = planned(RowResult(a_row(plan=MANAGER)), somebody(E5, marked=marker("batch-1", 1)))

    assert (row.status, row.takes) == (RowStatus.WAITING, (PHONE,))


def test_a_user_name_of_somebody_else_fails_alone() -> None:
    row = planned(RowResult(a_row()), somebody(E3, marked=marker("batch-2", 1)))

    assert (row.status, row.reason) == (RowStatus.FAILED, TAKEN)


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.CREATE])
def test_whoever_is_not_there_fails_alone(action: Action) -> None:
    row = planned(an_action(action), None)

    assert (row.status, row.reason) == (RowStatus.FAILED, NOBODY)


def test_a_change_of_plan_keeps_what_both_plans_have() -> None:
    row = planned(an_action(Action.CHANGE_PLAN, plan=CALLS, from_plan=MANAGER), somebody(E5, PHONE))

    assert (row.takes, row.frees) == ((), (E5,))


def test_the_plan_that_fits_most_of_the_licences_is_given_up() -> None:
    row = planned(an_action(Action.CHANGE_PLAN, plan=OFFICE), somebody(E5, PHONE))

    assert (row.takes, set(row.frees)) == ((E3,), {E5, PHONE})


def test_plans_that_fit_alike_have_to_be_told_apart() -> None:
    fault = PLANNER.plan(an_action(Action.CHANGE_PLAN, plan=MANAGER), somebody(E3, PHONE))

    assert isinstance(fault, RowFault)
    assert fault.column == "fromPlan"
    assert "calls, office-worker" in fault.detail


def test_licences_that_no_plan_has_are_not_guessed_at() -> None:
    fault = PLANNER.plan(
        an_action(Action.CHANGE_PLAN, plan=OFFICE), somebody(SkuId("something-else"))
    )

    assert isinstance(fault, RowFault)
    assert fault.column == "fromPlan"


def test_who_holds_nothing_is_simply_given_the_plan() -> None:
    row = planned(an_action(Action.CHANGE_PLAN, plan=OFFICE), somebody())

    assert (row.takes, row.frees) == ((E3,), ())


def test_licences_are_not_given_without_a_country() -> None:
    row = an_action(Action.CHANGE_PLAN, plan=OFFICE, user=replace(a_user(), usage_location=""))

    fault = PLANNER.plan(row, somebody(location=""))

    assert isinstance(fault, RowFault)
    assert fault.column == "usageLocation"


def test_a_leaver_gives_everything_back() -> None:
    row = planned(an_action(Action.DEPROVISION), somebody(E3, PHONE))

    assert (row.takes, set(row.frees), row.user_id) == ((), {E3, PHONE}, "u1")


def test_only_what_is_held_is_taken_back() -> None:
    row = planned(an_action(Action.REMOVE_ADD_ONS, add_ons=(MANAGER,)), somebody(PHONE))

    assert row.frees == (PHONE,)


def test_who_is_blocked_keeps_the_licences() -> None:
    row = planned(an_action(Action.BLOCK), somebody(E3))

    assert (row.takes, row.frees) == ((), ())
