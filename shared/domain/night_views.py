"""See one SKU of a customer as the night does: what lasts of it, and what nobody needs (law 5)."""

from dataclasses import dataclass

from shared.domain.policies import GiveBackMode
from shared.domain.seats import SeatView
from shared.domain.subscriptions import SubscriptionStatus


@dataclass(frozen=True, slots=True)
class NightlyView:
    """One SKU as the night sees it.

    ``steadily_idle`` seats were idle for as many nights as the policy asks, tonight included;
    None where it asks for no more than tonight. The view's ``floor`` holds spare and held seats.
    """

    seats: SeatView
    mode: GiveBackMode = GiveBackMode.APPLY
    steadily_idle: int | None = None

    @property
    def idle(self) -> int:
        return _idle(self.seats) if self.seats.stock.per_user else 0


def _idle(view: SeatView) -> int:
    """What Partner Center lists and the directory does not show serves nobody yet."""
    scheduled = sum(
        s.seats - s.lasting_seats
        for s in view.subscriptions
        if s.status is SubscriptionStatus.ACTIVE and not s.is_trial
    )
    passing = [s for s in view.subscriptions if s.status is not SubscriptionStatus.ACTIVE]
    not_lasting = sum(
        h.seats
        for h in view.holdings
        if h.enabled and (h.is_trial or any(s.is_known_as(h.commerce_id) for s in passing))
    )
    shown = view.stock.enabled - scheduled - not_lasting
    return max(0, min(view.lasting, shown) - view.wanted)
