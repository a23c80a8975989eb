"""Tell a country's time zone, so that a deadline can be read on the customer's own clock.

Countries with one zone are taken from IANA's list; of the others the zone is that of the city
where most business is done, and a customer elsewhere has its own named in its policy.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_OF_SEVERAL = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "VN": "Asia/Ho_Chi_Minh",
}
_NOWHERE = frozenset({"Factory"})
"""IANA's word for a clock that nobody has set."""


def zone_name(country: str) -> str:
    """Answer IANA's name for a country of two letters, or nothing where none is sure."""
    return _OF_SEVERAL.get(country) or _of_one().get(country, "")


def zone(name: str) -> ZoneInfo | None:
    """The zone of that name, None where there is no such zone."""
    return ZoneInfo(name) if name and is_zone(name) else None


def is_zone(name: str) -> bool:
    return name in _known()


@cache
def _known() -> frozenset[str]:
    """By IANA's list, for a host's own directory has names that mean another zone on the next."""
    text = files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(text.split()) - _NOWHERE


@cache
def _of_one() -> Mapping[str, str]:
    found: dict[str, list[str]] = defaultdict(list)
    text = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            found[country].append(name)
    return {country: names[0] for country, names in found.items() if len(names) == 1}
