"""See one SKU of a customer as the night does: what lasts of it, and what nobody needs (law 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.domain.cuts import Cut
from shared.domain.ids import SubscriptionId
from shared.domain.policies import GiveBackMode
from shared.domain.seats import SeatView
from shared.domain.subscriptions import Subscription, SubscriptionStatus


@dataclass(frozen=True, slots=True)
class NightlyView:
    """One SKU as the night sees it.

    ``steadily_idle`` seats were idle for as many nights as the policy asks, tonight included;
    None where it asks for no more than tonight. The view's ``floor`` holds spare and held seats.
    ``cuts`` are the schedules that our nights left, as the ledger remembers them.
    """

    seats: SeatView
    mode: GiveBackMode = GiveBackMode.APPLY
    steadily_idle: int | None = None
    cuts: Mapping[SubscriptionId, Cut] = field(default_factory=dict)
    partner: str | None = None
    """Our tenant, which the directory must name as the owner; None where the id is proof enough."""
    speaks_of_ends: bool = True
    """Whether the connection may tell Microsoft how a term ends."""

    @property
    def idle(self) -> int:
        """What nobody needs today, seats that do not last beyond their terms among it."""
        return max(0, self.spare + self.ending)

    @property
    def spare(self) -> int:
        """Lasting seats beyond all needs; below nothing where some are missing."""
        view = self.seats
        if not view.stock.per_user:
            return 0
        return min(view.lasting, view.shown_without(view.subscriptions)) - view.wanted

    @property
    def ending(self) -> int:
        """Seats of ours that serve people today and do not last beyond their terms."""
        if not self.seats.stock.per_user:
            return 0
        ours = (s for s in self.seats.subscriptions if _serves(s) and s.is_passing)
        return sum(min(s.seats, self._shown_of(s)) for s in ours)

    @property
    def held(self) -> int:
        """Our seats for people, of which a night may take a share.

        Microsoft lists what has ended too, for years, and products that count otherwise by the
        thousand: against all that, everybody's seats would be a small share.
        """
        if not self.seats.stock.per_user:
            return 0
        return sum(s.seats for s in self.seats.subscriptions if _serves(s))

    @property
    def shown(self) -> int:
        """Seats that the directory shows and that no schedule takes away."""
        ours = (s for s in self.seats.subscriptions if self.proves(s))
        return self.seats.shown_without(ours)

    def proves(self, subscription: Subscription) -> bool:
        """Ownership that cannot be proved means not ours: the id and the owner must agree.

        https://learn.microsoft.com/graph/api/resources/companysubscription
        """
        known = (h for h in self.seats.holdings if subscription.is_known_as(h.commerce_id, h.id))
        owners = {(h.owner_tenant_id or "").lower() for h in known}
        return bool(owners) if self.partner is None else owners == {self.partner.lower()}

    def cut_of(self, subscription: Subscription) -> Cut | None:
        """The standing schedule, where a night of ours left it."""
        cut = self.cuts.get(subscription.id)
        return cut if cut is not None and cut.stands_in(subscription) else None

    def _shown_of(self, subscription: Subscription) -> int:
        return sum(
            h.seats
            for h in self.seats.holdings
            if h.enabled and subscription.is_known_as(h.commerce_id, h.id)
        )


def _serves(subscription: Subscription) -> bool:
    return subscription.status is SubscriptionStatus.ACTIVE and not subscription.is_trial


def only_reports(views: Iterable[NightlyView], otherwise: GiveBackMode) -> bool:
    """Whether nothing may be done to what is counted; ``otherwise`` is the customer's mode.

    What nobody counts is left alone whatever the policy says, and has no say in it.
    """
    return ({view.mode for view in views} or {otherwise}) == {GiveBackMode.REPORT}
