"""Know how a batch stands with the person who must agree to it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.ceilings import ApprovalRule
from shared.domain.purchases import BatchPlan


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody was asked to agree to, and whether they did.

    An approved plan stays approved while the batch asks for no more than it.
    """

    plan: BatchPlan
    asked_at: datetime
    expires_at: datetime
    by_another: bool = False
    approved_by: str = ""
    approved_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        return not self.approved_by and now >= self.expires_at

    def covers(self, plan: BatchPlan) -> bool:
        """Whether the plan asks for no more, of nobody else, at no higher price."""
        return (
            bool(self.approved_by)
            and plan.people <= self.plan.people
            and plan.highest.is_covered_by(self.plan.highest)
        )

    def by(self, approver: str, now: datetime) -> "Approval":
        return replace(self, approved_by=approver, approved_at=now)


def asked(plan: BatchPlan, rule: ApprovalRule, now: datetime) -> Approval:
    return Approval(plan, now, now + timedelta(hours=rule.hours), rule.by_another)
