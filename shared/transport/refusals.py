"""Say what an unhappy answer means, in the domain's errors."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from shared.domain.errors import (
    OutcomeUnknown,
    RemoteAnswer,
    RemoteError,
    RemoteRefused,
    RemoteThrottled,
    RemoteUnavailable,
    SeatkeeperError,
    SignInRefused,
)
from shared.transport.retry import Loss

SENTENCE = 256
"""Characters of a vendor's sentence that we keep."""
PATIENCE = timedelta(seconds=30)
"""How long the queue waits where the vendor does not say."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line of a vendor's table: its codes, in our words, as our error, and what to do."""

    codes: tuple[str, ...]
    happened: str
    kind: type[SeatkeeperError]
    advice: str


def error_of(
    answer: RemoteAnswer, *, writes: bool, retry_after: timedelta | None = None
) -> RemoteError:
    """Map a status that is not a success; vendor codes have been looked at before."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RemoteThrottled(
            f"{answer.api} asks us to wait",
            answer,
            PATIENCE if retry_after is None else retry_after,
        )
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return SignInRefused(_sentence(answer, "does not accept our sign-in"), answer)
    if _is_ambiguous(answer.status):
        return _unanswered(answer, writes=writes, retry_after=retry_after)
    return RemoteRefused(_sentence(answer, "refused"), answer)


def error_of_loss(loss: Loss, answer: RemoteAnswer, *, writes: bool) -> RemoteError:
    """Map a call without an answer."""
    if loss is Loss.NO_ANSWER and writes:
        return OutcomeUnknown(f"{answer.api} did not answer; it may have happened", answer)
    return RemoteUnavailable(f"{answer.api} cannot be reached", answer)


def _is_ambiguous(status: int) -> bool:
    """501 is a decision; the other server errors may have happened before or after the work."""
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return True
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED


def _unanswered(
    answer: RemoteAnswer, *, writes: bool, retry_after: timedelta | None
) -> RemoteError:
    if writes:
        return OutcomeUnknown(_sentence(answer, "failed; it may have happened"), answer)
    if retry_after is not None:
        return RemoteThrottled(f"{answer.api} asks us to come later", answer, retry_after)
    return RemoteUnavailable(_sentence(answer, "is not available"), answer)


def _sentence(answer: RemoteAnswer, what: str) -> str:
    code = f" {answer.code}" if answer.code else ""
    message = f": {answer.message}" if answer.message else ""
    return f"{answer.api} {what} ({answer.status}{code}){message}"
