"""Tell what somebody changed past us in a subscription, field by field."""

from collections.abc import Iterator
from datetime import datetime

from shared.domain.drift import DriftEntry, DriftField, DriftKind, DriftRules
from shared.domain.history import ChangeRecord, Origin, Snapshot, what_differs

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
                yield _SNAPSHOT[name], _text(before, name), _text(after, name)


def told_of(snapshot: Snapshot, what: DriftField) -> str:
    """Say one field of a subscription as its entries say it."""
    return _text(snapshot, name_of(what))


def name_of(what: DriftField) -> str:
    """The field of a snapshot that an entry is about."""
    return next(name for name, field in _SNAPSHOT.items() if field is what)


def _text(snapshot: Snapshot, name: str) -> str:
    value = getattr(snapshot, name)
    if name == "schedule":
        return f"{value.seats} seats" if value is not None else ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(getattr(value, "value", value))
