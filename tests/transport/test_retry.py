from datetime import UTC, datetime, timedelta

import pytest

from shared.transport.retry import Loss, Retry, retry_after_of

RETRY = Retry(attempts=3, base=timedelta(seconds=1), longest=timedelta(seconds=20))


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("ended", "repeatable", "retry_after", "pause"),
    [
        pytest.param(503, True, None, seconds(1), id="a read is repeated when the service is away"),
        pytest.param(503, False, None, None, id="a purchase is not: it may have been taken"),
        pytest.param(429, False, seconds(7), seconds(7), id="a throttled purchase was not taken"),
        pytest.param(429, True, seconds(60), None, id="a long pause belongs to the queue"),
        pytest.param(Loss.NOT_SENT, False, None, seconds(1), id="what never left may be sent"),
        pytest.param(Loss.NO_ANSWER, False, None, None, id="a lost reply to a write is a question"),
        pytest.param(Loss.NO_ANSWER, True, None, seconds(1), id="a lost reply to a read is not"),
        pytest.param(409, True, None, None, id="a conflict is an answer"),
        pytest.param(404, True, None, None, id="so is a missing thing"),
        pytest.param(501, True, None, None, id="and a call that nobody wrote"),
    ],
)
def test_decides_whether_a_call_is_sent_again(
    ended: int | Loss,
    repeatable: bool,
    retry_after: timedelta | None,
    pause: timedelta | None,
) -> None:
    decision = RETRY.pause_before(1, ended=ended, repeatable=repeatable, retry_after=retry_after)

    assert decision == pause


def test_waits_longer_each_time_and_gives_up_in_the_end() -> None:
    pauses = [RETRY.pause_before(n, ended=503, repeatable=True) for n in (1, 2, 3)]

    assert pauses == [seconds(1), seconds(2), None]


def test_jitter_only_ever_stretches_what_the_vendor_asked_for() -> None:
    pause = RETRY.pause_before(1, ended=429, repeatable=True, retry_after=seconds(10), jitter=1.0)

    assert pause == seconds(15)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        pytest.param("57", seconds(57), id="seconds"),
        pytest.param("Mon, 07 Sep 2026 10:00:30 GMT", seconds(30), id="a date"),
        pytest.param("Mon, 07 Sep 2026 09:00:00 GMT", seconds(0), id="a date that has passed"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_reads_retry_after_in_both_spellings(text: str, wait: timedelta | None) -> None:
    assert retry_after_of(text, datetime(2026, 9, 7, 10, tzinfo=UTC)) == wait
