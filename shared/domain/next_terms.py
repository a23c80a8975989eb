"""Know the term that follows a running one: how many seats, of what, for how long, at which price.

https://learn.microsoft.com/partner-center/customers/extended-service-terms
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from shared.domain.catalog import BillingPlan, CatalogEntry, Price, Term
from shared.domain.ends import held_end
from shared.domain.ids import OfferId
from shared.domain.money import Money
from shared.domain.pricing import cost_of_renewals, day_after
from shared.domain.subscriptions import EndOfTerm, Schedule, Subscription, Terms


@dataclass(frozen=True, slots=True)
class NextTerm:
    """What Microsoft begins if it is told nothing more; no price where no sheet has one."""

    seats: int
    terms: Terms
    begins: date
    price: Price | None = None
    priced_at: datetime | None = None
    """Today, where no sheet reaches its first day; None where one does."""

    @property
    def unit(self) -> Money | None:
        """One seat for one billing period."""
        return self.price.unit if self.price else None

    @property
    def cost(self) -> Money | None:
        return self.cost_of(self.seats)

    def cost_of(self, seats: int) -> Money | None:
        """So many seats over the whole of it; one that ends early is paid as far as it goes."""
        if self.price is None:
            return None
        if self.terms.ends_at is None:
            return (self.price.per_term * seats).rounded()
        whole = replace(self.price, unit=self.price.unit * seats)
        return cost_of_renewals(whole, self.begins, _closes(self.terms.ends_at)).rounded()


def next_term(
    subscription: Subscription, entries: Mapping[OfferId, CatalogEntry], now: datetime
) -> NextTerm | None:
    """None where nothing follows."""
    match held_end(subscription):
        case EndOfTerm.CANCEL:
            return None
        case EndOfTerm.EXTEND:
            return _extension(subscription, entries.get(subscription.offer), now)
        case _:
            again = Schedule(subscription.seats, subscription.terms)
            return renewed(subscription.ends_at, subscription.schedule or again, entries, now)


def renewed(
    ends_at: datetime,
    schedule: Schedule,
    entries: Mapping[OfferId, CatalogEntry],
    now: datetime,
) -> NextTerm:
    """As a schedule has it, after a term that ends at that moment."""
    terms, begins = schedule.terms, day_after(ends_at)
    found = NextTerm(schedule.seats, terms, begins)
    entry = entries.get(terms.offer)
    if entry is None:
        return found
    then = entry.price(terms.term, terms.billing, _first_moment(begins))
    return _priced(found, then, entry.price(terms.term, terms.billing, now), now)


def _extension(subscription: Subscription, entry: CatalogEntry | None, now: datetime) -> NextTerm:
    """A month of the same seats, dearer, and with no schedule that could lower them."""
    terms = Terms(subscription.offer, Term.MONTH, BillingPlan.MONTHLY)
    found = NextTerm(subscription.seats, terms, day_after(subscription.ends_at))
    if entry is None:
        return found
    then = entry.extended_price(_first_moment(found.begins))
    return _priced(found, then, entry.extended_price(now), now)


def _priced(found: NextTerm, then: Price | None, today: Price | None, now: datetime) -> NextTerm:
    if then is not None or today is None:
        return replace(found, price=then)
    return replace(found, price=today, priced_at=now)


def _first_moment(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _closes(ends_at: datetime) -> date:
    """Microsoft names a term's last day, which is paid for."""
    return ends_at.astimezone(UTC).date() + timedelta(days=1)
