"""Which subscription grows: worked examples, and the rule over random ones."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.catalog import BillingPlan, CatalogEntry, Term
from shared.domain.horizons import Horizon
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.money import Money
from shared.domain.seat_plans import plan_seats
from shared.domain.subscriptions import EndOfTerm, Subscription, SubscriptionStatus, Terms
from tests.builders import (
    E3_OFFER,
    NOW,
    a_price,
    a_subscription,
    a_view,
    an_entry,
    days,
)

OTHER = OfferId("CFQ7TTC0LFLX:0002")
MIDDAY = datetime(2026, 6, 15, 12, tzinfo=UTC)


def a_term(
    starts: str, ends: str, *, term: Term = Term.YEAR, billing: BillingPlan = BillingPlan.MONTHLY
) -> Subscription:
    last = datetime.fromisoformat(f"{ends}T23:59:59+00:00")
    first = datetime.fromisoformat(f"{starts}T00:00:00+00:00")
    plain = a_subscription(term=term, billing=billing)
    return replace(plain, starts_at=first, ends_at=last)


def horizon(*entries: CatalogEntry, months: int = 12, **updates: int) -> Horizon:
    sent = {SubscriptionId(name.replace("_", "-")): count for name, count in updates.items()}
    return Horizon(MIDDAY, {e.offer.id: e for e in entries}, months, sent)


def cost(subscription: Subscription, *entries: CatalogEntry, months: int = 12) -> str | None:
    found = horizon(*entries, months=months).cost(subscription)
    return None if found is None else str(found)


def test_a_month_of_the_running_term_and_its_renewals_are_added_up() -> None:
    # 15 June, the first of 30 days of the period: 1 whole, then 11 whole ones, renewed in January.
    running = a_term("2026-01-15", "2027-01-14")

    assert cost(running, an_entry(a_price("30.00"))) == "360.00 GBP"


def test_the_running_period_counts_by_days() -> None:
    # 15 June to 30 June is 16 of 30 days, 11 whole months follow, and 14 days of June 2027.
    running = a_term("2026-01-01", "2026-12-31")

    assert cost(running, an_entry(a_price("30.00"))) == "360.00 GBP"


def test_only_what_falls_into_the_horizon_counts_of_a_longer_commitment() -> None:
    three_years = a_term("2026-06-15", "2029-06-14", term=Term.THREE_YEARS)
    price = a_price("24.00", term=Term.THREE_YEARS)

    assert cost(three_years, an_entry(price)) == "288.00 GBP"


def test_a_yearly_bill_counts_by_the_days_that_are_used() -> None:
    # 200 of 365 days are left of a bill of 365.00, and the renewal brings 165 more.
    annual = replace(
        a_term("2026-01-01", "2026-12-31", billing=BillingPlan.ANNUAL), auto_renew=True
    )

    assert cost(annual, an_entry(a_price("365.00", billing=BillingPlan.ANNUAL))) == "365.00 GBP"


def test_a_renewal_to_other_terms_is_priced_as_what_it_becomes() -> None:
    dear_next = replace(
        a_term("2025-07-15", "2026-07-14"),
        next_terms=Terms(OTHER, Term.MONTH, BillingPlan.MONTHLY),
        scheduled_seats=10,
    )
    now, later = an_entry(a_price("10.00")), an_entry(a_price("20.00", term=Term.MONTH))
    later = replace(later, offer=replace(later.offer, id=OTHER))

    assert cost(dear_next, now, later) == "230.00 GBP"


def test_a_renewal_is_priced_by_the_sheet_that_is_in_force_then() -> None:
    soon = a_term("2025-07-15", "2026-07-14")
    changes_at = datetime(2026, 7, 1, tzinfo=UTC)
    today = a_price("10.00", valid_until=changes_at)

    assert cost(soon, an_entry(today, a_price("30.00", valid_from=changes_at))) == "340.00 GBP"


def test_what_has_no_price_has_no_cost() -> None:
    assert cost(a_subscription(), an_entry()) is None
    assert cost(a_subscription()) is None


def test_a_short_horizon_compares_the_running_terms_alone() -> None:
    monthly = a_term("2026-06-15", "2026-07-14", term=Term.MONTH)

    assert cost(monthly, an_entry(a_price("36.00", term=Term.MONTH)), months=1) == "36.00 GBP"


@pytest.mark.parametrize(
    ("subscription", "words"),
    [
        pytest.param(a_subscription(is_trial=True), "trial", id="a trial"),
        pytest.param(a_subscription(ends_in=days(0.5)), "renewal", id="one that is renewing"),
        pytest.param(a_subscription(auto_renew=False), "does not renew", id="one that ends"),
        pytest.param(
            replace(a_subscription(), end_of_term=EndOfTerm.CANCEL),
            "does not renew",
            id="one that was told to end",
        ),
        pytest.param(
            replace(a_subscription(), end_of_term=EndOfTerm.EXTEND),
            "does not renew",
            id="one that goes into an extended term",
        ),
        pytest.param(
            a_subscription(auto_renew=False, term=Term.MONTH, ends_in=days(20)),
            "does not renew",
            id="one in an extended term",
        ),
        pytest.param(
            a_subscription(status=SubscriptionStatus.SUSPENDED), "suspended", id="a suspended one"
        ),
    ],
)
def test_does_not_grow(subscription: Subscription, words: str) -> None:
    reason = horizon().why_not(subscription)

    assert reason is not None
    assert words in reason


def test_one_that_ends_after_the_horizon_may_grow() -> None:
    assert horizon().why_not(a_subscription(auto_renew=False, ends_in=days(400))) is None
    assert horizon(months=1).why_not(a_subscription(auto_renew=False, ends_in=days(40))) is None


@pytest.mark.parametrize(
    ("made", "may"), [(1187, True), (1188, True), (1189, False), (1200, False)]
)
def test_updates_are_kept_back_for_what_must_still_be_possible(made: int, *, may: bool) -> None:
    reason = horizon(sub_1=made).why_not(a_subscription("sub-1"))

    assert (reason is None) == may


def test_the_dearer_one_grows_where_the_cheaper_one_must_not() -> None:
    cheap = a_subscription("cheap", offer=OTHER, auto_renew=False)
    dear = a_subscription("dear")
    compared = horizon()

    plan = plan_seats(
        a_view(cheap, dear, consumed=20, needed=1),
        needed=1,
        maximum_of={E3_OFFER: 300, OTHER: 300},
        preference={cheap.id: 0, dear.id: 1},
        now=NOW,
        unfit={s.id: reason for s in (cheap, dear) if (reason := compared.why_not(s))},
    )

    assert [r.subscription.id for r in plan.raises] == ["dear"]


def test_the_plan_says_why_none_of_them_may_grow() -> None:
    ending = a_subscription(auto_renew=False)

    plan = plan_seats(
        a_view(ending, consumed=10, needed=1),
        needed=1,
        maximum_of={E3_OFFER: 300},
        preference={},
        now=NOW,
        unfit={ending.id: "it ends"},
    )

    assert plan.missing == 1
    assert plan.why_missing == "Microsoft 365 E3 (sub-1): it ends"


_TERMS = st.sampled_from(
    [
        (Term.MONTH, BillingPlan.MONTHLY),
        (Term.YEAR, BillingPlan.MONTHLY),
        (Term.YEAR, BillingPlan.ANNUAL),
        (Term.THREE_YEARS, BillingPlan.MONTHLY),
        (Term.THREE_YEARS, BillingPlan.TRIENNIAL),
    ]
)


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[Horizon, tuple[Subscription, ...]]:
    """Some subscriptions of offers that the sheet prices, or not, in every way of paying."""
    entries, held = {}, []
    for number in range(draw(st.integers(1, 5))):
        offer, (term, billing) = OfferId(f"OFFER:{number}"), draw(_TERMS)
        plain = a_subscription(
            f"sub-{draw(st.permutations(range(9)))[0]}{number}",
            offer=offer,
            term=term,
            billing=billing,
            ends_in=days(draw(st.integers(2, 1000))),
        )
        held.append(plain)
        if draw(st.sampled_from([True, True, False])):
            unit = a_price("1.00", term=term, billing=billing)
            amount = Money(Decimal(draw(st.integers(1, 9))) * billing.months, "GBP")
            entry = an_entry(replace(unit, unit=amount))
            entries[offer] = replace(entry, offer=replace(entry.offer, id=offer))
    return Horizon(MIDDAY, entries, draw(st.sampled_from([1, 12, 36]))), tuple(held)


@given(_worlds())
def test_never_prefers_a_dearer_one(world: tuple[Horizon, tuple[Subscription, ...]]) -> None:
    compared, held = world
    ranks = compared.ranking(held)

    ordered = [compared.cost(s) for s in sorted(held, key=lambda s: ranks[s.id])]

    priced = [c.amount for c in ordered if c is not None]
    assert priced == sorted(priced)
    assert all(c is None for c in ordered[len(priced) :])


@given(_worlds(), st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_told_changes_nothing(
    world: tuple[Horizon, tuple[Subscription, ...]], chance: Random
) -> None:
    compared, held = world
    shuffled = list(held)
    chance.shuffle(shuffled)

    assert compared.ranking(shuffled) == compared.ranking(held)


@given(_worlds())
def test_a_longer_horizon_never_costs_less(
    world: tuple[Horizon, tuple[Subscription, ...]],
) -> None:
    compared, held = world
    longer = replace(compared, months=compared.months + 1)

    for subscription in held:
        cost, more = compared.cost(subscription), longer.cost(subscription)
        assert (cost is None and more is None) or (cost and more and cost.amount <= more.amount)
