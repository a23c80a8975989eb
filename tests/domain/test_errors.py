import inspect
import re
from datetime import timedelta

import pytest

from shared.domain import errors
from shared.domain.errors import (
    CustomerNotFound,
    Fault,
    InvalidRequest,
    OutcomeUnknown,
    RemoteAnswer,
    RemoteThrottled,
    SeatkeeperError,
)

CLASSES = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, SeatkeeperError)
}


def tree_of(docstring: str) -> dict[str, str]:
    """Every name in the drawing, with the name that it hangs under."""
    parents: dict[str, str] = {}
    above = ["SeatkeeperError"]
    depth = 0
    for line in docstring.splitlines():
        if not line.startswith(("│", "├", "└", " ")):
            continue
        if "──" in line:
            depth = line.index("──") // 4 + 1
        drawn = re.sub(r"^[│├└─ ]+", "", line).partition("  ")[0]
        for name in drawn.rstrip(",").split(", "):
            parents[name] = above[depth - 1]
            above[depth:] = [name]
    return parents


def test_the_modules_first_lines_draw_every_error_where_it_belongs() -> None:
    drawn = tree_of(errors.__doc__ or "")

    assert drawn == {
        name: kind.__bases__[0].__name__
        for name, kind in CLASSES.items()
        if kind is not SeatkeeperError
    }


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_only_families_end_in_error(name: str) -> None:
    assert name.endswith("Error") == bool(CLASSES[name].__subclasses__())


def test_says_which_failures_are_worth_another_try() -> None:
    assert {name for name, kind in CLASSES.items() if kind.retryable} == {
        "ChangeUnderWay",
        "ChangedMeanwhile",
        "OutcomeUnknown",
        "RemoteThrottled",
        "RemoteUnavailable",
        "SeatsBusy",
        "StateUnavailable",
    }


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        pytest.param(Fault("wrong"), "wrong", id="nowhere in particular"),
        pytest.param(Fault("wrong", pointer="/email"), "/email: wrong", id="in a body"),
        pytest.param(Fault("wrong", pointer="/rows/6", row=7), "row 7: wrong", id="in a row"),
        pytest.param(Fault("wrong", row=7, column="plan"), "row 7, plan: wrong", id="in a cell"),
    ],
)
def test_a_fault_says_where_it_is(fault: Fault, sentence: str) -> None:
    assert str(fault) == sentence


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InvalidRequest([Fault("a")]), "1 fault found; nothing done"),
        (InvalidRequest([Fault("a"), Fault("b")]), "2 faults found; nothing done"),
        (InvalidRequest([], summary="No rows."), "No rows."),
        (CustomerNotFound("c1"), "There is no customer 'c1' that you can see."),
    ],
)
def test_an_error_is_a_sentence(error: SeatkeeperError, sentence: str) -> None:
    assert str(error) == sentence


def test_a_remote_error_keeps_what_finds_the_call_in_microsofts_logs() -> None:
    answer = RemoteAnswer("graph", 429, "TooManyRequests", correlation_id="c-1")

    throttled = RemoteThrottled("Asked to wait.", answer, timedelta(seconds=30))

    assert throttled.answer.correlation_id == "c-1"
    assert throttled.retry_after == timedelta(seconds=30)
    assert OutcomeUnknown("Lost.", answer).answer is answer
