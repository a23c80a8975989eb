"""Spell sign-in's refusals as Microsoft numbers them."""

from datetime import datetime
from typing import Any
from uuid import uuid4


class SignInRefused(Exception):
    """The token endpoint says no; `code` is the number behind AADSTS."""

    def __init__(self, code: int, detail: str = "") -> None:
        self.code = code
        self.status, self.error, self.suberror, sentence = _REFUSALS[code]
        self.sentence = f"{sentence} {detail}".strip()
        super().__init__(self.sentence)

    def body(self, now: datetime) -> dict[str, Any]:
        stamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
        trace, correlation = str(uuid4()), str(uuid4())
        text = (
            f"AADSTS{self.code}: {self.sentence} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {stamp}"
        )
        body = {
            "error": self.error,
            "error_description": text,
            "error_codes": [self.code],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.code}",
        }
        return body | ({"suberror": self.suberror} if self.suberror else {})


_REFUSALS: dict[int, tuple[int, str, str | None, str]] = {
    7000215: (401, "invalid_client", None, "The client secret is not the app's."),
    7000218: (401, "invalid_client", None, "Neither a client secret nor an assertion was sent."),
    700016: (400, "unauthorized_client", None, "The application is not known in this tenant."),
    90002: (400, "invalid_request", None, "The tenant was not found."),
    900023: (400, "invalid_request", None, "The tenant is neither an id nor a domain."),
    500011: (400, "invalid_resource", None, "The resource has no principal in this tenant."),
    65001: (400, "invalid_grant", "consent_required", "Nobody has consented to the application."),
    700082: (400, "invalid_grant", "token_expired", "The refresh token lapsed from inactivity."),
    700084: (400, "invalid_grant", "token_expired", "The refresh token's life is over."),
    700027: (401, "invalid_client", None, "The client assertion was not accepted."),
    7000222: (401, "invalid_client", None, "The client secret has expired."),
    7000229: (400, "unauthorized_client", None, "The application has no principal here."),
    5000224: (400, "invalid_request", None, "The resource is gone, the tenant probably too."),
    650051: (400, "invalid_grant", None, "The application is not yet known in this tenant."),
    50173: (400, "invalid_grant", "bad_token", "The grant was revoked; a fresh one is needed."),
    50177: (400, "invalid_grant", None, "The partner's user is no guest of this tenant."),
    50079: (400, "invalid_grant", "basic_action", "Multi-factor authentication must be set up."),
    53003: (400, "invalid_grant", None, "Conditional Access of the tenant blocks this sign-in."),
    90033: (503, "temporarily_unavailable", None, "The service is busy; try again."),
    90024: (429, "temporarily_unavailable", None, "The service throttles this request."),
    50196: (400, "invalid_grant", None, "The same request came in a loop."),
    50011: (400, "invalid_request", None, "The redirect address is not the application's."),
    500112: (400, "invalid_grant", None, "The redirect address is not the one of the start."),
    501481: (400, "invalid_grant", None, "The code verifier does not match the challenge."),
    54005: (400, "invalid_grant", None, "The authorization code was already redeemed."),
    70008: (400, "invalid_grant", "bad_token", "The authorization code has expired."),
    900144: (400, "invalid_request", None, "The request lacks a parameter."),
    700054: (400, "unsupported_response_type", None, "Only codes are given out."),
    65004: (400, "access_denied", None, "The user declined to consent."),
    50058: (400, "interaction_required", None, "A silent sign-in was asked, and nobody is in."),
    9002313: (400, "invalid_request", None, "The request is malformed."),
    70000: (400, "invalid_grant", "bad_token", "The refresh token is not valid for this client."),
    50020: (400, "invalid_grant", None, "The partner's user has no place in this tenant."),
    50076: (400, "invalid_grant", "basic_action", "Multi-factor authentication is needed."),
    70003: (400, "unsupported_grant_type", None, "The grant is not simulated."),
    70011: (400, "invalid_scope", None, "The scope is not valid."),
}
