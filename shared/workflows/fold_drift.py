"""Resolve what went back by itself: who brings back what was there makes no new difference."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.domain.drift import READING, DriftEntry, DriftField, DriftKind, DriftState
from shared.domain.drift_folds import undone_by
from shared.domain.drift_tally import COUNTED
from shared.domain.history import ChangeRecord
from shared.domain.subscription_drift import aspect_of
from shared.workflows.drift import decide
from shared.workflows.drift_records import changed_here, changes_told
from shared.workflows.ports import Desk


async def fold_drift(
    desk: Desk, record: ChangeRecord, entries: Sequence[DriftEntry]
) -> Sequence[DriftEntry]:
    """Answer the entries of a change that tell of something; those that it undoes are resolved.

    Each of these names the change, so that whoever is told of it again answers the same.
    """
    left: list[DriftEntry] = []
    earlier = await _earlier(desk, record) if record.before and record.after else ()
    for aspect, own in _by_aspect(entries).items():
        same = (entry for entry in earlier if aspect_of(entry.what) is aspect)
        undone = undone_by(record, aspect, await changes_told(desk, same))
        if not undone or await _is_decided_here(desk, record, aspect, undone):
            left += own
            continue
        for entry in undone:
            await _resolve(desk, entry, record)
    return left


def _by_aspect(entries: Sequence[DriftEntry]) -> Mapping[DriftField, Sequence[DriftEntry]]:
    aspects = dict.fromkeys(aspect_of(entry.what) for entry in entries)
    return {a: [entry for entry in entries if aspect_of(entry.what) is a] for a in aspects}


async def _is_decided_here(
    desk: Desk, record: ChangeRecord, aspect: DriftField, undone: Sequence[DriftEntry]
) -> bool:
    """Where we have changed the same since, what was there before is not wanted any more."""
    since = min(entry.since for entry in undone)
    return await changed_here(desk, (record.customer_id, record.subscription_id), aspect, since)


async def _earlier(desk: Desk, record: ChangeRecord) -> Sequence[DriftEntry]:
    page = await desk.drift.page(record.customer_id, None, COUNTED)
    return [e for e in page.items if _is_about(e, record) and e.may_be_undone_by(record.id)]


def _is_about(entry: DriftEntry, record: ChangeRecord) -> bool:
    is_same = (entry.kind, entry.subject) == (DriftKind.SUBSCRIPTION, record.subscription_id)
    return is_same and entry.record not in ("", record.id)


async def _resolve(desk: Desk, entry: DriftEntry, record: ChangeRecord) -> None:
    """What a person has dealt with stays theirs."""
    if entry.undone_by == record.id:
        return
    undone = replace(entry, undone_by=record.id)
    if entry.state is DriftState.OPEN:
        await decide(desk, undone, DriftState.RESOLVED, READING)
    else:
        await desk.drift.save(undone)
