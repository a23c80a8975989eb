"""Laws 5 and 6 over random tenants."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.cuts import Cut, cut_left_by
from shared.domain.decisions import Decision, DecisionKind, GiveBackPlan
from shared.domain.giveback import plan_give_back
from shared.domain.idle import IdleHistory
from shared.domain.ids import SubscriptionId
from shared.domain.night_views import NightlyView
from shared.domain.policies import GiveBackMode
from shared.domain.seats import Growth, SeatView
from shared.domain.subscriptions import WINDOW_MARGIN, Subscription, SubscriptionStatus
from tests.builders import E3, NOW
from tests.domain.worlds import World, with_subscriptions, worlds

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)


def plan_of(world: World) -> GiveBackPlan:
    return decided(NightlyView(world.view, cuts=world.cuts), world)


def decided(night: NightlyView, world: World) -> GiveBackPlan:
    return plan_give_back([night], [], minimum_of=world.minimum_of, now=NOW)


def lowered(plan: GiveBackPlan) -> list[Decision]:
    return [d for d in plan.changes if d.kind is not DecisionKind.RESTORE]


def raised(plan: GiveBackPlan) -> list[Decision]:
    return [d for d in plan.changes if d.kind is DecisionKind.RESTORE]


def found(world: World, decision: Decision) -> Subscription:
    return next(s for s in world.view.subscriptions if s.id == decision.subscription_id)


def carried_out(subscription: Subscription, decision: Decision, order: int = 1) -> Subscription:
    """Take the seats from the lots that close last, as Microsoft may, or else first.

    Of those that the night counts: where Microsoft takes one that is about to close, more can go.
    """
    if decision.kind is DecisionKind.KEEP:
        return subscription
    back = decision.seats_given_back if decision.kind is DecisionKind.RETURN else 0
    lots = []
    for lot in sorted(subscription.lots, key=lambda lot: lot.refundable_until)[::-order]:
        taken = min(back, lot.seats) if lot.refundable_until > NOW + WINDOW_MARGIN else 0
        back -= taken
        lots.append(replace(lot, seats=lot.seats - taken))
    seats = decision.target if decision.kind is DecisionKind.RETURN else subscription.seats
    return replace(
        subscription, seats=seats, scheduled_seats=decision.scheduled_target, lots=tuple(lots)
    )


def after(world: World) -> SeatView:
    changed = {d.subscription_id: carried_out(found(world, d), d) for d in plan_of(world).decisions}
    return with_subscriptions(world.view, changed)


def remembered(world: World, plan: GiveBackPlan | None = None) -> dict[SubscriptionId, Cut]:
    """What the ledger says once the plan is carried out."""
    cuts = dict(world.cuts)
    for decision in (plan or plan_of(world)).changes:
        growth = written(found(world, decision), decision)
        cut = cut_left_by(growth, cuts.pop(growth.subscription_id, None))
        if cut is not None:
            cuts[growth.subscription_id] = cut
    return cuts


def written(subscription: Subscription, decision: Decision) -> Growth:
    """As the ledger is told of it."""
    target = decision.target if decision.kind is DecisionKind.RETURN else decision.seats
    return Growth(
        subscription.id,
        "night",
        base=decision.seats,
        target=target,
        request_id="r",
        scheduled_base=subscription.scheduled_seats,
        scheduled_target=decision.scheduled_target,
        term_ends_at=subscription.ends_at,
    )


def room(world: World, subscription: Subscription) -> int:
    """Seats that the night had scheduled away itself and may still put back.

    Where another product follows, what is scheduled are that one's seats.
    """
    cut = world.cuts.get(subscription.id)
    is_open = subscription.why_not_changeable(NOW) is None and subscription.auto_renew
    if subscription.is_converting or cut is None or not cut.stands_in(subscription) or not is_open:
        return 0
    most = subscription.seats if cut.stood is None else min(cut.stood, subscription.seats)
    return max(0, most - cut.seats)


def lost(world: World, plan: GiveBackPlan) -> int:
    """Lasting seats that are gone once the plan is carried out."""
    return sum(found(world, d).lasting_seats - left(world, d) for d in plan.changes)


def left(world: World, decision: Decision) -> int:
    """What another product starts with says nothing of these seats."""
    converts = found(world, decision).is_converting
    return decision.target if converts else decision.lasting_seats


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
def test_today_everybody_keeps_a_seat_that_ends_or_lasts(world: World) -> None:
    before, remaining = NightlyView(world.view), NightlyView(after(world))

    kept, had = (night.seats.lasting + night.ending for night in (remaining, before))
    assert kept >= min(had, world.view.wanted)


@given(worlds())
def test_the_directory_keeps_a_lasting_seat_for_everybody(world: World) -> None:
    remaining = after(world)

    assert shown(remaining) >= min(shown(world.view), world.view.wanted)


@given(worlds())
def test_no_subscription_falls_below_its_products_minimum(world: World) -> None:
    for decision in lowered(plan_of(world)):
        assert left(world, decision) >= world.minimum
        assert decision.target >= world.minimum


@given(worlds())
def test_no_more_goes_back_now_than_is_refundable_now(world: World) -> None:
    for decision in plan_of(world).changes:
        if decision.kind is DecisionKind.RETURN:
            assert 0 < decision.seats_given_back <= found(world, decision).refundable_seats(NOW)


@given(worlds())
def test_only_what_is_ours_and_may_change_is_changed(world: World) -> None:
    for decision in lowered(plan_of(world)):
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
def test_a_standing_schedule_of_others_is_never_lost_nor_raised(world: World) -> None:
    for decision in lowered(plan_of(world)):
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
    again = decided(NightlyView(after(world), cuts=remembered(world)), world)

    assert not again.changes


@given(worlds())
def test_only_a_schedule_of_ours_is_raised_and_never_beyond_what_is_there(world: World) -> None:
    for decision in raised(plan_of(world)):
        assert 0 < decision.restored <= room(world, found(world, decision))
        assert decision.target == found(world, decision).lasting_seats + decision.restored
        assert found(world, decision).why_not_changeable(NOW) is None


@given(worlds())
def test_seats_that_are_needed_are_not_lost_where_the_schedule_was_ours(world: World) -> None:
    view = world.view
    ours = sum(room(world, s) for s in view.subscriptions) if view.stock.per_user else 0
    proved = {h.commerce_id for h in view.holdings}
    shows = sum(room(world, s) for s in view.subscriptions if s.id in proved)

    before, remaining = NightlyView(view), NightlyView(after(world))

    assert remaining.seats.lasting >= min(view.wanted, view.lasting + ours)
    if view.stock.per_user:
        assert remaining.shown >= min(view.wanted, before.shown + shows)


@given(worlds())
def test_seats_are_raised_and_lowered_in_no_night_together(world: World) -> None:
    plan = plan_of(world)

    night = NightlyView(world.view)

    assert not raised(plan) or all(found(world, d).is_passing for d in lowered(plan))
    assert sum(d.restored for d in plan.decisions) <= max(
        0, world.view.wanted - min(world.view.lasting, night.shown)
    )


@given(worlds())
def test_nobody_loses_a_seat_that_no_decision_tells_of(world: World) -> None:
    view = world.view
    goes = sum(
        s.seats - s.lasting_seats
        for s in view.subscriptions
        if s.status is SubscriptionStatus.ACTIVE and not s.is_trial
    )
    in_use = view.in_use + view.promised

    told = sum(d.at_risk for d in plan_of(world).decisions)

    if view.stock.per_user:
        assert told >= min(goes, in_use - view.lasting)
    assert told <= goes


@given(worlds(), st.sampled_from(GiveBackMode), st.none() | st.integers(0, 40))
def test_no_rule_of_a_policy_takes_more_than_its_absence(
    world: World, mode: GiveBackMode, steadily: int | None
) -> None:
    ruled = decided(NightlyView(world.view, mode, steadily, world.cuts), world)

    assert lost(world, ruled) <= lost(world, plan_of(world))


@given(worlds(), st.integers(0, 100))
def test_a_night_takes_the_share_that_it_may_or_nothing(world: World, percent: int) -> None:
    seats = sum(s.seats for s in world.view.subscriptions)

    plan = plan_of(world).within(percent, seats)

    assert plan.held == (not lowered(plan) and bool(lowered(plan_of(world))))
    assert raised(plan) == raised(plan_of(world))
    assert lost(world, plan) <= max(5, seats * percent / 100)


@given(worlds())
def test_what_is_given_back_and_scheduled_was_idle(world: World) -> None:
    view, plan = world.view, plan_of(world)
    lasting = [d for d in plan.changes if not found(world, d).is_passing]

    assert lost(world, plan) <= max(0, view.lasting + NightlyView(view).ending - view.wanted)
    assert lost(world, GiveBackPlan(tuple(lasting))) <= max(0, view.lasting - view.wanted)


@given(worlds())
def test_a_night_is_said_to_take_what_no_earlier_schedule_had_taken(world: World) -> None:
    going = lowered(plan_of(world))
    back = sum(d.seats_given_back for d in going if d.kind is DecisionKind.RETURN)

    assert sum(d.seats_going for d in going) == sum(
        found(world, d).lasting_seats - left(world, d) for d in going
    )
    assert sum(d.seats_going for d in going) == back + sum(d.seats_scheduled for d in going)


@given(worlds())
def test_a_schedule_of_another_product_stays_as_it_is(world: World) -> None:
    for decision in plan_of(world).changes:
        before = found(world, decision)
        if before.is_converting:
            assert decision.kind is DecisionKind.RETURN
            assert decision.scheduled_target == before.scheduled_seats


@given(worlds(), st.integers(0, 40))
def test_a_night_that_comes_twice_takes_no_more_than_once(world: World, older: int) -> None:
    """Its message, or a run by hand on the same day; of the lots, what closes first went first."""
    first = NightlyView(world.view, cuts=world.cuts)
    before = IdleHistory().noted(YESTERDAY, {E3: older}).noted(TODAY, {E3: first.idle})
    plan = decided(aged(first, before), world)
    told = TODAY, "night", E3, sum(d.seats_going for d in plan.changes)

    once = before.less(*told)
    changed = {d.subscription_id: carried_out(found(world, d), d, -1) for d in plan.decisions}
    view = with_subscriptions(world.view, changed)
    second = NightlyView(view, cuts=remembered(world, plan))
    again = decided(aged(second, once.noted(TODAY, {E3: second.idle})), world)

    assert once.less(*told) == once
    assert not again.changes


def aged(night: NightlyView, history: IdleHistory) -> NightlyView:
    return replace(night, steadily_idle=history.steadily(E3, 2, TODAY))
