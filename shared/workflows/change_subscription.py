"""Change one subscription under the lease of its SKU: preview, decide, write down, carry out.

https://learn.microsoft.com/partner-center/developer/update-a-subscription-by-id
"""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.change_plans import plan_change
from shared.domain.changes import ChangePlan, Situation, SubscriptionChange, Upgrade, Why
from shared.domain.errors import ChangeInReview, ChangeRefused, ChangeUnderWay, PlanOutdated
from shared.domain.history import ChangeRecord, Origin, RecordStatus, UpgradeTarget
from shared.domain.ids import CustomerId, OperationId, SubscriptionId
from shared.domain.operations import Operation, OperationKind
from shared.domain.subscriptions import Subscription
from shared.workflows.alarms import Alarm, raise_end_alarm
from shared.workflows.carry_change import under_way
from shared.workflows.finish_change import finish_change
from shared.workflows.follow_change import carrier_of, known_subscription, look_later, settle
from shared.workflows.ports import Lease
from shared.workflows.promise_seats import refuse_open_growths
from shared.workflows.read_situation import Room, ledger_key, read_situation
from shared.workflows.subscriptions import keep_reading


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants a change, why, as which piece of work, and on which preview it rests.

    ``is_choice`` where somebody asks, and not a baseline or a policy on their behalf.
    """

    by: str
    work: OperationId
    reason: str = ""
    digest: str = ""
    is_choice: bool = False


async def preview_change(
    room: Room, subscription: SubscriptionId, change: SubscriptionChange
) -> ChangePlan:
    """Say what would happen; a refusal is part of the answer."""
    room.connection.require_direct_billing("change subscriptions")
    return plan_change(await read_situation(room, subscription, change), change)


async def change_subscription(
    room: Room, subscription_id: SubscriptionId, change: SubscriptionChange, asked: Asked
) -> tuple[Subscription, ChangeRecord]:
    """Change it once per piece of work; asked again it goes on with what was written down.

    A record that is still open is one that Microsoft takes its time for: the queue follows it.
    """
    room.connection.require_direct_billing("change subscriptions")
    subscription = await known_subscription(room, subscription_id)
    record = await room.desk.history.get(room.customer.id, subscription.id, asked.work)
    if record is not None and not record.is_open:
        return subscription, _ended_well(record)
    ledger = room.desk.ledger
    lease = await ledger.lease(room.customer.id, ledger_key(subscription), asked.work)
    try:
        page = await ledger.read(room.customer.id, lease.sku)
        refuse_open_growths(page, asked.work)
        await _settle_others(room, lease, subscription.id, asked.work)
        if record is None:
            record = await _decide(room, subscription, change, asked)
        return await _carry(room, lease, record, subscription)
    finally:
        await ledger.release(lease)


def _ended_well(record: ChangeRecord) -> ChangeRecord:
    if record.status is RecordStatus.REVIEW:
        raise ChangeInReview(record.note)
    if record.status is RecordStatus.FAILED:
        raise ChangeRefused(record.note)
    return record


async def _settle_others(
    room: Room, lease: Lease, subscription: SubscriptionId, work: OperationId
) -> None:
    """What a dead host left: with the lease ours, nobody is going to send it any more."""
    for record in await room.desk.history.unfinished(room.customer.id, subscription):
        if record.id == work:
            continue
        if not await settle(carrier_of(room, lease, record)):
            raise under_way(record)


async def _decide(
    room: Room, subscription: Subscription, change: SubscriptionChange, asked: Asked
) -> ChangeRecord:
    situation = await read_situation(room, subscription.id, change)
    await keep_reading(room.desk, _as_read(situation))
    plan = plan_change(situation, change)
    if asked.digest and asked.digest != plan.digest:
        raise PlanOutdated(
            "The subscription, its prices or its use changed since the preview was made; nothing "
            "was done."
        )
    if not plan.is_allowed:
        await _tell_unspoken(room, plan, asked)
        sentence = " ".join(str(refusal) for refusal in plan.refusals)
        raise ChangeRefused(sentence, (refusal.why.value for refusal in plan.refusals))
    record = _record(plan, asked, room.customer.id, situation.now)
    await room.desk.operations.add(
        Operation(asked.work, OperationKind.CHANGE_SUBSCRIPTION, asked.by, situation.now)
    )
    return await room.desk.history.open(record)


def _as_read(situation: Situation) -> Subscription:
    """Without the lots that we counted ourselves where Microsoft told none."""
    wanted = situation.subscription.id
    return next(s for s in situation.held if s.id == wanted)


async def _tell_unspoken(room: Room, plan: ChangePlan, asked: Asked) -> None:
    """Somebody wants it to end, and it will not: worth more than a refusal."""
    unspoken = [r for r in plan.refusals if r.why is Why.END_OF_TERM_UNSPOKEN]
    if unspoken:
        alarm = Alarm.END_OF_TERM_UNSPOKEN
        await raise_end_alarm(room.desk, alarm, plan.subscription, asked.by, str(unspoken[0]))


def _record(plan: ChangePlan, asked: Asked, customer: CustomerId, now: datetime) -> ChangeRecord:
    change, quote = plan.change, plan.quote
    return ChangeRecord(
        id=asked.work,
        customer_id=customer,
        subscription_id=plan.subscription.id,
        kind=change.kind,
        origin=Origin.SEATKEEPER,
        requested_by=asked.by,
        at=now,
        before=plan.before,
        after=plan.after,
        status=RecordStatus.INTENT,
        reason=asked.reason,
        price_now=quote.now if quote else None,
        price_until_term_end=quote.until_term_end if quote else None,
        refund=plan.refund,
        upgrade=_target(change),
        is_choice=asked.is_choice,
    )


def _target(change: SubscriptionChange) -> UpgradeTarget | None:
    if not isinstance(change, Upgrade):
        return None
    return UpgradeTarget(change.offer, change.seats, change.term, change.billing, change.into)


async def _carry(
    room: Room, lease: Lease, record: ChangeRecord, subscription: Subscription
) -> tuple[Subscription, ChangeRecord]:
    carrier = carrier_of(room, lease, record)
    try:
        found = await carrier.carry()
    except ChangeUnderWay:
        await look_later(room.desk, carrier.record)
        return subscription, carrier.record
    return await finish_change(room, carrier, found), carrier.record
