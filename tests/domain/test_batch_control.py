"""When a batch can be paused, resumed and cancelled, and how fast it is."""

from dataclasses import replace

import pytest

from shared.domain.batch_control import cancelling, paused, resumed
from shared.domain.batches import Batch, BatchStatus
from shared.domain.errors import WrongMoment
from shared.domain.pace import pace_of
from shared.domain.progress import Progress
from tests.builders import NOW, a_batch, minutes

RUNNING = replace(a_batch(), status=BatchStatus.RUNNING, running_since=NOW)
ENDS = [s for s in BatchStatus if s.is_final]


@pytest.mark.parametrize("status", [BatchStatus.GROWING, BatchStatus.RUNNING])
def test_a_paused_batch_goes_on_as_what_it_was(status: BatchStatus) -> None:
    batch = paused(replace(RUNNING, status=status), NOW)

    assert batch.status is BatchStatus.PAUSED
    assert resumed(batch, NOW).status is status


def test_the_time_of_a_pause_does_not_count_against_the_rows() -> None:
    batch = resumed(paused(RUNNING, NOW), NOW + minutes(90))

    assert batch.running_since == NOW + minutes(90)


def test_paused_twice_is_paused_since_the_first_time() -> None:
    batch = paused(RUNNING, NOW)

    assert paused(batch, NOW + minutes(5)) == batch


def test_what_runs_needs_no_resuming() -> None:
    assert resumed(RUNNING, NOW) == RUNNING


@pytest.mark.parametrize("status", [*ENDS, BatchStatus.ACCEPTED])
def test_what_has_ended_or_is_being_planned_is_not_paused(status: BatchStatus) -> None:
    with pytest.raises(WrongMoment, match=status.value):
        paused(replace(RUNNING, status=status), NOW)


@pytest.mark.parametrize("status", [s for s in ENDS if s is not BatchStatus.CANCELLED])
def test_what_has_ended_is_neither_resumed_nor_cancelled(status: BatchStatus) -> None:
    ended = replace(RUNNING, status=status)

    with pytest.raises(WrongMoment):
        resumed(ended, NOW)
    with pytest.raises(WrongMoment):
        cancelling(ended, NOW, "why")


def test_a_batch_that_is_being_cancelled_is_not_stopped_on_its_way() -> None:
    batch = cancelling(RUNNING, NOW, "why")

    for change in (paused, resumed):
        with pytest.raises(WrongMoment, match="being cancelled"):
            change(batch, NOW)


def test_a_paused_batch_is_cancelled_as_what_it_was() -> None:
    batch = cancelling(paused(RUNNING, NOW), NOW, "why")

    assert (batch.status, batch.is_cancelling) == (BatchStatus.RUNNING, True)
    assert batch.paused_at is None


def test_cancelled_twice_is_cancelled_once() -> None:
    batch = cancelling(RUNNING, NOW, "why")

    assert cancelling(batch, NOW + minutes(1), "another") == batch


def test_the_end_is_estimated_from_what_has_ended() -> None:
    pace = pace_of(RUNNING, Progress(waiting=60, done=15, failed=5), NOW + minutes(4))

    assert pace is not None
    assert pace.rows_per_minute == 5
    assert pace.ends_at == NOW + minutes(16)


@pytest.mark.parametrize(
    ("batch", "progress"),
    [
        pytest.param(RUNNING, Progress(waiting=3), id="no row has ended"),
        pytest.param(paused(RUNNING, NOW), Progress(waiting=2, done=1), id="paused"),
        pytest.param(a_batch(), Progress(waiting=2, done=1), id="not running yet"),
    ],
)
def test_nothing_is_estimated_from_nothing(batch: Batch, progress: Progress) -> None:
    assert pace_of(batch, progress, NOW + minutes(1)) is None
