"""Decide what pausing, resuming and cancelling make of a batch, and when they come too late."""

from dataclasses import replace
from datetime import datetime

from shared.domain.batches import Batch, BatchStatus
from shared.domain.errors import WrongMoment

CANCELLED = (
    "Cancelled before it was begun: nothing was done to this person. POST /api/batches/{id}/retry "
    "sends the failed rows again."
)
STOPPED = "Cancelled while no seat was free for this person."
_PAUSABLE = frozenset({BatchStatus.RELEASING, BatchStatus.GROWING, BatchStatus.RUNNING})


def paused(batch: Batch, now: datetime) -> Batch:
    """Seats that are under way still come, and stay promised; no row begins."""
    if batch.status is BatchStatus.PAUSED:
        return batch
    if batch.status not in _PAUSABLE or batch.is_cancelling:
        raise WrongMoment(
            f"The batch is {_state(batch)}: it can be paused while it is releasing, growing or "
            "running."
        )
    return replace(batch, status=BatchStatus.PAUSED, resumes_as=batch.status, paused_at=now)


def resumed(batch: Batch, now: datetime) -> Batch:
    """It goes on where it stood; the time it was paused does not count against its rows."""
    if batch.status.is_final or batch.is_cancelling:
        raise WrongMoment(f"The batch is {_state(batch)}: there is nothing to resume.")
    if batch.status is not BatchStatus.PAUSED:
        return batch
    since = now if batch.running_since is not None else None
    return replace(_going_on(batch), running_since=since)


def cancelling(batch: Batch, now: datetime, reason: str) -> Batch:
    """Rows that were begun come to their end; the others never begin."""
    if batch.is_cancelling or batch.status is BatchStatus.CANCELLED:
        return batch
    if batch.status.is_final:
        raise WrongMoment(f"The batch is {_state(batch)}: there is nothing to cancel.")
    return replace(_going_on(batch), cancelled_at=now, cancel_reason=reason)


def _going_on(batch: Batch) -> Batch:
    if batch.status is not BatchStatus.PAUSED:
        return batch
    return replace(
        batch, status=batch.resumes_as or BatchStatus.RUNNING, resumes_as=None, paused_at=None
    )


def _state(batch: Batch) -> str:
    ending = batch.is_cancelling and not batch.status.is_final
    return "being cancelled" if ending else batch.status.value
