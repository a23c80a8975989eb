"""Put on record what changed without us: the mirror against what Microsoft says.

A difference is known by the version of the mirror that it was found from, and by nothing of a
clock: who finds it again, because a host died or another one was as fast, tells nothing new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.changes import Cancel, Upgrade
from shared.domain.connections import Connection
from shared.domain.errors import SubscriptionNotFound
from shared.domain.history import ChangeRecord, Origin, snapshot_of, what_differs
from shared.domain.ids import CustomerId
from shared.domain.operations import operation_id
from shared.domain.origins import Step, steps_between, told_by
from shared.domain.subscription_drift import of_record
from shared.domain.subscriptions import Subscription, SubscriptionStatus
from shared.workflows.drift import rules_of_customer
from shared.workflows.fold_drift import fold_drift
from shared.workflows.ports import AuditEntry, Desk, LedgerPage, Mirror
from shared.workflows.read_situation import ledger_key

_LASTING = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PENDING, SubscriptionStatus.SUSPENDED)
_ENDS = (Cancel.kind, Upgrade.kind)
_GONE = "gone"
_RECENT = 50
_CAME_ALONG = "there already when the customer was first read"
_BY_US = "by a batch, a user or the nightly run; the customer's transactions say which"


async def note_drift(
    desk: Desk,
    customer: CustomerId,
    found: Iterable[Subscription],
    mirror: Mirror | None = None,
) -> None:
    """Compare before the mirror is written over; a change of ours under way is not drift."""
    if mirror is None:
        mirror = await desk.subscriptions.mirror(customer)
    for subscription in found:
        known = mirror.find(subscription.id)
        if known is None:
            await _note_new(desk, subscription, came_along=not mirror.was_read)
            continue
        for record in await _moved(desk, known, subscription, mirror.versions[known.id]):
            await _put_on_record(desk, record)


async def _note_new(desk: Desk, subscription: Subscription, *, came_along: bool) -> None:
    """What a customer brought along is in its history, and is nobody's change."""
    record = await _appeared(desk, subscription)
    if came_along:
        await desk.history.record(replace(record, note=_CAME_ALONG))
    else:
        await _put_on_record(desk, record)


async def note_gone(
    desk: Desk, connection: Connection, mirror: Mirror, listed: Sequence[Subscription]
) -> Sequence[Subscription]:
    """Answer the list with what it left out though it is there, and put on record what is gone.

    What is missing is asked for by itself: a list may be older than a purchase of ours.
    """
    here, found = {s.id for s in listed}, list(listed)
    partner_center = desk.microsoft.partner_center(connection)
    for known in mirror.subscriptions:
        if known.id in here:
            continue
        try:
            reading = await partner_center.read(known.customer_id, known.id)
        except SubscriptionNotFound:
            await _note_end(desk, known, mirror.versions[known.id])
        else:
            found.append(replace(reading.subscription, sku=known.sku))
    return found


async def _note_end(desk: Desk, known: Subscription, version: str) -> None:
    """What had ended before leaves Microsoft's list some day, and what we ended is ours."""
    if known.status not in _LASTING or await _ended_here(desk, known):
        return
    await _put_on_record(desk, _gone(known, await desk.clock.now(), version))


async def _put_on_record(desk: Desk, record: ChangeRecord) -> None:
    """The entries follow from the record that was told first, however often it is told."""
    record = await desk.history.record(record)
    entries = tuple(of_record(await rules_of_customer(desk, record.customer_id), record))
    for entry in await fold_drift(desk, record, entries):
        await desk.drift.add(entry)
    await _tell(desk, record)


async def _ended_here(desk: Desk, known: Subscription) -> bool:
    last = await desk.history.page(known.customer_id, known.id, None, 1)
    return any(r.origin is Origin.SEATKEEPER and r.kind in _ENDS for r in last.items)


async def _appeared(desk: Desk, subscription: Subscription) -> ChangeRecord:
    """One that was gone may come back, and is told of again."""
    recent = await desk.history.page(subscription.customer_id, subscription.id, None, _RECENT)
    left = next((record.id for record in recent.items if record.kind == _GONE), None)
    when = (left,) if left is not None else ()
    record = _noticed(subscription, "appeared", await desk.clock.now(), *when)
    note = "first seen here; bought elsewhere"
    return replace(record, after=snapshot_of(subscription), note=note)


def _gone(known: Subscription, now: datetime, version: str) -> ChangeRecord:
    record = _noticed(known, _GONE, now, version)
    note = "Microsoft does not know it any more; it may be another partner's now"
    return replace(record, before=snapshot_of(known), note=note)


def _noticed(
    subscription: Subscription, kind: str, now: datetime, *found_from: str
) -> ChangeRecord:
    """Of what nobody here has asked for."""
    return ChangeRecord(
        id=operation_id(kind, subscription.id, *found_from),
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        kind=kind,
        origin=Origin.OUTSIDE,
        requested_by="",
        at=now,
        finished_at=now,
    )


async def _moved(
    desk: Desk, known: Subscription, found: Subscription, version: str
) -> Sequence[ChangeRecord]:
    """A renewal, a batch of ours and somebody past us may all have been at it since."""
    before, after = snapshot_of(known), snapshot_of(found)
    if before == after:
        return ()
    under_way = await desk.history.unfinished(found.customer_id, found.id)
    page = await desk.ledger.read(found.customer_id, ledger_key(found))
    ours, hidden, now = _ours(page, known, found), told_by(under_way), await desk.clock.now()
    steps = steps_between(before, after, now, ours=ours, hidden=hidden)
    return [
        _step_taken(found, step, version, now + timedelta(microseconds=number))
        for number, step in enumerate(steps)
    ]


def _step_taken(found: Subscription, step: Step, version: str, at: datetime) -> ChangeRecord:
    renewed = step.origin is Origin.MICROSOFT and step.after.ends_at > step.before.ends_at
    return ChangeRecord(
        id=operation_id("moved", found.id, version, repr(step.before), repr(step.after)),
        customer_id=found.customer_id,
        subscription_id=found.id,
        kind="renewed" if renewed else "changed",
        origin=step.origin,
        requested_by="",
        at=at,
        before=step.before,
        after=step.after,
        note=_BY_US if step.origin is Origin.SEATKEEPER else "",
        finished_at=at,
    )


def _ours(page: LedgerPage, known: Subscription, found: Subscription) -> frozenset[str]:
    """What growths came to that the mirror does not show yet: their hosts are at it, or died."""
    growths = [g for g in page.growths if g.is_news and g.subscription_id == found.id]
    growths = [g for g in growths if g.target == found.seats]
    raised = bool(growths) and found.seats != known.seats
    planned = (g for g in growths if g.touches_schedule)
    scheduled = any(g.scheduled_target == found.scheduled_seats for g in planned)
    # A change in mid-term deletes the schedule.
    wiped = raised and found.scheduled_seats is None
    names = {"seats": raised, "schedule": scheduled or wiped}
    return frozenset(name for name, is_ours in names.items() if is_ours)


async def _tell(desk: Desk, record: ChangeRecord) -> None:
    if record.origin is not Origin.OUTSIDE:
        return
    changed = what_differs(record.before, record.after) if record.before and record.after else ()
    await desk.audit.record(
        AuditEntry(
            record.at,
            "outside",
            "subscription changed outside",
            record.subscription_id,
            {"what": ", ".join(changed) or record.kind},
        )
    )
