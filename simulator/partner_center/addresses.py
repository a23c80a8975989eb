"""Know countries and addresses: what must be given, and what an address check makes of it."""

import re
from typing import Any

from simulator.partner_center.call import require
from simulator.partner_center.countries import COUNTRIES
from simulator.partner_center.documents import Json, compact, kind

_PHONE = r"^(\+?[0-9 ()./-]{6,20})$"
_FIELDS = ("addressLine1", "addressLine2", "city", "state", "postalCode", "country")
_WITHOUT_SUGGESTION = ("None", "NotValidated")


def rules_of(iso2: str) -> Json | None:
    country = COUNTRIES.get(iso2.upper())
    if country is None:
        return None
    languages = sorted({culture.partition("-")[0] for culture in country.cultures})
    document = {
        "iso2Code": iso2.upper(),
        "defaultCulture": country.culture,
        "isStateRequired": bool(country.states),
        "supportedStatesList": list(country.states),
        "supportedLanguagesList": languages,
        "supportedCulturesList": list(country.cultures),
        "isPostalCodeRequired": True,
        "postalCodeRegex": country.postal_code,
        "isCityRequired": True,
        "isVatIdSupported": country.vat is not None,
        "taxIdFormat": country.vat,
        "taxIdSample": country.vat_sample,
        "vatIdRegex": country.vat,
        "phoneNumberRegex": _PHONE,
        "isTaxIdSupported": country.vat is not None,
        "isTaxIdOptional": True,
        "countryCallingCodesList": [country.calling_code],
    }
    return compact(document) | kind("CountryValidationRules")


def validated(address: Json) -> Json:
    """Always an answer: how sure it is of the address, and what it would write instead."""
    require(address, "addressLine1", "city", "state", "postalCode", "country")
    original = {name: address[name] for name in _FIELDS if address.get(name) is not None}
    status, message = _judged(original)
    answer: Json = {"originalAddress": original, "suggestedAddresses": [], "status": status}
    if status not in _WITHOUT_SUGGESTION:
        answer["suggestedAddresses"] = [_suggestion(original)]
    return answer | ({"validationMessage": message} if message else {})


def _judged(address: Json) -> tuple[str, str | None]:
    country = COUNTRIES.get(str(address["country"]).upper())
    if country is None or not country.is_checked:
        return "NotValidated", "The country's addresses are not checked."
    if country.states and str(address["state"]).upper() not in country.states:
        return "None", "The state field is not valid."
    if not re.match(country.postal_code, str(address["postalCode"]).upper()):
        return "None", "The postal code does not have the country's form."
    if not re.search(r"\d", str(address["addressLine1"])):
        return "StreetPartial", "Address field invalid for property: 'Street'"
    return "VerifiedShippable", None


def _suggestion(address: Json) -> Json:
    better: dict[str, Any] = {**address, "country": str(address["country"]).upper()}
    postal_code = str(address["postalCode"])
    if better["country"] == "US" and re.fullmatch(r"\d{5}", postal_code):
        better["postalCode"] = f"{postal_code}-{_plus_four(address)}"
    return better


def _plus_four(address: Json) -> str:
    street = str(address["addressLine1"]).lower()
    if street == "1 microsoft way":
        return "8300"
    return f"{sum(street.encode()) % 9000 + 1000}"
