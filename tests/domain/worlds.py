"""Draw random tenants: subscriptions of one SKU, their owners, and the promises on their seats."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import strategies as st

from shared.domain.catalog import BillingPlan, Term
from shared.domain.cuts import Cut
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.seats import Holding, Reservation, SeatView
from shared.domain.subscriptions import EndOfTerm, Lot, Subscription, SubscriptionStatus, Terms
from tests.builders import E3_OFFER, NOW, a_holding, a_reservation, a_stock, a_subscription

ROOM = 40


@dataclass(frozen=True)
class World:
    """A view, this work's share of its promises, and the catalog's bounds."""

    view: SeatView
    needed: int
    maximum: int
    minimum: int
    cuts: Mapping[SubscriptionId, Cut] = field(default_factory=dict)
    """What the ledger remembers of the schedules that our nights left."""

    @property
    def maximum_of(self) -> dict[OfferId, int]:
        return {E3_OFFER: self.maximum}

    @property
    def minimum_of(self) -> dict[OfferId, int]:
        return {E3_OFFER: self.minimum}


_STATUS = st.sampled_from([SubscriptionStatus.ACTIVE] * 6 + list(SubscriptionStatus))
_ENDS_IN = st.sampled_from(
    [timedelta(days=200)] * 5 + [timedelta(hours=h) for h in (-30, -23, 0, 23, 24, 25, 400)]
)
_CLOSES_IN = st.sampled_from(
    [timedelta(minutes=m) for m in (-600, -1, 0, 14, 15, 16, 600, 1500, 4000, 9000)]
)
_SAID = st.sampled_from([None, None, EndOfTerm.EXTEND, EndOfTerm.RENEW])
_OTHER_PRODUCT = Terms(OfferId("CFQ7TTC0LFLZ:0002"), Term.YEAR, BillingPlan.MONTHLY)


@st.composite
def subscriptions(draw: st.DrawFn, name: str) -> Subscription:
    seats = draw(st.integers(1, ROOM))
    if draw(st.sampled_from([False] * 5 + [True])):
        lots = draw(st.lists(st.builds(_lot, st.integers(1, seats), _CLOSES_IN), max_size=3))
        ends_in = draw(_ENDS_IN)
        ending = a_subscription(name, seats=seats, lots=lots, ends_in=ends_in, auto_renew=False)
        said = draw(st.sampled_from([EndOfTerm.CANCEL, EndOfTerm.CANCEL, None]))
        return replace(ending, end_of_term=said, other_end="" if said else "customdate cancel")
    found = a_subscription(
        name,
        seats=seats,
        scheduled=draw(st.none() | st.integers(1, ROOM)),
        lots=draw(st.lists(st.builds(_lot, st.integers(1, seats), _CLOSES_IN), max_size=3)),
        ends_in=draw(_ENDS_IN),
        auto_renew=draw(st.sampled_from([True, True, True, False])),
        status=draw(_STATUS),
        is_trial=draw(st.sampled_from([False] * 5 + [True])),
    )
    return draw(_with_another_end(found))


@st.composite
def _with_another_end(draw: st.DrawFn, found: Subscription) -> Subscription:
    """What goes on as an extended term, or in the next term as another product."""
    if not found.auto_renew:
        return replace(found, end_of_term=draw(_SAID))
    converts = draw(st.sampled_from([False] * 5 + [True]))
    if converts and found.scheduled_seats is not None:
        return replace(found, next_terms=_OTHER_PRODUCT)
    return replace(found, moves=converts)


def _lot(seats: int, closes_in: timedelta) -> Lot:
    return Lot(seats, NOW + closes_in)


@st.composite
def foreign_holdings(draw: st.DrawFn, name: str) -> Holding:
    return a_holding(
        name,
        seats=draw(st.integers(1, ROOM)),
        enabled=draw(st.booleans()),
        is_trial=draw(st.booleans()),
    )


@st.composite
def promises(draw: st.DrawFn, holder: str, consumed: int) -> Reservation:
    return a_reservation(
        draw(st.integers(0, 15)),
        holder=holder,
        consumed_before=draw(st.integers(0, consumed + 5)),
        assigned=draw(st.integers(0, 8)),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    ours = tuple(draw(subscriptions(f"sub-{n}")) for n in range(draw(st.integers(0, 4))))
    foreign = [draw(foreign_holdings(f"foreign-{n}")) for n in range(draw(st.integers(0, 2)))]
    proved = [s for s in ours if draw(st.sampled_from([True] * 4 + [False]))]
    holdings = (*(a_holding(s) for s in proved), *foreign)
    enabled = sum(h.seats for h in holdings if h.enabled)
    # Mostly something is idle, or the night's laws would hold of nothing.
    consumed = draw(st.integers(0, enabled) | st.integers(0, enabled) | st.integers(0, ROOM * 2))
    count = draw(st.sampled_from([0, 0, 0, 1, 2, 3]))
    others = [draw(promises(f"batch-{n}", consumed)) for n in range(count)]
    needed = draw(st.integers(0, 2) | st.integers(0, ROOM))
    mine = a_reservation(needed, holder="mine", consumed_before=consumed)
    per_user = draw(st.sampled_from([True] * 9 + [False]))
    view = SeatView(
        replace(a_stock(consumed=consumed, enabled=enabled), per_user=per_user),
        ours,
        holdings,
        (*others, mine),
        floor=draw(st.integers(0, 3)),
        assignments=draw(st.sampled_from([0, 0, 0, consumed, consumed + 1, consumed + 7])),
    )
    cuts = {s.id: draw(_cuts(s)) for s in ours if draw(st.booleans())}
    return World(view, needed, draw(st.integers(1, ROOM * 2)), draw(st.integers(1, 5)), cuts)


@st.composite
def _cuts(draw: st.DrawFn, subscription: Subscription) -> Cut:
    """Mostly the schedule that stands, for this term."""
    stands = subscription.scheduled_seats or 1
    seats = draw(st.sampled_from([stands] * 4 + [stands + 1]))
    ended = draw(st.sampled_from([timedelta(0)] * 4 + [timedelta(days=365)]))
    stood = draw(st.none() | st.integers(seats, ROOM + 1))
    return Cut(seats, subscription.ends_at - ended, stood)


def with_subscriptions(view: SeatView, changed: dict[SubscriptionId, Subscription]) -> SeatView:
    """The same tenant after some subscriptions changed, its directory caught up."""
    ours = tuple(changed.get(s.id, s) for s in view.subscriptions)
    by_id: dict[str, Subscription] = {s.id: s for s in ours}
    holdings = tuple(
        replace(h, seats=by_id[s].seats) if (s := h.commerce_id) in by_id else h
        for h in view.holdings
    )
    enabled = sum(h.seats for h in holdings if h.enabled)
    return replace(
        view, subscriptions=ours, holdings=holdings, stock=replace(view.stock, enabled=enabled)
    )
