"""Notice what changed in the world, and write down who is to be told."""

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.plain import to_plain
from simulator.tenants import GdapRelationship, Tenant
from simulator.webhooks import switches as _  # noqa: F401 - declares its own
from simulator.webhooks.nouns import Event, Registration

if TYPE_CHECKING:
    from simulator.world import World

TEST = "test-created"
SUBSCRIPTION = "subscription-updated"
ACCEPTED = "reseller-relationship-accepted-by-customer"
_GDAP = "granular-admin-relationship"
KNOWN = (
    TEST,
    SUBSCRIPTION,
    "usagerecords-thresholdExceeded",
    "azure-fraud-event-detected",
    "dap-admin-relationship-approved",
    "dap-admin-relationship-terminated",
    "dap-admin-relationship-terminated-by-microsoft",
    ACCEPTED,
    *(f"{_GDAP}-{what}" for what in ("approved", "activated", "expired", "terminated")),
    *(
        f"granular-admin-access-assignment-{what}"
        for what in ("created", "activated", "updated", "deleted")
    ),
    "invoice-ready",
    *(f"new-commerce-migration-{what}" for what in ("created", "completed", "failed")),
    "new-commerce-migration-schedule-failed",
    *(f"referral-{what}" for what in ("created", "updated")),
    *(f"related-referral-{what}" for what in ("created", "updated")),
)
# Microsoft writes http and a prefix here: whoever follows it as it stands gets nowhere.
BASE = "http://api.partnercenter.microsoft.com/webhooks/v1"
# What changes without any commerce, or as the simulator's own memory.
_NOT_COMMERCE = ("stock", "pending", "updates", "lots", "version")


def notice(world: "World") -> None:
    """Compares every thing with what its partner heard of it last."""
    for registration in world.webhooks.values():
        _notice(world, registration)


def baseline(world: "World", registration: Registration) -> None:
    """Who registers hears of what happens from now on."""
    registration.seen = _seen(world, registration.partner_id)


def tell(
    world: "World", partner_id: str, name: str, resource_uri: str, resource_name: str
) -> Event | None:
    registration = world.webhooks.get(partner_id)
    if registration is None or name.lower() not in {one.lower() for one in registration.events}:
        return None
    copies = int(world.switches["webhooks.duplicates"])
    made = [
        _event(world, partner_id, name, resource_uri, resource_name) for _copy in range(copies + 1)
    ]
    world.events.extend(made)
    return made[0]


def _event(world: "World", partner_id: str, name: str, uri: str, resource_name: str) -> Event:
    now = world.clock.now()
    return Event(
        id=world.new_guid(),
        partner_id=partner_id,
        name=name,
        resource_uri=uri,
        resource_name=resource_name,
        changed=now,
        due=now + timedelta(hours=world.switches["webhooks.lateHours"]),
        next_try=world.clock.real(),
    )


def _notice(world: "World", registration: Registration) -> None:
    before, registration.seen = registration.seen, _seen(world, registration.partner_id)
    for key, look in registration.seen.items():
        if before.get(key) == look:
            continue
        if key.startswith("/customers/"):
            tell(world, registration.partner_id, SUBSCRIPTION, BASE + key, "subscription")
        else:
            _tell_gdap(world, registration, key, look, before.get(key))


def _tell_gdap(
    world: "World", registration: Registration, key: str, status: str, before: str | None
) -> None:
    names = {
        "active": ("approved", "activated") if before is None else ("activated",),
        "terminated": ("terminated",),
        "expired": ("expired",),
    }.get(status, ())
    for name in names:
        kind = "granularAdminRelationship"
        tell(world, registration.partner_id, f"{_GDAP}-{name}", BASE + key, kind)


def _seen(world: "World", partner_id: str) -> dict[str, str]:
    looks = {
        f"/customers/{one.customer_id}/subscriptions/{one.id}": _look(one)
        for one in world.bought()
        if one.partner_id == partner_id
    }
    for tenant in world.tenants.values():
        looks |= _relationships(world, tenant, partner_id)
    return looks


def _relationships(world: "World", tenant: Tenant, partner_id: str) -> dict[str, str]:
    mine = [one for one in tenant.gdap if one.partner_tenant_id == partner_id]
    return {f"/granularAdminRelationships/{one.id}": _status(world, one) for one in mine}


def _status(world: "World", relationship: GdapRelationship) -> str:
    is_over = relationship.status == "active" and relationship.ends <= world.clock.now()
    return "expired" if is_over else relationship.status


def _look(subscription: object) -> str:
    facts = {k: v for k, v in vars(subscription).items() if k not in _NOT_COMMERCE}
    text = json.dumps({name: to_plain(value) for name, value in facts.items()}, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
