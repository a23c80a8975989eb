"""Resolve what went back by itself: who brings back what was there makes no new difference."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.drift import READING, DriftEntry, DriftField, DriftKind, DriftState
from shared.domain.drift_folds import Told, undone_by
from shared.domain.drift_tally import COUNTED
from shared.domain.history import ChangeRecord, Origin, RecordStatus
from shared.domain.ids import SubscriptionId
from shared.domain.subscription_drift import aspect_of, names_of
from shared.workflows.drift import decide
from shared.workflows.ports import Desk

_RECENT = 50


async def fold_drift(
    desk: Desk, record: ChangeRecord, entries: Sequence[DriftEntry]
) -> Sequence[DriftEntry]:
    """Answer the entries of a change that tell of something; those that it undoes are resolved.

    Each of these names the change, so that whoever is told of it again answers the same.
    """
    left: list[DriftEntry] = []
    earlier = await _earlier(desk, record) if record.before and record.after else ()
    for aspect in {aspect_of(entry.what): None for entry in entries}:
        undone = undone_by(record, aspect, await _told(desk, earlier, aspect))
        if not undone or await _decided_here(desk, record, aspect, undone):
            left += [entry for entry in entries if aspect_of(entry.what) is aspect]
            continue
        for entry in undone:
            await _resolve(desk, entry, record)
    return left


async def _earlier(desk: Desk, record: ChangeRecord) -> Sequence[DriftEntry]:
    page = await desk.drift.page(record.customer_id, None, COUNTED)
    found = (e for e in page.items if _is_about(e, record) and e.may_be_undone_by(record.id))
    return sorted(found, key=lambda entry: entry.since, reverse=True)


def _is_about(entry: DriftEntry, record: ChangeRecord) -> bool:
    is_same = (entry.kind, entry.subject) == (DriftKind.SUBSCRIPTION, record.subscription_id)
    return is_same and entry.record not in ("", record.id)


async def _told(desk: Desk, entries: Iterable[DriftEntry], aspect: DriftField) -> Sequence[Told]:
    by_record: dict[str, list[DriftEntry]] = {}
    for entry in entries:
        if aspect_of(entry.what) is aspect:
            by_record.setdefault(entry.record, []).append(entry)
    told = [await _change(desk, own) for own in by_record.values()]
    return [one for one in told if one is not None]


async def _change(desk: Desk, entries: Sequence[DriftEntry]) -> Told | None:
    first = entries[0]
    subscription = SubscriptionId(first.subject)
    record = await desk.history.get(first.customer_id, subscription, first.record)
    if record is None or record.before is None or record.after is None:
        return None
    return Told(record.before, record.after, tuple(entries))


async def _decided_here(
    desk: Desk, record: ChangeRecord, aspect: DriftField, undone: Sequence[DriftEntry]
) -> bool:
    """Whether we have changed the same since: then what was there before is not wanted any more."""
    since = min(entry.since for entry in undone)
    recent = await desk.history.page(record.customer_id, record.subscription_id, None, _RECENT)
    return any(_is_ours(one, aspect, since) for one in recent.items)


def _is_ours(record: ChangeRecord, aspect: DriftField, since: datetime) -> bool:
    is_ours = record.origin is Origin.SEATKEEPER and record.status is not RecordStatus.FAILED
    return is_ours and record.at >= since and not names_of(aspect).isdisjoint(record.touches)


async def _resolve(desk: Desk, entry: DriftEntry, record: ChangeRecord) -> None:
    """What a person has dealt with stays theirs."""
    if entry.undone_by == record.id:
        return
    undone = replace(entry, undone_by=record.id)
    if entry.state is DriftState.OPEN:
        await decide(desk, undone, DriftState.RESOLVED, READING)
    else:
        await desk.drift.save(undone)
