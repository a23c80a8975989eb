"""Find the handler of a path, and tell what Graph has never had from what only we lack."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from simulator.graph.call import Handler
from simulator.graph.errors import GraphError, no_segment, not_simulated, wrong_method

# What Graph v1.0 answers at its root, beside what the routes name.
_SEGMENTS = frozenset(
    """
    admin agreements appCatalogs applications applicationTemplates auditLogs
    authenticationMethodConfigurations authenticationMethodsPolicy certificateBasedAuthConfiguration
    chats communications compliance connections contacts contracts copilot dataPolicyOperations
    deviceAppManagement deviceManagement devices directory directoryObjects directoryRoles
    directoryRoleTemplates domainDnsRecords domains drive drives education employeeExperience
    external filterOperators functions groupLifecyclePolicies groups groupSettings
    groupSettingTemplates identity identityGovernance identityProtection identityProviders
    informationProtection invitations me oauth2PermissionGrants organization
    permissionGrants places planner policies privacy reports roleManagement
    schemaExtensions scopedRoleMemberships search security servicePrincipals shares sites solutions
    storage subscribedSkus subscriptions teams teamsTemplates teamwork tenantRelationships users
    """.lower().split()
)
_USER_SEGMENTS = frozenset(
    """
    activities agreementAcceptances appRoleAssignments authentication calendar calendarGroups
    calendars calendarView changePassword chats checkMemberGroups checkMemberObjects
    contactFolders contacts createdObjects directReports drive drives events
    exportPersonalData extensions followedSites getMailTips getMemberGroups getMemberObjects
    inferenceClassification insights joinedTeams licenseDetails mailboxSettings mailFolders
    managedAppRegistrations managedDevices manager memberOf messages oauth2PermissionGrants
    onenote onlineMeetings onPremisesSyncBehavior outlook ownedDevices ownedObjects people
    permissionGrants photo photos planner presence registeredDevices
    reprocessLicenseAssignment retryServiceProvisioning scopedRoleMemberOf sendMail
    serviceProvisioningErrors settings solutions sponsors teamwork todo transitiveMemberOf
    translateExchangeIds wipeManagedAppRegistrationsByDeviceTag
    """.lower().split()
)


@dataclass(frozen=True)
class Route:
    """One door of Graph: `documents` is its page under learn.microsoft.com/graph/api."""

    method: str
    pattern: str
    handler: Handler
    documents: str
    scopes: frozenset[str] = frozenset()
    cost: int = 1
    is_envelope: bool = field(default=False, kw_only=True)

    @cached_property
    def expression(self) -> re.Pattern[str]:
        names = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.pattern))
        return re.compile(names, re.IGNORECASE)


# Verbs that Graph has on paths of ours, and we have not.
LACKING = frozenset(
    {
        ("POST", "/domains"),
        ("PATCH", "/domains/{name}"),
        ("DELETE", "/domains/{name}"),
        ("PATCH", "/organization/{id}"),
        ("DELETE", "/organization/{id}"),
    }
)


def find(routes: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route, or Graph's refusal: 405 for a wrong verb, 400 for a segment nobody knows."""
    path = canonical(path)
    there = [(route, match) for route in routes if (match := route.expression.fullmatch(path))]
    for route, match in there:
        if route.method == method:
            return route, match.groupdict()
    if not there:
        raise _absent(method, path)
    if any((method, route.pattern) in LACKING for route, _ in there):
        raise not_simulated(f"{method} {path}")
    raise wrong_method()


def canonical(path: str) -> str:
    """Keys in parentheses and calls of functions, in the form of the table."""
    path = path.rstrip("/").replace("/microsoft.graph.", "/graph.")
    path = re.sub(r"\(\)", "", path)
    keyed = re.sub(r"\('((?:[^']|'')*)'\)", lambda m: "/" + m[1].replace("''", "'"), path)
    return keyed or "/"


def _absent(method: str, path: str) -> GraphError:
    first, *rest = path.strip("/").split("/")
    if _head(first) not in _SEGMENTS:
        return no_segment(first)
    if first.lower() == "users" and len(rest) > 1 and _head(rest[1]) not in _USER_SEGMENTS:
        return no_segment(rest[1])
    return not_simulated(f"{method} {path}")


def _head(segment: str) -> str:
    return segment.partition("(")[0].lower()
