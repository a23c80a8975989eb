"""Plan the renewals: what each term's end brings, what it costs, and what we propose.

https://learn.microsoft.com/partner-center/customers/extended-service-terms
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.catalog import BillingPlan, CatalogEntry, Term
from shared.domain.ends import held_end, told_end
from shared.domain.ids import CustomerId, OfferId, SkuId, SubscriptionId
from shared.domain.money import Money
from shared.domain.next_terms import NextTerm, next_term
from shared.domain.subscriptions import (
    RENEWAL_LOCK,
    EndOfTerm,
    Subscription,
    SubscriptionStatus,
)

LOOK_AHEAD = timedelta(days=90)
"""How far a run looks."""
SPEAK_UP = timedelta(days=30)
"""When an extended term that nobody chose is worth calling somebody."""
_NEVER_USED_UP = 1
"""A subscription renews with one seat at least, or with its product's minimum."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """One subscription whose term ends soon.

    ``renewal_seats`` is what Microsoft starts the next term with if nobody does anything, none
    where it ends, ``proposed_seats`` what is in use, promised or kept spare of it. ``unit`` is the
    price of one seat for one billing period, ``next_term`` that of the renewal's seats over the
    whole next term; both are None where the price sheet has no such line. ``held`` is what
    Microsoft will do, ``intent`` what was chosen, by the connection's baseline where nobody chose.
    """

    customer_id: CustomerId
    subscription_id: SubscriptionId
    name: str
    offer: OfferId
    term: Term
    billing: BillingPlan
    renews_at: datetime
    decide_by: datetime
    """The last moment that Microsoft surely takes a change at."""
    seats: int
    renewal_seats: int
    proposed_seats: int
    held: EndOfTerm
    intent: EndOfTerm
    proposal: str = ""
    is_chosen: bool = False
    """Somebody said how it ends: here, or to Microsoft, which fills in extensions by itself."""
    unit: Money | None = None
    next_term: Money | None = None
    priced_at: datetime | None = None
    """Today, where no sheet reaches the day of the renewal; None where one does."""
    next_ends_at: datetime | None = None
    """The next term's last day, where it is not the usual one."""

    @property
    def is_unwanted_extension(self) -> bool:
        """It goes on as a paid extended term, and nobody chose that."""
        return self.held is EndOfTerm.EXTEND and not (
            self.is_chosen and self.intent is EndOfTerm.EXTEND
        )

    @property
    def agrees(self) -> bool:
        return self.held is self.intent


def ends_within(subscription: Subscription, now: datetime, horizon: timedelta) -> bool:
    is_active = subscription.status is SubscriptionStatus.ACTIVE
    return is_active and now < subscription.ends_at <= now + horizon


def idle_beyond_ends(
    idle: Mapping[SkuId, int], subscriptions: Iterable[Subscription]
) -> dict[SkuId, int]:
    """Idle seats that nobody needs either when what ends, or becomes another product, is over."""
    left = dict(idle)
    for one in subscriptions:
        is_counted = one.status is SubscriptionStatus.ACTIVE and not one.is_trial
        if is_counted and one.is_passing and one.sku in left:
            left[one.sku] = max(0, left[one.sku] - one.seats)
    return left


def plan_renewals(
    subscriptions: Iterable[Subscription],
    entries: Mapping[OfferId, CatalogEntry],
    intents: Mapping[SubscriptionId, EndOfTerm],
    now: datetime,
    horizon: timedelta = LOOK_AHEAD,
    *,
    usual: EndOfTerm = EndOfTerm.RENEW,
    idle: Mapping[SkuId, int] | None = None,
) -> tuple[Renewal, ...]:
    """Answer what ends within the horizon, soonest first.

    ``intents`` are what somebody chose, ``usual`` holds for the others; ``idle`` seats per SKU
    are those that neither a schedule nor an end takes away: the first terms to end propose to go
    without them.
    """
    left = dict(idle or {})
    ending = [s for s in subscriptions if ends_within(s, now, horizon)]
    planned = []
    for subscription in sorted(ending, key=lambda s: (s.ends_at, s.id)):
        spare = left.get(subscription.sku, 0) if subscription.sku else 0
        chosen = intents.get(subscription.id)
        renewal = _plan(subscription, entries, chosen, usual, idle=spare, now=now)
        if subscription.sku:
            left[subscription.sku] = spare - (renewal.renewal_seats - renewal.proposed_seats)
        planned.append(renewal)
    return tuple(planned)


def _plan(
    subscription: Subscription,
    entries: Mapping[OfferId, CatalogEntry],
    chosen: EndOfTerm | None,
    usual: EndOfTerm,
    *,
    idle: int,
    now: datetime,
) -> Renewal:
    held = held_end(subscription)
    chosen = chosen or told_end(subscription)
    follows = next_term(subscription, entries, now)
    terms = follows.terms if follows else subscription.terms
    seats, proposed = _seats(subscription, follows, entries, idle)
    planned = Renewal(
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        name=subscription.name,
        offer=subscription.offer,
        term=terms.term,
        billing=terms.billing,
        renews_at=subscription.ends_at,
        decide_by=subscription.ends_at - RENEWAL_LOCK,
        seats=subscription.seats,
        renewal_seats=seats,
        proposed_seats=proposed,
        held=held,
        intent=chosen or usual,
        is_chosen=chosen is not None,
        unit=follows.unit if follows else None,
        next_term=follows.cost if follows else None,
        priced_at=follows.priced_at if follows else None,
        next_ends_at=terms.ends_at,
    )
    return replace(planned, proposal=_proposal(planned))


def _seats(
    subscription: Subscription,
    follows: NextTerm | None,
    entries: Mapping[OfferId, CatalogEntry],
    idle: int,
) -> tuple[int, int]:
    """What the next term starts with, and what it should: no schedule lowers an extended term.

    Idle seats of this product say nothing of another one's.
    """
    if follows is None:
        return 0, 0
    is_fixed = subscription.is_trial or subscription.is_legacy or subscription.is_converting
    if is_fixed or held_end(subscription) is not EndOfTerm.RENEW:
        return follows.seats, follows.seats
    entry = entries.get(follows.terms.offer)
    least = max(_NEVER_USED_UP, entry.offer.minimum if entry else _NEVER_USED_UP)
    return follows.seats, max(min(follows.seats, least), follows.seats - idle)


def _proposal(renewal: Renewal) -> str:
    held, intent = renewal.held, renewal.intent
    if renewal.is_unwanted_extension:
        return (
            "nobody chose the paid extended term that it goes on as: set its end of term to "
            f"{intent.value if intent is not EndOfTerm.EXTEND else 'renew or cancel'}"
        )
    if held is not intent:
        whose = "was chosen" if renewal.is_chosen else "is the connection's baseline"
        return f"Microsoft will {held.value} it and {intent.value} {whose}: set its end of term"
    if held is EndOfTerm.CANCEL:
        return f"it ends with its term; see that nobody needs its {renewal.seats} seats"
    if held is EndOfTerm.EXTEND:
        return "it goes on by the month, as chosen"
    seats, proposed = renewal.renewal_seats, renewal.proposed_seats
    if proposed < seats:
        return f"{seats - proposed} of {seats} seats are idle: renew with {proposed}"
    return f"let it renew with {seats} seats"
