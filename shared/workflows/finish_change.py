"""Close a change that has come about: bill it, keep what it left, and put its end on record.

Every write may be made twice: who dies in between is followed by who does it all again.
"""

from dataclasses import replace

from shared.domain.billing import Transaction, TransactionKind
from shared.domain.cuts import cut_after_change
from shared.domain.history import ChangeRecord, RecordStatus, Snapshot, snapshot_of
from shared.domain.operations import operation_id
from shared.domain.subscriptions import Subscription
from shared.workflows.alarms import Alarm, raise_end_alarm
from shared.workflows.carry_change import Carrier
from shared.workflows.chosen_ends import keep_choice
from shared.workflows.keep_lots import keep_lots
from shared.workflows.note_drift import note_drift
from shared.workflows.read_situation import Room
from shared.workflows.tenant import entries_of, with_skus

_TRANSACTIONS = {
    "cancel": TransactionKind.CANCELLED,
    "upgrade": TransactionKind.UPGRADED,
    "scheduleRenewal": TransactionKind.SCHEDULED,
}


async def finish_change(room: Room, carrier: Carrier, found: Subscription) -> Subscription:
    desk, record = room.desk, carrier.record
    subscription = with_skus([found], await entries_of(desk, room.customer, [found]))[0]
    await _bill(carrier, subscription)
    await _keep_head(carrier, subscription)
    await _keep_idle_nights(carrier)
    # What somebody changed while Microsoft was at work on ours would be lost with the mirror.
    await note_drift(desk, room.customer.id, [subscription])
    await keep_lots(desk, subscription, record)
    await desk.subscriptions.save(subscription)
    await _keep_target(room, carrier)
    await _watch_the_end(room, record, subscription)
    await keep_choice(desk, record)
    await carrier.end(RecordStatus.DONE)
    return subscription


async def _keep_head(carrier: Carrier, subscription: Subscription) -> None:
    """What the ledger remembers of the quantity, and whose the renewal's schedule is."""
    record, ledger = carrier.record, carrier.room.desk.ledger
    if record.kind not in ("setSeats", "upgrade", "scheduleRenewal"):
        return
    page = await ledger.read(carrier.lease.customer_id, carrier.lease.sku)
    seats, cut = subscription.seats, page.cuts.get(subscription.id)
    if record.kind == "scheduleRenewal":
        seats = page.heads.get(subscription.id, seats)
    left = cut_after_change(record, cut)
    carrier.lease = await ledger.write_head(carrier.lease, subscription.id, seats, left)


async def _keep_idle_nights(carrier: Carrier) -> None:
    """Seats that somebody takes away here lend their nights to none that come after them.

    What a night puts back takes none: it was counted when it was asked for first.
    """
    record, desk = carrier.record, carrier.room.desk
    if not record.is_choice or not record.seats_going:
        return
    history, today = await desk.idle.of(record.customer_id), (await desk.clock.now()).date()
    left = history.less(today, record.id, carrier.lease.sku, record.seats_going)
    await desk.idle.save(record.customer_id, left)


async def _keep_target(room: Room, carrier: Carrier) -> None:
    """The subscription that an upgrade moved seats to is ours, and not one bought elsewhere."""
    found = await carrier.target()
    if found is None:
        return
    desk, record = room.desk, carrier.record
    (target,) = with_skus([found], await entries_of(desk, room.customer, [found]))
    await desk.history.record(
        replace(
            record,
            id=operation_id(record.id, target.id),
            subscription_id=target.id,
            before=None,
            after=snapshot_of(target),
            status=RecordStatus.DONE,
            note=f"seats moved here from {record.subscription_id}",
            finished_at=await desk.clock.now(),
        )
    )
    await keep_lots(desk, target)
    await desk.subscriptions.save(target)


async def _bill(carrier: Carrier, subscription: Subscription) -> None:
    record = carrier.record
    kind = _kind_of(record)
    if kind is None or record.before is None or record.after is None:
        return
    await carrier.room.desk.transactions.record(
        Transaction(
            id=record.id,
            customer_id=record.customer_id,
            kind=kind,
            subscription_id=record.subscription_id,
            sku=subscription.sku,
            seats_before=record.before.seats,
            seats_after=_seats_after(kind, record.after),
            requested_by=record.requested_by,
            work=record.id,
            at=record.at,
            price_now=record.price_now,
            price_until_term_end=record.price_until_term_end,
            correlation_id=carrier.correlation_id,
            note=f"about {record.refund} come back" if record.refund else "",
        )
    )


def _kind_of(record: ChangeRecord) -> TransactionKind | None:
    """None: it moved neither seats nor money."""
    if record.kind != "setSeats" or record.before is None or record.after is None:
        return _TRANSACTIONS.get(record.kind)
    grew = record.after.seats > record.before.seats
    return TransactionKind.GROWN if grew else TransactionKind.GIVEN_BACK


def _seats_after(kind: TransactionKind, after: Snapshot) -> int:
    if kind is TransactionKind.CANCELLED:
        return 0
    if kind is TransactionKind.SCHEDULED and after.schedule is not None:
        return after.schedule.seats
    return after.seats


async def _watch_the_end(room: Room, record: ChangeRecord, subscription: Subscription) -> None:
    """An instruction for the term's end that got lost on the way is an alarm (law 6)."""
    said = record.before.end_of_term if record.before else None
    may_go = record.kind in ("setEndOfTerm", "suspend", "cancel")
    if said is None or may_go or subscription.end_of_term is said:
        return
    await raise_end_alarm(
        room.desk,
        Alarm.END_OF_TERM_LOST,
        subscription,
        record.requested_by,
        f"Its term was to end as {said.value!r} and Microsoft does not say so any more, after the "
        f"change {record.id}. Say it again with setEndOfTerm, or in Partner Center.",
    )
