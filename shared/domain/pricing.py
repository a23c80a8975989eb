"""Price a growth: what Microsoft will charge for seats that join in the middle of a term.

Partner Center has no quote for a quantity change, so the price sheet's unit price is prorated by
the days of the billing period it falls in, as the invoice does it. Days are UTC's.
https://learn.microsoft.com/partner-center/billing/new-commerce-license-based-billing
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.domain.catalog import CatalogEntry, Price
from shared.domain.money import Money, nothing
from shared.domain.subscriptions import Subscription


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
    return max(0, (day_after(end) - start.astimezone(UTC).date()).days)


def quote_growth(
    subscription: Subscription, seats: int, entry: CatalogEntry, now: datetime
) -> Quote | None:
    """Price more seats of a running subscription; None where the price sheet has no such line."""
    price = entry.price(subscription.term, subscription.billing, now)
    if price is None:
        return None
    charge = price.unit * seats
    period = _running_period(subscription, price.billing.months, now)
    rest_of_period = _part(charge, days_between(now, period.end), period.days)
    later = _later_periods(charge, period, day_after(subscription.ends_at))
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


def cost_until(
    subscription: Subscription, entry: CatalogEntry, now: datetime, until: date
) -> Money | None:
    """One more seat in the running term up to a day, unrounded; None without a price."""
    price = entry.price(subscription.term, subscription.billing, now)
    if price is None:
        return None
    period = _running_period(subscription, price.billing.months, now)
    closes = min(until, period.next_start)
    days = max(0, (closes - now.astimezone(UTC).date()).days)
    later = _later_periods(price.unit, period, min(until, day_after(subscription.ends_at)))
    return _part(price.unit, days, period.days) + later


def cost_of_renewals(price: Price, begins: date, until: date) -> Money:
    """One seat in the terms that follow, from their first day up to another one, unrounded."""
    first = _Period(datetime.combine(begins, time.min, UTC), price.billing.months, begins.day)
    return _later_periods(price.unit, first, until)


def add_up(quotes: list[Quote]) -> Money | None:
    """What several growths cost now, where they share a currency."""
    if not quotes or len({q.now.currency for q in quotes}) != 1:
        return None
    total = nothing(quotes[0].now.currency)
    for quote in quotes:
        total += quote.now
    return total


@dataclass(frozen=True, slots=True)
class _Period:
    """A billing period of some months; ``anchor`` is the day of the month that it starts on."""

    end: datetime
    months: int
    anchor: int

    @property
    def next_start(self) -> date:
        return day_after(self.end)

    @property
    def days(self) -> int:
        return (self.next_start - self.start_of_next(-1)).days

    def start_of_next(self, number: int) -> date:
        return months_later(self.next_start, self.months * number, self.anchor)


def _running_period(subscription: Subscription, months: int, now: datetime) -> _Period:
    begun = subscription.starts_at.astimezone(UTC).date()
    end = subscription.billing_period_ends_at
    if end is None or not now <= end <= subscription.ends_at:
        end = _end_by_calendar(subscription, begun, months, now)
    following = day_after(end)
    aligned = following == months_later(following, 0, begun.day)
    return _Period(end, months, begun.day if aligned else following.day)


def _end_by_calendar(
    subscription: Subscription, begun: date, months: int, now: datetime
) -> datetime:
    """Microsoft did not say when the running period ends: count from the term's start."""
    number = 1
    while (closes := months_later(begun, months * number, begun.day)) <= now.astimezone(UTC).date():
        number += 1
    return min(datetime.combine(closes, time.min, UTC), subscription.ends_at)


def _later_periods(charge: Money, period: _Period, term_closes: date) -> Money:
    """Whole periods cost the whole price, whatever their days; a last one may be cut short."""
    if term_closes <= period.next_start:
        return nothing(charge.currency)
    number = 0
    while period.start_of_next(number + 1) <= term_closes:
        number += 1
    last, following = period.start_of_next(number), period.start_of_next(number + 1)
    return charge * number + _part(charge, (term_closes - last).days, (following - last).days)


def _part(charge: Money, days: int, of_days: int) -> Money:
    """Divide once and last, so that halves stay halves."""
    return Money(charge.amount * days / of_days, charge.currency)


def day_after(end: datetime) -> date:
    """The first day that is past a last moment, such as 23:59:59 or midnight itself."""
    return (end.astimezone(UTC) - timedelta.resolution).date() + timedelta(days=1)


def months_later(day: date, months: int, anchor: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(anchor, calendar.monthrange(year, month)[1]))
