"""Turn Graph's refusals into outcomes of one item, and into errors of a whole call.

https://learn.microsoft.com/graph/errors
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from shared.domain.errors import RemoteAnswer, RemoteRefused, SeatkeeperError
from shared.graph.refusals import known_as
from shared.transport.call import Call
from shared.transport.refusals import SENTENCE
from shared.transport.retry import TRANSIENT, retry_after_of
from shared.workflows.ports import Outcome, OutcomeKind

_FINAL = (HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT)
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


def refuse(answer: RemoteAnswer, _call: Call) -> SeatkeeperError | None:
    """Say what to do about a whole call's final no, where the line is known."""
    return advised(answer)


def advised(answer: RemoteAnswer, asked: str = "", needs: str = "") -> RemoteRefused | None:
    """Say what was refused and what to do, where either is known; ``needs`` is a permission."""
    advice = _advice_on(answer, needs)
    if answer.status not in _FINAL or not advice:
        return None
    what = f"graph refused {asked}" if asked else "graph refused"
    said = f"{what} ({answer.status} {answer.code}): {answer.message}"
    return RemoteRefused(f"{said} What to do: {advice}.", answer)


def _advice_on(answer: RemoteAnswer, needs: str) -> str:
    known = known_as(answer.code, answer.message)
    if needs and answer.status == HTTPStatus.FORBIDDEN and (known is None or _lacks_rights(answer)):
        return (
            f"grant our application {needs} at the customer, and give the delegated relationship "
            "(GDAP) a role that may read it, such as Directory Readers"
        )
    return known[1].advice if known is not None and known[0] is OutcomeKind.REFUSED else ""


def _lacks_rights(answer: RemoteAnswer) -> bool:
    return answer.code == "Authorization_RequestDenied"


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
    if answer.status != HTTPStatus.BAD_REQUEST:
        return OutcomeKind.REFUSED
    if _names_taken(answer.body):
        return OutcomeKind.EXISTS
    known = known_as(*fault_in(answer.body))
    return known[0] if known else OutcomeKind.REFUSED


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
    """Microsoft's words, and what to do where we know it."""
    if answer.status == 0:
        return "Microsoft did not answer"
    code, sentence = fault_in(answer.body)
    said = f"{code or answer.status}: {sentence[:SENTENCE]}" if sentence else code
    known = known_as(code, sentence)
    if known is None or known[0] is not OutcomeKind.REFUSED:
        return said or str(answer.status)
    return f"{said} What to do: {known[1].advice}."
