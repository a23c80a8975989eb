"""Know a customer, and what Microsoft asks of one before a tenant can be made.

https://learn.microsoft.com/partner-center/developer/create-a-customer
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.domain.company_names import faults_of_company, faults_of_mail, faults_of_person
from shared.domain.environments import Environment
from shared.domain.errors import Fault
from shared.domain.ids import ConnectionId, CustomerId

_PREFIX = re.compile(r"[a-z][a-z0-9]{0,26}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_REGISTERED = frozenset(
    "AM AZ BY HU KZ KG MD RU TJ UZ UA IN BR ZA PL AE SA TR TH VN MM IQ SS VE".split()
)
"""Countries where Microsoft asks for a registration number and a telephone number."""


@dataclass(frozen=True, slots=True)
class Address:
    country: str
    city: str
    address_line1: str
    first_name: str
    last_name: str
    postal_code: str = ""
    state: str = ""
    address_line2: str = ""
    phone_number: str = ""


@dataclass(frozen=True, slots=True)
class AgreementContact:
    """Who accepted the Microsoft Customer Agreement, and when."""

    first_name: str
    last_name: str
    email: str
    agreed_at: datetime
    phone_number: str = ""


@dataclass(frozen=True, slots=True)
class NewCustomer:
    connection_id: ConnectionId
    company_name: str
    domain_prefix: str
    email: str
    culture: str
    language: str
    address: Address
    agreement: AgreementContact
    registration_number: str = ""

    @property
    def domain(self) -> str:
        return domain_of(self.domain_prefix)


@dataclass(frozen=True, slots=True)
class Customer:
    """A tenant that we look after through one connection."""

    id: CustomerId
    connection_id: ConnectionId
    company_name: str
    domain: str
    country: str
    created_at: datetime
    agreement_at: datetime | None = None
    environment: Environment = Environment.PRODUCTION
    attestation_id: str = ""
    """Of the page that waits for the customer's acceptance, in that form of the agreement."""


@dataclass(frozen=True, slots=True)
class RelatedCustomer:
    """A tenant as Microsoft lists it for a partner; the country shows only when read alone."""

    id: CustomerId
    domain: str
    company_name: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Attestation:
    """A page of Microsoft's on which the customer accepts the agreement itself."""

    id: str
    link: str
    is_accepted: bool
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgreementState:
    """Whether the customer accepted Microsoft's agreement, as Microsoft has it."""

    is_confirmed: bool
    is_signed_directly: bool
    agreed_at: datetime | None = None
    attestation: Attestation | None = None
    version: str = ""
    """The id of the text that was confirmed last, empty where the customer signed directly."""

    @property
    def is_accepted(self) -> bool:
        return self.is_confirmed or self.is_signed_directly


@dataclass(frozen=True, slots=True)
class CountryRules:
    """What one country's addresses must look like, as Partner Center tells it.

    https://learn.microsoft.com/partner-center/developer/get-a-list-of-country-validation-rules
    """

    country: str
    default_culture: str
    city_required: bool
    state_required: bool
    states: tuple[str, ...]
    postal_code_required: bool
    postal_code_pattern: str
    phone_pattern: str
    languages: tuple[str, ...]
    cultures: tuple[str, ...]


def faults_of_new_customer(new: NewCustomer) -> Iterator[Fault]:
    """Name what is wrong before anything is sent, as far as no country's rules are needed."""
    yield from faults_of_prefix(new.domain_prefix, "/domainPrefix")
    yield from faults_of_company(new.company_name, "/companyName")
    yield from _faults_of_email(new.email, "/email")
    yield from faults_of_person(new.address.first_name, "/address/firstName")
    yield from faults_of_person(new.address.last_name, "/address/lastName")
    yield from faults_of_contact(new.agreement, "/agreement")
    if new.address.country in _REGISTERED:
        yield from _faults_of_registration(new)


def faults_of_prefix(prefix: str, pointer: str) -> Iterator[Fault]:
    if not _PREFIX.fullmatch(prefix):
        yield Fault("use 1 to 27 lower-case letters and digits, a letter first", pointer=pointer)


def domain_of(prefix: str) -> str:
    """What every tenant's first domain looks like."""
    return f"{prefix}.onmicrosoft.com"


def faults_of_contact(contact: AgreementContact, under: str = "") -> Iterator[Fault]:
    yield from faults_of_person(contact.first_name, f"{under}/firstName")
    yield from faults_of_person(contact.last_name, f"{under}/lastName")
    yield from _faults_of_email(contact.email, f"{under}/email")


def _faults_of_email(email: str, pointer: str) -> Iterator[Fault]:
    if not _EMAIL.fullmatch(email):
        yield Fault("this is not an e-mail address", pointer=pointer)
    yield from faults_of_mail(email, pointer)


def _faults_of_registration(new: NewCustomer) -> Iterator[Fault]:
    country = new.address.country
    if not new.registration_number:
        yield Fault(f"{country} asks for it", pointer="/registrationNumber")
    if not new.address.phone_number:
        yield Fault(f"{country} asks for it", pointer="/address/phoneNumber")


def faults_under(rules: CountryRules, new: NewCustomer) -> Iterator[Fault]:
    """Name what the country's own rules would refuse."""
    address = new.address
    for wanted, pointer, value in (
        (rules.city_required, "city", address.city),
        (rules.state_required, "state", address.state),
        (rules.postal_code_required, "postalCode", address.postal_code),
    ):
        if wanted and not value:
            yield Fault(f"{rules.country} asks for it", pointer=f"/address/{pointer}")
    if address.state and rules.states and address.state not in rules.states:
        yield Fault(
            f"{address.state!r} is not a state of {rules.country}", pointer="/address/state"
        )
    for pattern, pointer, value in (
        (rules.postal_code_pattern, "postalCode", address.postal_code),
        (rules.phone_pattern, "phoneNumber", address.phone_number),
    ):
        if value and pattern and not re.fullmatch(pattern, value):
            yield Fault(
                f"{value!r} does not fit {rules.country}'s pattern {pattern}",
                pointer=f"/address/{pointer}",
            )
    if rules.cultures and new.culture not in rules.cultures:
        yield Fault(f"use one of {', '.join(rules.cultures)}", pointer="/culture")
    if rules.languages and new.language not in rules.languages:
        yield Fault(f"use one of {', '.join(rules.languages)}", pointer="/language")
