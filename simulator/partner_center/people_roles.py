"""Put people into a tenant's directory roles, and take them out again."""

from simulator.partner_center import people
from simulator.partner_center.call import Answer, Call, require
from simulator.partner_center.documents import Json, collection, kind
from simulator.partner_center.errors import Refused
from simulator.tenants import User

# Microsoft's role templates, which are the same in every tenant.
ROLES = {
    "62e90394-69f5-4237-9190-012177145e10": "Company Administrator",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": "Directory Readers",
    "9360feb5-f418-4baa-8175-e2a00bac4301": "Directory Writers",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Account Administrator",
    "4d6ac14f-3453-41d0-bef9-a3e0c569773a": "License Administrator",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8": "Helpdesk Administrator",
    "f023fd81-a637-4b56-95fd-791ac0226033": "Service Support Administrator",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Service Administrator",
    "b0f54661-2d74-4c50-afa3-1ec803f12efe": "Billing Administrator",
}


def listed(_call: Call) -> Answer:
    return Answer(200, collection(_shown(role_id) for role_id in ROLES))


def of_user(call: Call) -> Answer:
    return Answer(200, collection(_shown(role) for role in people.found(call).roles))


def members(call: Call) -> Answer:
    role = _role(call)
    everybody = call.tenant.users.values()
    return Answer(200, collection(_member(one, role) for one in everybody if role in one.roles))


def add(call: Call) -> Answer:
    require(call.body, "id")
    role, user = _role(call), call.tenant.user(str(call.body["id"]))
    if user is None:
        raise Refused(60002)
    if role not in user.roles:
        user.roles.append(role)
    return Answer(201, _member(user, role))


def remove(call: Call) -> Answer:
    role, user = _role(call), people.found(call)
    if role not in user.roles:
        raise Refused(60002, "The user does not have the role.")
    user.roles.remove(role)
    return Answer(204)


def _role(call: Call) -> str:
    role = call.params["role"].lower()
    if role not in ROLES:
        raise Refused(1000, "There is no such role.")
    return role


def _shown(role_id: str) -> Json:
    name = ROLES.get(role_id, "Directory Role")
    return {"name": name, "id": role_id, **kind("DirectoryRole")}


def _member(user: User, role_id: str) -> Json:
    return {
        "displayName": user.properties.get("displayName"),
        "userPrincipalName": user.user_principal_name,
        "roleId": role_id,
        "id": user.id,
        **kind("UserMember"),
    }
