"""Laws 5 and 6 over random tenants."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.decisions import Decision, DecisionKind, GiveBackPlan
from shared.domain.giveback import plan_give_back
from shared.domain.night_views import NightlyView
from shared.domain.policies import GiveBackMode
from shared.domain.seats import SeatView
from shared.domain.subscriptions import Subscription
from tests.builders import NOW
from tests.domain.worlds import World, with_subscriptions, worlds


def plan_of(world: World) -> GiveBackPlan:
    return plan_give_back([NightlyView(world.view)], [], minimum_of=world.minimum_of, now=NOW)


def found(world: World, decision: Decision) -> Subscription:
    return next(s for s in world.view.subscriptions if s.id == decision.subscription_id)


def carried_out(subscription: Subscription, decision: Decision) -> Subscription:
    """Take the seats from the lots that close last, as Microsoft may."""
    if decision.kind is DecisionKind.KEEP:
        return subscription
    back = decision.seats_given_back if decision.kind is DecisionKind.RETURN else 0
    lots = []
    for lot in sorted(subscription.lots, key=lambda lot: lot.refundable_until, reverse=True):
        taken = min(back, lot.seats)
        back -= taken
        lots.append(replace(lot, seats=lot.seats - taken))
    seats = decision.target if decision.kind is DecisionKind.RETURN else subscription.seats
    return replace(
        subscription, seats=seats, scheduled_seats=decision.scheduled_target, lots=tuple(lots)
    )


def after(world: World) -> SeatView:
    changed = {d.subscription_id: carried_out(found(world, d), d) for d in plan_of(world).decisions}
    return with_subscriptions(world.view, changed)


def lost(world: World, plan: GiveBackPlan) -> int:
    """Lasting seats that are gone once the plan is carried out."""
    return sum(found(world, d).lasting_seats - d.lasting_seats for d in plan.changes)


def shown(view: SeatView) -> int:
    """Seats that the directory shows and that no schedule takes away."""
    proved = {h.commerce_id for h in view.holdings}
    return view.stock.enabled - sum(
        s.seats - s.lasting_seats for s in view.subscriptions if s.id in proved
    )


@given(worlds())
def test_everything_in_use_promised_or_spare_keeps_a_lasting_seat(world: World) -> None:
    remaining = after(world)

    assert remaining.lasting >= min(world.view.lasting, world.view.wanted)


@given(worlds())
def test_the_directory_keeps_a_lasting_seat_for_everybody(world: World) -> None:
    remaining = after(world)

    assert shown(remaining) >= min(shown(world.view), world.view.wanted)


@given(worlds())
def test_no_subscription_falls_below_its_products_minimum(world: World) -> None:
    for decision in plan_of(world).changes:
        assert decision.lasting_seats >= world.minimum
        assert decision.target >= world.minimum


@given(worlds())
def test_no_more_goes_back_now_than_is_refundable_now(world: World) -> None:
    for decision in plan_of(world).changes:
        if decision.kind is DecisionKind.RETURN:
            assert 0 < decision.seats_given_back <= found(world, decision).refundable_seats(NOW)


@given(worlds())
def test_only_what_is_ours_and_may_change_is_changed(world: World) -> None:
    for decision in plan_of(world).changes:
        assert found(world, decision).why_not_shrinkable(NOW) is None
        assert any(h.commerce_id == decision.subscription_id for h in world.view.holdings)
        assert world.view.stock.per_user


@given(worlds())
def test_a_smaller_next_term_is_scheduled_only_where_it_renews_by_itself(world: World) -> None:
    for decision in plan_of(world).changes:
        before = found(world, decision)
        if decision.seats_scheduled > 0 and before.scheduled_seats is None:
            assert before.auto_renew


@given(worlds())
def test_a_standing_schedule_is_never_lost_nor_raised(world: World) -> None:
    for decision in plan_of(world).changes:
        scheduled = found(world, decision).scheduled_seats
        if scheduled is not None:
            assert decision.scheduled_target is not None
            assert decision.scheduled_target <= scheduled


@given(worlds())
def test_a_larger_next_term_stays(world: World) -> None:
    for decision in plan_of(world).changes:
        before = found(world, decision)
        if before.scheduled_seats is not None and before.scheduled_seats > before.seats:
            assert decision.scheduled_target == before.scheduled_seats


@given(worlds())
def test_every_subscription_gets_exactly_one_decision_with_a_reason(world: World) -> None:
    decisions = plan_of(world).decisions

    assert sorted(d.subscription_id for d in decisions) == sorted(
        s.id for s in world.view.subscriptions
    )
    assert all(d.reason for d in decisions)


@given(worlds())
def test_deciding_again_after_everything_was_carried_out_changes_nothing(world: World) -> None:
    again = plan_give_back([NightlyView(after(world))], [], minimum_of=world.minimum_of, now=NOW)

    assert not again.changes


@given(worlds(), st.sampled_from(GiveBackMode), st.none() | st.integers(0, 40))
def test_no_rule_of_a_policy_takes_more_than_its_absence(
    world: World, mode: GiveBackMode, steadily: int | None
) -> None:
    ruled = plan_give_back(
        [NightlyView(world.view, mode, steadily)], [], minimum_of=world.minimum_of, now=NOW
    )

    assert lost(world, ruled) <= lost(world, plan_of(world))


@given(worlds(), st.integers(0, 100))
def test_a_night_takes_the_share_that_it_may_or_nothing(world: World, percent: int) -> None:
    seats = sum(s.seats for s in world.view.subscriptions)

    plan = plan_of(world).within(percent, seats)

    assert plan.held == (not plan.changes and bool(plan_of(world).changes))
    assert lost(world, plan) <= max(5, seats * percent / 100)


@given(worlds())
def test_what_is_given_back_and_scheduled_was_idle(world: World) -> None:
    assert lost(world, plan_of(world)) <= max(0, world.view.lasting - world.view.wanted)
