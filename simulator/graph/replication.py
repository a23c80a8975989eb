"""Replicas that are behind: what they still show, and until when, in real time."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from simulator.tenants import Tenant


@dataclass(frozen=True)
class Stale:
    """What a replica shows until the change reaches it."""

    until: float
    before: Any


def note(tenant: Tenant, kind: str, key: str, lag_ms: float, before: object = None) -> None:
    """A replica keeps showing the oldest state that it has not yet got over."""
    if lag_ms <= 0:
        return
    earlier = stale(tenant, kind, key)
    oldest = earlier.before if earlier else before
    tenant.lag[f"{kind}:{key}"] = Stale(monotonic() + lag_ms / 1000, oldest)


def stale(tenant: Tenant, kind: str, key: str) -> Stale | None:
    entry: Stale | None = tenant.lag.get(f"{kind}:{key}")
    if entry is None:
        return None
    if entry.until <= monotonic():
        del tenant.lag[f"{kind}:{key}"]
        return None
    return entry


def note_count(tenant: Tenant, sku_id: str, difference: int, lag_ms: float) -> None:
    if lag_ms > 0:
        late = tenant.lag.setdefault(f"consumed:{sku_id}", [])
        late.append(Stale(monotonic() + lag_ms / 1000, difference))


def late_count(tenant: Tenant, sku_id: str) -> int:
    """Assignments minus removals that the licence counts do not show yet."""
    late: list[Stale] = tenant.lag.get(f"consumed:{sku_id}", [])
    late[:] = [entry for entry in late if entry.until > monotonic()]
    return sum(entry.before for entry in late)
