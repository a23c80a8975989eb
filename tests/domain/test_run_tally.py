"""A run is added up part by part: sums are whole, lists are bounded."""

from dataclasses import replace
from decimal import Decimal

from shared.domain.catalog import BillingPlan, Term
from shared.domain.decisions import Decision, DecisionKind, GiveBackPlan
from shared.domain.drift import DriftField, DriftKind, DriftRules
from shared.domain.drift_tally import DriftCounts, night_drift
from shared.domain.ids import ConnectionId, CustomerId, OfferId, RunId, SkuId, SubscriptionId
from shared.domain.money import Money
from shared.domain.night_facts import (
    NightFacts,
    Saving,
    SavingKind,
    SkuFacts,
    savings_of,
    sku_facts,
    titles_of,
)
from shared.domain.renewals import plan_renewals
from shared.domain.run_reports import LISTED, RunFigures, SeatFigures
from shared.domain.run_tally import RunTally
from shared.domain.runs import PUT_ASIDE, CustomerRun, CustomerRunStatus
from shared.domain.subscriptions import Terms
from tests.builders import (
    E3,
    E3_OFFER,
    NOW,
    a_lot,
    a_price,
    a_subscription,
    an_entry,
    days,
)

DONE, FAILED, WAITING = CustomerRunStatus.DONE, CustomerRunStatus.FAILED, CustomerRunStatus.WAITING


def a_part(
    number: int, facts: NightFacts | None = None, *, connection: str = "north"
) -> CustomerRun:
    customer, via = CustomerId(f"customer-{number:04}"), ConnectionId(connection)
    return CustomerRun(RunId("night"), customer, via, DONE, facts=facts or NightFacts())


def some_seats(idle: int = 0) -> NightFacts:
    return NightFacts("Contoso", skus=(SkuFacts("E3", 10, 6, 1, idle, E3),))


def a_saving(kind: SavingKind, amount: str = "5.00", *, in_days: int = 0) -> Saving:
    money = Money(Decimal(amount), "USD")
    return Saving(kind, SubscriptionId("sub-1"), "E3", 2, NOW + days(in_days), money)


def added_up(*parts: CustomerRun) -> RunFigures:
    tally = RunTally(NOW)
    for part in parts:
        tally.add(part)
    return tally.figures


def test_connections_add_up_to_the_whole() -> None:
    figures = added_up(
        a_part(1, some_seats(3)),
        a_part(2, some_seats(2)),
        a_part(3, some_seats(), connection="south"),
    )

    assert figures.seats == SeatFigures(bought=30, used=18, reserved=3, idle=5)
    assert [(c.connection_id, c.seats.bought) for c in figures.connections] == [
        ("north", 20),
        ("south", 10),
    ]
    [product] = figures.products
    assert (product.name, product.sku, product.seats.idle) == ("E3", E3, 5)


def test_a_product_is_one_whatever_each_customer_calls_its_subscriptions() -> None:
    unlisted = a_subscription(sku=None, seats=2)
    named = [replace(unlisted, name=f"Our own {number}") for number in range(3)]

    figures = added_up(
        *(a_part(n, NightFacts(skus=sku_facts([], [one], {}))) for n, one in enumerate(named)),
        a_part(8, NightFacts(skus=sku_facts([], named, {E3_OFFER: "Microsoft 365 E3"}))),
        a_part(9, NightFacts(skus=sku_facts([], named, {E3_OFFER: "Microsoft 365 E3 (US)"}))),
    )

    told = [(p.name, p.sku, p.offer, p.seats.bought) for p in figures.products]
    assert told == [("Microsoft 365 E3", None, E3_OFFER, 18)]


