"""Fold changes past us that follow one another: what they come to, and which undid others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.domain.drift import DriftEntry, DriftField
from shared.domain.history import ChangeRecord, Snapshot
from shared.domain.subscription_drift import value_of


@dataclass(frozen=True, slots=True)
class Told:
    """One change past us, with its entries that are about one aspect."""

    before: Snapshot
    after: Snapshot
    entries: tuple[DriftEntry, ...]


def undone_by(
    record: ChangeRecord, aspect: DriftField, earlier: Iterable[Told]
) -> Sequence[DriftEntry]:
    """Those whose value before is back by this change; none where it is one of its own.

    ``earlier`` are the changes of the same aspect, the newest first.
    """
    if record.before is None or record.after is None:
        return ()
    was, here = value_of(record.before, aspect), value_of(record.after, aspect)
    undone: list[DriftEntry] = []
    for told in earlier:
        if value_of(told.after, aspect) != was:
            break
        undone += told.entries
        was = value_of(told.before, aspect)
        if was == here:
            return undone
    return ()
