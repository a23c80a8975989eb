"""One subscription's or one customer's night, as the tests of giving back ask for it."""

from shared.domain.decisions import Decision, GiveBackPlan
from shared.domain.giveback import plan_give_back
from shared.domain.night_views import NightlyView
from shared.domain.policies import GiveBackMode
from shared.domain.seats import SeatView
from shared.domain.subscriptions import Subscription
from tests.builders import (
    E3_OFFER,
    NOW,
)


def plan(
    *views: SeatView,
    uncounted: tuple[Subscription, ...] = (),
    minimum: int = 1,
    mode: GiveBackMode = GiveBackMode.APPLY,
    steadily: int | None = None,
) -> GiveBackPlan:
    nights = [NightlyView(view, mode, steadily) for view in views]
    return plan_give_back(nights, uncounted, minimum_of={E3_OFFER: minimum}, now=NOW)


def only(plan_: GiveBackPlan) -> Decision:
    (decision,) = plan_.decisions
    return decision
