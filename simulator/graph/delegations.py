"""List what customers have delegated to the partner whose directory is asked."""

from collections.abc import Iterable, Mapping
from functools import partial

from simulator.graph import filters
from simulator.graph.call import Answer, Call, collection, stamp
from simulator.tenants import GdapRelationship, JsonObject, Tenant

_NOUN = "tenantRelationships/delegatedAdminRelationships"
_FILTERED = ("customer/tenantId", "status", "displayName")


def listed(call: Call) -> Answer:
    values = [
        _document(call, tenant, relationship)
        for tenant in _asked_about(call)
        for relationship in tenant.gdap
        if relationship.partner_tenant_id == call.tenant.id
    ]
    if text := call.request.query.get("$filter"):
        wanted = filters.parse(text, _FILTERED)
        values = [value for value in values if wanted.keeps(partial(_at, value))]
    return collection(call, _NOUN, values)


def _asked_about(call: Call) -> Iterable[Tenant]:
    """Of thousands, a filter by customer looks at one."""
    keys = filters.keys_in(call.request.query.get("$filter", ""), ("customer/tenantId",))
    tenants = call.world.tenants
    return tenants.values() if keys is None else [tenants[key] for key in keys if key in tenants]


def _at(value: Mapping[str, object], name: str) -> object:
    first, _, rest = name.partition("/")
    inner = value[first]
    return _at(inner, rest) if rest and isinstance(inner, Mapping) else inner


def _document(call: Call, tenant: Tenant, relationship: GdapRelationship) -> JsonObject:
    ended = relationship.status == "active" and relationship.ends <= call.now
    return {
        "id": relationship.id,
        "displayName": f"{tenant.display_name} {relationship.id[:8]}",
        "status": "expired" if ended else relationship.status,
        "endDateTime": stamp(relationship.ends),
        "autoExtendDuration": "P180D" if relationship.extends_itself else "PT0S",
        "customer": {"tenantId": tenant.id, "displayName": tenant.display_name},
        "accessDetails": {
            "unifiedRoles": [{"roleDefinitionId": role} for role in relationship.roles]
        },
    }
