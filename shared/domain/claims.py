"""Know who works on a person: one batch at a time, and one seat however many batches ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.domain.batches import Batch, BatchStatus, RowResult
from shared.domain.ids import BatchId, SkuId

_BY_NIGHT = "|drift"
_NIGHTS_LAST = timedelta(minutes=10)
"""A night that is at work on a person for longer has died (business time)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One person of one customer, by the user name in small letters; ``skus`` are promised to it.

    ``at`` is when it was taken, in business time.
    """

    name: str
    batch: BatchId
    row: int
    at: datetime
    skus: tuple[SkuId, ...] = ()
    etag: str = field(default="", compare=False)


def claim_of(result: RowResult, batch: BatchId, at: datetime) -> Claim:
    return Claim(name_of(result), batch, result.row.number, at, result.takes)


def name_of(result: RowResult) -> str:
    return result.row.user.user_principal_name.lower()


def by_night(holder: str) -> BatchId:
    """How a night claims people whose licences it puts back; no batch can be called so."""
    return BatchId(f"{holder}{_BY_NIGHT}")


def is_by_night(held: Claim, now: datetime) -> bool:
    return held.batch.endswith(_BY_NIGHT) and now - held.at < _NIGHTS_LAST


def has_promise(holder: Batch) -> bool:
    """Whether the batch has been promised its seats, and so holds on to its people."""
    return not holder.status.is_final and holder.status not in (
        BatchStatus.ACCEPTED,
        BatchStatus.AWAITING_APPROVAL,
    )


def is_planned(holder: Batch) -> bool:
    """Whether it is not known yet what the batch will be promised."""
    return holder.status is BatchStatus.ACCEPTED


def is_planned_first(holder: Batch, other: Batch) -> bool:
    """Of two batches that are planned at the same moment the later one lets go."""
    return (holder.accepted_at, holder.id) < (other.accepted_at, other.id)


def behind(result: RowResult, rivals: Mapping[str, Claim]) -> RowResult:
    """A row whose person another batch has: it waits, and needs no seat that one is promised."""
    rival = rivals.get(name_of(result))
    if rival is None:
        return replace(result, rival="")
    taken = tuple(sku for sku in result.takes if sku not in rival.skus)
    return replace(result, rival=rival.batch, takes=taken)
