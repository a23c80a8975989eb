"""Tell whose doing a difference is: what Microsoft does by itself, what is ours, and what is left.

https://learn.microsoft.com/partner-center/developer/subscription-lifecycle
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from shared.domain.catalog import BillingPlan, Term
from shared.domain.history import ChangeRecord, Origin, Snapshot
from shared.domain.subscriptions import RENEWAL_LOCK, EndOfTerm, Schedule, SubscriptionStatus

_WITHOUT_END = frozenset({"auto_renew", "end_of_term", "schedule"})
_ALONG: Mapping[str, frozenset[str]] = {
    "setSeats": frozenset({"end_of_term", "schedule"}),
    "setEndOfTerm": frozenset({"schedule"}),
    "suspend": _WITHOUT_END,
    "reactivate": _WITHOUT_END,
    "cancel": _WITHOUT_END,
    "upgrade": frozenset(field.name for field in fields(Snapshot)),
}
"""By kind of change, what Microsoft may change along with what was asked for."""
_OVER = (SubscriptionStatus.EXPIRED, SubscriptionStatus.DISABLED, SubscriptionStatus.DELETED)
_FADING = (
    SubscriptionStatus.EXPIRED,
    SubscriptionStatus.DISABLED,
    SubscriptionStatus.SUSPENDED,
)
"""What these come to, they come to by themselves."""
_BY_THE_MONTH = (Term.MONTH, BillingPlan.MONTHLY)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a difference, and whose doing it is."""

    origin: Origin
    before: Snapshot
    after: Snapshot


def steps_between(
    before: Snapshot,
    after: Snapshot,
    now: datetime,
    *,
    ours: Collection[str] = (),
    hidden: Collection[str] = (),
) -> Iterator[Step]:
    """Microsoft's part, then ``ours``, then what is left; ``hidden`` fields are told elsewhere."""
    by_microsoft = _by_microsoft(before, after, now)
    by_us = _with(by_microsoft, after, set(ours).difference(hidden))
    left = _with(after, by_us, hidden)
    parts = (
        Step(Origin.MICROSOFT, before, by_microsoft),
        Step(Origin.SEATKEEPER, by_microsoft, by_us),
        Step(Origin.OUTSIDE, by_us, left),
    )
    return (part for part in parts if part.before != part.after)


def told_by(changes: Iterable[ChangeRecord]) -> frozenset[str]:
    """The fields that changes of ours under way account for."""
    return frozenset().union(*(c.touches | _ALONG.get(c.kind, frozenset()) for c in changes))


def _with(snapshot: Snapshot, other: Snapshot, names: Collection[str]) -> Snapshot:
    return replace(snapshot, **{name: getattr(other, name) for name in names})


def _by_microsoft(before: Snapshot, after: Snapshot, now: datetime) -> Snapshot:
    """What would have become of it had nobody touched it."""
    is_made = before.status is SubscriptionStatus.PENDING
    if is_made and after.status is SubscriptionStatus.ACTIVE:
        return _with(before, after, ("status", "ends_at"))
    if after.status in _OVER:
        return _ended(before, after, now)
    filled = _with(before, after, ("end_of_term",)) if _is_filled_in(before, after) else before
    is_due = now >= before.ends_at - RENEWAL_LOCK
    return _renewed(filled, after) if is_due and after.ends_at > before.ends_at else filled


def _is_filled_in(before: Snapshot, after: Snapshot) -> bool:
    """Where auto-renew is off and nothing else was said, Microsoft says that the term extends."""
    is_said = after.end_of_term is EndOfTerm.EXTEND and not after.auto_renew
    return is_said and before.end_of_term is None


def _ended(before: Snapshot, after: Snapshot, now: datetime) -> Snapshot:
    """Deleted is also what somebody cancels in the middle of a term; the rest Microsoft does."""
    was_cancelled = after.status is SubscriptionStatus.DELETED is not before.status
    if was_cancelled and before.status not in _FADING and now < before.ends_at:
        return before
    over = _with(before, after, ("status", "ends_at"))
    return _with(over, after, _names_gone(after, "schedule", "end_of_term"))


def _renewed(before: Snapshot, after: Snapshot) -> Snapshot:
    """What was scheduled has come about, and what was said of the term's end is done with."""
    renewed = _with(before, after, ("ends_at",))
    if before.end_of_term is not EndOfTerm.CANCEL:
        renewed = _with(renewed, after, _names_gone(after, "end_of_term"))
    schedule = before.schedule
    if schedule is not None and (after.auto_renew or after.seats == schedule.seats):
        return _carried_out(renewed, schedule, after)
    return _with(renewed, after, ("term", "billing")) if _extends(before, after) else renewed


def _names_gone(after: Snapshot, *names: str) -> list[str]:
    return [name for name in names if getattr(after, name) is None]


def _carried_out(renewed: Snapshot, schedule: Schedule, after: Snapshot) -> Snapshot:
    """One that never had a name of its own is called as its product is."""
    terms = schedule.terms
    moves = terms.offer != renewed.offer
    return replace(
        renewed,
        seats=schedule.seats,
        offer=terms.offer,
        term=terms.term,
        billing=terms.billing,
        name=after.name if moves else renewed.name,
        schedule=None,
    )


def _extends(before: Snapshot, after: Snapshot) -> bool:
    """An extended term goes by the month, and whoever renews again has the old term back."""
    goes_in = not after.auto_renew and (after.term, after.billing) == _BY_THE_MONTH
    comes_out = after.auto_renew and (before.term, before.billing) == _BY_THE_MONTH
    return goes_in or comes_out
