"""The tenants of the simulated cloud: their people, their domains and whom they let in."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self, TypeAlias
from uuid import NAMESPACE_OID, uuid5

JsonObject: TypeAlias = dict[str, Any]

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
DELETED_USERS_ARE_KEPT = timedelta(days=30)

# Few rounds: these passwords protect nothing, and a bulk run creates thousands of them.
_HASH_ROUNDS = 8


@dataclass
class Domain:
    """A DNS name that a tenant owns, or says it owns."""

    name: str
    is_verified: bool = False
    is_default: bool = False
    is_initial: bool = False
    is_root: bool = True
    authentication_type: str = "Managed"
    supported_services: list[str] = field(default_factory=list)


@dataclass
class GdapRelationship:
    """What a customer has delegated to a partner, and until when."""

    id: str
    partner_tenant_id: str
    status: str
    roles: list[str]
    ends: datetime
    extends_itself: bool = False


@dataclass
class Licence:
    """A product given to a user, directly or through a group."""

    sku_id: str
    disabled_plans: list[str]
    updated: datetime
    assigned_by_group: str | None = None


@dataclass
class Change:
    """One line of the directory's change log: which members of which user, or how it went."""

    sequence: int
    at: datetime
    user_id: str
    names: list[str]
    removed: str | None = None


@dataclass
class User:
    """A person of a tenant; `properties` are the writable ones under Microsoft's names."""

    id: str
    properties: JsonObject
    created: datetime
    password_hash: str
    password_changed: datetime
    sessions_valid_from: datetime
    proxy_addresses: list[str] = field(default_factory=list)
    licences: list[Licence] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    synced: bool | None = None
    deleted: datetime | None = None

    @property
    def user_principal_name(self) -> str:
        return str(self.properties["userPrincipalName"])

    @property
    def mail(self) -> str | None:
        primaries = (a for a in self.proxy_addresses if a.startswith("SMTP:"))
        return next((address.removeprefix("SMTP:") for address in primaries), None)

    def licence(self, sku_id: str) -> Licence | None:
        """The direct one: what a group gave is the group's to change."""
        direct = (entry for entry in self.licences if entry.assigned_by_group is None)
        return next((entry for entry in direct if entry.sku_id == sku_id), None)

    def has_password(self, password: str) -> bool:
        salt = self.password_hash.partition("$")[0]
        return secrets.compare_digest(self.password_hash, hash_password(password, salt))

    @classmethod
    def from_json(cls, document: JsonObject) -> Self:
        user = cls(**document)
        for name in ("created", "password_changed", "sessions_valid_from"):
            setattr(user, name, datetime.fromisoformat(document[name]))
        user.deleted = _time(document["deleted"])
        user.licences = [_licence(entry) for entry in document["licences"]]
        return user


