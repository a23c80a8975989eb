"""Create, change, remove and bring back users as Entra does."""

from typing import Any

from simulator.graph import filters, replication
from simulator.graph.call import Call
from simulator.graph.errors import (
    conflict,
    denied,
    invalid_value,
    missing,
    no_source_anchor,
    on_premises_mastered,
    quota_exceeded,
)
from simulator.graph.properties import ON_PREMISES
from simulator.graph.validation import (
    body_of,
    check_name,
    check_password,
    check_required,
    check_value,
    domain_of,
    told,
)
from simulator.tenants import JsonObject, Tenant, User, unmangled

_SENSITIVE = {
    "accountEnabled",
    "businessPhones",
    "mobilePhone",
    "otherMails",
    "passwordProfile",
    "userPrincipalName",
}


def create(call: Call) -> User:
    body = _members(call)
    check_required(body)
    profile = body.pop("passwordProfile")
    name = body["userPrincipalName"]
    domain = domain_of(call.tenant, name)
    if domain.authentication_type == "Federated" and not body.get("onPremisesImmutableId"):
        raise no_source_anchor()
    check_password(profile["password"], name, body.get("passwordPolicies"))
    mail = body.pop("mail", None)
    _check_free(call.tenant, None, {**body, "mail": mail})
    if call.tenant.objects >= call.switch("graph.quota.total"):
        raise quota_exceeded()
    addresses = [f"SMTP:{mail}"] if mail else []
    user = call.tenant.create_user(
        {"userType": "Member", **body}, profile["password"], call.now, addresses
    )
    _note_creation(call, user)
    return user


def change(call: Call, user: User) -> None:
    """All of it or nothing; what is left out stays as it is."""
    body = _members(call)
    if user.synced and body.keys() & ON_PREMISES:
        raise on_premises_mastered()
    check_target(call, user, body)
    _check_name_change(call.tenant, user, body)
    _check_free(call.tenant, user, body)
    profile = body.pop("passwordProfile", None) or {}
    if password := profile.get("password"):
        policies = body.get("passwordPolicies", user.properties.get("passwordPolicies"))
        check_password(password, user.user_principal_name, policies)
        call.tenant.set_password(user, password, call.now)
    _write(call, user, body)


def remove(call: Call, user: User) -> None:
    check_target(call, user, {"accountEnabled": False})
    frees = call.world.switches["licences.deletedFree"]
    call.tenant.delete_user(user.id, call.now, frees=frees)


def revoke_sessions(call: Call, user: User) -> None:
    call.tenant.revoke_sessions(user, call.now)


def restore(call: Call, user: User) -> User:
    """The name and the addresses may have gone to somebody else in the meantime."""
    names = {"userPrincipalName": unmangled(user)}
    _check_free(call.tenant, user, names)
    for address in user.proxy_addresses:
        if call.tenant.holder("address", address.partition(":")[2]):
            raise conflict("proxyAddresses")
    return call.tenant.restore_user(user.id, call.now)


def visible(call: Call, key: str) -> User:
    """For a reader; a replica may not have heard of a user who is seconds old."""
    return _found(call, key, "user_get")


def reachable(call: Call, key: str) -> User:
    """For a writer, who goes by a reference to the user."""
    return _found(call, key, "user_ref")


def listed(call: Call) -> list[User]:
    """Everybody whom a filter may keep: of thousands, a filter by key looks at a few."""
    everybody = _sought(call)
    if not call.tenant.lag:
        return everybody
    return [user for user in everybody if not _is_late(call, user, "user_filter")]


def _sought(call: Call) -> list[User]:
    keys = filters.keys_in(call.request.query.get("$filter", ""), ("id", "userPrincipalName"))
    if keys is None:
        return list(call.tenant.users.values())
    found = (call.tenant.user(key) for key in dict.fromkeys(keys))
    return list({user.id: user for user in found if user is not None}.values())


def binned(call: Call, user_id: str) -> User:
    call.tenant.purge_expired(call.now)
    user = call.tenant.deleted_users.get(user_id.lower())
    if user is None:
        raise missing(user_id)
    return user


