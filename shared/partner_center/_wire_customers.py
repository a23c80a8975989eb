"""Read and write customers, addresses and agreements as Partner Center spells them."""

from datetime import UTC
from typing import Any

from shared.domain.customers import Address, AgreementContact, CountryRules, NewCustomer
from shared.domain.ids import CustomerId
from shared.domain.passwords import Secret
from shared.partner_center._wire import EnumText, Guid, Wire
from shared.workflows.ports import CreatedCustomer

AGREEMENT = "MicrosoftCustomerAgreement"
GRAPH_APPLICATION = "00000003-0000-0000-c000-000000000000"
_USABLE = frozenset({"verified", "verifiedshippable"})


class WireCountryRules(Wire):
    iso2_code: str
    default_culture: str = ""
    is_city_required: bool = False
    is_state_required: bool = False
    supported_states_list: tuple[str, ...] = ()
    is_postal_code_required: bool = False
    postal_code_regex: str = ""
    phone_number_regex: str = ""
    supported_languages_list: tuple[str, ...] = ()
    supported_cultures_list: tuple[str, ...] = ()

    def to_domain(self) -> CountryRules:
        return CountryRules(
            country=self.iso2_code.upper(),
            default_culture=self.default_culture,
            city_required=self.is_city_required,
            state_required=self.is_state_required,
            states=self.supported_states_list,
            postal_code_required=self.is_postal_code_required,
            postal_code_pattern=self.postal_code_regex,
            phone_pattern=self.phone_number_regex,
            languages=self.supported_languages_list,
            cultures=self.supported_cultures_list,
        )


class WireSuggestion(Wire):
    address_line1: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""

    def __str__(self) -> str:
        parts = (self.address_line1, self.city, self.state, self.postal_code)
        return ", ".join(part for part in parts if part)


class WireAddressCheck(Wire):
    status: EnumText = "none"
    validation_message: str = ""
    suggested_addresses: tuple[WireSuggestion, ...] = ()

    def fault(self) -> str | None:
        if self.status in _USABLE:
            return None
        reason = self.validation_message or f"Microsoft does not know this address ({self.status})"
        suggestions = " or ".join(str(s) for s in self.suggested_addresses)
        return f"{reason}; did you mean {suggestions}?" if suggestions else reason


class WireCompanyProfile(Wire):
    domain: str = ""


class WireCredentials(Wire):
    user_name: str
    password: str


class WireCreatedCustomer(Wire):
    id: Guid
    company_profile: WireCompanyProfile = WireCompanyProfile()
    user_credentials: WireCredentials

    def to_domain(self, asked_domain: str) -> CreatedCustomer:
        domain = self.company_profile.domain or asked_domain
        name = self.user_credentials.user_name
        return CreatedCustomer(
            id=CustomerId(self.id),
            domain=domain,
            admin_user_name=name if "@" in name else f"{name}@{domain}",
            admin_password=Secret(self.user_credentials.password),
        )


class WireAgreementTemplate(Wire):
    template_id: str
    version_rank: int = 0


class WireAgreement(Wire):
    template_id: str = ""


class WireDirectSignature(Wire):
    is_signed: bool = False


def customer_body(new: NewCustomer) -> dict[str, Any]:
    company: dict[str, str] = {"domain": new.domain}
    if new.registration_number:
        company["organizationRegistrationNumber"] = new.registration_number
    return {
        "enableGDAPByDefault": True,
        "companyProfile": company,
        "billingProfile": {
            "culture": new.culture,
            "email": new.email,
            "language": new.language,
            "companyName": new.company_name,
            "defaultAddress": address_body(new.address)
            | {"firstName": new.address.first_name, "lastName": new.address.last_name},
        },
    }


def address_body(address: Address) -> dict[str, str]:
    fields = {
        "addressLine1": address.address_line1,
        "addressLine2": address.address_line2,
        "city": address.city,
        "state": address.state,
        "postalCode": address.postal_code,
        "country": address.country,
        "phoneNumber": address.phone_number,
    }
    return {name: value for name, value in fields.items() if value}


def attestation_body(contact: AgreementContact, template_id: str) -> dict[str, Any]:
    whole = agreement_body(contact, template_id)
    return {name: whole[name] for name in ("templateId", "primaryContact", "type")}


def agreement_body(
    contact: AgreementContact, template_id: str, attestation_id: str = ""
) -> dict[str, Any]:
    person = {
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "email": contact.email,
    }
    if contact.phone_number:
        person["phoneNumber"] = contact.phone_number
    agreed = contact.agreed_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    attested = {"attestationId": attestation_id} if attestation_id else {}
    return attested | {
        "primaryContact": person,
        "templateId": template_id,
        "dateAgreed": agreed,
        "type": AGREEMENT,
    }


def consent_body(application_id: str, name: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    grant = {"enterpriseApplicationId": GRAPH_APPLICATION, "scope": ",".join(scopes)}
    return {
        "applicationId": application_id,
        "displayName": name,
        "applicationGrants": [grant],
    }
