"""Know what a customer allows the nightly run to do with its idle seats."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain.drift import DriftField, DriftRule
from shared.domain.ids import PlanId, SkuId
from shared.domain.plans import UserPlan


class GiveBackMode(StrEnum):
    """Nothing is given back by default; from the most cautious to the least."""

    REPORT = "report"
    SCHEDULE_ONLY = "scheduleOnly"
    APPLY = "apply"


_CAUTION = {mode: rank for rank, mode in enumerate(GiveBackMode)}


class ExtensionRule(StrEnum):
    """What the night does about a term that will be extended though nobody chose it."""

    REPORT = "report"
    ENFORCE = "enforce"
    """Tell Microsoft what was chosen, or what the connection's baseline says."""


@dataclass(frozen=True, slots=True)
class PlanRule:
    """What differs for the SKUs of one plan; None where the customer's own rule holds."""

    plan: PlanId
    mode: GiveBackMode | None = None
    spare_seats: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Idle seats that somebody wants to keep until a moment, bought ahead of a project."""

    sku: SkuId
    seats: int
    until: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SkuRule:
    """What holds for one SKU tonight; ``floor`` seats stay idle, spare and held ones together."""

    mode: GiveBackMode = GiveBackMode.REPORT
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """What a customer allows the nightly run, and its batches, to do.

    ``spare_seats`` stay idle per SKU, so that the next joiner waits for nothing. Seats go back
    after ``idle_nights`` nights in a row, the night of the decision included. A night that would
    take more than ``limit_percent`` of the customer's seats takes none: a broken synchronisation
    must not empty a tenant.
    """

    mode: GiveBackMode = GiveBackMode.REPORT
    spare_seats: int = 0
    idle_nights: int = 2
    limit_percent: int = 30
    plans: tuple[PlanRule, ...] = ()
    holds: tuple[Hold, ...] = ()
    extended_terms: ExtensionRule = ExtensionRule.REPORT
    drift: Mapping[DriftField, DriftRule] = field(default_factory=dict)
    """What is done about what changed outside, where it differs from the connection's."""
    time_zone: str = ""
    """IANA's name, where it is not that of the customer's country."""
    etag: str = ""

    def rule_of(self, sku: SkuId, plans: Iterable[UserPlan], now: datetime) -> SkuRule:
        """Where plans that share a SKU differ, the most cautious rule holds.

        What a plan's rule leaves out is the customer's own, and so is that of a plan without one.
        """
        sold_in = {plan.id for plan in plans if sku in plan.skus}
        rules = [rule for rule in self.plans if rule.plan in sold_in]
        rules += [PlanRule(plan) for plan in sold_in - {rule.plan for rule in rules}]
        rules = rules or [PlanRule(PlanId(""))]
        modes = [self.mode if rule.mode is None else rule.mode for rule in rules]
        spares = [self.spare_seats if r.spare_seats is None else r.spare_seats for r in rules]
        return SkuRule(min(modes, key=_CAUTION.__getitem__), max(spares) + self.held(sku, now))

    def held(self, sku: SkuId, now: datetime) -> int:
        return sum(hold.seats for hold in self.holds if hold.sku == sku and now < hold.until)
