from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from shared.graph.errors import NO_ANSWER, Answer, outcome_of
from shared.workflows.ports import OutcomeKind

SKU = "3b555118-da6a-4418-894f-7df1e2096870"


def a_fault(message: str, code: str = "Request_BadRequest", **more: object) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(201, {"id": SKU}, OutcomeKind.DONE, id="made"),
        pytest.param(
            400,
            a_fault(
                "Another object with the same value for property userPrincipalName already exists."
            ),
            OutcomeKind.EXISTS,
            id="the name is taken",
        ),
        pytest.param(
            400,
            a_fault(
                "Conflict.", details=[{"code": "ObjectConflict", "target": "userPrincipalName"}]
            ),
            OutcomeKind.EXISTS,
            id="the name is taken, in the details",
        ),
        pytest.param(
            400,
            a_fault(
                "Another object with the same value for property proxyAddresses already exists.",
                details=[{"code": "ObjectConflict", "target": "proxyAddresses"}],
            ),
            OutcomeKind.REFUSED,
            id="an address is taken",
        ),
        pytest.param(
            400,
            a_fault(f"Subscription with SKU {SKU} does not have any available licenses."),
            OutcomeKind.NO_SEAT,
            id="no seat is left",
        ),
        pytest.param(
            400,
            a_fault(f"License {SKU} does not correspond to a valid company License."),
            OutcomeKind.NO_SEAT,
            id="the first seats have not arrived",
        ),
        pytest.param(
            400,
            a_fault("License assignment cannot be done for user with invalid usage location."),
            OutcomeKind.NOT_YET,
            id="the country has not arrived",
        ),
        pytest.param(
            404,
            a_fault("Resource 'x' does not exist", "Request_ResourceNotFound"),
            OutcomeKind.NOT_YET,
            id="the user has not arrived",
        ),
        pytest.param(
            409, a_fault("Try again.", "Conflict"), OutcomeKind.NOT_YET, id="two writers at once"
        ),
        pytest.param(
            409,
            a_fault("Duplicate.", "Request_MultipleObjectsWithSameKeyValue"),
            OutcomeKind.REFUSED,
            id="a duplicate",
        ),
        pytest.param(424, a_fault("x", "FailedDependency"), OutcomeKind.UNKNOWN, id="it depended"),
        pytest.param(503, {}, OutcomeKind.UNKNOWN, id="the service is away"),
        pytest.param(504, {}, OutcomeKind.UNKNOWN, id="it took too long"),
        pytest.param(507, {}, OutcomeKind.UNKNOWN, id="some failure of theirs"),
        pytest.param(501, {}, OutcomeKind.REFUSED, id="nobody wrote that"),
        pytest.param(
            403,
            a_fault("Insufficient privileges", "Authorization_RequestDenied"),
            OutcomeKind.REFUSED,
            id="no right to",
        ),
        pytest.param(400, {}, OutcomeKind.REFUSED, id="wrong without a word"),
        pytest.param(400, {"error": "odd"}, OutcomeKind.REFUSED, id="wrong in an odd way"),
    ],
)
def test_every_answer_is_an_outcome(
    status: int, body: Mapping[str, Any], kind: OutcomeKind
) -> None:
    outcome = outcome_of(Answer(status, body, {}))

    assert outcome.kind is kind
    assert bool(outcome.reason) is (kind is not OutcomeKind.DONE)


def test_a_final_no_says_what_to_do() -> None:
    body = a_fault("Insufficient privileges.", "Authorization_RequestDenied")

    outcome = outcome_of(Answer(403, body, {}))

    assert "Insufficient privileges. What to do: give the GDAP role" in outcome.reason


def test_no_answer_is_an_outcome_too() -> None:
    assert outcome_of(NO_ANSWER).kind is OutcomeKind.UNKNOWN


def test_a_throttled_item_waits_as_long_as_it_is_told() -> None:
    outcome = outcome_of(Answer(429, {}, {"retry-after": "12"}))

    assert (outcome.kind, outcome.retry_after) == (OutcomeKind.THROTTLED, timedelta(seconds=12))
