"""Decide which subscription grows: the cheapest one over a fixed horizon, of those that may.

What falls due within the horizon is compared, so that terms of different length compete fairly:
the rest of the running term, and its renewals at the price sheet's price.
https://learn.microsoft.com/partner-center/billing/new-commerce-license-based-billing
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from shared.domain.catalog import CatalogEntry
from shared.domain.ends import held_end
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.money import Money
from shared.domain.next_terms import next_term
from shared.domain.pricing import cost_of_renewals, cost_until, day_after, months_later
from shared.domain.subscriptions import (
    UPDATE_LIMIT,
    UPDATES_KEPT_BACK,
    EndOfTerm,
    Subscription,
)

UPDATES_OF_A_GROWTH = 2
"""The quantity itself, and the renewal's schedule that it wipes."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """What subscriptions are compared by: prices, months from one moment on, updates made."""

    now: datetime
    entries: Mapping[OfferId, CatalogEntry]
    months: int = 12
    updates: Mapping[SubscriptionId, int] = field(default_factory=dict)

    @property
    def until(self) -> date:
        today = self.now.astimezone(UTC).date()
        return months_later(today, self.months, today.day)

    def why_not(self, subscription: Subscription) -> str | None:
        """Say in words why it should not grow, or None where it may."""
        return (
            subscription.why_not_changeable(self.now)
            or self._ends_early(subscription)
            or self._out_of_updates(subscription)
        )

    def _ends_early(self, subscription: Subscription) -> str | None:
        if renews(subscription) or day_after(subscription.ends_at) > self.until:
            return None
        return (
            f"it ends on {subscription.ends_at:%Y-%m-%d} and does not renew, within the "
            f"{self.months} months that a growth is planned for"
        )

    def _out_of_updates(self, subscription: Subscription) -> str | None:
        made = self.updates.get(subscription.id, 0)
        if made + UPDATES_OF_A_GROWTH <= UPDATE_LIMIT - UPDATES_KEPT_BACK:
            return None
        return (
            f"Microsoft takes about {UPDATE_LIMIT:,} updates of one subscription, and {made:,} "
            "were made; buy a second one of the same product"
        )

    def cost(self, subscription: Subscription) -> Money | None:
        """What one more seat costs within the horizon; None where a price is missing."""
        entry = self.entries.get(subscription.offer)
        running = cost_until(subscription, entry, self.now, self.until) if entry else None
        follows = next_term(subscription, self.entries, self.now)
        if running is None or follows is None or not renews(subscription):
            return running
        if follows.begins >= self.until:
            return running
        if follows.price is None or follows.price.unit.currency != running.currency:
            return None
        return running + cost_of_renewals(follows.price, follows.begins, self.until)

    def ranking(self, subscriptions: Sequence[Subscription]) -> Mapping[SubscriptionId, int]:
        """Cheapest first, what has no price last; of equals the smaller id goes first."""
        ranked = sorted(subscriptions, key=self._order)
        return {s.id: rank for rank, s in enumerate(ranked)}

    def _order(self, subscription: Subscription) -> tuple[bool, str, Decimal, SubscriptionId]:
        # Amounts of two currencies cannot be compared, so each currency keeps together.
        cost = self.cost(subscription)
        if cost is None:
            return True, "", Decimal(0), subscription.id
        return False, cost.currency, cost.amount, subscription.id


def renews(subscription: Subscription) -> bool:
    """Neither ends with its term nor goes on in a dearer extended one."""
    return held_end(subscription) is EndOfTerm.RENEW
