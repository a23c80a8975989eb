"""A tenant's licence stock: every source of seats, pooled by product."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.graph import replication
from simulator.products import ServicePlan, by_entra_sku
from simulator.tenants import Licence
from simulator.world import CompanySubscription, World

_BUCKETS = ("Enabled", "Warning", "Suspended", "LockedOut")


@dataclass(frozen=True)
class SkuStock:
    """What the licence counts say about one product in one tenant."""

    sku_id: str
    part_number: str
    applies_to: str
    capability_status: str
    enabled: int
    warning: int
    suspended: int
    locked_out: int
    consumed: int
    subscription_ids: list[str]
    service_plans: tuple[ServicePlan, ...]


def sku_stock(world: World, tenant_id: str) -> list[SkuStock]:
    """As the counts show it, with `consumed` as late as its switch says."""
    pooled: dict[str, list[CompanySubscription]] = {}
    for source in world.company_subscriptions(tenant_id):
        if source.status in _BUCKETS:
            pooled.setdefault(source.sku_id, []).append(source)
    return [_stock(world, tenant_id, sku_id, sources) for sku_id, sources in pooled.items()]


def free_seats(world: World, stock: SkuStock, tenant_id: str) -> int:
    """By the truth: who assigns is judged by what is held, not by what is shown."""
    held = world.tenants[tenant_id].consumed(stock.sku_id)
    return stock.enabled + stock.warning - held


def plans_of(licence: Licence) -> tuple[ServicePlan, ...]:
    """The plans that are switched on."""
    plans = by_entra_sku(licence.sku_id).plans
    return tuple(plan for plan in plans if plan.id not in licence.disabled_plans)


def _stock(
    world: World, tenant_id: str, sku_id: str, sources: Sequence[CompanySubscription]
) -> SkuStock:
    units = {
        bucket: sum(source.total_licenses for source in sources if source.status == bucket)
        for bucket in _BUCKETS
    }
    states = {source.status for source in sources}
    product = by_entra_sku(sku_id)
    return SkuStock(
        sku_id=sku_id,
        part_number=product.part_number,
        applies_to=getattr(product, "applies_to", "User"),
        capability_status=next(bucket for bucket in _BUCKETS if bucket in states),
        enabled=units["Enabled"],
        warning=units["Warning"],
        suspended=units["Suspended"],
        locked_out=units["LockedOut"],
        consumed=_consumed(world, tenant_id, sku_id),
        subscription_ids=[source.id for source in sources],
        service_plans=product.plans,
    )


def _consumed(world: World, tenant_id: str, sku_id: str) -> int:
    tenant = world.tenants[tenant_id]
    return max(tenant.consumed(sku_id) - replication.late_count(tenant, sku_id), 0)
