"""Ask Microsoft for what stood before somebody changed it past us, and say how that ended."""

from collections.abc import Sequence
from dataclasses import replace

from shared.domain.changes import SubscriptionChange
from shared.domain.drift import DriftEntry, DriftState
from shared.domain.errors import (
    ChangeInReview,
    ChangeRefused,
    ChangeUnderWay,
    RemoteRefused,
    SubscriptionNotFound,
)
from shared.domain.subscriptions import Subscription
from shared.workflows.change_subscription import Asked, change_subscription
from shared.workflows.drift import decide_all, leave_all_open
from shared.workflows.read_situation import Room


async def put_back(
    room: Room,
    entries: Sequence[DriftEntry],
    subscription: Subscription,
    change: SubscriptionChange,
    asked: Asked,
) -> Subscription:
    """Answer the subscription as it stands then; what cannot be put back leaves the entries open.

    Asked again, it goes on with what a host wrote down before it died.
    """
    try:
        after, record = await change_subscription(room, subscription.id, change, asked)
    except (
        ChangeRefused,
        ChangeInReview,
        ChangeUnderWay,
        RemoteRefused,
        SubscriptionNotFound,
    ) as error:
        await leave_all_open(room.desk, entries, str(error))
        return subscription
    if not record.is_open:
        await decide_all(room.desk, entries, DriftState.ENFORCED, asked.by)
    return replace(after, sku=subscription.sku)
