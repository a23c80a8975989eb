"""Tell Microsoft right after a purchase how its term shall end, where that is not to renew."""

from shared.domain.changes import SetEndOfTerm
from shared.domain.errors import ChangeInReview, ChangeRefused, RemoteRefused
from shared.domain.operations import Operation, operation_id
from shared.domain.subscriptions import EndOfTerm, Purchase, Subscription
from shared.workflows.alarms import Alarm, raise_end_alarm
from shared.workflows.change_subscription import Asked, change_subscription
from shared.workflows.read_situation import Room

UNSAID = (
    "The connection's baseline is not to renew, and it cannot tell Microsoft to end the term: "
    "auto-renew is off, and from the term's end on it is a paid extended term by the month. "
    "Switch sendsScheduledActions on and set its end of term to cancel, or do so in Partner Center."
)


async def end_as_asked(
    room: Room, subscription: Subscription, purchase: Purchase, operation: Operation
) -> Subscription:
    """A refusal takes no purchase back: it is an alarm, and stands in the history (law 6)."""
    intent = room.connection.end_of_term(purchase.end_of_term)
    if subscription.is_trial or (intent is EndOfTerm.RENEW and subscription.auto_renew):
        return subscription
    is_asked = purchase.end_of_term is not None
    why = "as asked" if is_asked else "the connection's baseline"
    work = operation_id(operation.id, "endOfTerm")
    asked = Asked(operation.requested_by, work, why, is_choice=is_asked)
    note = UNSAID if room.connection.leaves_end_unsaid(purchase.end_of_term) else ""
    try:
        found, _ = await change_subscription(room, subscription.id, SetEndOfTerm(intent), asked)
    except (ChangeRefused, ChangeInReview, RemoteRefused) as error:
        found, note = subscription, f"Its term does not end as asked ({intent.value}): {error}"
    if note:
        alarm, who = Alarm.END_OF_TERM_UNSPOKEN, operation.requested_by
        await raise_end_alarm(room.desk, alarm, found, who, note)
    return found
