"""Put on record what changed without us: the mirror against what Microsoft says."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.changes import Cancel, Upgrade
from shared.domain.connections import Connection
from shared.domain.customers import Customer
from shared.domain.drift import DriftEntry, DriftRules, DriftState
from shared.domain.drift_levels import DriftLevels
from shared.domain.errors import SubscriptionNotFound
from shared.domain.history import ChangeRecord, Origin, origin_of, snapshot_of, what_differs
from shared.domain.ids import CustomerId
from shared.domain.operations import operation_id
from shared.domain.policies import Policy
from shared.domain.subscriptions import Subscription, SubscriptionStatus
from shared.workflows.ports import AuditEntry, Desk, LedgerPage
from shared.workflows.read_situation import ledger_key

_LASTING = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PENDING, SubscriptionStatus.SUSPENDED)
_ENDS = (Cancel.kind, Upgrade.kind)
_BY_US = "by a batch, a user or the nightly run; the customer's transactions say which"


async def note_drift(
    desk: Desk,
    customer: CustomerId,
    found: Iterable[Subscription],
    mirrored: Iterable[Subscription] | None = None,
) -> None:
    """Compare before the mirror is written over; a change of ours under way is not drift."""
    if mirrored is None:
        mirrored = await desk.subscriptions.of(customer)
    now = await desk.clock.now()
    known_here = {s.id: s for s in mirrored}
    for subscription in found:
        known = known_here.get(subscription.id)
        record = (
            _appeared(subscription, now)
            if known is None
            else await _moved(desk, known, subscription, now)
        )
        if record is not None:
            await _put_on_record(desk, record)


async def note_gone(
    desk: Desk,
    connection: Connection,
    mirrored: Iterable[Subscription],
    listed: Sequence[Subscription],
) -> Sequence[Subscription]:
    """Answer the list with what it left out though it is there, and put on record what is gone.

    What is missing is asked for by itself: a list may be older than a purchase of ours.
    """
    here, found = {s.id for s in listed}, list(listed)
    partner_center = desk.microsoft.partner_center(connection)
    for known in mirrored:
        if known.id in here:
            continue
        try:
            reading = await partner_center.read(known.customer_id, known.id)
        except SubscriptionNotFound:
            await _note_end(desk, known)
        else:
            found.append(replace(reading.subscription, sku=known.sku))
    return found


async def _note_end(desk: Desk, known: Subscription) -> None:
    """What had ended before leaves Microsoft's list some day, and what we ended is ours."""
    if known.status not in _LASTING or await _ended_here(desk, known):
        return
    await _put_on_record(desk, _gone(known, await desk.clock.now()))


async def _put_on_record(desk: Desk, record: ChangeRecord) -> None:
    await desk.history.record(record)
    for entry in (await _rules_of(desk, record.customer_id)).of_record(record):
        await desk.drift.add(entry)
    await _tell(desk, record)


async def _ended_here(desk: Desk, known: Subscription) -> bool:
    last = await desk.history.page(known.customer_id, known.id, None, 1)
    return any(r.origin is Origin.SEATKEEPER and r.kind in _ENDS for r in last.items)


async def drift_rules(desk: Desk, customer: Customer, connection: Connection) -> DriftRules:
    return rules_of(desk, connection, await desk.policies.of(customer.id), customer.id)


def rules_of(
    desk: Desk, connection: Connection, policy: Policy, customer: CustomerId
) -> DriftRules:
    return DriftRules(customer, drift_levels(desk, connection, policy).rules)


def drift_levels(desk: Desk, connection: Connection, policy: Policy) -> DriftLevels:
    return DriftLevels(desk.drift_rules, connection.baseline.drift, policy.drift)


async def _rules_of(desk: Desk, customer_id: CustomerId) -> DriftRules:
    customer = await desk.customers.get(customer_id)
    return await drift_rules(desk, customer, await desk.connections.get(customer.connection_id))


async def decide(desk: Desk, entry: DriftEntry, state: DriftState, by: str) -> DriftEntry:
    """Say that a difference is wanted, or dealt with; an entry that is decided stays so."""
    if entry.state is not DriftState.OPEN:
        return entry
    decided = entry.decided(state, by, await desk.clock.now())
    await desk.audit.record(
        AuditEntry(
            await desk.clock.now(), by, f"drift {state.value}", entry.subject, {"what": entry.what}
        )
    )
    return await desk.drift.save(decided)


async def leave_open(desk: Desk, entry: DriftEntry, reason: str) -> None:
    """Say why it was not put back tonight."""
    if entry.reason != reason:
        await desk.drift.save(replace(entry, reason=reason))


def _appeared(subscription: Subscription, now: datetime) -> ChangeRecord:
    record = _noticed(subscription, "appeared", now)
    note = "first seen here; bought elsewhere"
    return replace(record, after=snapshot_of(subscription), note=note)


def _gone(known: Subscription, now: datetime) -> ChangeRecord:
    record = _noticed(known, "gone", now, f"{now:%Y%m%d%H%M}")
    note = "Microsoft does not know it any more; it may be another partner's now"
    return replace(record, before=snapshot_of(known), note=note)


def _noticed(subscription: Subscription, kind: str, now: datetime, *when: str) -> ChangeRecord:
    """Of what nobody here has asked for."""
    return ChangeRecord(
        id=operation_id(kind, subscription.id, *when),
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        kind=kind,
        origin=Origin.OUTSIDE,
        requested_by="",
        at=now,
        finished_at=now,
    )


async def _moved(
    desk: Desk, known: Subscription, found: Subscription, now: datetime
) -> ChangeRecord | None:
    before, after = snapshot_of(known), snapshot_of(found)
    changed = what_differs(before, after)
    if not changed or await desk.history.unfinished(found.customer_id, found.id):
        return None
    page = await desk.ledger.read(found.customer_id, ledger_key(found))
    origin = origin_of(before, after, ours=_is_ours(page, known, found))
    renewed = origin is Origin.MICROSOFT
    return ChangeRecord(
        # Two hosts that look within one minute tell of the same change.
        id=operation_id("moved", found.id, repr(before), repr(after), f"{now:%Y%m%d%H%M}"),
        customer_id=found.customer_id,
        subscription_id=found.id,
        kind="renewed" if renewed else "changed",
        origin=origin,
        requested_by="",
        at=now,
        before=before,
        after=after,
        note=_BY_US if origin is Origin.SEATKEEPER else "",
        finished_at=now,
    )


def _is_ours(page: LedgerPage, known: Subscription, found: Subscription) -> bool:
    """The quantity that we left last, or a growth or a return of the ledger that ends so."""
    raised = found.seats != known.seats and page.heads.get(found.id) == found.seats
    return raised or any(
        (g.subscription_id, g.target, g.scheduled_target)
        == (found.id, found.seats, found.scheduled_seats)
        for g in page.growths
    )


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
