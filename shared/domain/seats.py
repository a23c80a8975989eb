"""Know a tenant's seats of one SKU: who owns, uses and was promised them, and what changes them.

Free seats pool per tenant and SKU, because licence counts do; so do reservations.
"""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain.ids import ServicePlanId, SkuId, SubscriptionId
from shared.domain.subscriptions import EndOfTerm, Subscription, SubscriptionStatus, Terms


@dataclass(frozen=True, slots=True)
class SkuStock:
    """What a tenant holds of one SKU, over all owners, as the directory shows it.

    https://learn.microsoft.com/graph/api/subscribedsku-list
    """

    sku: SkuId
    part_number: str
    enabled: int
    consumed: int
    warning: int = 0
    suspended: int = 0
    per_user: bool = True
    service_plans: Mapping[ServicePlanId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holding:
    """Seats of one owner in the directory: ours, another partner's or the customer's own.

    https://learn.microsoft.com/graph/api/directory-list-subscriptions
    """

    id: str
    commerce_id: str
    sku: SkuId
    owner_tenant_id: str | None
    enabled: bool
    seats: int
    is_trial: bool = False
    status: str = ""
    """Microsoft's own word."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Seats promised to a piece of work until the licence counts show them used.

    ``seats`` are still to be assigned; ``assigned`` already were, on top of the
    ``consumed_before`` that was in use or promised to others when the promise was made. Work that
    has ended sets ``settles_by``: the promise is void then, or once the counts have caught up.
    """

    holder: str
    seats: int
    consumed_before: int = 0
    assigned: int = 0
    settles_by: datetime | None = None

    def is_settled(
        self, consumed: int, now: datetime, others: Iterable["Reservation"] = ()
    ) -> bool:
        """Of several promises none may take the others' licences for its own in the counts."""
        if self.settles_by is None:
            return False
        known = (self, *(r for r in others if r.holder != self.holder))
        return now >= self.settles_by or consumed >= seats_in_use(consumed, known)


def seats_in_use(consumed: int, reservations: Iterable[Reservation]) -> int:
    """Licence counts lag, so the larger of what they show and what we assigned ourselves counts.

    From each promise on: what was in use or promised when it was made, less what older promises
    have not assigned yet, and what it and younger ones assigned. While nobody leaves, that is
    never more than the truth, whichever batch is the faster.
    """
    in_order = sorted(reservations, key=lambda r: r.consumed_before)
    ours = left = sum(r.assigned for r in in_order)
    counted, promised = consumed, 0
    for reservation in in_order:
        counted = max(counted, reservation.consumed_before - promised + left)
        promised += reservation.seats
        left -= reservation.assigned
    return min(counted, consumed + ours)


class GrowthStatus(StrEnum):
    INTENT = "intent"
    APPLIED = "applied"
    REVIEW = "review"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Growth:
    """One raise of one subscription for one piece of work; the target is absolute.

    ``scheduled_target`` is what the next term must start with where a schedule stands in the way.
    """

    subscription_id: SubscriptionId
    holder: str
    base: int
    target: int
    request_id: str
    scheduled_base: int | None = None
    scheduled_target: int | None = None
    status: GrowthStatus = GrowthStatus.INTENT
    reason: str = ""
    intended_at: datetime | None = None
    answers: int = 0
    """That Microsoft gave without settling it: each ends a request id."""
    term_ends_at: datetime | None = None
    """Of a night's change: the end of the term whose renewal it planned."""
    scheduled_terms: Terms | None = None
    """What the schedule that the change deletes says beside the seats; it is said again."""
    end_of_term: EndOfTerm | None = None
    """What Microsoft had been told of the term's end before the change."""
    mirrored: bool = False
    """Whether our mirror shows what it came to."""

    @property
    def touches_schedule(self) -> bool:
        return (self.scheduled_base, self.scheduled_target) != (None, None)

    @property
    def is_news(self) -> bool:
        """Whether Microsoft may show what it came to, and our mirror does not yet."""
        may_show = self.status in (GrowthStatus.INTENT, GrowthStatus.APPLIED)
        return may_show and not self.mirrored

    @property
    def seats_after(self) -> int:
        """Where only the schedule changes, the renewal's quantity is what comes after."""
        if self.target == self.base and self.scheduled_target is not None:
            return self.scheduled_target
        return self.target

    @property
    def seats_bought(self) -> int:
        return self.target - self.base


@dataclass(frozen=True, slots=True)
class SeatView:
    """Everything that counts for one SKU of one tenant at one moment."""

    stock: SkuStock
    subscriptions: tuple[Subscription, ...]
    holdings: tuple[Holding, ...]
    reservations: tuple[Reservation, ...] = ()
    """Of all pieces of work, the one that is being planned included."""
    _: KW_ONLY
    floor: int = 0
    released: int = 0
    """Seats in use that this work gives free itself, as far as it is to be counted on."""
    assignments: int = 0
    """Direct licences that somebody counted one by one; 0 where nobody did."""

    @property
    def lasting(self) -> int:
        """Seats that stay: ours by Partner Center's count, the others' by the directory's."""
        foreign = sum(
            h.seats for h in self.holdings if h.enabled and not h.is_trial and not self._is_ours(h)
        )
        return foreign + sum(
            s.lasting_seats
            for s in self.subscriptions
            if s.status is SubscriptionStatus.ACTIVE and not s.is_passing
        )

    @property
    def usable(self) -> int:
        """Seats that somebody may be given: passing ones too, in place of buying others."""
        foreign = sum(
            h.seats for h in self.holdings if h.enabled and h.is_trial and not self._is_ours(h)
        )
        ours = (s for s in self.subscriptions if s.status is SubscriptionStatus.ACTIVE)
        return self.lasting + foreign + sum(s.seats for s in ours if s.is_passing)

    def shown_without(self, scheduled: Iterable[Subscription]) -> int:
        """What the directory shows, less what passes and what these subscriptions' schedules take.

        What Partner Center lists and the directory does not show serves nobody yet; what has
        ended there and is enabled in the directory still, serves nobody for long.
        """
        going = sum(
            s.seats - s.lasting_seats
            for s in scheduled
            if s.status is SubscriptionStatus.ACTIVE and not s.is_passing
        )
        passing = [
            s
            for s in self.subscriptions
            if s.status is not SubscriptionStatus.ACTIVE or s.is_passing
        ]
        not_lasting = sum(
            h.seats
            for h in self.holdings
            if h.enabled
            and (h.is_trial or any(s.is_known_as(h.commerce_id, h.id) for s in passing))
        )
        return self.stock.enabled - going - not_lasting

    def _is_ours(self, holding: Holding) -> bool:
        return any(s.is_known_as(holding.commerce_id, holding.id) for s in self.subscriptions)

    @property
    def in_use(self) -> int:
        """The largest of what the directory shows, what batches assigned and what was counted."""
        counted = seats_in_use(self.stock.consumed, self.reservations)
        return max(0, max(counted, self.assignments) - self.released)

    @property
    def promised(self) -> int:
        return sum(r.seats for r in self.reservations)

    @property
    def wanted(self) -> int:
        return self.in_use + self.promised + self.floor