def test_of_many_products_the_largest_are_listed_and_the_others_are_one_sum() -> None:
    facts = [SkuFacts(f"Product {n}", n, n, sku=SkuId(f"sku-{n}")) for n in range(1, 1001)]

    figures = added_up(a_part(1, NightFacts(skus=tuple(facts))))

    assert [p.seats.bought for p in figures.products] == list(range(1000, 950, -1))
    assert figures.other_products.products == 950
    assert figures.other_products.seats.bought == sum(range(1, 951))
    assert figures.seats.bought == sum(range(1, 1001))


def test_what_failed_is_counted_by_its_reason() -> None:
    figures = added_up(
        replace(a_part(1), status=FAILED, failure="RemoteRefused", reason="no"),
        replace(a_part(2), status=FAILED, failure="RemoteRefused", reason="no"),
        replace(a_part(3), status=FAILED, failure=PUT_ASIDE, reason="eight times"),
        replace(a_part(4), status=WAITING),
    )

    assert figures.failures == {"RemoteRefused": 2, PUT_ASIDE: 1}
    assert (figures.customers, figures.failed, figures.unfinished) == (4, 3, 1)
    assert [left.customer_id for left in figures.unfinished_customers] == ["customer-0004"]


def test_thousands_of_customers_leave_bounded_lists_and_whole_sums() -> None:
    facts = [
        replace(
            some_seats(number),
            savings=(a_saving(SavingKind.REALISABLE, in_days=number % 60),),
            renewals=plan_renewals([a_subscription(ends_in=days(1 + number % 80))], {}, {}, NOW),
        )
        for number in range(1, 1001)
    ]

    figures = added_up(*(a_part(number, found) for number, found in enumerate(facts)))

    lists = (figures.idle_customers, figures.to_realise, figures.next_renewals)
    assert [len(lines) for lines in lists] == [LISTED] * 3
    assert figures.seats.idle == sum(range(1, 1001))
    assert sum(s.seats for s in figures.savings) == 2000
    assert figures.renewals[2].subscriptions == 1000
    assert figures.idle_customers[0].seats.idle == 1000
    assert figures.to_realise[0].saving.at == NOW


def test_a_product_that_the_directory_does_not_count_is_called_as_the_catalog_has_it() -> None:
    titles = titles_of([an_entry()])

    [line] = sku_facts([], [a_subscription()], titles)

    assert (line.name, line.sku, line.bought) == ("Microsoft 365 E3", E3, 10)


def test_drift_adds_up_and_the_newest_of_all_customers_is_listed_first() -> None:
    parts = []
    for number in range(1, 61):
        rules = DriftRules(CustomerId(f"customer-{number:04}"))
        subject, since = (DriftKind.DOMAIN, "fabrikam.example"), NOW - days(number % 7)
        entry = rules.entry(subject, DriftField.ADDED, "", "fabrikam.example", since)
        parts.append(replace(a_part(number), drift=night_drift([entry], NOW)))

    figures = added_up(*parts)

    assert figures.drift == DriftCounts(found=8, open=60)
    listed = [drift.entry.since for drift in figures.drifted]
    assert len(listed) == LISTED
    assert listed == sorted(listed, reverse=True)


def test_savings_keep_their_kind_month_and_currency_apart() -> None:
    euros = replace(a_saving(SavingKind.REALISED), amount=Money(Decimal(7), "EUR"))
    savings = (
        a_saving(SavingKind.REALISED),
        euros,
        a_saving(SavingKind.SECURED, in_days=60),
        replace(a_saving(SavingKind.SECURED, in_days=60), amount=None),
    )

    figures = added_up(a_part(1, NightFacts(savings=savings)))

    told = [(s.month, s.kind.value, s.seats, [str(a) for a in s.amounts]) for s in figures.savings]
    assert told == [
        ("2026-06", "realised", 4, ["7.00 EUR", "5.00 USD"]),
        ("2026-08", "secured", 4, ["5.00 USD"]),
    ]
    assert [s.unpriced for s in figures.savings] == [0, 2]


