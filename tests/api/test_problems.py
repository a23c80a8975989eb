"""Every error has one problem, and every problem says what to do."""

import logging
from datetime import timedelta

import pytest

from shared.api.problem_documents import problem_answer
from shared.api.problems import KINDS, UNEXPECTED, kind_of
from shared.domain import errors
from shared.domain.errors import Fault, InvalidRequest, RemoteAnswer, SeatkeeperError
from tests.api.counter import Counter


def leaves(family: type[SeatkeeperError]) -> list[type[SeatkeeperError]]:
    children = [c for c in family.__subclasses__() if c.__module__ == errors.__name__]
    return [leaf for child in children for leaf in leaves(child)] if children else [family]


STATUSES = {
    "InvalidRequest": 422,
    "MalformedRequest": 400,
    "IdempotencyKeyMissing": 400,
    "IdempotencyKeyReused": 422,
    "UnsupportedContent": 415,
    "BodyTooLarge": 413,
    "CallerUnknown": 401,
    "CallerNotAllowed": 403,
    "SignatureRefused": 401,
    "PasswordGone": 410,
    "RunPartsGone": 410,
    "DirectBillingRequired": 403,
    "ConnectionProtected": 403,
    "PreconditionMissing": 428,
    "PreconditionFailed": 412,
    "NotOurMessage": 422,
    "SeatsBusy": 503,
    "StateUnavailable": 503,
    "RemoteRefused": 502,
    "SignInRefused": 502,
    "RemoteThrottled": 503,
    "RemoteUnavailable": 503,
    "OutcomeUnknown": 504,
}


@pytest.mark.parametrize("leaf", leaves(SeatkeeperError), ids=lambda leaf: leaf.__name__)
def test_every_error_has_a_row_of_its_own_and_the_status_that_fits(
    leaf: type[SeatkeeperError],
) -> None:
    family = 404 if issubclass(leaf, errors.MissingError) else 409

    kind = KINDS[leaf]

    assert kind.status == STATUSES.get(leaf.__name__, family)
    assert kind.title
    assert kind.advice


def test_no_two_problems_share_a_name() -> None:
    slugs = [kind.slug for kind in (*KINDS.values(), UNEXPECTED)]

    assert len(set(slugs)) == len(slugs)


def test_an_error_of_another_room_is_its_nearest_ancestors_problem() -> None:
    class CartRefused(errors.RefusedError):
        pass

    assert kind_of(CartRefused("no")).slug == "refused"
    assert kind_of(ValueError("oops")) is UNEXPECTED


def test_everything_that_may_be_repeated_says_when() -> None:
    answer = RemoteAnswer("graph")
    for leaf in leaves(SeatkeeperError):
        if leaf.retryable and leaf is not errors.RemoteThrottled:
            assert KINDS[leaf].retry_after, leaf

    wait = timedelta(seconds=90.2)
    throttled = problem_answer(errors.RemoteThrottled("slow", answer, wait), "c", listed=5)
    assert throttled.headers["Retry-After"] == "91"


def test_a_remote_no_carries_what_finds_it_in_microsofts_logs() -> None:
    remote = RemoteAnswer("partnerCenter", 400, "800002", "secret words", "r-1", "c-1")

    text = problem_answer(errors.RemoteRefused("Refused.", remote), "mine", listed=5).text

    assert '"upstream":{"api":"partnerCenter","status":400,"code":"800002"' in text
    assert '"requestId":"r-1","correlationId":"c-1"' in text
    assert '"correlationId":"mine"' in text
    assert "secret words" not in text


def test_of_many_faults_the_first_are_listed_and_all_are_counted() -> None:
    error = InvalidRequest(Fault("wrong", row=n, column="plan") for n in range(1, 8))

    problem = problem_answer(error, "c", listed=3)

    assert problem.text.count('"detail":"wrong"') == 3
    assert '"errorCount":7' in problem.text


async def test_a_bug_is_logged_and_not_told(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.customers.kept["x"] = "not a customer at all"

    with caplog.at_level(logging.ERROR):
        reply = await counter.ask("GET", "/api/customers")

    assert (reply.status, reply.slug) == (500, "unexpected")
    assert "detail" not in reply.json
    assert reply.json["correlationId"] in caplog.text
    assert "AttributeError" in caplog.text


async def test_a_callers_own_correlation_id_is_kept(counter: Counter) -> None:
    reply = await counter.ask("GET", "/api/runs/none", headers={"X-Correlation-Id": "tour-7"})

    assert reply.json["correlationId"] == reply.headers["X-Correlation-Id"] == "tour-7"
    assert reply.json["instance"].startswith("urn:uuid:")
    assert reply.response.mimetype == "application/problem+json"
