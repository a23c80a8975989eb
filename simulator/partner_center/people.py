"""Keep a customer's people through Partner Center: the same people that Graph knows."""

from collections.abc import Iterable
from typing import Any

from simulator.graph.errors import GraphError
from simulator.graph.validation import check_password, check_value, domain_of
from simulator.partner_center import people_switches as _  # noqa: F401 - declares its own
from simulator.partner_center.call import Answer, Call, require
from simulator.partner_center.documents import Json, kind, link, time
from simulator.partner_center.errors import Refused
from simulator.partner_center.filters import Condition, Test, conditions, predicate
from simulator.partner_center.seek import seek_page
from simulator.tenants import User, unmangled

# Partner Center's names, and the directory's.
_NAMES = {
    "usageLocation": "usageLocation",
    "userPrincipalName": "userPrincipalName",
    "firstName": "givenName",
    "lastName": "surname",
    "displayName": "displayName",
    "immutableId": "onPremisesImmutableId",
}
_FILTERS = ("displayname", "userprincipalname")


def create(call: Call) -> Answer:
    require(call.body, "usageLocation", "userPrincipalName", "displayName")
    require(call.body, "passwordProfile.password")
    properties, name = _properties(call), str(call.body["userPrincipalName"])
    _check_name(call, name, None)
    profile = call.body["passwordProfile"]
    _check_password(profile["password"], name)
    user = call.tenant.create_user(
        {
            "accountEnabled": True,
            "mailNickname": name.partition("@")[0],
            "userType": "Member",
            **properties,
        },
        profile["password"],
        call.now,
    )
    status = call.switch("people.createStatus")
    return Answer(status, shown(call, user) | {"passwordProfile": profile})


def listed(call: Call) -> Answer:
    """Those who are active, unless the filter asks for the deleted ones."""
    uri = f"/customers/{call.customer.id}/users"

    def matching(text: str | None) -> Iterable[User]:
        return _sorted(call, _matching(call, text))

    return Answer(200, seek_page(call, uri, matching, lambda user: shown(call, user)))


def get(call: Call) -> Answer:
    return Answer(200, shown(call, found(call)))


def change(call: Call) -> Answer:
    deleted = _deleted(call)
    if deleted is not None and str(call.body.get("state", "")).lower() == "active":
        return _restore(call, deleted)
    user = found(call)
    properties = _properties(call)
    if "userPrincipalName" in properties:
        _check_name(call, properties["userPrincipalName"], user)
    _set_password(call, user)
    call.tenant.change_user(user, properties, call.now)
    return Answer(200, shown(call, user))


def reset_password(call: Call) -> Answer:
    require(call.body, "passwordProfile.password")
    user = found(call)
    _set_password(call, user)
    profile = call.body["passwordProfile"]
    return Answer(200, shown(call, user) | {"passwordProfile": profile})


def remove(call: Call) -> Answer:
    frees = call.switch("licences.deletedFree")
    call.tenant.delete_user(found(call).id, call.now, frees=frees)
    return Answer(204)


def found(call: Call) -> User:
    call.tenant.purge_expired(call.now)
    user = call.tenant.user(call.params["user"])
    if user is None:
        raise Refused(60002)
    return user


def shown(call: Call, user: User) -> Json:
    """Nulls are spelled out here, unlike everywhere else."""
    facts: dict[str, Any] = {ours: user.properties.get(name) for ours, name in _NAMES.items()}
    if user.deleted is not None:
        facts["userPrincipalName"] = unmangled(user)
    uri = f"/customers/{call.customer.id}/users/{user.id}"
    return {
        "id": user.id,
        **facts,
        "passwordProfile": None,
        "lastDirectorySyncTime": None,
        "userDomainType": "none",
        "state": "inactive" if user.deleted else "active",
        "softDeletionTime": time(user.deleted) if user.deleted else None,
        "links": {"self": link(uri)},
        **kind("CustomerUser"),
    }


def _properties(call: Call) -> Json:
    given = {name: call.body[ours] for ours, name in _NAMES.items() if call.body.get(ours)}
    for name, value in given.items():
        _by_entras_rules(check_value, name, value)
    return given


def _check_name(call: Call, name: str, user: User | None) -> None:
    domain = _by_entras_rules(domain_of, call.tenant, name)
    if domain.authentication_type == "Federated":
        raise Refused(3000, "The domain is federated.")
    holders = (call.tenant.holder("upn", name), call.tenant.holder("address", name))
    if any(holder not in (None, user) for holder in holders):
        refused = Refused(3000, "The name is taken.", status=call.switch("people.duplicateStatus"))
        refused.code = call.switch("people.duplicateCode")
        raise refused


def _set_password(call: Call, user: User) -> None:
    password = (call.body.get("passwordProfile") or {}).get("password")
    if password:
        _check_password(password, user.user_principal_name)
        call.tenant.set_password(user, password, call.now)


def _check_password(password: object, name: str) -> None:
    _by_entras_rules(check_password, password, name, None)


def _by_entras_rules(rule: Any, *arguments: object) -> Any:  # noqa: ANN401 - the rule knows
    try:
        return rule(*arguments)
    except GraphError as refused:
        raise Refused(3000, refused.message) from refused


def _deleted(call: Call) -> User | None:
    call.tenant.purge_expired(call.now)
    return call.tenant.deleted_users.get(call.params["user"].lower())


def _restore(call: Call, user: User) -> Answer:
    _check_name(call, unmangled(user), user)
    return Answer(200, shown(call, call.tenant.restore_user(user.id, call.now)))


def _matching(call: Call, text: str | None) -> list[User]:
    call.tenant.purge_expired(call.now)
    active = list(call.tenant.users.values())
    if not text:
        return active
    fits = predicate(text, _test)
    names_state = any(wish.get("field") == "userstate" for wish in conditions(text))
    everybody = [*active, *call.tenant.deleted_users.values()] if names_state else active
    return [one for one in everybody if fits(one)]


def _test(wish: Condition) -> Test[User]:
    field, value = wish.get("field", ""), wish.get("value", "")
    if field == "userstate":
        return lambda user: (user.deleted is not None) == (value == "inactive")
    if field not in _FILTERS or "start" not in wish.get("operator", ""):
        raise Refused(800002, "Users are not filtered by this.")
    return lambda user: _text(user, field).startswith(value)


def _sorted(call: Call, users: list[User]) -> list[User]:
    field = call.query.get("sortField", "").lower()
    if field not in _FILTERS:
        return users
    backwards = call.query.get("sortDirection", "").lower().startswith("desc")
    return sorted(users, key=lambda user: _text(user, field), reverse=backwards)


def _text(user: User, field: str) -> str:
    if field == "displayname":
        return str(user.properties.get("displayName") or "").lower()
    return (unmangled(user) if user.deleted else user.user_principal_name).lower()