def check_target(call: Call, user: User, body: JsonObject) -> None:
    """An app alone never touches what matters about an administrator."""
    if call.caller.app_only and user.roles and body.keys() & _SENSITIVE:
        raise denied()


def _members(call: Call) -> JsonObject:
    body = body_of(call.payload)
    for name in body:
        check_name(name, proxy_write_status=call.switch("proxy_write.status"))
    if call.request.method == "POST":
        body = told(body)
    for name, value in body.items():
        check_value(name, value)
    return body


def _found(call: Call, key: str, replica: str) -> User:
    user = call.tenant.user(key)
    if user is None or _is_late(call, user, replica):
        raise missing(key)
    return user


def _is_late(call: Call, user: User, replica: str) -> bool:
    return replication.stale(call.tenant, replica, user.id) is not None


def _note_creation(call: Call, user: User) -> None:
    for replica in ("user_get", "user_filter", "user_ref"):
        lag = call.switch(f"replication.{replica}_ms")
        replication.note(call.tenant, replica, user.id, lag)
    _note_location(call, user, None)


def _note_location(call: Call, user: User, before: str | None) -> None:
    lag = call.switch("replication.usage_location_ms")
    replication.note(call.tenant, "usage_location", user.id, lag, before)


def _check_name_change(tenant: Tenant, user: User, body: JsonObject) -> None:
    if "userPrincipalName" not in body and "onPremisesImmutableId" not in body:
        return
    new = domain_of(tenant, body.get("userPrincipalName", user.user_principal_name))
    old = tenant.domains.get(user.user_principal_name.rpartition("@")[2].lower())
    anchor = body.get("onPremisesImmutableId", user.properties.get("onPremisesImmutableId"))
    if new.authentication_type == "Federated" and not anchor:
        raise no_source_anchor()
    moves_anchor = "onPremisesImmutableId" in body
    if moves_anchor and old is not None and old.authentication_type == "Federated":
        raise invalid_value("onPremisesImmutableId")


def _check_free(tenant: Tenant, user: User | None, body: JsonObject) -> None:
    """Names are unique over names and addresses, whoever holds them."""
    name = body.get("userPrincipalName")
    if name and _other(tenant.holder("upn", name), user):
        raise conflict("userPrincipalName")
    if name and _other(tenant.holder("address", name), user):
        raise conflict("proxyAddresses")
    mail = body.get("mail")
    if mail and (_other(tenant.holder("address", mail), user) or _other(tenant.user(mail), user)):
        raise conflict("proxyAddresses")
    anchor = body.get("onPremisesImmutableId")
    if anchor and _other(tenant.holder("immutableId", anchor), user):
        raise conflict("onPremisesImmutableId")


def _other(holder: User | None, user: User | None) -> bool:
    return holder is not None and holder is not user


def _write(call: Call, user: User, body: JsonObject) -> None:
    addresses = _addresses_after(call.tenant, user, body)
    body.pop("mail", None)
    if "usageLocation" in body:
        _note_location(call, user, user.properties.get("usageLocation"))
    if attributes := body.pop("onPremisesExtensionAttributes", None):
        kept = user.properties.get("onPremisesExtensionAttributes") or {}
        body["onPremisesExtensionAttributes"] = {**kept, **attributes}
    call.tenant.change_user(user, body, call.now, addresses)


def _addresses_after(tenant: Tenant, user: User, body: dict[str, Any]) -> list[str] | None:
    """A new primary address demotes the one before it to an alias."""
    if "mail" in body:
        if body["mail"] and user.licences and _is_unverified(tenant, body["mail"]):
            return None
        return promoted(user.proxy_addresses, body["mail"])
    if "userPrincipalName" in body and user.proxy_addresses:
        return promoted(user.proxy_addresses, body["userPrincipalName"])
    return None


def promoted(addresses: list[str], primary: str | None) -> list[str]:
    aliases = [f"smtp:{address.partition(':')[2]}" for address in addresses]
    if primary is None:
        return aliases
    others = [alias for alias in aliases if alias[5:].lower() != primary.lower()]
    return [f"SMTP:{primary}", *others]


def _is_unverified(tenant: Tenant, address: str) -> bool:
    domain = tenant.domains.get(address.rpartition("@")[2].lower())
    return domain is None or not domain.is_verified
