"""A user's properties: which there are, what each takes, and how each is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.graph import replication
from simulator.graph.call import stamp
from simulator.tenants import JsonObject, Licence, Tenant, User

DEFAULTS = (
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)
# The limit of each text; the ones with rules of their own are in `validation`.
TEXTS: Mapping[str, int] = {
    "displayName": 256,
    "givenName": 64,
    "surname": 64,
    "jobTitle": 128,
    "department": 64,
    "companyName": 64,
    "city": 128,
    "country": 128,
    "state": 128,
    "postalCode": 40,
    "streetAddress": 1024,
    "officeLocation": 128,
    "employeeId": 16,
    "employeeType": 128,
    "mobilePhone": 64,
    "faxNumber": 64,
    "preferredLanguage": 16,
    "mail": 256,
    "mailNickname": 64,
    "userPrincipalName": 113,
    "onPremisesImmutableId": 256,
    "passwordPolicies": 64,
    "usageLocation": 2,
    "userType": 16,
    "ageGroup": 16,
    "consentProvidedForMinor": 16,
    "preferredDataLocation": 16,
}
FLAGS = frozenset({"accountEnabled", "showInAddressList"})
COLLECTIONS: Mapping[str, int] = {"businessPhones": 1, "otherMails": 250}
EXTENSION_ATTRIBUTES = tuple(f"extensionAttribute{number}" for number in range(1, 16))
WRITABLE = frozenset(
    {*TEXTS, *FLAGS, *COLLECTIONS, "passwordProfile", "onPremisesExtensionAttributes"}
)
# Mastered in the on-premises directory once a user is synchronised from there.
ON_PREMISES = (WRITABLE | {"proxyAddresses"}) - {
    "usageLocation",
    "passwordPolicies",
    "otherMails",
    "passwordProfile",
    "preferredDataLocation",
    "ageGroup",
    "consentProvidedForMinor",
}
# In Graph, not here: an honest 501 instead of a wrong null.
NOT_SIMULATED = frozenset(
    """
    aboutMe authorizationInfo birthday customSecurityAttributes deviceEnrollmentLimit
    employeeHireDate employeeLeaveDateTime employeeOrgData externalUserState
    externalUserStateChangeDateTime hireDate identities interests isManagementRestricted
    isResourceAccount mailboxSettings mySite onPremisesProvisioningErrors
    onPremisesSipInfo pastProjects print provisionedPlans responsibilities schools
    serviceProvisioningErrors signInActivity skills manager
    """.split()
)
# Members that `$filter` reads without the separate index.
INDEXED = (
    "id accountEnabled assignedLicenses assignedPlans city companyName country createdDateTime"
    " department displayName employeeId givenName imAddresses jobTitle mail mailNickname"
    " onPremisesImmutableId onPremisesSyncEnabled otherMails proxyAddresses state surname"
    " usageLocation userPrincipalName userType skuId disabledPlans servicePlanId"
    " capabilityStatus service deletedDateTime"
).split()
ADVANCED = (
    "officeLocation",
    "postalCode",
    "streetAddress",
    "mobilePhone",
    "businessPhones",
    "employeeType",
    "preferredLanguage",
    *(f"onPremisesExtensionAttributes/{name}" for name in EXTENSION_ATTRIBUTES),
)


@dataclass(frozen=True)
class View:
    """A user as Graph's replicas show them at this moment."""

    tenant: Tenant
    user: User
    plans_of: Callable[[Licence], list[JsonObject]]

    def read(self, name: str) -> Any:  # noqa: ANN401 - a property is any JSON value
        if reader := _DERIVED.get(name):
            return reader(self)
        if name.startswith("onPremisesExtensionAttributes/"):
            return _extension_attributes(self)[name.partition("/")[2]]
        empty: object = [] if name in COLLECTIONS else None
        return self.user.properties.get(name, empty)

    @property
    def licences(self) -> list[Licence]:
        hidden = replication.stale(self.tenant, "licences", self.user.id)
        return hidden.before if hidden else self.user.licences


def _assigned(view: View) -> list[JsonObject]:
    held = {entry.sku_id: entry.disabled_plans for entry in view.licences}
    return [{"disabledPlans": list(plans), "skuId": sku_id} for sku_id, plans in held.items()]


def _states(view: View) -> list[JsonObject]:
    return [
        {
            "skuId": entry.sku_id,
            "disabledPlans": list(entry.disabled_plans),
            "assignedByGroup": entry.assigned_by_group,
            "state": "Active",
            "error": "None",
            "lastUpdatedDateTime": stamp(entry.updated),
        }
        for entry in view.licences
    ]


def _extension_attributes(view: View) -> JsonObject:
    given = view.user.properties.get("onPremisesExtensionAttributes") or {}
    return {name: given.get(name) for name in EXTENSION_ATTRIBUTES}


def _plans(view: View) -> list[JsonObject]:
    return [plan for entry in view.licences for plan in view.plans_of(entry)]


def _deleted(view: View) -> str | None:
    return stamp(view.user.deleted) if view.user.deleted else None


def _im_addresses(view: View) -> list[str]:
    services = {plan["service"] for plan in _plans(view)}
    has_chat = services & {"TeamspaceAPI", "MicrosoftCommunicationsOnline"}
    return [view.user.user_principal_name] if has_chat else []


_DERIVED: Mapping[str, Callable[[View], Any]] = {
    "id": lambda view: view.user.id,
    "mail": lambda view: view.user.mail,
    "proxyAddresses": lambda view: list(view.user.proxy_addresses),
    "assignedLicenses": _assigned,
    "licenseAssignmentStates": _states,
    "assignedPlans": _plans,
    "imAddresses": _im_addresses,
    "onPremisesExtensionAttributes": _extension_attributes,
    "onPremisesSyncEnabled": lambda view: view.user.synced,
    "onPremisesLastSyncDateTime": lambda _: None,
    "onPremisesDistinguishedName": lambda _: None,
    "onPremisesDomainName": lambda _: None,
    "onPremisesSamAccountName": lambda _: None,
    "onPremisesSecurityIdentifier": lambda _: None,
    "onPremisesUserPrincipalName": lambda _: None,
    "createdDateTime": lambda view: stamp(view.user.created),
    "creationType": lambda _: None,
    "deletedDateTime": _deleted,
    "lastPasswordChangeDateTime": lambda view: stamp(view.user.password_changed),
    "legalAgeGroupClassification": lambda _: None,
    "passwordProfile": lambda _: None,
    "securityIdentifier": lambda _: None,
    "signInSessionsValidFromDateTime": lambda view: stamp(view.user.sessions_valid_from),
}
READ_ONLY = frozenset(_DERIVED) - WRITABLE
KNOWN = WRITABLE | frozenset(_DERIVED)
