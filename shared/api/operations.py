"""Show work that outlasts a request, whichever kind of work it is."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import LOOK_AGAIN, Answer, Call
from shared.api.models import Reply
from shared.domain.batches import Batch, BatchStatus, Source
from shared.domain.errors import BatchNotFound, OperationNotFound, RunNotFound
from shared.domain.ids import BatchId, OperationId, RunId
from shared.domain.operations import Operation, OperationKind, OperationStatus
from shared.domain.runs import Run

_BATCH_STATUS = {
    BatchStatus.DONE: "done",
    BatchStatus.REFUSED: "failed",
    BatchStatus.REVIEW: "review",
    BatchStatus.CANCELLED: "cancelled",
}


class OperationReply(Reply):
    """How far a piece of work has come, and where what it made is found."""

    id: str
    kind: Annotated[str, Field(examples=["createCustomer"])]
    status: Annotated[str, Field(examples=["running", "done", "failed", "review"])]
    requested_by: Annotated[str, Field(description="The caller's object or application id.")]
    started_at: datetime
    finished_at: datetime | None = None
    resource: Annotated[str | None, Field(description="Where what it made is found.")] = None
    reason: Annotated[str | None, Field(description="Why it failed, and what to do.")] = None
    password_url: Annotated[
        str | None, Field(description="`POST {passwordUrl}/reveal` hands the password out.")
    ] = None

    @classmethod
    def of(cls, operation: Operation) -> Self:
        return cls(
            id=operation.id,
            kind=operation.kind.value,
            status=operation.status.value,
            requested_by=operation.requested_by,
            started_at=operation.started_at,
            finished_at=operation.finished_at,
            resource=operation.resource or None,
            reason=operation.reason or None,
            password_url=_admin_password_url(operation),
        )

    @classmethod
    def of_batch(cls, batch: Batch) -> Self:
        is_user = batch.source is Source.USER
        return cls(
            id=batch.id,
            kind="createUser" if is_user else "batch",
            status=status_of_batch(batch),
            requested_by=batch.requested_by,
            started_at=batch.accepted_at,
            finished_at=batch.finished_at,
            resource=f"/api/batches/{batch.id}",
            reason="; ".join(str(fault) for fault in batch.faults[:3]) or None,
            password_url=password_url(batch.id) if is_user and batch.done else None,
        )

    @classmethod
    def of_run(cls, run: Run) -> Self:
        return cls(
            id=run.id,
            kind="run",
            status="done" if run.status.is_final else "running",
            requested_by=run.requested_by,
            started_at=run.opened_at,
            finished_at=run.finished_at,
            resource=f"/api/runs/{run.id}",
        )


def password_url(work: str) -> str:
    return f"/api/operations/{work}/password"


def status_of_batch(batch: Batch) -> str:
    """A user over HTTP is one row, so its failure is the operation's."""
    if batch.source is Source.USER and batch.status is BatchStatus.DONE and batch.failed:
        return "failed"
    return _BATCH_STATUS.get(batch.status, "running")


async def get_operation(call: Call) -> Answer:
    reply = await _any_work(call, call.path["operationId"])
    return Answer(reply, headers=LOOK_AGAIN if reply.status == "running" else {})


async def _any_work(call: Call, work: str) -> OperationReply:
    """Operations, batches and runs draw their ids from one pool."""
    try:
        return OperationReply.of(await call.desk.operations.get(OperationId(work)))
    except OperationNotFound as missing:
        for look in (_batch, _run):
            reply = await look(call, work)
            if reply is not None:
                return reply
        raise OperationNotFound(work) from missing


async def _batch(call: Call, work: str) -> OperationReply | None:
    try:
        return OperationReply.of_batch(await call.desk.batches.get(BatchId(work)))
    except BatchNotFound:
        return None


async def _run(call: Call, work: str) -> OperationReply | None:
    try:
        return OperationReply.of_run(await call.desk.runs.get(RunId(work)))
    except RunNotFound:
        return None


def _admin_password_url(operation: Operation) -> str | None:
    shown = (
        operation.kind is OperationKind.CREATE_CUSTOMER
        and operation.status is OperationStatus.DONE
        and not operation.acknowledged
    )
    return password_url(operation.id) if shown else None