@dataclass
class Tenant:
    """One organisation in the cloud; every question to it is asked within it."""

    id: str
    initial_domain: str
    display_name: str
    country: str
    created: datetime
    consents: dict[str, set[str]] = field(default_factory=dict)
    gdap: list[GdapRelationship] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    deleted_users: dict[str, User] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _seats: Counter[str] = field(default_factory=Counter, repr=False, compare=False)
    # How stale each replica is, in real time; it is not part of what the tenant is.
    lag: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @property
    def objects(self) -> int:
        """What counts against the directory's quota; the bin does too."""
        return len(self.users) + len(self.deleted_users)

    @classmethod
    def create(
        cls,
        tenant_id: str,
        initial_domain: str,
        display_name: str,
        country: str,
        created: datetime,
    ) -> Self:
        tenant = cls(tenant_id, initial_domain.lower(), display_name, country, created)
        tenant.domains[tenant.initial_domain] = Domain(
            tenant.initial_domain,
            is_verified=True,
            is_default=True,
            is_initial=True,
            supported_services=["Email", "OfficeCommunicationsOnline"],
        )
        return tenant

    def add_admin(self, user_name: str, password: str) -> User:
        """The first person of a tenant, who may do everything; a bare name gets the domain."""
        local_part, _, domain = user_name.partition("@")
        properties = {
            "accountEnabled": True,
            "displayName": local_part,
            "mailNickname": local_part,
            "userPrincipalName": f"{local_part}@{domain or self.initial_domain}",
        }
        user = self.create_user(properties, password, self.created)
        user.roles.append(GLOBAL_ADMINISTRATOR)
        return user

    def add_domain(self, name: str, *, verified: bool = False) -> Domain:
        domain = Domain(name.lower(), is_verified=verified)
        self.domains[domain.name] = domain
        return domain

    def user(self, key: str) -> User | None:
        """By id or user principal name, in any case of letters."""
        key = key.lower()
        return self.users.get(key) or self.users.get(self._names.get(f"upn:{key}", ""))

    def holder(self, kind: str, value: str) -> User | None:
        """Who has this `upn`, `address` or `immutableId`."""
        value = value if kind == "immutableId" else value.lower()
        return self.users.get(self._names.get(f"{kind}:{value}", ""))

    def create_user(
        self,
        properties: Mapping[str, Any],
        password: str,
        now: datetime,
        addresses: Iterable[str] = (),
    ) -> User:
        """A person who passes every check: the rules live with those who ask."""
        hashed = hash_password(password)
        # Follows from what went before, so that two runs of one story can be compared.
        user_id = str(uuid5(NAMESPACE_OID, f"{self.id}/{len(self.changes)}"))
        user = User(user_id, dict(properties), now, hashed, now, now, list(addresses))
        self.users[user.id] = user
        self._learn(user)
        self._log(user.id, now, ["id", *properties, "proxyAddresses"])
        return user

    def change_user(
        self,
        user: User,
        properties: Mapping[str, Any],
        now: datetime,
        addresses: Iterable[str] | None = None,
    ) -> None:
        self._forget(user)
        user.properties.update(properties)
        if addresses is not None:
            user.proxy_addresses = list(addresses)
        self._learn(user)
        moved = ["mail", "proxyAddresses"] if addresses is not None else []
        self._log(user.id, now, [*properties, *moved])

    def set_password(self, user: User, password: str, now: datetime) -> None:
        user.password_hash = hash_password(password)
        user.password_changed = now
        self._log(user.id, now, ["lastPasswordChangeDateTime"])

    def revoke_sessions(self, user: User, now: datetime) -> None:
        user.sessions_valid_from = now
        self._log(user.id, now, ["signInSessionsValidFromDateTime"])

    def consumed(self, sku_id: str) -> int:
        """How many people hold a product; those in the bin hold none, or until they are purged."""
        return self._seats[sku_id]

    def set_licences(self, user: User, licences: Iterable[Licence], now: datetime) -> None:
        self._seats.subtract(_products_of(user))
        user.licences = list(licences)
        self._seats.update(_products_of(user))
        self._log(user.id, now, ["assignedLicenses", "licenseAssignmentStates", "assignedPlans"])

    def delete_user(self, user_id: str, now: datetime, *, frees: bool = True) -> User:
        """Moves a person to the bin: the name is free at once, and so are the licences."""
        user = self.users.pop(user_id)
        self._forget(user)
        user.deleted = now
        if frees:
            self._seats.subtract(_products_of(user))
            user.licences = []
        user.properties["userPrincipalName"] = mangled(user)
        self.deleted_users[user.id] = user
        self._log(user.id, now, [], removed="changed")
        return user

    def restore_user(self, user_id: str, now: datetime) -> User:
        user = self.deleted_users.pop(user_id)
        user.deleted = None
        user.properties["userPrincipalName"] = unmangled(user)
        self.users[user.id] = user
        self._learn(user)
        self._log(user.id, now, ["id", *user.properties, "proxyAddresses"])
        return user

    def purge_user(self, user_id: str, now: datetime) -> None:
        user = self.deleted_users.pop(user_id)
        self._seats.subtract(_products_of(user))
        self._log(user_id, now, [], removed="deleted")

    def purge_expired(self, now: datetime) -> None:
        binned = [(user.id, user.deleted) for user in self.deleted_users.values()]
        for user_id, deleted in binned:
            if deleted is not None and deleted + DELETED_USERS_ARE_KEPT <= now:
                self.purge_user(user_id, now)

    def to_json(self) -> JsonObject:
        document = asdict(self)
        del document["_names"], document["_seats"], document["lag"]
        return _plain(document)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, document: JsonObject) -> Self:
        tenant = cls(**document)
        tenant.created = datetime.fromisoformat(document["created"])
        tenant.consents = {app: set(scopes) for app, scopes in document["consents"].items()}
        tenant.gdap = [_relationship(entry) for entry in document["gdap"]]
        tenant.users = {key: User.from_json(u) for key, u in document["users"].items()}
        deleted = document["deleted_users"].items()
        tenant.deleted_users = {key: User.from_json(entry) for key, entry in deleted}
        tenant.domains = {key: Domain(**entry) for key, entry in document["domains"].items()}
        tenant.changes = [_change(entry) for entry in document["changes"]]
        for user in tenant.users.values():
            tenant._learn(user)
        for user in (*tenant.users.values(), *tenant.deleted_users.values()):
            tenant._seats.update(_products_of(user))
        return tenant

    def _learn(self, user: User) -> None:
        self._names.update(dict.fromkeys(_names_of(user), user.id))

    def _forget(self, user: User) -> None:
        for name in _names_of(user):
            self._names.pop(name, None)

    def _log(
        self, user_id: str, at: datetime, names: list[str], removed: str | None = None
    ) -> None:
        self.changes.append(Change(len(self.changes) + 1, at, user_id, names, removed))


def hash_password(password: str, salt: str = "") -> str:
    salt = salt or secrets.token_hex(8)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _HASH_ROUNDS)
    return f"{salt}${digest.hex()}"


def mangled(user: User) -> str:
    return user.id.replace("-", "") + user.user_principal_name


def unmangled(user: User) -> str:
    return user.user_principal_name.removeprefix(user.id.replace("-", ""))


def _names_of(user: User) -> Iterator[str]:
    yield f"upn:{user.user_principal_name.lower()}"
    for address in user.proxy_addresses:
        yield f"address:{address.partition(':')[2].lower()}"
    if anchor := user.properties.get("onPremisesImmutableId"):
        yield f"immutableId:{anchor}"


def _products_of(user: User) -> set[str]:
    return {entry.sku_id for entry in user.licences}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON is its business
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {key: _plain(entry) for key, entry in value.items()}
        case list() | set():
            return [_plain(entry) for entry in (sorted(value) if isinstance(value, set) else value)]
    return value


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _licence(document: JsonObject) -> Licence:
    return Licence(**{**document, "updated": datetime.fromisoformat(document["updated"])})


def _relationship(document: JsonObject) -> GdapRelationship:
    return GdapRelationship(**{**document, "ends": datetime.fromisoformat(document["ends"])})


def _change(document: JsonObject) -> Change:
    return Change(**{**document, "at": datetime.fromisoformat(document["at"])})
