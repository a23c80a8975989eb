"""Say as a decision what became of a night's change that stands in the ledger."""

from dataclasses import replace

from shared.domain.decisions import Decision, DecisionKind
from shared.domain.seats import Growth, GrowthStatus
from shared.domain.subscriptions import Subscription


def told(growth: Growth, subscription: Subscription, reason: str) -> Decision:
    """``reason`` is what it was done for; of what was not done, the ledger says why."""
    kind, restored = _kind_of(growth)
    renewal = growth.scheduled_target if growth.scheduled_target is not None else growth.target
    done = Decision(
        kind,
        growth.subscription_id,
        subscription.name,
        subscription.sku,
        growth.base,
        growth.target if kind is DecisionKind.RETURN else renewal,
        reason,
        effective_at=growth.intended_at if kind is DecisionKind.RETURN else subscription.ends_at,
        scheduled_target=growth.scheduled_target,
        scheduled_before=_scheduled_before(growth),
        restored=restored,
    )
    if growth.status is GrowthStatus.APPLIED:
        return replace(done, applied=True)
    return replace(
        done,
        kind=DecisionKind.KEEP,
        target=growth.base,
        scheduled_target=None,
        scheduled_before=0,
        restored=0,
        reason=growth.reason,
    )


def _scheduled_before(growth: Growth) -> int:
    """A schedule that stays as it was took none of the seats that went back."""
    found, left = growth.scheduled_base, growth.scheduled_target
    if found is None:
        return 0
    return max(0, (growth.target if left == found else growth.base) - found)


def _kind_of(growth: Growth) -> tuple[DecisionKind, int]:
    """And how many seats the renewal keeps again."""
    if growth.target < growth.base:
        return DecisionKind.RETURN, 0
    found, left = growth.scheduled_base, growth.scheduled_target
    if found is None or left is None or left <= found:
        return DecisionKind.SCHEDULE, 0
    return DecisionKind.RESTORE, left - found
