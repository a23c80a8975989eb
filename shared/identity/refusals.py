"""Say what a refused sign-in needs, in an operator's words.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.domain.errors import (
    RemoteAnswer,
    RemoteError,
    RemoteThrottled,
    RemoteUnavailable,
    SignInRefused,
)
from shared.transport.refusals import SENTENCE

_API = "entra"
_SECRET = "store the application's current client secret for this connection"  # noqa: S105 - advice
_CONSENT = "the customer's tenant has not consented to our application: grant consent first"
_RELATION = (
    "the partner's user is not let into the customer's tenant: check the GDAP relationship and "
    "the security group that holds it"
)
_AGAIN = "sign in again with multi-factor authentication and store the new refresh token"
_BUG = "the request was malformed: report this as a fault of Seatkeeper"
_ADVICE = {
    7000215: _SECRET,
    7000222: "the client secret has expired: make another one and store it for this connection",
    7000218: _SECRET,
    700027: "the application's certificate is not accepted: check it, or wait after a rotation",
    700016: _CONSENT,
    7000229: _CONSENT,
    65001: _CONSENT,
    650051: _CONSENT,
    650052: _CONSENT,
    500011: "the API is not known in that tenant: it needs a first licence or consent for it",
    50020: _RELATION,
    50177: _RELATION,
    700082: f"the refresh token was not used for 90 days: {_AGAIN}",
    50173: f"the refresh token was revoked: {_AGAIN}",
    700081: f"the refresh token has reached its age: {_AGAIN}",
    70000: f"the refresh token is not valid for this application: {_AGAIN}",
    70008: f"the refresh token has expired: {_AGAIN}",
    50076: _AGAIN,
    50079: _AGAIN,
    53003: "the customer's Conditional Access blocks us: let the service provider in there",
    900023: "the tenant's id is malformed",
    5000224: "the tenant was deleted",
    70011: _BUG,
    9002313: _BUG,
}
_NOT_YET = frozenset({90002})
"""Unknown tenant: one that was just made is known in minutes."""
_BUSY = frozenset({90033, 90024, 50196})
_BUSY_PAUSE = timedelta(seconds=30)
_TAIL = re.compile(r"\s*Trace ID:.*", re.DOTALL)


def refusal_of(result: Mapping[str, Any]) -> RemoteError:
    """Map the answer of the token endpoint, as MSAL hands it on."""
    codes = [int(code) for code in result.get("error_codes") or ()]
    answer = _answer(result, codes)
    if _NOT_YET.intersection(codes):
        return RemoteUnavailable("Entra does not know this tenant, or not yet", answer)
    if _BUSY.intersection(codes) or result.get("error") == "temporarily_unavailable":
        return RemoteThrottled("Entra is busy", answer, _BUSY_PAUSE)
    advice = next((_ADVICE[code] for code in codes if code in _ADVICE), answer.message)
    return SignInRefused(f"Sign-in refused ({answer.code}): {advice}", answer)


def missing(what: str) -> SignInRefused:
    """Answer the error for a secret that nobody stored."""
    return SignInRefused(f"The connection has no {what}: store one first", RemoteAnswer(_API))


def _answer(result: Mapping[str, Any], codes: list[int]) -> RemoteAnswer:
    sentence = _TAIL.sub("", str(result.get("error_description") or ""))
    return RemoteAnswer(
        _API,
        status=400,
        code=f"AADSTS{codes[0]}" if codes else str(result.get("error") or ""),
        message=sentence[:SENTENCE],
        request_id=str(result.get("trace_id") or ""),
        correlation_id=str(result.get("correlation_id") or ""),
    )
