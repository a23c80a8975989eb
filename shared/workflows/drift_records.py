"""Find the changes of subscriptions that entries of the drift tell of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRules, DriftState
from shared.domain.drift_folds import Chain, Told, chains_of
from shared.domain.history import ChangeRecord, Origin, RecordStatus
from shared.domain.ids import CustomerId, SubscriptionId
from shared.domain.subscription_drift import aspect_of, name_of, names_of
from shared.workflows.ports import Desk

RECENT = 50
"""Changes of one subscription that are looked through, the newest first."""
Subject = tuple[CustomerId, SubscriptionId]


async def changes_told(desk: Desk, entries: Iterable[DriftEntry]) -> Sequence[Told]:
    """Entries of one aspect of one subscription by their changes, the newest first."""
    newest_first = sorted(entries, key=lambda entry: entry.since, reverse=True)
    grouped: dict[tuple[datetime, str], list[DriftEntry]] = {}
    for entry in newest_first:
        grouped.setdefault((entry.since, entry.record), []).append(entry)
    told = [await _change_told(desk, own) for own in grouped.values()]
    return [one for one in told if one is not None]


async def _change_told(desk: Desk, entries: Sequence[DriftEntry]) -> Told | None:
    record = await _record_of(desk, entries[0])
    if record is None or record.before is None or record.after is None:
        return None
    open_ = tuple(entry for entry in entries if entry.state is not DriftState.ADOPTED)
    adopted = (e.what for e in entries if e.state is DriftState.ADOPTED)
    names = frozenset(name_of(what) for what in adopted)
    return Told(record, record.before, record.after, open_, names)


async def _record_of(desk: Desk, entry: DriftEntry) -> ChangeRecord | None:
    """An older version's entries know no more than the minute of the change."""
    id_ = SubscriptionId(entry.subject)
    if entry.record:
        return await desk.history.get(entry.customer_id, id_, entry.record)
    recent = await desk.history.page(entry.customer_id, id_, None, RECENT)
    return next((r for r in recent.items if _is_told_by(r, entry)), None)


def _is_told_by(record: ChangeRecord, entry: DriftEntry) -> bool:
    minute = record.at.replace(second=0, microsecond=0)
    is_told = record.origin is Origin.OUTSIDE and minute == entry.since
    return is_told and name_of(entry.what) in record.touches


async def chains_to_undo(
    desk: Desk, rules: DriftRules, entries: Iterable[DriftEntry]
) -> Sequence[Chain]:
    """What a rule wants put back of subscriptions: each chain of changes of one aspect as one."""
    chains: list[Chain] = []
    for aspect, own in _by_aspect(entries).items():
        enforced = {(e.since, e.record) for e in own if rules.enforces(e)}
        wanted = (e for e in own if (e.since, e.record) in enforced and _counts(e))
        chains += chains_of(aspect[1], await changes_told(desk, wanted))
    return chains


def _counts(entry: DriftEntry) -> bool:
    return entry.state in (DriftState.OPEN, DriftState.ADOPTED)


def _by_aspect(
    entries: Iterable[DriftEntry],
) -> Mapping[tuple[str, DriftField], list[DriftEntry]]:
    grouped: dict[tuple[str, DriftField], list[DriftEntry]] = {}
    for entry in entries:
        if entry.kind is DriftKind.SUBSCRIPTION:
            key = (entry.subject.lower(), aspect_of(entry.what))
            grouped.setdefault(key, []).append(entry)
    return grouped


async def changed_here(
    desk: Desk, subscription: Subject, aspect: DriftField, since: datetime, *, but: str = ""
) -> bool:
    """Whether we have changed it since, whatever for but for one reason."""
    recent = await desk.history.page(*subscription, None, RECENT)
    ours = (r for r in recent.items if _is_ours(r, since) and not (but and r.reason == but))
    return any(not names_of(aspect).isdisjoint(record.touches) for record in ours)


def _is_ours(record: ChangeRecord, since: datetime) -> bool:
    was_sent = record.status is not RecordStatus.FAILED
    return record.origin is Origin.SEATKEEPER and was_sent and record.at >= since