def test_terms_without_a_price_are_counted_apart() -> None:
    entries = {E3_OFFER: an_entry(a_price())}
    unlisted = a_subscription("other", seats=7, ends_in=days(5), offer=OfferId("unlisted"))
    planned = plan_renewals([a_subscription(ends_in=days(5)), unlisted], entries, {}, NOW)

    soon = added_up(a_part(1, NightFacts(renewals=planned))).renewals[0]

    assert (soon.subscriptions, soon.seats, soon.unpriced, len(soon.amounts)) == (2, 17, 7, 1)


def a_decision(kind: DecisionKind, target: int, *, applied: bool) -> Decision:
    goes_later = target if kind is DecisionKind.SCHEDULE else None
    return Decision(
        kind,
        SubscriptionId("sub-1"),
        "E3",
        E3,
        10,
        target,
        "because",
        scheduled_target=goes_later,
        applied=applied,
    )


def saved(decision: Decision) -> list[tuple[str, int, int, str]]:
    subscription = a_subscription(lots=[a_lot(5, closes_in=days(3))], ends_in=days(200))
    entries = {E3_OFFER: an_entry(a_price("10.00"))}
    found = savings_of([decision], [subscription], entries, NOW)
    return [(s.kind.value, s.seats, (s.at - NOW).days, str(s.amount)) for s in found]


def test_what_went_is_realised_and_what_is_scheduled_is_secured() -> None:
    gone = saved(a_decision(DecisionKind.RETURN, 7, applied=True))
    scheduled = saved(a_decision(DecisionKind.SCHEDULE, 8, applied=True))

    assert [line[:3] for line in gone] == [("realised", 3, 0)]
    assert scheduled == [("secured", 2, 200, "240.00 GBP")]


def test_what_is_scheduled_is_secured_at_the_price_of_what_the_next_term_becomes() -> None:
    monthly = Terms(E3_OFFER, Term.MONTH, BillingPlan.MONTHLY)
    subscription = replace(a_subscription(scheduled=8), next_terms=monthly)
    entry = an_entry(a_price("10.00"), a_price("12.00", term=Term.MONTH))
    decision = a_decision(DecisionKind.SCHEDULE, 8, applied=True)

    [saving] = savings_of([decision], [subscription], {E3_OFFER: entry}, NOW)

    assert str(saving.amount) == "24.00 GBP"


def test_what_goes_on_as_an_extended_term_could_be_spared_at_its_price() -> None:
    subscription = a_subscription(auto_renew=False, ends_in=days(200))
    dearer = a_price("12.36", term=Term.MONTH)
    entry = replace(an_entry(a_price("10.00")), extended=(dearer,))
    decision = replace(a_decision(DecisionKind.KEEP, 10, applied=False), extended=4)

    [saving] = savings_of([decision], [subscription], {E3_OFFER: entry}, NOW)

    assert (saving.kind, saving.seats) == (SavingKind.REALISABLE, 4)
    assert (saving.at, str(saving.amount)) == (subscription.ends_at, "49.44 GBP")


def test_what_was_only_reported_could_be_realised_on_its_day() -> None:
    now = saved(a_decision(DecisionKind.RETURN, 7, applied=False))
    later = saved(a_decision(DecisionKind.SCHEDULE, 8, applied=False))
    waiting = saved(replace(a_decision(DecisionKind.KEEP, 10, applied=False), waiting=4))

    assert [line[:3] for line in (*now, *later, *waiting)] == [
        ("realisable", 3, 0),
        ("realisable", 2, 200),
        ("realisable", 4, 3),
    ]


def test_what_the_limit_of_a_night_stopped_can_still_be_realised() -> None:
    """Three would go now and four more at the renewal."""
    both = replace(a_decision(DecisionKind.RETURN, 7, applied=False), scheduled_target=3)

    [stopped] = GiveBackPlan((both,)).within(30, 10).decisions

    assert stopped.kind is DecisionKind.KEEP
    assert [line[:3] for line in saved(stopped)] == [("realisable", 3, 0), ("realisable", 4, 200)]
