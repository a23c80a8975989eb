"""Whose the standing schedule is, as the ledger remembers it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.cuts import Cut, cut_after_change, cut_left_by
from shared.domain.history import ChangeRecord, Origin, RecordStatus, snapshot_of
from shared.domain.ids import OperationId, SubscriptionId
from shared.domain.seats import Growth
from tests.builders import NOW, a_subscription

TERM = a_subscription().ends_at


def a_growth(
    *,
    target: int = 10,
    scheduled_base: int | None = None,
    scheduled_target: int | None = 6,
    term_ends_at: datetime | None = None,
) -> Growth:
    return Growth(
        SubscriptionId("sub-1"),
        "night",
        base=10,
        target=target,
        request_id="r",
        scheduled_base=scheduled_base,
        scheduled_target=scheduled_target,
        term_ends_at=term_ends_at,
    )


@pytest.mark.parametrize(
    ("growth", "before", "after"),
    [
        pytest.param(a_growth(term_ends_at=TERM), None, Cut(6, TERM), id="a night's first cut"),
        pytest.param(
            a_growth(term_ends_at=TERM, scheduled_base=8), None, Cut(6, TERM, 8), id="on theirs"
        ),
        pytest.param(
            a_growth(term_ends_at=TERM, scheduled_base=8),
            Cut(8, TERM, 9),
            Cut(6, TERM, 9),
            id="deeper, on our own",
        ),
        pytest.param(
            a_growth(term_ends_at=TERM, scheduled_base=6, scheduled_target=9),
            Cut(6, TERM),
            Cut(9, TERM),
            id="put back",
        ),
        pytest.param(
            a_growth(term_ends_at=TERM, scheduled_base=8),
            Cut(8, TERM - timedelta(days=365)),
            Cut(6, TERM, 8),
            id="the number of an earlier term",
        ),
        pytest.param(
            a_growth(target=12, scheduled_base=6, scheduled_target=8),
            Cut(6, TERM),
            Cut(8, TERM),
            id="a batch carries ours on",
        ),
        pytest.param(
            a_growth(target=12, scheduled_base=6, scheduled_target=8),
            None,
            None,
            id="a batch carries theirs on",
        ),
        pytest.param(
            a_growth(scheduled_base=8, scheduled_target=6), None, None, id="an undone batch"
        ),
        pytest.param(
            a_growth(term_ends_at=TERM, target=6, scheduled_base=20, scheduled_target=20),
            None,
            None,
            id="a larger next term",
        ),
        pytest.param(
            a_growth(term_ends_at=TERM, target=8, scheduled_target=None),
            Cut(6, TERM),
            None,
            id="nothing scheduled",
        ),
    ],
)
def test_the_ledger_remembers_what_only_our_nights_scheduled_away(
    growth: Growth, before: Cut | None, after: Cut | None
) -> None:
    assert cut_left_by(growth, before) == after


@pytest.mark.parametrize(
    ("kind", "left", "after"),
    [
        pytest.param("setSeats", 8, Cut(8, TERM), id="seats"),
        pytest.param("setSeats", None, None, id="the schedule is gone"),
        pytest.param("scheduleRenewal", 6, None, id="somebody wants just that"),
    ],
)
def test_a_change_that_somebody_asked_for_carries_our_schedule_on(
    kind: str, left: int | None, after: Cut | None
) -> None:
    found, made = a_subscription(scheduled=6), a_subscription(scheduled=left)
    record = ChangeRecord(
        id=OperationId("c-1"),
        customer_id=found.customer_id,
        subscription_id=found.id,
        kind=kind,
        origin=Origin.SEATKEEPER,
        requested_by="portal",
        at=NOW,
        status=RecordStatus.DONE,
        before=snapshot_of(found),
        after=snapshot_of(made),
    )

    assert cut_after_change(record, Cut(6, TERM)) == after
    assert cut_after_change(replace(record, before=snapshot_of(made)), Cut(9, TERM)) is None
