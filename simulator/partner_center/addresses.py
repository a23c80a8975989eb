"""Know countries and addresses: what must be given, and what an address check makes of it."""

import re
from dataclasses import dataclass
from typing import Any

from simulator.partner_center.call import require
from simulator.partner_center.documents import Json, compact, kind

_US_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
).split()
_CA_PROVINCES = ["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"]
_PHONE = r"^(\+?[0-9 ()./-]{6,20})$"


@dataclass(frozen=True)
class Country:
    culture: str
    cultures: tuple[str, ...]
    postal_code: str
    calling_code: str
    states: tuple[str, ...] = ()
    vat: str | None = None
    vat_sample: str | None = None


COUNTRIES = {
    "US": Country("en-US", ("en-US", "es-US"), r"^\d{5}(-\d{4})?$", "1", tuple(_US_STATES)),
    "CA": Country(
        "en-CA",
        ("en-CA", "fr-CA"),
        r"^[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d$",
        "1",
        tuple(_CA_PROVINCES),
    ),
    "GB": Country(
        "en-GB",
        ("en-GB",),
        r"^(GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$",
        "44",
        vat=r"^(GB)?(\d{9}|\d{12}|GD\d{3}|HA\d{3})$",
        vat_sample="GB999999999",
    ),
    "DE": Country(
        "de-DE", ("de-DE",), r"^\d{5}$", "49", vat=r"^DE\d{9}$", vat_sample="DE999999999"
    ),
    "FR": Country(
        "fr-FR",
        ("fr-FR",),
        r"^\d{5}$",
        "33",
        vat=r"^FR[A-HJ-NP-Z0-9]{2}\d{9}$",
        vat_sample="FRXX999999999",
    ),
    "JP": Country("ja-JP", ("ja-JP",), r"^\d{3}-?\d{4}$", "81"),
    "NL": Country(
        "nl-NL",
        ("nl-NL",),
        r"^[1-9]\d{3} ?[A-Z]{2}$",
        "31",
        vat=r"^NL\d{9}B\d{2}$",
        vat_sample="NL999999999B99",
    ),
    "AU": Country("en-AU", ("en-AU",), r"^\d{4}$", "61"),
}

_FIELDS = ("addressLine1", "addressLine2", "city", "state", "postalCode", "country")


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
    if status != "None":
        answer["suggestedAddresses"] = [_suggestion(original)]
    return answer | ({"validationMessage": message} if message else {})


def _judged(address: Json) -> tuple[str, str | None]:
    country = COUNTRIES.get(str(address["country"]).upper())
    if country is None:
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
