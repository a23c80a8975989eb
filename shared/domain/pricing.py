"""Price a growth: what Microsoft will charge for seats that join in the middle of a term.

Partner Center has no quote for a quantity change, so the price sheet's unit price is prorated by
days, as the invoice does it.
https://learn.microsoft.com/partner-center/billing/new-commerce-license-based-billing
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from shared.domain.catalog import CatalogEntry, Price
from shared.domain.money import Money, nothing
from shared.domain.subscriptions import Subscription

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quote:
    """The cost of some seats: now, and until the term ends.

    ``now`` is the charge for the rest of the running billing period, ``until_term_end`` includes
    it. Both are rounded half-up to the minor unit, once, at the end.
    """

    seats: int
    unit: Money
    now: Money
    until_term_end: Money
    price_valid_from: datetime


def days_between(start: datetime, end: datetime) -> int:
    """Count days begun: a seat that joins in the evening pays for the whole day."""
    return max(0, -((start - end) // _DAY))


def quote_growth(
    subscription: Subscription, seats: int, entry: CatalogEntry, now: datetime
) -> Quote | None:
    """Price more seats of a running subscription; None where the price sheet has no such line."""
    price = entry.price(subscription.term, subscription.billing, now)
    if price is None:
        return None
    period_end = _period_end(subscription, now)
    rest_of_period = price.unit * seats * _share(price, now, period_end)
    later_days = days_between(period_end, subscription.ends_at)
    later = price.unit * seats * _periods(price, later_days)
    return Quote(
        seats,
        price.unit,
        rest_of_period.rounded(),
        (rest_of_period + later).rounded(),
        price.valid_from,
    )


def quote_purchase(price: Price, seats: int) -> Quote:
    """Price a first lot: whole billing periods, from today on."""
    return Quote(
        seats,
        price.unit,
        (price.unit * seats).rounded(),
        (price.per_term * seats).rounded(),
        price.valid_from,
    )


def add_up(quotes: list[Quote]) -> Money | None:
    """What several growths cost now, where they share a currency."""
    if not quotes or len({q.now.currency for q in quotes}) != 1:
        return None
    total = nothing(quotes[0].now.currency)
    for quote in quotes:
        total += quote.now
    return total


def _period_end(subscription: Subscription, now: datetime) -> datetime:
    end = subscription.billing_period_ends_at
    return end if end is not None and now <= end <= subscription.ends_at else subscription.ends_at


def _share(price: Price, now: datetime, period_end: datetime) -> Decimal:
    return _periods(price, days_between(now, period_end))


def _periods(price: Price, days: int) -> Decimal:
    days_in_period = {1: Decimal(365) / 12, 12: Decimal(365), 36: Decimal(1095)}
    return Decimal(days) / days_in_period[price.billing.months]
