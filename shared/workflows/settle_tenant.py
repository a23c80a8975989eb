"""Go on with tenants whose host died between their creation and the record of it.

The creation is repeated under its own request id, to which Microsoft tells the tenant it made and
its only password again.
https://learn.microsoft.com/partner-center/developer/create-a-customer
"""

import logging
from datetime import datetime, timedelta

from shared.domain.errors import OperationNotFound, SeatkeeperError
from shared.domain.ids import OperationId
from shared.domain.operations import Operation, OperationStatus
from shared.domain.reminders import ReminderKind
from shared.workflows.alarms import Alarm, raise_alarm
from shared.workflows.create_customer import create_customer
from shared.workflows.kept_bodies import forget_body, kept_body
from shared.workflows.ports import Desk
from shared.workflows.watch import unwatch_tenant, without_a_sign

PORTION = 100
_BOUND = timedelta(days=2)
_NOT_SENT = "It was not sent to Microsoft, so no tenant was made. Ask for it again under a new key."
_NOT_TAKEN = (
    "Microsoft refused it, so no tenant was made. Mend what the answer named, and ask for it again "
    "under a new Idempotency-Key."
)
_UNKNOWN = (
    "It was sent to Microsoft, and two days later nobody can say what became of it. Look for the "
    "domain in Partner Center: adopt the tenant if it is there, ask for it again if it is not."
)
_HALF_OPEN = (
    "The tenant {} was made, and two days later its agreement or our consent is still missing. See "
    "the connection's health, then adopt the tenant and record its agreement."
)
logger = logging.getLogger(__name__)


async def sweep_tenants(desk: Desk) -> int:
    """Look after every tenant that nobody came back to; answer how many have ended."""
    ended, now = 0, await desk.clock.now()
    async for work in without_a_sign(desk, ReminderKind.TENANT, PORTION):
        ended += await _look_after(desk, OperationId(work), now)
    return ended


async def _look_after(desk: Desk, wanted: OperationId, now: datetime) -> bool:
    try:
        await _settle(desk, await desk.operations.get(wanted), now)
    except OperationNotFound:
        # Its host died before it was accepted.
        await unwatch_tenant(desk, wanted)
        return False
    except SeatkeeperError as error:
        # The sentence may repeat an address, which no log may carry.
        logger.warning("the tenant of %s is not settled yet: %s", wanted, type(error).__name__)
        return await _after_failure(desk, await desk.operations.get(wanted), now)
    return True


async def _settle(desk: Desk, operation: Operation, now: datetime) -> None:
    if operation.status is not OperationStatus.RUNNING:
        await _let_go(desk, operation)
    elif operation.facts.get("refused"):
        await _end(desk, operation, OperationStatus.FAILED, _NOT_TAKEN)
    elif (new := await kept_body(desk, operation.id)) is not None:
        who = operation.requested_by
        await create_customer(desk, new, requested_by=who, operation_id=operation.id)
    elif now - operation.started_at < _BOUND and "customerId" not in operation.facts:
        await _end(desk, operation, OperationStatus.FAILED, _NOT_SENT)
    else:
        await _end(desk, operation, OperationStatus.REVIEW, _what_is_known(operation))


async def _after_failure(desk: Desk, operation: Operation, now: datetime) -> bool:
    """Microsoft's refusal is an end; anything else is tried again until the bound."""
    if operation.facts.get("refused"):
        await _end(desk, operation, OperationStatus.FAILED, _NOT_TAKEN)
    elif now - operation.started_at < _BOUND:
        return False
    else:
        await _end(desk, operation, OperationStatus.REVIEW, _what_is_known(operation))
    return True


def _what_is_known(operation: Operation) -> str:
    customer = operation.facts.get("customerId")
    return _HALF_OPEN.format(customer) if customer else _UNKNOWN


async def _end(desk: Desk, operation: Operation, status: OperationStatus, reason: str) -> None:
    now = await desk.clock.now()
    await desk.operations.save(operation.ended(status, now, reason=reason))
    if status is OperationStatus.REVIEW:
        await raise_alarm(desk, Alarm.TENANT_IN_REVIEW, operation.id, operation.requested_by)
    await _let_go(desk, operation)


async def _let_go(desk: Desk, operation: Operation) -> None:
    await forget_body(desk, operation.id)
    await unwatch_tenant(desk, operation.id)
