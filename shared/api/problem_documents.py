"""Answer every error with one problem document.

https://www.rfc-editor.org/rfc/rfc9457
"""

import math
import uuid
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer
from shared.api.models import Reply
from shared.api.problem_kinds import ProblemKind
from shared.api.problems import UNEXPECTED, kind_of
from shared.domain.errors import (
    BatchPlanOutdated,
    CallerUnknown,
    ChangeRefused,
    Fault,
    InvalidRequest,
    RemoteError,
    RemoteThrottled,
)

MEDIA_TYPE = "application/problem+json"


class FaultReply(Reply):
    """One thing to mend: a JSON pointer into the body, or a row and column of a batch."""

    detail: str
    pointer: str | None = None
    row: int | None = None
    column: str | None = None

    @classmethod
    def of(cls, fault: Fault) -> Self:
        return cls(
            detail=fault.detail, pointer=fault.pointer or None, row=fault.row, column=fault.column
        )


class UpstreamReply(Reply):
    """What finds the call in Microsoft's own logs."""

    api: str
    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    correlation_id: str | None = None

    @classmethod
    def of(cls, error: RemoteError) -> Self:
        answer = error.answer
        return cls(
            api=answer.api,
            status=answer.status or None,
            code=answer.code or None,
            request_id=answer.request_id or None,
            correlation_id=answer.correlation_id or None,
        )


class Problem(Reply):
    """What went wrong, for a program (`type`, `status`) and for a person (`title`, `detail`)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: Annotated[str, Field(description="Names this occurrence.")]
    correlation_id: Annotated[str, Field(description="Finds this request in the logs.")]
    errors: Annotated[
        list[FaultReply] | None,
        Field(description="Every fault, the first ones where there are many."),
    ] = None
    error_count: Annotated[
        int | None, Field(description="How many faults there are, listed or not.")
    ] = None
    reasons: Annotated[
        list[str] | None, Field(description="Why a subscription does not change that way.")
    ] = None
    digest: Annotated[
        str | None, Field(description="Of the plan that waits, where another one was named.")
    ] = None
    upstream: UpstreamReply | None = None


def problem_answer(error: Exception, correlation_id: str, *, listed: int) -> Answer:
    kind = kind_of(error)
    problem = Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=None if kind is UNEXPECTED else str(error),
        instance=f"urn:uuid:{uuid.uuid4()}",
        correlation_id=correlation_id,
        upstream=UpstreamReply.of(error) if isinstance(error, RemoteError) else None,
        **_faults(error, listed),
    )
    return Answer(problem, kind.status, _headers(kind, error), MEDIA_TYPE)


def _faults(error: Exception, listed: int) -> dict[str, object]:
    if isinstance(error, ChangeRefused) and error.reasons:
        return {"reasons": list(error.reasons)}
    if isinstance(error, BatchPlanOutdated):
        return {"digest": error.digest}
    if not isinstance(error, InvalidRequest):
        return {}
    return {
        "errors": [FaultReply.of(fault) for fault in error.faults[:listed]],
        "error_count": len(error.faults),
    }


def _headers(kind: ProblemKind, error: Exception) -> dict[str, str]:
    headers = {}
    if isinstance(error, CallerUnknown):
        headers["WWW-Authenticate"] = "Bearer"
    pause = _pause(kind, error)
    if pause is not None:
        headers["Retry-After"] = str(max(1, math.ceil(pause.total_seconds())))
    return headers


def _pause(kind: ProblemKind, error: Exception) -> timedelta | None:
    return error.retry_after if isinstance(error, RemoteThrottled) else kind.retry_after
