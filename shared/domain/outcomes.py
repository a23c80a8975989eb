"""Say as decisions what became of a night's changes, which stand in the ledger."""

from collections.abc import Iterable
from dataclasses import replace

from shared.domain.decisions import Decision, DecisionKind
from shared.domain.ids import SkuId
from shared.domain.policies import GiveBackMode
from shared.domain.seats import Growth, GrowthStatus
from shared.domain.subscriptions import Subscription

_LOOKED_AGAIN = (
    "looked at again under the lease it was not idle any more, or a growth is under way; the next "
    "night looks again"
)


def outcome_of(
    growth: Growth, subscription: Subscription | None, sku: SkuId, reason: str
) -> Decision:
    """``reason`` is what it was done for; of what was not done, the ledger says why.

    Of a subscription that nobody shows any more, the ledger tells what it knows.
    """
    kind, restored = _kind_of(growth)
    renews_at = subscription.ends_at if subscription else growth.term_ends_at
    renewal = growth.scheduled_target if growth.scheduled_target is not None else growth.target
    done = Decision(
        kind,
        growth.subscription_id,
        subscription.name if subscription else growth.subscription_id,
        subscription.sku if subscription else sku,
        growth.base,
        growth.target if kind is DecisionKind.RETURN else renewal,
        reason,
        effective_at=growth.intended_at if kind is DecisionKind.RETURN else renews_at,
        scheduled_target=growth.scheduled_target,
        scheduled_before=_scheduled_before(growth),
        restored=restored,
    )
    if growth.status is GrowthStatus.APPLIED:
        return replace(done, applied=True)
    return done.given_up(growth.reason)


def with_outcomes(
    planned: Iterable[Decision], outcomes: Iterable[Decision]
) -> tuple[Decision, ...]:
    """What was really done stands in place of what was planned."""
    real = tuple(outcomes)
    done = {d.subscription_id for d in real}
    left = (
        d.given_up(_LOOKED_AGAIN) if _was_wanted(d) and d.subscription_id not in done else d
        for d in planned
    )
    return beside(left, real)


def beside(planned: Iterable[Decision], outcomes: Iterable[Decision]) -> tuple[Decision, ...]:
    """As planned, but for what was done: by an earlier delivery, where this one does nothing.

    It may be at a subscription that is not listed any more.
    """
    real = {d.subscription_id: d for d in outcomes}
    told = [
        _with_outcome(d, real.pop(d.subscription_id)) if d.subscription_id in real else d
        for d in planned
    ]
    return (*told, *real.values())


def _with_outcome(planned: Decision, real: Decision) -> Decision:
    """Seats that were put back are at risk no more; all others still are, and who waits waits."""
    saved = real.restored if planned.kind is DecisionKind.RESTORE and real.applied else 0
    at_risk = max(0, planned.at_risk - saved)
    return replace(real, at_risk=at_risk, waiting=planned.waiting, extended=planned.extended)


def _was_wanted(decision: Decision) -> bool:
    return decision.kind is not DecisionKind.KEEP and decision.mode is not GiveBackMode.REPORT


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
