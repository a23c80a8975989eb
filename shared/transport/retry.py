"""Decide whether a call may be sent again, and after what pause. Nothing here sleeps."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
TRANSIENT = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class Loss(Enum):
    """How a call ended without an answer."""

    NOT_SENT = "no connection: the request never left"
    NO_ANSWER = "sent, and the answer was lost"


@dataclass(frozen=True, slots=True)
class Retry:
    """How patient a call is; a pause beyond ``longest`` belongs to the queue, not to a sleep."""

    attempts: int = 4
    base: timedelta = timedelta(seconds=0.5)
    longest: timedelta = timedelta(seconds=20)

    def pause_before(
        self,
        attempt: int,
        *,
        ended: int | Loss,
        repeatable: bool,
        retry_after: timedelta | None = None,
        jitter: float = 0.0,
    ) -> timedelta | None:
        """Answer the pause after the given attempt (from 1), or None to give up.

        ``jitter`` from 0 to 1 stretches the pause by up to half.
        """
        if attempt >= self.attempts or not may_repeat(ended, repeatable=repeatable):
            return None
        pause = retry_after or self.base * 2 ** (attempt - 1)
        pause *= 1 + jitter / 2
        return pause if pause <= self.longest else None


def may_repeat(ended: int | Loss, *, repeatable: bool) -> bool:
    """A request that was not taken may always be sent again; others only where it is harmless."""
    if ended in (Loss.NOT_SENT, HTTPStatus.TOO_MANY_REQUESTS):
        return True
    return repeatable and (ended is Loss.NO_ANSWER or ended in TRANSIENT)


def retry_after_of(text: str | None, now: datetime | None = None) -> timedelta | None:
    """Read a Retry-After header: seconds or an HTTP date; nonsense counts as absent."""
    if not text:
        return None
    try:
        return timedelta(seconds=max(0.0, float(text)))
    except (ValueError, OverflowError):
        return _until(text, now or datetime.now(UTC))


def _until(text: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(timedelta(0), moment - now)
