"""The bound is what every figure of the bench is held against."""

import os

import pytest

from local.bench_figures import Limits, Run, Usage, watched
from local.bench_night_figures import Night, Part
from local.places import Json

WIDE = Limits(3000, 150)
CREATES, ASSIGNS, READS = ["POST /users"], ["POST /users/{}/assignLicense"], ["GET /users"]


def a_call(at: float, seconds: float, kinds: list[str] | None = None, **more: object) -> Json:
    call: Json = {"at": at, "ms": seconds * 1000, "kinds": kinds or [], "batch": bool(kinds)}
    return call | {"api": "graph", "status": 200, "throttled": 0} | more


A_BATCH = (
    a_call(0, 1, READS),
    a_call(0, 2),
    a_call(3, 5, api="partnercenter"),
    a_call(9, 2, CREATES),
    a_call(9, 3, CREATES),
    a_call(13, 2, ASSIGNS),
    a_call(16, 1, READS),
)


def a_run(rows: int = 40) -> Run:
    return Run(rows, 17, A_BATCH, growths=1)


def test_the_bound_is_what_must_follow_each_other_and_the_slowest_of_what_need_not() -> None:
    assert a_run().bound(WIDE) == pytest.approx((2 + 5) + (3 + 2 + 1))


@pytest.mark.parametrize(
    ("rows", "windows"), [(1500, 0), (1501, 1), (10_000, 6)], ids=["one", "two", "seven"]
)
def test_the_bound_waits_for_every_window_but_the_first(rows: int, windows: int) -> None:
    assert a_run(rows).bound(WIDE) == pytest.approx(13 + 150 * windows)


def test_refusals_for_haste_are_counted_with_those_inside_of_batches() -> None:
    calls = [a_call(0, 1, status=429), a_call(0, 1, CREATES, throttled=3)]

    assert Run(1, 1, calls, 0).throttled == 4


def test_a_process_is_watched_while_it_works() -> None:
    with watched(os.getpid()) as usage:
        total = 0
        while usage.peak_bytes == 0:
            total += 1

    assert usage.peak_bytes > 0
    assert usage.cpu_seconds > 0


def test_a_nights_bound_is_what_its_calls_to_partner_center_take_at_microsofts_pace() -> None:
    calls = [a_call(0, 1, api="partnercenter")] * 1000 + [a_call(0, 1)] * 1000
    night = Night(1000, 9000, Part(30, ()), Part(130, calls))

    assert night.night.bound(0.5) == pytest.approx(60)
    assert night.requests_per_customer == 2


def test_this_machine_needs_at_least_what_its_busiest_process_takes() -> None:
    night = Part(130, (), [Usage(10), Usage(12)], {"storage": Usage(60), "simulator": Usage(2)})

    assert 60 <= night.of_this_machine <= 84
