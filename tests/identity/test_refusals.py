import pytest

from shared.domain.errors import RemoteError, RemoteThrottled, RemoteUnavailable, SignInRefused
from shared.identity.refusals import refusal_of


@pytest.mark.parametrize(
    ("code", "error", "advice"),
    [
        pytest.param(65001, SignInRefused, "consent", id="nobody consented"),
        pytest.param(700016, SignInRefused, "consent", id="the application is not there"),
        pytest.param(50020, SignInRefused, "relationship", id="the user is not let in"),
        pytest.param(7000215, SignInRefused, "client secret", id="the secret is wrong"),
        pytest.param(7000222, SignInRefused, "expired", id="the secret is old"),
        pytest.param(700082, SignInRefused, "sign in again", id="the refresh token slept"),
        pytest.param(50173, SignInRefused, "sign in again", id="the refresh token was revoked"),
        pytest.param(50076, SignInRefused, "multi-factor", id="it was made without a factor"),
        pytest.param(53003, SignInRefused, "Conditional Access", id="a policy is in the way"),
        pytest.param(90002, RemoteUnavailable, "not yet", id="a tenant that was just made"),
        pytest.param(50196, RemoteThrottled, "busy", id="a loop was seen"),
        pytest.param(1234567, SignInRefused, "Something odd", id="a code that we do not know"),
    ],
)
def test_every_refusal_says_what_to_do(code: int, error: type[RemoteError], advice: str) -> None:
    refusal = refusal_of(
        {
            "error": "invalid_grant",
            "error_description": "Something odd.\r\nTrace ID: 1f0c Correlation ID: 2a1b",
            "error_codes": [code],
            "correlation_id": "2a1b",
        }
    )

    assert type(refusal) is error
    assert advice in str(refusal)
    assert refusal.answer.message == "Something odd."
    assert refusal.answer.correlation_id == "2a1b"
