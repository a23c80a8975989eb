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
from shared.transport.call import Call
from shared.transport.refusals import SENTENCE

CART_NOT_FOUND = "800008"
CART_SUBMITTED = "800065"
ITEM_GONE = frozenset({"400019", "10001"})
"""The availability rotated away: as an answer's code, and as a cart line's."""

_SIGN_IN = {
    "400": "check that the connection's application is registered in Partner Center",
    "800001": "check that the connection's application is registered in Partner Center",
    "900150": "give the connection's user the role or the GDAP role that this call needs",
    "900308": "give the connection's user the role or the GDAP role that this call needs",
    "900309": "the customer's Conditional Access blocks us: let the service provider in there",
    "900329": "this call needs a signed-in user: connect again and store the refresh token",
    "900420": "the token is for another API: check the configured base URL and its scope",
    "900421": "the user signed in without multi-factor: sign in again with it",
    "2032": "give the connection's user the role or the GDAP role that this call needs",
}
_MISSING: dict[str, Callable[[Call], SeatkeeperError]] = {
    "60003": lambda call: CustomerNotFound(call.place.get("customer", "")),
    "20002": lambda call: CustomerNotFound(call.place.get("customer", "")),
    "900118": lambda call: CustomerNotFound(call.place.get("customer", "")),
    "20003": lambda call: SubscriptionNotFound(call.place.get("subscription", "")),
    "400013": lambda call: OfferNotFound(_offer(call)),
    "400018": lambda call: OfferNotFound(_offer(call)),
}
_STALE = frozenset({"2055", "400019"})
_BUSY = frozenset({"20000", "800007", "800060", "800064", "800082"})
"""Not taken, or not there yet: the same call may work in minutes."""
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
    code = answer.code
    if code in _MISSING:
        return _MISSING[code](call)
    if code == "13605":
        return AgreementMissing(
            "Microsoft has no customer agreement on record: record it before anything is bought"
        )
    if answer.status in _NOT_ALLOWED and code in _SIGN_IN:
        return SignInRefused(f"Partner Center refused ({code}): {_SIGN_IN[code]}", answer)
    return _of_state(answer)


def _of_state(answer: RemoteAnswer) -> SeatkeeperError | None:
    if answer.code in _STALE or answer.status == HTTPStatus.PRECONDITION_FAILED:
        return ChangedMeanwhile("Microsoft's side changed since it was read: read it again")
    if answer.code in _BUSY:
        return RemoteUnavailable(
            f"Partner Center is not ready ({answer.code}): {answer.message}", answer
        )
    return None


def is_agreed_already(error: RemoteRefused) -> bool:
    return error.answer.code == "600061"


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


def _offer(call: Call) -> str:
    return ":".join(call.place[key] for key in ("product", "sku") if key in call.place)
