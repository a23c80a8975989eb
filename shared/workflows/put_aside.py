"""Put a message that cannot be handled on record, and send it again when somebody asks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from shared.domain.errors import ChangedMeanwhile
from shared.domain.ids import PoisonId
from shared.domain.poison import GAVE_NO_REASON, PutAside, poison_id
from shared.workflows.ports import AuditEntry, Desk

POISON = "-poison"
_TRIES = 5


async def put_aside(
    desk: Desk, queue: str, body: str, reason: str = "", *, ours: bool = True
) -> PutAside:
    """Note why; without a reason one that stands already is kept (the platform gives none)."""
    now = await desk.clock.now()
    fresh = PutAside(poison_id(queue, body), queue, body, reason or GAVE_NO_REASON, now, now)
    fresh = replace(fresh, ours=ours)
    kept = await desk.poison.add(fresh)
    if _says_the_same(kept, fresh, has_reason=bool(reason)):
        return kept
    return await _change(
        desk, kept.id, lambda k: replace(fresh, first_at=k.first_at, times=k.times + 1, etag=k.etag)
    )


def _says_the_same(kept: PutAside, fresh: PutAside, *, has_reason: bool) -> bool:
    if not kept.is_open:
        return False
    return not has_reason or (kept.reason, kept.ours) == (fresh.reason, fresh.ours)


async def send_again(desk: Desk, message: PoisonId, who: str) -> PutAside:
    """Put the message back into its queue; raise `PoisonNotFound` for one that is not kept.

    Sent before it is noted: one that comes twice finds its work done.
    """
    kept = await desk.poison.get(message)
    await desk.queues.send_raw(kept.queue, kept.body)
    now = await desk.clock.now()
    sent = await _change(desk, message, lambda k: _retried(k, now))
    await desk.audit.record(
        AuditEntry(now, who, "message sent again", message, {"queue": kept.queue})
    )
    return sent


def _retried(message: PutAside, now: datetime) -> PutAside:
    return replace(message, retried_at=now)


async def _change(
    desk: Desk, message: PoisonId, change: Callable[[PutAside], PutAside]
) -> PutAside:
    for _ in range(_TRIES - 1):
        try:
            return await desk.poison.save(change(await desk.poison.get(message)))
        except ChangedMeanwhile:
            continue
    return await desk.poison.save(change(await desk.poison.get(message)))
