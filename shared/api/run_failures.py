"""Say what a run's customers failed of, who was left, and what to do about it."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field

from shared.api.failure_advice import advice_on
from shared.api.models import Reply
from shared.domain.run_reports import Failure, RunFigures, Unfinished
from shared.domain.runs import Run, RunStatus

_LEFT = (
    "The run closed at its deadline before they had ended. `GET /api/poison` tells of messages that"
    " could not be handled; then run each by hand: `POST /api/runs` with its `customerId`."
)


class FailureCountReply(Reply):
    """How many customers failed of one thing, and what to do about it."""

    reason: Annotated[str, Field(examples=["upstream-refused"])]
    customers: int
    advice: str

    @classmethod
    def of(cls, failures: Mapping[str, int]) -> list[Self]:
        """The most frequent one first."""
        counted = sorted(failures.items(), key=lambda one: (-one[1], one[0]))
        told = [(*advice_on(kind), count) for kind, count in counted]
        return [cls(reason=slug, customers=count, advice=advice) for slug, advice, count in told]


class FailureReply(Reply):
    """One customer that failed."""

    customer_id: str
    company_name: Annotated[
        str, Field(description="Empty where the run did not come so far as to learn it.")
    ]
    connection_id: str
    reason: str
    detail: str

    @classmethod
    def of(cls, failure: Failure) -> Self:
        return cls(
            customer_id=failure.customer_id,
            company_name=failure.company,
            connection_id=failure.connection_id,
            reason=advice_on(failure.kind)[0],
            detail=failure.reason,
        )


class UnfinishedReply(Reply):
    """One customer that the run has not come to the end of."""

    customer_id: str
    connection_id: str

    @classmethod
    def of(cls, left: Unfinished) -> Self:
        return cls(customer_id=left.customer_id, connection_id=left.connection_id)


def advice_on_left(run: Run, figures: RunFigures) -> str | None:
    """An open run will come to them by itself."""
    return _LEFT if figures.unfinished and run.status is not RunStatus.OPEN else None
