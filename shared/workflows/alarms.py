"""Call a person: an event that the alerts of `infra/` find, and a line where it belongs."""

from enum import StrEnum

from shared.domain.history import ChangeRecord, Origin, RecordStatus
from shared.domain.operations import operation_id
from shared.domain.subscriptions import Subscription
from shared.workflows.ports import AuditEntry, Desk


class Alarm(StrEnum):
    """`docs/operations.md` says what to do about each."""

    END_OF_TERM_UNSPOKEN = "end-of-term-unspoken"
    END_OF_TERM_LOST = "end-of-term-lost"
    CHANGE_IN_REVIEW = "change-in-review"
    NIGHT_IN_REVIEW = "night-in-review"
    RETURN_IN_REVIEW = "return-in-review"
    TENANT_IN_REVIEW = "tenant-in-review"


async def raise_alarm(desk: Desk, alarm: Alarm, subject: str, who: str, **details: str) -> None:
    """Ids and counts only; ``subject`` is what somebody has to look at."""
    now = await desk.clock.now()
    await desk.audit.record(AuditEntry(now, who, f"alarm {alarm.value}", subject, details))


async def raise_end_alarm(
    desk: Desk, alarm: Alarm, subscription: Subscription, who: str, note: str
) -> None:
    """An end that Microsoft was not told stands in the subscription's history too, once a term."""
    now = await desk.clock.now()
    await desk.history.record(
        ChangeRecord(
            id=operation_id(alarm.value, subscription.id, subscription.ends_at.isoformat()),
            customer_id=subscription.customer_id,
            subscription_id=subscription.id,
            kind="alarm",
            origin=Origin.SEATKEEPER,
            requested_by=who,
            at=now,
            status=RecordStatus.REVIEW,
            note=note,
            finished_at=now,
        )
    )
    await raise_alarm(desk, alarm, subscription.id, who)
