"""A person's licences name one plan, or nobody guesses."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.fitting import Doubt, Fit, digest_of, fit_plans
from shared.domain.ids import PlanId, ServicePlanId, SkuId
from shared.domain.plans import UserPlan

SKUS = [SkuId(name) for name in ("base-a", "base-b", "voice", "video")]
SERVICES = [ServicePlanId(name) for name in ("mail", "chat")]
FREE = SkuId("sold-by-nobody")
Licences = dict[SkuId, tuple[ServicePlanId, ...]]


def plan(name: str, base: str, *add_ons: str, off: tuple[str, ...] = ()) -> UserPlan:
    services = tuple(map(ServicePlanId, off))
    return UserPlan(PlanId(name), name, SkuId(base), tuple(map(SkuId, add_ons)), services)


def held(*skus: str, off: tuple[str, ...] = ()) -> dict[SkuId, tuple[ServicePlanId, ...]]:
    return {SkuId(sku): tuple(map(ServicePlanId, off)) for sku in skus}


OFFICE, PHONE = plan("office", "base-a"), plan("phone", "base-a", "voice")


def test_the_plan_that_explains_most_is_the_one() -> None:
    assert fit_plans(held("base-a", "voice"), {}, [OFFICE, PHONE]) == Fit(PlanId("phone"))
    assert fit_plans(held("base-a"), {}, [OFFICE, PHONE]) == Fit(PlanId("office"))


def test_switched_off_services_decide_between_plans_of_the_same_licences() -> None:
    quiet = plan("quiet", "base-a", off=("mail",))

    assert fit_plans(held("base-a", off=("mail",)), {}, [OFFICE, quiet]).plan == "quiet"
    assert fit_plans(held("base-a"), {}, [OFFICE, quiet]).plan == "office"


def test_two_plans_that_fit_alike_are_a_tie() -> None:
    twin = plan("twin", "base-a")

    fit = fit_plans(held("base-a"), {}, [OFFICE, twin])

    assert fit == Fit(None, Doubt.TIE, (PlanId("office"), PlanId("twin")))


def test_an_add_on_without_its_base_is_a_doubt() -> None:
    fit = fit_plans(held("voice"), {}, [OFFICE, PHONE])

    assert fit == Fit(None, Doubt.INCOMPLETE, (PlanId("phone"),))


def test_what_another_plan_sells_beside_the_best_one_is_a_doubt() -> None:
    other = plan("other", "base-b")

    fit = fit_plans(held("base-a", "voice", "base-b"), {}, [OFFICE, PHONE, other])

    assert fit == Fit(None, Doubt.SURPLUS, (PlanId("other"), PlanId("phone")))


def test_a_licence_by_a_group_tells_its_services_as_a_direct_one_does() -> None:
    quiet = plan("quiet", "base-a", off=("mail",))

    assert fit_plans({}, held("base-a", off=("mail",)), [OFFICE, quiet]).plan == "quiet"
    assert fit_plans({}, held("base-a"), [OFFICE, quiet]).plan == "office"


def test_a_base_by_a_group_beside_a_direct_add_on_is_told_apart_by_what_the_group_leaves_on() -> (
    None
):
    quiet = plan("quiet-phone", "base-a", "voice", off=("mail",))

    by_group = held("base-a", off=("mail",))

    assert fit_plans(held("voice"), by_group, [PHONE, quiet]).plan == "quiet-phone"
    assert fit_plans(held("voice"), held("base-a"), [PHONE, quiet]).plan == "phone"


def test_a_licence_held_twice_has_on_what_either_way_leaves_on() -> None:
    quiet, off = plan("quiet", "base-a", off=("mail",)), held("base-a", off=("mail",))

    assert fit_plans(off, held("base-a"), [OFFICE, quiet]).plan == "office"
    assert fit_plans(off, off, [OFFICE, quiet]).plan == "quiet"


def test_what_an_older_reading_does_not_tell_of_a_groups_licence_is_not_guessed() -> None:
    quiet, untold = plan("quiet-phone", "base-a", "voice", off=("mail",)), {SkuId("base-a"): None}

    assert fit_plans({}, untold, [quiet, OFFICE]).plan == "office"
    assert fit_plans(held("voice"), untold, [PHONE, quiet]).doubt is Doubt.TIE


offers = st.lists(
    st.builds(
        UserPlan,
        id=st.sampled_from("abcdef").map(PlanId),
        name=st.just(""),
        base=st.sampled_from(SKUS[:2]),
        add_ons=st.lists(st.sampled_from(SKUS[2:]), unique=True).map(tuple),
        switched_off=st.lists(st.sampled_from(SERVICES), unique=True).map(tuple),
    ),
    unique_by=lambda one: one.id,
    max_size=5,
)
licences = st.dictionaries(
    st.sampled_from(SKUS), st.lists(st.sampled_from(SERVICES), unique=True).map(tuple)
)


@given(licences, offers, st.randoms(use_true_random=False))
def test_the_order_of_plans_and_what_nobody_sells_change_nothing(
    direct: Licences, offered: list[UserPlan], chance: Random
) -> None:
    shuffled = chance.sample(offered, len(offered))

    fit = fit_plans(direct, {}, offered)

    assert fit_plans({**direct, FREE: ()}, {}, shuffled) == fit
    assert digest_of(shuffled) == digest_of(offered)


@given(licences, offers)
def test_a_fitted_plan_is_held_as_a_whole_and_nothing_sold_is_left_over(
    direct: Licences, offered: list[UserPlan]
) -> None:
    fit = fit_plans(direct, {}, offered)

    assert fit.plan is None or fit.doubt is None
    sold = {sku for one in offered for sku in one.skus}
    if fit.plan is not None:
        [fitted] = [one for one in offered if one.id == fit.plan]
        assert {*fitted.skus} == {*direct} & sold
    elif fit.doubt is None:
        assert not {*direct} & sold


@given(offers)
def test_who_holds_exactly_a_plan_is_never_said_to_hold_another(offered: list[UserPlan]) -> None:
    for one in offered:
        direct = {sku: one.switched_off if sku == one.base else () for sku in one.skus}

        fit = fit_plans(direct, {}, offered)

        assert one.id in (fit.plan, *fit.plans)
        assert fit.plan is not None or fit.doubt is Doubt.TIE


def test_another_definition_has_another_digest() -> None:
    assert digest_of([OFFICE]) != digest_of([replace(OFFICE, base=SkuId("base-b"))])
    assert digest_of([]) == ""
