"""Tell what somebody changed past us in a subscription, field by field."""

from collections.abc import Iterator
from datetime import datetime

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRules
from shared.domain.history import ChangeRecord, Origin, Snapshot, what_differs
from shared.domain.subscriptions import EndOfTerm, Schedule, Terms

_SNAPSHOT = {
    "seats": DriftField.SEATS,
    "status": DriftField.STATUS,
    "name": DriftField.NAME,
    "offer": DriftField.OFFER,
    "term": DriftField.TERM,
    "billing": DriftField.BILLING,
    "ends_at": DriftField.ENDS_AT,
    "auto_renew": DriftField.AUTO_RENEW,
    "end_of_term": DriftField.END_OF_TERM,
    "schedule": DriftField.SCHEDULE,
}


def of_record(rules: DriftRules, record: ChangeRecord) -> Iterator[DriftEntry]:
    """What the history has as a change from outside; of one record they are always the same."""
    if record.origin is not Origin.OUTSIDE:
        return
    subject = (DriftKind.SUBSCRIPTION, record.subscription_id)
    for what, was, here in _differences(record.before, record.after):
        yield rules.entry(subject, what, was, here, record.at, record=record.id)


def _differences(
    before: Snapshot | None, after: Snapshot | None
) -> Iterator[tuple[DriftField, str, str]]:
    match before, after:
        case None, Snapshot(seats=seats):
            yield DriftField.APPEARED, "", str(seats)
        case Snapshot(seats=seats), None:
            yield DriftField.GONE, str(seats), ""
        case Snapshot(), Snapshot():
            for name in what_differs(before, after):
                was, here = _text(before, name), _text(after, name)
                if was == here:
                    # Of schedules, what is the same as the terms of today is not said.
                    was, here = _in_full(before), _in_full(after)
                yield _SNAPSHOT[name], was, here


def aspect_of(what: DriftField) -> DriftField:
    """What belongs together: auto-renew and the end of the term say one thing."""
    return DriftField.END_OF_TERM if what is DriftField.AUTO_RENEW else what


def names_of(aspect: DriftField) -> frozenset[str]:
    """The fields of a snapshot that an aspect is made of."""
    return frozenset(name for name, what in _SNAPSHOT.items() if aspect_of(what) is aspect)


def value_of(snapshot: Snapshot, aspect: DriftField) -> object:
    """What one aspect comes to: who says that a term renews says no more than auto-renew does.

    Nor does an extension, which Microsoft fills in by itself where auto-renew is off.
    """
    if aspect is DriftField.END_OF_TERM:
        end = end_of(snapshot)
        return snapshot.auto_renew, None if end is EndOfTerm.EXTEND else end
    return getattr(snapshot, name_of(aspect))


def end_of(snapshot: Snapshot) -> EndOfTerm | None:
    """How the term was to end; None where it was not to renew, and nobody said what instead."""
    said = snapshot.end_of_term
    if said is None:
        return EndOfTerm.RENEW if snapshot.auto_renew else None
    return said if snapshot.auto_renew is (said is EndOfTerm.RENEW) else None


def told_of(snapshot: Snapshot, what: DriftField) -> str:
    """Say one field of a subscription as its entries say it."""
    return _text(snapshot, name_of(what))


def name_of(what: DriftField) -> str:
    """The field of a snapshot that an entry is about."""
    return next(name for name, field in _SNAPSHOT.items() if field is what)


def _text(snapshot: Snapshot, name: str) -> str:
    value = getattr(snapshot, name)
    if name == "schedule":
        return _said(value, besides=Terms(snapshot.offer, snapshot.term, snapshot.billing))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(getattr(value, "value", value))


def _in_full(snapshot: Snapshot) -> str:
    return _said(snapshot.schedule)


def _said(schedule: Schedule | None, besides: Terms | None = None) -> str:
    """The next term's seats, and of its terms those that are others than these."""
    if schedule is None:
        return ""
    terms, parts = schedule.terms, [f"{schedule.seats} seats"]
    if besides is None or terms.offer != besides.offer:
        parts.append(f"of {terms.offer}")
    if besides is None or terms.term is not besides.term:
        parts.append(f"for {terms.term.value}")
    if besides is None or terms.billing is not besides.billing:
        parts.append(f"billed {terms.billing.value}")
    if terms.ends_at is not None:
        parts.append(f"until {terms.ends_at.isoformat()}")
    return ", ".join(parts)
