"""Make customers and record what Microsoft asks of one before anything is sold."""

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from shared.domain.customers import AgreementContact, CountryRules, NewCustomer
from shared.domain.errors import RemoteAnswer, RemoteError, RemoteRefused
from shared.domain.ids import CustomerId
from shared.partner_center._wire import dumps
from shared.partner_center._wire_customers import (
    AGREEMENT,
    WireAddressCheck,
    WireAgreement,
    WireAgreementTemplate,
    WireCountryRules,
    WireCreatedCustomer,
    WireDirectSignature,
    address_body,
    agreement_body,
    consent_body,
    customer_body,
)
from shared.partner_center.calls import Calls
from shared.partner_center.errors import (
    domain_taken,
    is_agreed_already,
    is_consented_already,
    may_mean_domain_taken,
)
from shared.transport.call import Call
from shared.workflows.ports import CreatedCustomer

_MCA = {"agreementType": AGREEMENT}


@dataclass(frozen=True, kw_only=True)
class Customers:
    """``scopes`` are Graph's delegated permissions that our application needs at a customer."""

    calls: Calls
    application_id: str
    application_name: str
    scopes: tuple[str, ...]

    async def domain_is_taken(self, domain: str) -> bool:
        # https://learn.microsoft.com/partner-center/developer/verify-domain-availability
        call = Call(
            method="HEAD",
            route="/v1/domains/{domain}",
            place={"domain": domain},
            allow=frozenset({HTTPStatus.NOT_FOUND}),
        )
        response = await self.calls.send(call)
        return response.status_code != HTTPStatus.NOT_FOUND

    async def country_rules(self, country: str) -> CountryRules:
        # https://learn.microsoft.com/partner-center/developer/get-country-validation-rules
        call = Call(
            method="GET", route="/v1/countryvalidationrules/{country}", place={"country": country}
        )
        return (await self.calls.read(WireCountryRules, call)).to_domain()

    async def address_fault(self, new: NewCustomer) -> str | None:
        # https://learn.microsoft.com/partner-center/developer/validate-an-address
        call = Call(
            method="POST",
            route="/v1/validations/address",
            content=dumps(address_body(new.address)),
            repeatable=True,
            writes=False,
        )
        return (await self.calls.read(WireAddressCheck, call)).fault()

    async def create_customer(self, new: NewCustomer, request_id: str) -> CreatedCustomer:
        # https://learn.microsoft.com/partner-center/developer/create-a-customer
        call = Call(
            method="POST",
            route="/v1/customers",
            content=dumps(customer_body(new)),
            request_id=request_id,
            repeatable=True,
        )
        try:
            created = await self.calls.read(WireCreatedCustomer, call)
        except RemoteRefused as error:
            if may_mean_domain_taken(error) and await self._is_surely_taken(new.domain):
                raise domain_taken(new.domain) from error
            raise
        return created.to_domain(new.domain)

    async def _is_surely_taken(self, domain: str) -> bool:
        with suppress(RemoteError):
            return await self.domain_is_taken(domain)
        return False

    async def record_agreement(
        self,
        customer: CustomerId,
        contact: AgreementContact,
        request_id: str,
        attestation_id: str = "",
    ) -> None:
        # https://learn.microsoft.com/partner-center/developer/confirm-customer-agreement
        template = await self.newest_template()
        call = Call(
            method="POST",
            route="/v1/customers/{customer}/agreements",
            place={"customer": customer},
            content=dumps(agreement_body(contact, template, attestation_id)),
            request_id=request_id,
            repeatable=True,
        )
        try:
            await self.calls.send(call, as_user=True)
        except RemoteRefused as error:
            if not is_agreed_already(error):
                raise

    async def newest_template(self) -> str:
        # https://learn.microsoft.com/partner-center/developer/get-customer-agreement-metadata
        call = Call(method="GET", route="/v1/agreements", params=_MCA)
        items = self.calls.items(WireAgreementTemplate, call, as_user=True)
        templates = [template async for template in items]
        if not templates:
            raise RemoteRefused(
                "Microsoft offers no customer agreement to confirm", RemoteAnswer("partner_center")
            )
        return max(templates, key=lambda template: template.version_rank).template_id

    async def has_agreement(self, customer: CustomerId) -> bool:
        """Confirmed by us, or signed by the customer directly."""
        # https://learn.microsoft.com/partner-center/developer/get-confirmation-of-customer-agreement
        confirmed = Call(
            method="GET",
            route="/v1/customers/{customer}/agreements",
            place={"customer": customer},
            params=_MCA,
        )
        async for _agreement in self.calls.items(WireAgreement, confirmed, as_user=True):
            return True
        signed = Call(
            method="GET",
            route="/v1/customers/{customer}/directSignedMicrosoftCustomerAgreementStatus",
            place={"customer": customer},
        )
        return (await self.calls.read(WireDirectSignature, signed, as_user=True)).is_signed

    async def grant_consent(self, customer: CustomerId, request_id: str) -> None:
        # https://learn.microsoft.com/partner-center/developer/control-panel-vendor-apis
        body = consent_body(self.application_id, self.application_name, self.scopes)
        call = Call(
            method="POST",
            route="/v1/customers/{customer}/applicationconsents",
            place={"customer": customer},
            content=dumps(body),
            request_id=request_id,
            repeatable=True,
        )
        try:
            await self.calls.send(call, as_user=True)
        except RemoteRefused as error:
            if not is_consented_already(error):
                raise
