"""Mind terms that will go on as paid extended ones though nobody chose it.

https://learn.microsoft.com/partner-center/customers/extended-service-terms
"""

from collections.abc import Sequence

from shared.domain.changes import SetEndOfTerm
from shared.domain.errors import ChangeUnderWay, SeatkeeperError, SeatsBusy
from shared.domain.ids import SubscriptionId
from shared.domain.operations import operation_id
from shared.domain.policies import ExtensionRule, Policy
from shared.domain.renewals import SPEAK_UP, Renewal
from shared.domain.runs import Run
from shared.domain.subscriptions import Subscription
from shared.workflows.change_subscription import Asked, change_subscription
from shared.workflows.events import event
from shared.workflows.read_situation import Room

_WHY = "the term would have gone on as a paid extended one, which nobody chose"


async def mind_extended_terms(
    room: Room, run: Run, policy: Policy, renewals: Sequence[Renewal]
) -> dict[SubscriptionId, Subscription]:
    """Call somebody, or put it right where the policy says so; answer what was put right."""
    now = await room.desk.clock.now()
    mended: dict[SubscriptionId, Subscription] = {}
    for renewal in renewals:
        if not renewal.is_unwanted_extension or renewal.renews_at > now + SPEAK_UP:
            continue
        found = await _put_right(room, run, renewal) if _may_act(room, run, policy) else None
        if found is not None:
            mended[found.id] = found
        facts = {"customer": room.customer.id, "subscription": renewal.subscription_id}
        event("extended-term" if found is None else "extended-term-ended", run=run.id, **facts)
    return mended


def _may_act(room: Room, run: Run, policy: Policy) -> bool:
    enforces = policy.extended_terms is ExtensionRule.ENFORCE
    return enforces and not run.dry_run and room.connection.role.bills_directly


async def _put_right(room: Room, run: Run, renewal: Renewal) -> Subscription | None:
    """None where it cannot be told, or not tonight: somebody else's change goes on there.

    What the night has carried out by now is told whatever happens here.
    """
    id_ = renewal.subscription_id
    asked = Asked(run.requested_by, operation_id(run.id, id_, "endOfTerm"), _WHY)
    try:
        found, _ = await change_subscription(room, id_, SetEndOfTerm(renewal.intent), asked)
    except SeatkeeperError as error:
        if error.retryable and not isinstance(error, ChangeUnderWay | SeatsBusy):
            raise
        return None
    return found
