"""A difference is Microsoft's only as far as a renewal or an end explains it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest

from shared.domain.catalog import BillingPlan, Term
from shared.domain.history import ChangeRecord, Origin, snapshot_of, what_differs
from shared.domain.ids import OfferId, SubscriptionId
from shared.domain.origins import steps_between, told_by
from shared.domain.subscriptions import EndOfTerm, Subscription, SubscriptionStatus, Terms
from tests.builders import CONTOSO, NOW, a_subscription, days

STATUS = SubscriptionStatus
DUE = a_subscription(ends_in=days(-1))
LATER = DUE.ends_at + days(365)
MICROSOFT, SEATKEEPER, OUTSIDE = Origin.MICROSOFT, Origin.SEATKEEPER, Origin.OUTSIDE


def whose(
    before: Subscription,
    after: Subscription,
    *,
    now: datetime = NOW,
    ours: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
) -> Mapping[Origin, set[str]]:
    """Which fields are whose."""
    was, here = snapshot_of(before), snapshot_of(after)
    steps = list(steps_between(was, here, now, ours=ours, hidden=hidden))
    if steps:
        assert steps[0].before == was
        assert all(a.after == b.before for a, b in pairwise(steps))
    return {step.origin: set(what_differs(step.before, step.after)) for step in steps}


def test_a_renewal_explains_its_end_and_nothing_else() -> None:
    renewed = replace(DUE, ends_at=LATER)

    assert whose(DUE, renewed) == {MICROSOFT: {"ends_at"}}
    assert whose(DUE, replace(renewed, name="Theirs", auto_renew=False)) == {
        MICROSOFT: {"ends_at"},
        OUTSIDE: {"name", "auto_renew"},
    }


def test_a_renewal_carries_out_what_was_scheduled() -> None:
    terms = Terms(OfferId("P:2"), Term.MONTH, BillingPlan.MONTHLY)
    scheduled = replace(DUE, scheduled_seats=8, next_terms=terms)
    renewed = replace(
        scheduled,
        ends_at=LATER,
        seats=8,
        offer=terms.offer,
        term=terms.term,
        name="Another product",
        scheduled_seats=None,
        next_terms=None,
    )

    assert set(whose(scheduled, renewed)) == {MICROSOFT}
    assert whose(scheduled, replace(renewed, seats=9))[OUTSIDE] == {"seats"}
    again = replace(renewed, scheduled_seats=7)
    assert whose(scheduled, again)[OUTSIDE] == {"schedule"}


def test_a_renewal_that_was_switched_off_before_it_carries_nothing_out() -> None:
    scheduled = replace(DUE, scheduled_seats=8)
    extended = replace(DUE, ends_at=DUE.ends_at + days(30), term=Term.MONTH, auto_renew=False)

    assert whose(scheduled, extended) == {
        MICROSOFT: {"ends_at", "term"},
        OUTSIDE: {"auto_renew", "schedule"},
    }


def test_whoever_renews_again_has_the_old_term_back() -> None:
    extended = replace(DUE, term=Term.MONTH)
    renewed = replace(DUE, ends_at=LATER, term=Term.YEAR)

    assert whose(extended, renewed) == {MICROSOFT: {"ends_at", "term"}}


def test_what_was_said_of_the_end_is_done_with_unless_it_was_to_be_the_last() -> None:
    def renewed(said: EndOfTerm) -> Mapping[Origin, set[str]]:
        before = replace(DUE, auto_renew=False, end_of_term=said)
        return whose(before, replace(before, ends_at=LATER, end_of_term=None))

    assert renewed(EndOfTerm.EXTEND) == {MICROSOFT: {"ends_at", "end_of_term"}}
    assert renewed(EndOfTerm.CANCEL) == {MICROSOFT: {"ends_at"}, OUTSIDE: {"end_of_term"}}


def test_an_extension_is_filled_in_by_microsoft_where_auto_renew_is_off() -> None:
    off = a_subscription(auto_renew=False)
    extends = replace(off, end_of_term=EndOfTerm.EXTEND)

    assert whose(off, extends) == {MICROSOFT: {"end_of_term"}}
    assert whose(a_subscription(), extends) == {
        MICROSOFT: {"end_of_term"},
        OUTSIDE: {"auto_renew"},
    }
    ending = replace(off, end_of_term=EndOfTerm.CANCEL)
    assert whose(ending, extends) == {OUTSIDE: {"end_of_term"}}


def test_a_later_end_in_the_middle_of_a_term_is_no_renewal() -> None:
    before = a_subscription(ends_in=days(100))

    assert whose(before, replace(before, ends_at=LATER)) == {OUTSIDE: {"ends_at"}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STATUS.PENDING, STATUS.ACTIVE),
        (STATUS.ACTIVE, STATUS.EXPIRED),
        (STATUS.EXPIRED, STATUS.DISABLED),
        (STATUS.SUSPENDED, STATUS.DISABLED),
        (STATUS.DISABLED, STATUS.DELETED),
        (STATUS.EXPIRED, STATUS.DELETED),
        (STATUS.SUSPENDED, STATUS.DELETED),
        (STATUS.ACTIVE, STATUS.DELETED),
    ],
)
def test_what_comes_and_goes_by_itself_is_microsofts(
    before: SubscriptionStatus, after: SubscriptionStatus
) -> None:
    known, found = replace(DUE, status=before), replace(DUE, status=after, auto_renew=False)

    assert whose(known, found) == {MICROSOFT: {"status"}, OUTSIDE: {"auto_renew"}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STATUS.ACTIVE, STATUS.SUSPENDED),
        (STATUS.SUSPENDED, STATUS.ACTIVE),
        (STATUS.ACTIVE, STATUS.DELETED),
        (STATUS.EXPIRED, STATUS.ACTIVE),
    ],
)
def test_what_somebody_suspends_wakes_or_cancels_in_mid_term_is_theirs(
    before: SubscriptionStatus, after: SubscriptionStatus
) -> None:
    known = a_subscription(status=before)

    assert whose(known, replace(known, status=after)) == {OUTSIDE: {"status"}}


def test_what_ends_takes_its_schedule_and_its_instructions_along() -> None:
    ending = replace(DUE, auto_renew=False, end_of_term=EndOfTerm.CANCEL, scheduled_seats=3)
    ended = replace(ending, status=STATUS.EXPIRED, end_of_term=None, scheduled_seats=None)

    assert set(whose(ending, ended)) == {MICROSOFT}


def test_what_is_ours_is_taken_off_and_what_a_change_under_way_tells_is_not_told() -> None:
    before = a_subscription()
    after = replace(before, seats=20, name="Theirs", auto_renew=False)

    assert whose(before, after, ours=("seats",), hidden=("auto_renew",)) == {
        SEATKEEPER: {"seats"},
        OUTSIDE: {"name"},
    }
    assert whose(before, after, ours=("seats",), hidden=("seats", "auto_renew")) == {
        OUTSIDE: {"name"}
    }


def test_a_change_under_way_accounts_for_what_microsoft_does_along_with_it() -> None:
    before = snapshot_of(a_subscription(scheduled=8))
    change = ChangeRecord(
        id="1",
        customer_id=CONTOSO,
        subscription_id=SubscriptionId("sub-1"),
        kind="setSeats",
        origin=SEATKEEPER,
        requested_by="ada",
        at=NOW,
        before=before,
        after=replace(before, seats=12),
    )

    assert told_by([change]) == {"seats", "schedule", "end_of_term"}
    assert told_by([replace(change, kind="rename", after=before)]) == {"name"}
    assert "offer" in told_by([replace(change, kind="upgrade")])
    assert told_by([]) == frozenset()
