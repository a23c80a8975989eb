"""Say how fast a batch is worked, and when it will have ended at that pace."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.batches import Batch, BatchStatus
from shared.domain.progress import Progress

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    rows_per_minute: int
    ends_at: datetime


def pace_of(batch: Batch, progress: Progress, now: datetime) -> Pace | None:
    """None while no row has ended, and where nobody is at work."""
    ended = progress.done + progress.failed
    if batch.status is not BatchStatus.RUNNING or batch.running_since is None or not ended:
        return None
    spent = max(now - batch.running_since, timedelta(seconds=1))
    left = spent * (progress.total - ended) / ended
    return Pace(round(ended * (_MINUTE / spent)), now + left)
