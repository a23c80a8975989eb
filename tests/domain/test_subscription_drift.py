"""What somebody changed past us in a subscription is told field by field, once."""

from dataclasses import replace
from datetime import UTC, datetime

from shared.domain.catalog import BillingPlan, Term
from shared.domain.drift import DriftField, DriftRule, DriftRules, DriftState
from shared.domain.history import ChangeRecord, Origin, snapshot_of
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.subscription_drift import of_record
from shared.domain.subscriptions import Subscription, Terms
from tests.builders import CONTOSO, NOW, a_subscription, minutes

RULES = DriftRules(CONTOSO)


def a_record(
    before: Subscription | None, after: Subscription | None, name: str = "moved"
) -> ChangeRecord:
    return ChangeRecord(
        id=name,
        customer_id=CONTOSO,
        subscription_id=SubscriptionId("sub-1"),
        kind="changed",
        origin=Origin.OUTSIDE,
        requested_by="",
        at=NOW,
        before=snapshot_of(before) if before else None,
        after=snapshot_of(after) if after else None,
    )


def test_each_field_that_differs_is_an_entry_of_its_record() -> None:
    before = a_subscription()
    after = replace(before, seats=12, auto_renew=False)

    told = list(of_record(RULES, a_record(before, after)))

    assert [(e.what, e.before, e.after, e.record) for e in told] == [
        (DriftField.SEATS, "10", "12", "moved"),
        (DriftField.AUTO_RENEW, "true", "false", "moved"),
    ]


def test_a_record_has_the_same_entries_whenever_it_is_asked_and_no_other_record_has_them() -> None:
    before = a_subscription()
    record = a_record(before, replace(before, seats=12))

    [first], [again] = of_record(RULES, record), of_record(RULES, record)
    [other] = of_record(RULES, replace(record, id="another"))
    [later] = of_record(RULES, replace(record, at=NOW + minutes(10)))

    assert first == again
    assert len({first.id, other.id, later.id}) == 3


def test_what_comes_and_goes_is_told_by_its_seats() -> None:
    came = a_record(None, a_subscription(seats=3))
    went = a_record(a_subscription(seats=3), None)

    [appeared], [gone] = of_record(RULES, came), of_record(RULES, went)

    assert (appeared.what, appeared.after) == (DriftField.APPEARED, "3")
    assert (gone.what, gone.before) == (DriftField.GONE, "3")


def test_what_was_not_done_outside_makes_no_entry_and_what_a_rule_adopts_is_adopted() -> None:
    before = a_subscription()
    record = a_record(before, replace(before, seats=12))
    adopting = DriftRules(CONTOSO, {DriftField.SEATS: DriftRule.ADOPT})

    assert not list(of_record(RULES, replace(record, origin=Origin.MICROSOFT)))
    assert [e.state for e in of_record(adopting, record)] == [DriftState.ADOPTED]


def test_a_schedule_says_what_is_another_than_today_and_never_the_same_for_two() -> None:
    today = a_subscription(scheduled=8)
    terms = Terms(today.offer, today.term, today.billing)
    ends = datetime(2027, 1, 31, tzinfo=UTC)
    monthly = replace(today, next_terms=replace(terms, term=Term.MONTH))
    other = replace(today, next_terms=Terms(OfferId("P:2"), today.term, BillingPlan.ANNUAL, ends))

    def said(before: Subscription, after: Subscription) -> tuple[str, str]:
        [entry] = [e for e in of_record(RULES, a_record(before, after)) if e.what == "schedule"]
        return entry.before, entry.after

    assert said(replace(today, scheduled_seats=None), today) == ("", "8 seats")
    assert said(today, monthly) == ("8 seats", "8 seats, for P1M")
    assert said(monthly, other) == (
        "8 seats, for P1M",
        "8 seats, of P:2, billed annual, until 2027-01-31T00:00:00+00:00",
    )
    moved = replace(other, offer=OfferId("P:2"), billing=BillingPlan.ANNUAL)
    alike = replace(moved, next_terms=replace(terms, offer=OfferId("P:2")), billing=today.billing)
    was, here = said(today, alike)
    assert was == f"8 seats, of {today.offer}, for P1Y, billed monthly"
    assert here == "8 seats, of P:2, for P1Y, billed monthly"
