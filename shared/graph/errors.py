"""Turn Graph's refusals into outcomes of one item, and into errors of a whole call.

https://learn.microsoft.com/graph/errors
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from shared.domain.errors import RemoteAnswer
from shared.transport.refusals import SENTENCE
from shared.transport.retry import TRANSIENT, retry_after_of
from shared.workflows.ports import Outcome, OutcomeKind

_TAKEN = "value for property userprincipalname already exists"
_NO_SEAT = "does not have any available licenses"
_NO_SKU = "does not correspond to a valid company license"
"""So says a tenant whose first seats of a SKU were bought a moment ago."""
_NO_LOCATION = "invalid usage location"
_NOT_HELD = "does not have a corresponding license"
"""The licence was taken before: by an assignment whose reply was lost, or by somebody else."""
_WAIT_TO_SEE = (*TRANSIENT, HTTPStatus.FAILED_DEPENDENCY)


@dataclass(frozen=True, slots=True)
class Answer:
    """How one item of a ``$batch`` was answered; status 0 where it was not."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def to_remote(self, request_id: str = "") -> RemoteAnswer:
        code, sentence = fault_in(self.body)
        return RemoteAnswer("graph", self.status, code, sentence[:SENTENCE], request_id)


NO_ANSWER = Answer(0, {}, {})


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """Names of headers inside a batch come in any case."""
    return {name.lower(): str(value) for name, value in headers.items()}


def read_fault(response: httpx.Response) -> tuple[str, str]:
    """Find code and sentence; a gateway may answer a web page, or nothing."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return "", ""
    return fault_in(body) if isinstance(body, dict) else ("", "")


def fault_in(body: Mapping[str, Any]) -> tuple[str, str]:
    error = body.get("error")
    if not isinstance(error, Mapping):
        return "", ""
    return str(error.get("code") or ""), str(error.get("message") or "")


def outcome_of(answer: Answer) -> Outcome:
    """Status and code first, then the smallest part of the sentence that tells them apart."""
    kind = _kind_of(answer)
    if kind is OutcomeKind.DONE:
        return Outcome(kind, str(answer.body.get("id") or "").lower())
    wait = lowered(answer.headers).get("retry-after") if kind is OutcomeKind.THROTTLED else None
    return Outcome(kind, reason=_reason(answer), retry_after=retry_after_of(wait))


def _kind_of(answer: Answer) -> OutcomeKind:
    if answer.is_success:
        return OutcomeKind.DONE
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return OutcomeKind.THROTTLED
    if answer.status == 0 or answer.status in _WAIT_TO_SEE or _is_server_error(answer.status):
        return OutcomeKind.UNKNOWN
    if answer.status == HTTPStatus.NOT_FOUND or _is_concurrent_write(answer):
        return OutcomeKind.NOT_YET
    return _kind_of_bad_request(answer)


def _kind_of_bad_request(answer: Answer) -> OutcomeKind:
    sentence = fault_in(answer.body)[1].lower()
    if answer.status != HTTPStatus.BAD_REQUEST:
        return OutcomeKind.REFUSED
    if _TAKEN in sentence or _names_taken(answer.body):
        return OutcomeKind.EXISTS
    if _NO_SEAT in sentence or _NO_SKU in sentence:
        return OutcomeKind.NO_SEAT
    if _NO_LOCATION in sentence:
        return OutcomeKind.NOT_YET
    if _NOT_HELD in sentence:
        return OutcomeKind.UNKNOWN
    return OutcomeKind.REFUSED


def _is_server_error(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED


def _is_concurrent_write(answer: Answer) -> bool:
    return answer.status == HTTPStatus.CONFLICT and fault_in(answer.body)[0] == "Conflict"


def _names_taken(body: Mapping[str, Any]) -> bool:
    """The user name belongs to somebody; a mail address that is taken is another matter."""
    error = body.get("error")
    details = error.get("details") if isinstance(error, Mapping) else None
    return isinstance(details, list) and any(
        isinstance(detail, Mapping)
        and detail.get("code") == "ObjectConflict"
        and detail.get("target") == "userPrincipalName"
        for detail in details
    )


def _reason(answer: Answer) -> str:
    if answer.status == 0:
        return "Microsoft did not answer"
    code, sentence = fault_in(answer.body)
    code = code or str(answer.status)
    return f"{code}: {sentence[:SENTENCE]}" if sentence else code
