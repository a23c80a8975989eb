"""Say what one night does with each subscription, and how much may go at once (laws 5 and 6)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.ids import SkuId, SubscriptionId
from shared.domain.policies import GiveBackMode
from shared.domain.subscriptions import Subscription

_FEW = 5
"""Seats that may always go: a share of a small tenant says nothing."""


class DecisionKind(StrEnum):
    RETURN = "return"
    SCHEDULE = "schedule"
    RESTORE = "restore"
    """Seats that a night had scheduled away are in use again: the renewal keeps them."""
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one subscription tonight, with the reason in words.

    ``seats`` is the quantity now, ``target`` the quantity after the return, or from the renewal on
    for a schedule, raised or lowered.
    """

    kind: DecisionKind
    subscription_id: SubscriptionId
    name: str
    sku: SkuId | None
    seats: int
    target: int
    reason: str
    effective_at: datetime | None = None
    scheduled_target: int | None = None
    """What the renewal starts with afterwards, where a schedule stands or is made."""
    scheduled_before: int = 0
    """Seats that the renewal does not have already, by a schedule that stood."""
    mode: GiveBackMode = GiveBackMode.APPLY
    """What the policy lets be done about it."""
    applied: bool = False
    """It was carried out, not only planned."""
    waiting: int = 0
    """Seats that can still go back and have not been idle for long enough."""
    restored: int = 0
    """Seats that the renewal would have taken, and that it keeps once this is carried out."""
    withheld: int = 0
    withheld_later: int = 0
    """Seats that would go now, or at the renewal, but for the policy's limit of one night."""
    extended: int = 0
    """Idle seats that go on with an extended term, unless somebody says how the term ends."""
    at_risk: int = 0
    """Seats in use or promised that the renewal takes unless somebody does something."""

    @property
    def seats_given_back(self) -> int:
        """Against the quantity now: a schedule names all seats that the renewal will not have."""
        return self.seats - self.target

    @property
    def lasting_seats(self) -> int:
        """What is left beyond the renewal."""
        if self.scheduled_target is None:
            return self.target
        return min(self.target, self.scheduled_target)

    @property
    def seats_going(self) -> int:
        """Seats that would last but for this, gone now or at the renewal."""
        return max(0, self.seats - self.lasting_seats - self.scheduled_before)

    @property
    def seats_scheduled(self) -> int:
        """Seats that stay tonight and that the renewal will not have any more."""
        if self.kind is DecisionKind.RESTORE:
            return 0
        back = self.seats_given_back if self.kind is DecisionKind.RETURN else 0
        return max(0, self.seats_going - back)

    @staticmethod
    def keep(subscription: Subscription, reason: str) -> "Decision":
        """Nothing is done with it."""
        return Decision(
            DecisionKind.KEEP,
            subscription.id,
            subscription.name,
            subscription.sku,
            subscription.seats,
            subscription.seats,
            reason,
        )

    def given_up(self, reason: str) -> "Decision":
        """What was decided is not done: the subscription stays as it is."""
        return replace(
            self,
            kind=DecisionKind.KEEP,
            target=self.seats,
            scheduled_target=None,
            scheduled_before=0,
            restored=0,
            reason=reason,
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass(frozen=True, slots=True)
class GiveBackPlan:
    """Every subscription of a customer has a line in it, also when nothing is done."""

    decisions: tuple[Decision, ...]
    held: bool = False
    """More would go than the policy's limit lets go, so nothing goes."""

    @property
    def changes(self) -> tuple[Decision, ...]:
        return tuple(d for d in self.decisions if d.kind is not DecisionKind.KEEP)

    @property
    def allowed(self) -> tuple[Decision, ...]:
        """The changes that the policy lets be carried out."""
        return tuple(d for d in self.changes if d.mode is not GiveBackMode.REPORT)

    @property
    def _going(self) -> tuple[Decision, ...]:
        return tuple(d for d in self.allowed if d.kind is not DecisionKind.RESTORE)

    def within(self, percent: int, seats: int) -> "GiveBackPlan":
        """Take nothing where more than this share of the customer's seats would go."""
        going = sum(d.seats_going for d in self._going)
        if going <= _FEW or going * 100 <= seats * percent:
            return self
        reason = (
            f"{going} of the customer's {seats} seats would go, more than the {percent} % that "
            "its policy lets go in one night. Look whether the counts are right; if they are, "
            "raise limitPercent for one night"
        )
        held = {d.subscription_id for d in self._going}
        kept = (_held(d, reason) if d.subscription_id in held else d for d in self.decisions)
        return GiveBackPlan(tuple(kept), held=True)


def _held(decision: Decision, reason: str) -> Decision:
    back = decision.seats_given_back if decision.kind is DecisionKind.RETURN else 0
    return replace(
        decision.given_up(reason),
        effective_at=None,
        withheld=back,
        withheld_later=decision.seats_scheduled,
    )
