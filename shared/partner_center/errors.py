"""Turn Partner Center's codes into errors that say what to do.

https://learn.microsoft.com/partner-center/developer/error-codes
"""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

import httpx

from shared.domain.errors import (
    AgreementMissing,
    ChangedMeanwhile,
    CustomerNotFound,
    DomainTaken,
    OfferNotFound,
    RemoteAnswer,
    RemoteRefused,
    RemoteUnavailable,
    SeatkeeperError,
    SignInRefused,
    SubscriptionNotFound,
)
from shared.partner_center._wire import loads
from shared.partner_center.refusals import AGREED_ALREADY, BY_CODE
from shared.transport.call import Call
from shared.transport.refusals import SENTENCE, Refusal

ITEM_GONE = frozenset({"400019", "10001"})
"""The availability rotated away: as an answer's code, and as a cart line's."""
_NOT_ALLOWED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_CONSENTED = "permission entry already exists"


def read_fault(response: httpx.Response) -> tuple[str, str]:
    """Find code and sentence; a gateway's answer may be no JSON at all."""
    try:
        body = loads(response.content)
    except ValueError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    code = body.get("code") or body.get("errorCode") or ""
    sentence = body.get("description") or body.get("message") or ""
    return str(code), str(sentence)


def refuse(answer: RemoteAnswer, call: Call) -> SeatkeeperError | None:
    """Answer a more telling error than the status alone gives, where the code is known."""
    if answer.status == HTTPStatus.PRECONDITION_FAILED:
        return _changed(BY_CODE["2055"], answer, call)
    known = BY_CODE.get(answer.code)
    if known is None or _status_decides(answer, known):
        return None
    return _MAKERS[known.kind](known, answer, call)


def _status_decides(answer: RemoteAnswer, known: Refusal) -> bool:
    """A failure may have happened before or after the work, whatever its code says."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return True
    return known.kind is SignInRefused and answer.status not in _NOT_ALLOWED


def _changed(known: Refusal, _answer: RemoteAnswer, _call: Call) -> SeatkeeperError:
    return ChangedMeanwhile(f"{known.happened[:1].upper()}{known.happened[1:]}: read it again")


def _sentence(known: Refusal, answer: RemoteAnswer) -> str:
    said = (answer.message or known.happened).rstrip(".")
    status = f"{answer.status} " if answer.status >= HTTPStatus.BAD_REQUEST else ""
    return f"Partner Center refused ({status}{answer.code}): {said}. What to do: {known.advice}."


def _offer(call: Call) -> str:
    return ":".join(call.place[key] for key in ("product", "sku") if key in call.place)


_Maker = Callable[[Refusal, RemoteAnswer, Call], SeatkeeperError]
_MAKERS: dict[type[SeatkeeperError], _Maker] = {
    CustomerNotFound: lambda _, __, call: CustomerNotFound(call.place.get("customer", "")),
    SubscriptionNotFound: lambda _, __, call: SubscriptionNotFound(
        call.place.get("subscription", "")
    ),
    OfferNotFound: lambda _, __, call: OfferNotFound(_offer(call)),
    AgreementMissing: lambda known, _, __: AgreementMissing(f"{known.happened}: {known.advice}"),
    ChangedMeanwhile: _changed,
    SignInRefused: lambda known, answer, _: SignInRefused(_sentence(known, answer), answer),
    RemoteUnavailable: lambda known, answer, _: RemoteUnavailable(_sentence(known, answer), answer),
    RemoteRefused: lambda known, answer, _: RemoteRefused(_sentence(known, answer), answer),
}


def is_agreed_already(error: RemoteRefused) -> bool:
    return error.answer.code == AGREED_ALREADY


def is_consented_already(error: RemoteRefused) -> bool:
    return _CONSENTED in error.answer.message.lower()


def may_mean_domain_taken(error: RemoteRefused) -> bool:
    """The code for a taken domain is not published; the status and the word are all there is."""
    return error.answer.status == HTTPStatus.CONFLICT or "domain" in error.answer.message.lower()


def domain_taken(domain: str) -> DomainTaken:
    return DomainTaken(f"{domain} belongs to somebody: choose another prefix")


def refused(code: str, sentence: str, answer: RemoteAnswer) -> SeatkeeperError:
    """Answer the error for a refusal that came inside a success."""
    inner = replace(answer, code=code, message=sentence[:SENTENCE])
    known = refuse(inner, Call(method="POST", route=""))
    return known or RemoteRefused(f"Partner Center refused ({code}): {inner.message}", inner)
