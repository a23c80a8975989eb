"""Say what a run's customers failed of, who was left, which lists it lacked, and what to do."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field

from shared.api.failure_advice import advice_on
from shared.api.models import Reply
from shared.domain.run_reports import LISTED, Failure, RunFigures, Unfinished
from shared.domain.runs import LeftOut, Run, RunStatus

_LEFT = (
    "The run closed at its deadline before they had ended. `GET /api/poison` tells of messages that"
    " could not be handled; then run each by hand: `POST /api/runs` with its `customerId`."
)

_RUN_BY_HAND = "Mend the cause, then run it by hand: `POST /api/runs` with this `connectionId`."


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

    @staticmethod
    def advice(run: Run, figures: RunFigures) -> str | None:
        """An open run will come to them by itself."""
        return _LEFT if figures.unfinished and run.status is not RunStatus.OPEN else None


class LeftOutReply(Reply):
    """One connection whose customers could not be listed, or not all of them."""

    connection_id: str
    detail: Annotated[str, Field(description="Why.")]
    advice: Annotated[str, Field(examples=[_RUN_BY_HAND])]

    @classmethod
    def of(cls, left: LeftOut) -> Self:
        return cls(connection_id=left.connection_id, detail=left.reason, advice=_RUN_BY_HAND)

    @classmethod
    def first(cls, figures: RunFigures) -> list[Self]:
        return [cls.of(left) for left in figures.left_out[:LISTED]]
