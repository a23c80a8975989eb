"""Fold changes past us that follow one another: what they come to, and which undid others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.drift import DriftEntry, DriftField, DriftState
from shared.domain.history import ChangeRecord, Snapshot
from shared.domain.ids import SubscriptionId
from shared.domain.subscription_drift import aspect_of, names_of, value_of

PUT_BACKS = 3
PUT_BACKS_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Told:
    """One change past us, with its entries that are about one aspect."""

    record: ChangeRecord
    before: Snapshot
    after: Snapshot
    entries: tuple[DriftEntry, ...]
    adopted: frozenset[str] = frozenset()
    """Fields that are wanted as they are since."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Changes past us of one aspect that follow one another, the newest first."""

    aspect: DriftField
    told: tuple[Told, ...]

    @property
    def subject(self) -> SubscriptionId:
        return self._first.record.subscription_id

    @property
    def since(self) -> datetime:
        return self._first.record.at

    @property
    def first(self) -> str:
        """The id of the oldest change."""
        return self._first.record.id

    @property
    def _first(self) -> Told:
        return self.told[-1]

    @property
    def entries(self) -> tuple[DriftEntry, ...]:
        return tuple(entry for one in self.told for entry in one.entries)

    @property
    def after(self) -> Snapshot:
        return self.told[0].after

    @property
    def before(self) -> Snapshot:
        """What stood before them all, but for what was adopted of them."""
        adopted = {name for one in self.told for name in one.adopted & names_of(self.aspect)}
        return replace(self._first.before, **{n: getattr(self.after, n) for n in adopted})

    def stands_before(self, found: Snapshot) -> bool:
        return value_of(found, self.aspect) == value_of(self.before, self.aspect)

    def stands_after(self, found: Snapshot) -> bool:
        return value_of(found, self.aspect) == value_of(self.after, self.aspect)


def chains_of(aspect: DriftField, told: Iterable[Told]) -> list[Chain]:
    """Join what follows one another, the newest first; what somebody changed between parts it."""
    chains: list[Chain] = []
    for one in told:
        last = chains[-1] if chains else None
        after = value_of(one.after, aspect)
        if last is not None and value_of(last.told[-1].before, aspect) == after:
            chains[-1] = Chain(aspect, (*last.told, one))
        else:
            chains.append(Chain(aspect, (one,)))
    return chains


def is_contested(
    entries: Iterable[DriftEntry], subject: str, aspect: DriftField, now: datetime
) -> bool:
    """Whether it was put back so often lately that somebody wants it otherwise for good."""
    enforced = (e for e in entries if e.state is DriftState.ENFORCED and e.decided_at is not None)
    same = (e for e in enforced if (e.subject, aspect_of(e.what)) == (subject, aspect))
    # The entries of one chain were put back at one moment.
    moments = {e.decided_at for e in same if e.decided_at and e.decided_at > now - PUT_BACKS_WITHIN}
    return len(moments) >= PUT_BACKS


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
