"""Know a person in a customer's directory, and what Entra asks of a new one.

https://learn.microsoft.com/graph/api/user-post-users
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from shared.domain.errors import Fault
from shared.domain.ids import ServicePlanId, SkuId

_UPN_LOCAL = re.compile(r"(?!\.)[A-Za-z0-9'._\-!#^~]{1,64}(?<!\.)")
_UPN_DOMAIN = re.compile(r"(?=.{1,48}\Z)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_UPN_LONGEST = 113
_LONGEST = {"displayName": 256, "givenName": 64, "surname": 64, "jobTitle": 128, "department": 64}
_COUNTRY = re.compile(r"[A-Z]{2}")
MARKER_PREFIX = "seatkeeper:"
TAKEN = (
    "Somebody has this user name already. Choose another one, or give that person the plan instead."
)


@dataclass(frozen=True, slots=True)
class NewUser:
    user_principal_name: str
    display_name: str
    usage_location: str
    given_name: str = ""
    surname: str = ""
    job_title: str = ""
    department: str = ""

    @property
    def domain(self) -> str:
        return self.user_principal_name.rpartition("@")[2].lower()

    @property
    def mail_nickname(self) -> str:
        """The user name's local part, less the characters that Entra refuses in a nickname."""
        local = self.user_principal_name.partition("@")[0]
        ascii_only = unicodedata.normalize("NFKD", local).encode("ascii", "ignore").decode()
        cleaned = re.sub(r'[^!-~]|[@()\\\[\]";:<>,]', "", ascii_only).lstrip(".")
        return re.sub(r"\.{2,}", ".", cleaned)[:64].rstrip(".") or "user"


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A person as the directory holds one; ``licences`` maps a direct SKU to what is off in it."""

    id: str
    user_principal_name: str
    display_name: str = ""
    usage_location: str | None = None
    enabled: bool = True
    marker: str | None = None
    licences: Mapping[SkuId, frozenset[ServicePlanId]] = field(default_factory=dict)


def marker(work: str, row: int) -> str:
    """Say whose row made a user, so that a lost reply is answered by adopting it."""
    return f"{MARKER_PREFIX}{work}/{row}"


def batch_of_marker(text: str) -> str:
    """Undo `marker`: the work's id, or an empty text where it is nothing of ours."""
    if not text.startswith(MARKER_PREFIX):
        return ""
    return text.removeprefix(MARKER_PREFIX).rpartition("/")[0]


def faults_of_user(user: NewUser) -> Iterator[tuple[str, str]]:
    """Name field and fault of everything that Entra would refuse."""
    yield from _faults_of_name(user.user_principal_name)
    if not user.display_name.strip():
        yield "displayName", "a display name is needed"
    yield from _faults_of_location(user.usage_location)
    for name, longest in _LONGEST.items():
        if len(_text(user, name)) > longest:
            yield name, f"at most {longest} characters"


def faults_of_person(user: NewUser) -> Iterator[tuple[str, str]]:
    """The same of somebody who is there: the name that finds them, and a country to move to."""
    yield from _faults_of_name(user.user_principal_name)
    if user.usage_location:
        yield from _faults_of_location(user.usage_location)


def _faults_of_location(country: str) -> Iterator[tuple[str, str]]:
    if not _COUNTRY.fullmatch(country) or country not in COUNTRIES:
        yield "usageLocation", "use a two-letter country code in capitals (ISO 3166-1), such as GB"


def _text(user: NewUser, name: str) -> str:
    return {
        "displayName": user.display_name,
        "givenName": user.given_name,
        "surname": user.surname,
        "jobTitle": user.job_title,
        "department": user.department,
    }[name]


def _faults_of_name(name: str) -> Iterator[tuple[str, str]]:
    local, at, domain = name.partition("@")
    if not at or not _UPN_DOMAIN.fullmatch(domain):
        yield "userPrincipalName", "a user name looks like adele.vance@contoso.com"
    elif not _UPN_LOCAL.fullmatch(local):
        yield (
            "userPrincipalName",
            (
                "before the @ use letters without accents, digits and ' . - _ ! # ^ ~, "
                "at most 64, no dot first or last"
            ),
        )
    if len(name) > _UPN_LONGEST:
        yield "userPrincipalName", f"at most {_UPN_LONGEST} characters"


def to_fault(row: int | None, column: str, detail: str) -> Fault:
    """Place a user's fault in a batch's row, or in a single request's body."""
    pointer = f"/rows/{row - 1}/{column}" if row is not None else f"/{column}"
    return Fault(detail, pointer=pointer, row=row, column=column)


COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()
)
"""ISO 3166-1 alpha-2."""
