from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce

from shared.domain.decisions import Decision, DecisionKind
from shared.domain.ids import RunId, SubscriptionId
from shared.domain.runs import (
    CustomerRun,
    CustomerRunStatus,
    LastNight,
    Nights,
    RunSummary,
    added,
    nightly_id,
)
from tests.builders import CONTOSO, E3, NORTH


def a_decision(
    kind: DecisionKind, *, target: int, scheduled_target: int | None = None, applied: bool = True
) -> Decision:
    return Decision(
        kind,
        SubscriptionId("sub-1"),
        "E3",
        E3,
        seats=10,
        target=target,
        reason="because",
        scheduled_target=scheduled_target,
        applied=applied,
    )


def a_part(
    *decisions: Decision, applied: bool = True, status: CustomerRunStatus = CustomerRunStatus.DONE
) -> CustomerRun:
    return CustomerRun(
        RunId("night"), CONTOSO, NORTH, status, decisions, applied=applied, seats_idle=4
    )


def summarise(parts: Iterable[CustomerRun]) -> RunSummary:
    return reduce(added, parts, RunSummary())


RETURNED = a_decision(DecisionKind.RETURN, target=7)
SCHEDULED = a_decision(DecisionKind.SCHEDULE, target=8, scheduled_target=8)
BOTH = a_decision(DecisionKind.RETURN, target=9, scheduled_target=5)
KEPT = a_decision(DecisionKind.KEEP, target=10)


def test_a_night_has_one_run_whoever_fires_first() -> None:
    assert nightly_id(date(2026, 6, 15)) == "night-2026-06-15"
    assert nightly_id(date(2026, 6, 15), 2) == "night-2026-06-15-2"


def test_a_run_adds_up_what_went_now_and_what_goes_at_renewals() -> None:
    parts = [
        a_part(RETURNED, SCHEDULED, KEPT),
        a_part(BOTH),
        replace(a_part(status=CustomerRunStatus.FAILED), failure="RemoteRefused"),
    ]

    assert summarise(parts) == RunSummary(
        customers=3,
        failed=1,
        seats_idle=12,
        seats_given_back=3 + 1,
        seats_scheduled=2 + 4,
        failures={"RemoteRefused": 1},
    )


def test_connections_that_were_left_out_stay_counted() -> None:
    summary = reduce(added, [a_part(RETURNED), a_part()], RunSummary(left_out=2))

    assert (summary.customers, summary.left_out) == (2, 2)


def test_what_was_only_reported_was_not_given_back() -> None:
    told = [replace(d, applied=False) for d in (RETURNED, SCHEDULED)]

    summary = summarise([a_part(*told, applied=False)])

    assert (summary.seats_given_back, summary.seats_scheduled) == (0, 0)
    assert summary.seats_idle == 4


NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def test_a_night_is_missed_after_twenty_six_hours() -> None:
    nights = Nights(NOON - timedelta(days=9), LastNight(RunId("night"), NOON))

    assert not nights.is_stale(NOON + timedelta(hours=26))
    assert nights.is_stale(NOON + timedelta(hours=26, seconds=1))


def test_a_service_that_was_set_up_today_has_missed_no_night() -> None:
    assert not Nights(NOON).is_stale(NOON + timedelta(hours=20))
    assert Nights(NOON).is_stale(NOON + timedelta(hours=27))
