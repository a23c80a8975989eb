"""Laws 1 to 3 over random tenants."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import SubscriptionId
from shared.domain.seat_plans import SeatPlan, plan_seats
from shared.domain.seats import Reservation, seats_in_use
from shared.domain.subscriptions import Subscription
from shared.workflows.promise_seats import baseline
from tests.builders import NOW, a_reservation, days
from tests.domain.worlds import World, with_subscriptions, worlds


def plan_of(world: World) -> SeatPlan:
    return plan_seats(
        world.view,
        needed=world.needed,
        maximum_of=world.maximum_of,
        preference={s.id: n for n, s in enumerate(world.view.subscriptions)},
        now=NOW,
    )


def raised(plan: SeatPlan) -> dict[SubscriptionId, Subscription]:
    return {
        r.subscription.id: replace(
            r.subscription, seats=r.target, scheduled_seats=r.scheduled_target
        )
        for r in plan.raises
    }


def after(world: World) -> World:
    return replace(world, view=with_subscriptions(world.view, raised(plan_of(world))))


@given(worlds())
def test_there_is_enough_or_the_plan_says_what_is_missing(world: World) -> None:
    plan = plan_of(world)

    usable = after(world).view.usable

    assert usable + plan.missing >= world.view.wanted
    assert (plan.missing > 0) == bool(plan.why_missing)


@given(worlds())
def test_there_is_never_more_than_enough(world: World) -> None:
    usable = after(world).view.usable

    assert usable <= max(world.view.wanted, world.view.usable)


@given(worlds())
def test_nothing_is_bought_while_a_schedule_can_still_be_raised(world: World) -> None:
    plan = plan_of(world)

    changed = raised(plan)

    if plan.seats_to_buy:
        for subscription in world.view.subscriptions:
            if subscription.why_not_changeable(NOW) is None and not subscription.is_passing:
                kept = changed.get(subscription.id, subscription)
                assert kept.lasting_seats >= subscription.seats


@given(worlds())
def test_seats_and_next_terms_never_fall(world: World) -> None:
    for part in plan_of(world).raises:
        before = part.subscription
        assert part.target >= before.seats
        assert (part.scheduled_target is None) == (before.scheduled_seats is None)
        assert (part.scheduled_target or 0) >= (before.scheduled_seats or 0)
        assert (part.target, part.scheduled_target) != (before.seats, before.scheduled_seats)


@given(worlds())
def test_the_products_maximum_is_respected(world: World) -> None:
    for part in plan_of(world).raises:
        assert part.target <= max(world.maximum, part.subscription.seats)


@given(worlds())
def test_what_may_not_change_is_never_raised(world: World) -> None:
    for part in plan_of(world).raises:
        assert part.subscription in world.view.subscriptions
        assert part.subscription.why_not_changeable(NOW) is None


@given(worlds())
def test_one_subscription_buys_where_one_could_take_it_all(world: World) -> None:
    plan = plan_of(world)

    buyers = [r for r in plan.raises if r.target > r.subscription.seats]

    if len(buyers) > 1:
        rooms = [
            world.maximum - s.seats
            for s in world.view.subscriptions
            if s.why_not_changeable(NOW) is None
        ]
        assert max(rooms) < plan.seats_to_buy + plan.missing


@given(worlds())
def test_each_subscription_is_raised_at_most_once(world: World) -> None:
    ids = [r.subscription.id for r in plan_of(world).raises]

    assert len(ids) == len(set(ids))


@given(worlds())
def test_planning_again_after_the_raises_yields_nothing(world: World) -> None:
    again = plan_of(after(world))

    assert not again.raises
    assert again.missing == plan_of(world).missing


@given(worlds())
def test_every_seat_to_buy_is_explained_by_this_work_or_by_the_standing_deficit(
    world: World,
) -> None:
    plan = plan_of(world)

    assert plan.seats_to_buy <= max(0, plan.needed - plan.free) + plan.standing_deficit


@dataclass
class History:
    """Batches that are promised seats, assign them in any order, and see them late."""

    truth: int
    shown: int
    promises: list[Reservation]

    def promise(self, seats: int) -> None:
        before = baseline(self.shown, self.promises)
        holder = f"batch-{len(self.promises)}"
        self.promises.append(a_reservation(seats, holder=holder, consumed_before=before))

    def assign(self, at: int, count: int) -> None:
        promise = self.promises[at]
        count = min(count, promise.seats)
        self.promises[at] = replace(
            promise, seats=promise.seats - count, assigned=promise.assigned + count
        )
        self.truth += count


@st.composite
def histories(draw: st.DrawFn, outsiders: int) -> History:
    """So many outsiders at the most join after each step."""
    history = History(truth := draw(st.integers(0, 10)), truth, [])
    for _ in range(draw(st.integers(1, 4))):
        history.promise(draw(st.integers(1, 12)))
        for _ in range(draw(st.integers(0, 4))):
            history.assign(draw(st.integers(0, len(history.promises) - 1)), draw(st.integers(0, 5)))
            history.truth += draw(st.integers(0, outsiders))
            history.shown = draw(st.integers(history.shown, history.truth))
    return history


@given(histories(outsiders=2))
def test_in_use_lies_between_what_shows_and_the_truth(history: History) -> None:
    counted = seats_in_use(history.shown, history.promises)

    assert history.shown <= counted <= history.truth


@given(histories(outsiders=0))
def test_in_use_is_the_truth_where_nobody_else_assigns(history: History) -> None:
    assert seats_in_use(history.shown, history.promises) == history.truth


@given(histories(outsiders=2))
def test_every_promise_settles_once_the_counts_show_everything(history: History) -> None:
    for at, promise in enumerate(history.promises):
        history.assign(at, promise.seats)

    ended = [replace(p, settles_by=NOW + days(1)) for p in history.promises]

    assert all(p.is_settled(history.truth, NOW, ended) for p in ended)
