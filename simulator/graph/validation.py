"""What Entra refuses to write about a user, property by property."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator.graph import passwords
from simulator.graph.errors import (
    bad_request,
    denied,
    invalid_value,
    not_simulated,
    null_collection,
    read_only,
    required,
    unknown_property,
    unverified_domain,
    weak_password,
)
from simulator.graph.properties import (
    COLLECTIONS,
    EXTENSION_ATTRIBUTES,
    FLAGS,
    NOT_SIMULATED,
    READ_ONLY,
    TEXTS,
    WRITABLE,
)
from simulator.tenants import Domain, JsonObject, Tenant

_REQUIRED = ("accountEnabled", "displayName", "mailNickname", "userPrincipalName")
_LOCAL_PART = re.compile(r"[A-Za-z0-9'._!#^~-]{1,64}")
_NICKNAME = re.compile(r"[^@()\\\[\]\";:<>, ]{1,64}")
_MAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DOMAIN_LIMIT = 48
_EXTENSION_LIMIT = 1024
_POLICIES = {"None", "DisablePasswordExpiration", "DisableStrongPassword"}
_PASSWORD_MEMBERS = {
    "password",
    "forceChangePasswordNextSignIn",
    "forceChangePasswordNextSignInWithMfa",
}
# ISO 3166-1 alpha-2 as one text; XK is what Microsoft sells under as well.
_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
""".split()


def body_of(payload: object) -> JsonObject:
    """The members of an entity; annotations say nothing."""
    if not isinstance(payload, dict):
        raise bad_request("Empty Payload. JSON content expected.")
    return {name: value for name, value in payload.items() if "@odata." not in name}


def told(body: JsonObject) -> JsonObject:
    """On creation a null says nothing, except where a null is refused."""
    refused = {*COLLECTIONS, *_REQUIRED, "passwordProfile"}
    return {name: value for name, value in body.items() if value is not None or name in refused}


def check_name(name: str, *, proxy_write_status: int) -> None:
    if name in WRITABLE:
        return
    if name == "proxyAddresses" and proxy_write_status == denied().status:
        raise denied()
    if name in READ_ONLY:
        raise read_only(name)
    if name in NOT_SIMULATED:
        raise not_simulated(f"property {name}")
    raise unknown_property(name)


def check_value(name: str, value: object) -> None:
    if value is None or (value == "" and name in _REQUIRED):
        _check_null(name)
    elif name in FLAGS:
        _refuse_unless(isinstance(value, bool), name)
    elif name in COLLECTIONS:
        _refuse_unless(_is_texts(value, COLLECTIONS[name]), name)
    elif name in TEXTS:
        _refuse_unless(isinstance(value, str) and len(value) <= TEXTS[name], name)
    if value is not None and (rule := _RULES.get(name)):
        _refuse_unless(rule(value), name)


def check_required(body: JsonObject) -> None:
    for name in (*_REQUIRED, "passwordProfile"):
        if body.get(name) in (None, ""):
            raise required(name)
    if not body["passwordProfile"].get("password"):
        raise required("password")


def check_password(password: object, user_principal_name: str, policies: str | None) -> None:
    strong = "DisableStrongPassword" not in (policies or "")
    if not passwords.is_acceptable(password, user_principal_name, strong=strong):
        raise weak_password()


def domain_of(tenant: Tenant, user_principal_name: str) -> Domain:
    """The verified domain behind the at sign, or the refusal of the name."""
    local_part, at, name = user_principal_name.rpartition("@")
    if not at or "@" in local_part:
        raise bad_request("Property userPrincipalName is invalid.")
    if not _LOCAL_PART.fullmatch(local_part) or local_part[0] == "." or local_part[-1] == ".":
        raise invalid_value("userPrincipalName")
    domain = tenant.domains.get(name.lower())
    if domain is None or not domain.is_verified or len(name) > _DOMAIN_LIMIT:
        raise unverified_domain()
    return domain


def _check_null(name: str) -> None:
    if name in COLLECTIONS:
        raise null_collection(name)
    if name in {"usageLocation", "onPremisesImmutableId"}:
        raise invalid_value(name)
    if name in {*_REQUIRED, "passwordProfile"}:
        raise required(name)


def _refuse_unless(fits: object, name: str) -> None:
    if not fits:
        raise invalid_value(name)


def _is_texts(value: object, most: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= most
        and all(isinstance(entry, str) for entry in value)
    )


def _is_nickname(value: str) -> bool:
    dots = value.startswith(".") or value.endswith(".") or ".." in value
    return value.isascii() and bool(_NICKNAME.fullmatch(value)) and not dots


def _is_policies(value: str) -> bool:
    return {part.strip() for part in value.split(",")} <= _POLICIES


def _is_password_profile(value: object) -> bool:
    return isinstance(value, dict) and {*value} <= _PASSWORD_MEMBERS | {"@odata.type"}


def _is_extension_attributes(value: object) -> bool:
    return isinstance(value, dict) and all(
        name in {*EXTENSION_ATTRIBUTES, "@odata.type"} and _is_short(text)
        for name, text in value.items()
    )


def _is_short(text: object) -> bool:
    return text is None or (isinstance(text, str) and len(text) <= _EXTENSION_LIMIT)


_RULES: Mapping[str, Callable[[Any], object]] = {
    "displayName": lambda text: text.strip(),
    "mailNickname": _is_nickname,
    "mail": _MAIL.fullmatch,
    "usageLocation": lambda text: text in _COUNTRIES,
    "preferredLanguage": _LANGUAGE.fullmatch,
    "passwordPolicies": _is_policies,
    "userType": lambda text: text in {"Member", "Guest"},
    "onPremisesImmutableId": lambda text: text and "$" not in text and "_" not in text,
    "passwordProfile": _is_password_profile,
    "onPremisesExtensionAttributes": _is_extension_attributes,
}
