"""Know what a partner sells a person: a base licence, add-ons, and services switched off."""

from collections.abc import Container
from dataclasses import dataclass

from shared.domain.ids import PlanId, ServicePlanId, SkuId


@dataclass(frozen=True, slots=True)
class UserPlan:
    """What is sold under one name."""

    id: PlanId
    name: str
    base: SkuId
    add_ons: tuple[SkuId, ...] = ()
    switched_off: tuple[ServicePlanId, ...] = ()
    etag: str = ""

    @property
    def skus(self) -> tuple[SkuId, ...]:
        """Bases come before add-ons: Microsoft refuses an add-on without its base."""
        return (self.base, *self.add_ons)

    def off_in(self, parts: Container[ServicePlanId]) -> tuple[ServicePlanId, ...]:
        """What is switched off in one of them; Microsoft refuses a stranger's service plan."""
        return tuple(part for part in self.switched_off if part in parts)
