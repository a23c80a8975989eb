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
    9002313: (400, "invalid_request", None, "The request is malformed."),
    70000: (400, "invalid_grant", "bad_token", "The refresh token is not valid for this client."),
    50020: (400, "invalid_grant", None, "The partner's user has no place in this tenant."),
    50076: (400, "invalid_grant", "basic_action", "Multi-factor authentication is needed."),
    70003: (400, "unsupported_grant_type", None, "The grant is not simulated."),
    70011: (400, "invalid_scope", None, "The scope is not valid."),
}
