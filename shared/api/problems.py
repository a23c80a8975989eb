"""Say in one table which problem each error is to a caller."""

from datetime import timedelta
from http import HTTPStatus

from shared.api.problem_kinds import Kinds, ProblemKind
from shared.api.problems_of_requests import OF_REQUESTS
from shared.api.problems_of_rules import OF_RULES
from shared.domain import errors

_OURS_OR_MICROSOFTS: Kinds = {
    errors.SeatsBusy: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "seats-busy",
        "These seats are being changed by other work",
        "Repeat with the same key after the time in `Retry-After`.",
        retry_after=timedelta(seconds=5),
    ),
    errors.StateUnavailable: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "state-unavailable",
        "Our own store does not answer",
        "Repeat with the same key after the time in `Retry-After`.",
        retry_after=timedelta(seconds=5),
    ),
    errors.RemoteRefused: ProblemKind(
        HTTPStatus.BAD_GATEWAY,
        "upstream-refused",
        "Microsoft refused",
        "The detail and `upstream.code` say why; repeating it unchanged does not help.",
    ),
    errors.SignInRefused: ProblemKind(
        HTTPStatus.BAD_GATEWAY,
        "sign-in-refused",
        "Microsoft did not let us sign in",
        "Check the connection's consent, secret and relationship to the customer.",
    ),
    errors.RemoteThrottled: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "upstream-throttled",
        "Microsoft asks us to wait",
        "Repeat with the same key after the time in `Retry-After`.",
        retry_after=timedelta(seconds=30),
    ),
    errors.RemoteUnavailable: ProblemKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "upstream-unavailable",
        "Microsoft did not take the request",
        "Repeat with the same key after the time in `Retry-After`.",
        retry_after=timedelta(seconds=30),
    ),
    errors.OutcomeUnknown: ProblemKind(
        HTTPStatus.GATEWAY_TIMEOUT,
        "outcome-unknown",
        "Microsoft's answer was lost",
        "It may have happened. Repeat with the same key: we look before anything is sent again.",
        retry_after=timedelta(seconds=10),
    ),
}
KINDS: Kinds = OF_REQUESTS | OF_RULES | _OURS_OR_MICROSOFTS

UNEXPECTED = ProblemKind(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "unexpected",
    "Something went wrong on our side",
    "Tell us the `correlationId`; repeating with the same key is safe.",
)


def kind_of(error: Exception) -> ProblemKind:
    """The nearest ancestor in the table; anything outside our tree is a bug."""
    return kind_of_class(type(error))


def kind_of_class(error: type[Exception]) -> ProblemKind:
    for ancestor in error.__mro__:
        if ancestor in KINDS:
            return KINDS[ancestor]
    return UNEXPECTED
