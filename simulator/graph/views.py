"""Show users, licences, stock and the organisation in Graph's own shapes."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.graph.call import Call, stamp
from simulator.graph.errors import not_simulated
from simulator.graph.properties import DEFAULTS, KNOWN, NOT_SIMULATED, View
from simulator.graph.query import names_in
from simulator.graph.stock import SkuStock, plans_of
from simulator.products import ServicePlan, by_entra_sku
from simulator.tenants import Domain, JsonObject, Licence, Tenant, User
from simulator.world import CompanySubscription

_SERVICES = {
    "EXCHANGE": "exchange",
    "SHAREPOINT": "SharePoint",
    "TEAMS": "TeamspaceAPI",
    "MCO": "MicrosoftCommunicationsOnline",
    "OFFICE": "MicrosoftOffice",
    "INTUNE": "SCO",
    "AAD": "AADPremiumService",
}


def view(tenant: Tenant, user: User) -> View:
    return View(tenant, user, _assigned_plans)


def selection(call: Call) -> list[str] | None:
    return user_names(call.request.query.get("$select", ""))


def user_names(text: str) -> list[str] | None:
    lacking = {name.strip() for name in text.split(",")} & NOT_SIMULATED
    if lacking:
        raise not_simulated(f"$select of {', '.join(sorted(lacking))}")
    return names_in(text, KNOWN)


def user_document(tenant: Tenant, user: User, names: Sequence[str] | None) -> JsonObject:
    """The default members, or the ones that were asked for, and the id in any case."""
    read = view(tenant, user).read
    asked = names or DEFAULTS
    leading = () if "id" in asked else ("id",)
    return {name: read(name) for name in (*leading, *asked)}


def of_users(names: Sequence[str] | None) -> str:
    return f"users({','.join(names)})" if names else "users"


def licence_detail(licence: Licence) -> JsonObject:
    product = by_entra_sku(licence.sku_id)
    key = base64.urlsafe_b64encode(licence.sku_id.encode()).decode().rstrip("=")
    return {
        "id": key,
        "skuId": licence.sku_id,
        "skuPartNumber": product.part_number,
        "servicePlans": [
            service_plan(plan, "Disabled" if plan.id in licence.disabled_plans else "Success")
            for plan in product.plans
        ],
    }


def service_plan(plan: ServicePlan, status: str = "Success") -> JsonObject:
    return {
        "servicePlanId": plan.id,
        "servicePlanName": plan.name,
        "provisioningStatus": status,
        "appliesTo": "User",
    }


def subscribed_sku(tenant: Tenant, stock: SkuStock) -> JsonObject:
    return {
        "accountName": tenant.initial_domain.partition(".")[0],
        "accountId": tenant.id,
        "appliesTo": stock.applies_to,
        "capabilityStatus": stock.capability_status,
        "consumedUnits": stock.consumed,
        "id": f"{tenant.id}_{stock.sku_id}",
        "skuId": stock.sku_id,
        "skuPartNumber": stock.part_number,
        "subscriptionIds": stock.subscription_ids,
        "prepaidUnits": {
            "enabled": stock.enabled,
            "suspended": stock.suspended,
            "warning": stock.warning,
            "lockedOut": stock.locked_out,
        },
        "servicePlans": [service_plan(plan) for plan in stock.service_plans],
    }


def company_subscription(source: CompanySubscription) -> JsonObject:
    plans = by_entra_sku(source.sku_id).plans
    return {
        "id": source.id,
        "commerceSubscriptionId": source.commerce_subscription_id,
        "createdDateTime": stamp(source.created),
        "isTrial": source.is_trial,
        "nextLifecycleDateTime": stamp(source.next_lifecycle) if source.next_lifecycle else None,
        "ownerId": None,
        "ownerTenantId": source.owner_tenant_id,
        "ownerType": None,
        "serviceStatus": [service_plan(plan) for plan in plans],
        "skuId": source.sku_id,
        "skuPartNumber": source.sku_part_number,
        "status": source.status,
        "totalLicenses": source.total_licenses,
    }


def domain_document(domain: Domain) -> JsonObject:
    return {
        "id": domain.name,
        "authenticationType": domain.authentication_type,
        "availabilityStatus": None,
        "isAdminManaged": True,
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "isRoot": domain.is_root,
        "isVerified": domain.is_verified,
        "manufacturer": None,
        "model": None,
        "passwordNotificationWindowInDays": None,
        "passwordValidityPeriodInDays": None,
        "state": None,
        "supportedServices": domain.supported_services,
    }


def organization(call: Call, sources: Sequence[CompanySubscription]) -> JsonObject:
    tenant = call.tenant
    return {
        "id": tenant.id,
        "displayName": tenant.display_name,
        "countryLetterCode": tenant.country,
        "country": None,
        "defaultUsageLocation": None,
        "tenantType": "AAD",
        "createdDateTime": stamp(tenant.created),
        "onPremisesSyncEnabled": None,
        "preferredLanguage": "en",
        "technicalNotificationMails": [],
        "partnerTenantType": None,
        "assignedPlans": [plan for source in sources for plan in _tenant_plans(source)],
        "verifiedDomains": [
            _verified_domain(domain) for domain in tenant.domains.values() if domain.is_verified
        ],
    }


def chosen(entity: Mapping[str, Any], names: Sequence[str] | None) -> JsonObject:
    """A `$select` on what is not a user."""
    return dict(entity) if names is None else {name: entity[name] for name in names}


def _assigned_plans(licence: Licence) -> list[JsonObject]:
    return [
        {
            "assignedDateTime": stamp(licence.updated),
            "capabilityStatus": "Enabled",
            "service": _service(plan),
            "servicePlanId": plan.id,
        }
        for plan in plans_of(licence)
    ]


def _tenant_plans(source: CompanySubscription) -> list[JsonObject]:
    return _assigned_plans(Licence(source.sku_id, [], source.created))


def _service(plan: ServicePlan) -> str:
    named = (name for prefix, name in _SERVICES.items() if plan.name.startswith(prefix))
    return next(named, plan.name.lower())


def _verified_domain(domain: Domain) -> JsonObject:
    return {
        "capabilities": ", ".join(domain.supported_services) or "None",
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "name": domain.name,
        "type": domain.authentication_type,
    }
