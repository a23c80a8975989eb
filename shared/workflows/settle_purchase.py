"""Bring purchases to their end whose host died between the checkout and the record of it.

Nothing is bought here: what Microsoft has ordered is put on record, and what it has not stays so.
"""

import json
import logging
from datetime import datetime, timedelta

from shared.domain.catalog import BillingPlan, Term
from shared.domain.errors import OperationNotFound, SeatkeeperError
from shared.domain.ids import CustomerId, OfferId, OperationId
from shared.domain.operations import Operation, OperationStatus
from shared.domain.reminders import ReminderKind
from shared.domain.subscriptions import EndOfTerm, Purchase
from shared.workflows.alarms import Alarm, raise_alarm
from shared.workflows.buy_subscription import buy_subscription
from shared.workflows.ports import Desk
from shared.workflows.tenant import customer_and_connection
from shared.workflows.watch import unwatch_purchase, without_a_sign

PORTION = 100
_BOUND = timedelta(days=2)
_NOT_SENT = "It was not sent for checkout, so nothing was bought. Ask for it again under a new key."
_NOT_TAKEN = (
    "It was sent for checkout and Microsoft did not take it, so nothing was bought. Ask for it "
    "again under a new Idempotency-Key."
)
_UNKNOWN = (
    "Its cart was sent for checkout and two days later nobody can say what became of it. Look for "
    "its order in Partner Center; buy again only if there is none."
)
logger = logging.getLogger(__name__)


async def sweep_purchases(desk: Desk) -> int:
    """Look after every purchase that nobody came back to; answer how many have ended."""
    ended, now = 0, await desk.clock.now()
    async for work in without_a_sign(desk, ReminderKind.PURCHASE, PORTION):
        ended += await _look_after(desk, OperationId(work), now)
    return ended


async def _look_after(desk: Desk, wanted: OperationId, now: datetime) -> bool:
    try:
        operation = await desk.operations.get(wanted)
    except OperationNotFound:
        # Its host died before it was accepted.
        await unwatch_purchase(desk, wanted)
        return False
    try:
        await _settle(desk, operation)
    except SeatkeeperError as error:
        logger.warning("the purchase %s cannot be settled yet: %s", operation.id, error)
        if now - operation.started_at < _BOUND:
            return False
        await _end(desk, operation, OperationStatus.REVIEW, _UNKNOWN)
    return True


async def _settle(desk: Desk, operation: Operation) -> None:
    if operation.status in (OperationStatus.FAILED, OperationStatus.REVIEW):
        await unwatch_purchase(desk, operation.id)
    elif await _is_ordered(desk, operation):
        await _put_on_record(desk, operation)
    else:
        was_sent = operation.facts.get("checkoutSent") == "yes"
        reason = _NOT_TAKEN if was_sent else _NOT_SENT
        await _end(desk, operation, OperationStatus.FAILED, reason)


async def _is_ordered(desk: Desk, operation: Operation) -> bool:
    """A cart that is gone was ordered, for all that can be known: going on says what to do."""
    facts = operation.facts
    if "orderId" in facts or operation.status is OperationStatus.DONE:
        return True
    if facts.get("checkoutSent") != "yes":
        return False
    customer_id = CustomerId(facts["customerId"])
    _, connection = await customer_and_connection(desk, customer_id)
    cart = await desk.microsoft.partner_center(connection).cart(customer_id, facts["cartId"])
    return cart is None or cart.is_ordered


async def _put_on_record(desk: Desk, operation: Operation) -> None:
    await buy_subscription(
        desk,
        CustomerId(operation.facts["customerId"]),
        _purchase_of(operation),
        requested_by=operation.requested_by,
        operation_id=operation.id,
    )


async def _end(desk: Desk, operation: Operation, status: OperationStatus, reason: str) -> None:
    now = await desk.clock.now()
    await desk.operations.save(operation.ended(status, now, reason=reason))
    if status is OperationStatus.REVIEW:
        customer, who = operation.facts["customerId"], operation.requested_by
        alarm = Alarm.CHANGE_IN_REVIEW
        await raise_alarm(desk, alarm, customer, who, change=operation.id, kind="bought")
    await unwatch_purchase(desk, operation.id)


def _purchase_of(operation: Operation) -> Purchase:
    kept = json.loads(operation.facts["purchase"])
    return Purchase(
        offer=OfferId(kept["offer"]),
        seats=kept["seats"],
        term=Term(kept["term"]),
        billing=BillingPlan(kept["billing"]),
        name=kept["name"],
        ends_at=datetime.fromisoformat(kept["endsAt"]) if kept["endsAt"] else None,
        end_of_term=EndOfTerm(kept["endOfTerm"]) if kept["endOfTerm"] else None,
        attested=kept["attested"],
    )
