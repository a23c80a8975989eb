"""Decide what a batch may buy and whom it may take away from, and who has to agree first (law 4).

Everything here is asked of the highest purchase, so that no release that fails can pass a ceiling.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from shared.domain.errors import Fault
from shared.domain.ids import PlanId, SkuId
from shared.domain.money import Money
from shared.domain.purchases import BatchPlan, Purchase, PurchaseLine

_MEND = (
    "Raise the ceiling in the customer's policy (PUT /api/customers/{id}/policy/batches), or split "
    "the batch; nothing was done."
)


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What one batch may buy at the most; None is no ceiling.

    ``money`` is what is committed until the terms end; ``growth_percent`` is of the seats that our
    subscriptions of a SKU hold.
    """

    seats: int | None = None
    money: Money | None = None
    growth_percent: int | None = None


class ApprovalMode(StrEnum):
    """When a person has to agree before a batch acts."""

    NEVER = "never"
    ALWAYS = "always"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """``seats`` and ``money`` are what may be bought unasked with `ABOVE`."""

    mode: ApprovalMode = ApprovalMode.NEVER
    seats: int | None = None
    money: Money | None = None
    by_another: bool = False
    """Whoever sent the batch may not approve it."""
    hours: int = 48

    def asks(self, highest: Purchase, *, is_single_user: bool = False) -> bool:
        """Whether somebody must approve; a single user only where seats are bought."""
        if self.mode is ApprovalMode.ALWAYS:
            return highest.seats > 0 or not is_single_user
        if self.mode is ApprovalMode.NEVER:
            return False
        too_many = self.seats is not None and highest.seats > self.seats
        return too_many or (self.money is not None and not within(highest, self.money))


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """What a customer allows its batches."""

    ceilings: Ceilings = Ceilings()
    ceilings_by_plan: Mapping[PlanId, Ceilings] = field(default_factory=dict)
    people_percent: int = 10
    """Of the tenant's people, how many one batch may block, delete or leave without a licence."""
    approval: ApprovalRule = ApprovalRule()
    horizon_months: int = 12
    """Over how many months the cheapest subscription is looked for."""
    etag: str = field(default="", compare=False)


def breaches(plan: BatchPlan, policy: BatchPolicy) -> Iterator[Fault]:
    """Name every ceiling that the batch would pass, with what to do about it."""
    demand = plan.demand
    yield from _of_purchase(plan.highest, demand.held, policy.ceilings, "the batch")
    for name, ceilings in sorted(policy.ceilings_by_plan.items()):
        share = share_of(plan.highest, demand.wanted.get(name, {}))
        yield from _of_purchase(share, demand.held, ceilings, f"the plan {name!r}")
    yield from _of_people(plan, policy.people_percent)


def share_of(purchase: Purchase, wanted: Mapping[SkuId, int]) -> Purchase:
    """The dearest part of a purchase that some rows can be the cause of."""
    left = dict(wanted)
    lines = []
    for line in sorted(purchase.lines, key=_dearest_first):
        seats = min(line.seats, left.get(line.sku, 0))
        if seats and not line.is_standing:
            left[line.sku] -= seats
            lines.append(_part(line, seats))
    return Purchase(tuple(lines))


def _dearest_first(line: PurchaseLine) -> tuple[Decimal, str]:
    committed = line.until_term_end.amount if line.until_term_end else Decimal(0)
    return -committed / line.seats, line.subscription_id


def _part(line: PurchaseLine, seats: int) -> PurchaseLine:
    share = Decimal(seats) / line.seats
    return replace(
        line,
        seats=seats,
        now=line.now * share if line.now else None,
        until_term_end=line.until_term_end * share if line.until_term_end else None,
    )


def _of_purchase(
    purchase: Purchase, held: Mapping[SkuId, int], ceilings: Ceilings, whose: str
) -> Iterator[Fault]:
    if ceilings.seats is not None and purchase.seats > ceilings.seats:
        yield _fault(
            f"{whose} may buy {ceilings.seats:,} seats and would buy up to {purchase.seats:,}"
        )
    if ceilings.money is not None and not within(purchase, ceilings.money):
        sums = " and ".join(str(sum_) for sum_ in purchase.committed)
        yield _fault(
            f"{whose} may commit {ceilings.money} until the terms end and would commit up to {sums}"
        )
    if ceilings.growth_percent is not None:
        yield from _of_percent(purchase, held, ceilings.growth_percent, whose)


def _of_percent(
    purchase: Purchase, held: Mapping[SkuId, int], percent: int, whose: str
) -> Iterator[Fault]:
    """A first subscription has nothing to grow from, so only the other ceilings hold it."""
    for sku in sorted({line.sku for line in purchase.lines}):
        seats, before = purchase.seats_of(sku), held.get(sku, 0)
        if before and seats * 100 > percent * before:
            yield _fault(
                f"{whose} may raise the {before:,} seats of {sku} by {percent} % and would raise "
                f"them by up to {seats:,}"
            )


def _of_people(plan: BatchPlan, percent: int) -> Iterator[Fault]:
    """One person may always go, however small the company is."""
    if plan.people > 1 and plan.people * 100 > percent * plan.people_total:
        yield _fault(
            f"the batch may block, delete or leave without a licence {percent} % of "
            f"{plan.people_total:,} people and would do so to {plan.people:,}"
        )


def within(purchase: Purchase, money: Money) -> bool:
    """Amounts of another currency cannot be compared, so they are never within."""
    return all(
        s.currency == money.currency and s.amount <= money.amount for s in purchase.committed
    )


def _fault(sentence: str) -> Fault:
    return Fault(f"{sentence}. {_MEND}", pointer="/rows")
