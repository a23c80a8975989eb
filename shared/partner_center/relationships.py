"""Find the customers that a partner has, and invite the ones that it has not.

https://learn.microsoft.com/partner-center/developer/request-reseller-relationship
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.customers import AgreementState, RelatedCustomer
from shared.domain.errors import CustomerNotFound, RelationshipMissing
from shared.domain.ids import CustomerId
from shared.partner_center._wire import Guid, Moment, Wire
from shared.partner_center._wire_customers import AGREEMENT, WireDirectSignature
from shared.partner_center.calls import Calls
from shared.transport.call import Call

_PAGE = {"size": "200"}


class WireRelatedCompany(Wire):
    domain: str = ""
    company_name: str = ""


class WireDefaultAddress(Wire):
    country: str = ""


class WireRelatedBilling(Wire):
    company_name: str = ""
    default_address: WireDefaultAddress = WireDefaultAddress()


class WireRelatedCustomer(Wire):
    """A list leaves the billing profile out; then the country is not known."""

    id: Guid
    company_profile: WireRelatedCompany = WireRelatedCompany()
    billing_profile: WireRelatedBilling = WireRelatedBilling()

    def to_domain(self) -> RelatedCustomer:
        company = self.company_profile
        return RelatedCustomer(
            id=CustomerId(self.id),
            domain=company.domain.lower(),
            company_name=company.company_name or self.billing_profile.company_name,
            country=self.billing_profile.default_address.country.upper(),
        )


class WireInvitation(Wire):
    url: str


class WireConfirmedAgreement(Wire):
    date_agreed: Moment | None = None
    template_id: str = ""
    type: str = ""


@dataclass(frozen=True, kw_only=True)
class Relationships:
    calls: Calls

    async def invitation(self) -> str:
        call = Call(method="GET", route="/v1/customers/relationshiprequests")
        return (await self.calls.read(WireInvitation, call, as_user=True)).url

    async def related_customers(self) -> AsyncIterator[RelatedCustomer]:
        # https://learn.microsoft.com/partner-center/developer/get-a-list-of-customers
        call = Call(method="GET", route="/v1/customers", params=_PAGE)
        async for wire in self.calls.items(WireRelatedCustomer, call):
            yield wire.to_domain()

    async def related_customer(self, customer: CustomerId) -> RelatedCustomer:
        # https://learn.microsoft.com/partner-center/developer/get-a-customer-by-id
        call = Call(method="GET", route="/v1/customers/{customer}", place={"customer": customer})
        try:
            return (await self.calls.read(WireRelatedCustomer, call)).to_domain()
        except CustomerNotFound as error:
            raise RelationshipMissing(
                f"The tenant {customer} has not accepted this partner, or not yet: its "
                "administrator opens the link and accepts, then repeat this."
            ) from error

    async def agreement(self, customer: CustomerId) -> AgreementState:
        """Confirmed through us, or signed by the customer directly: either will do."""
        # https://learn.microsoft.com/partner-center/developer/get-confirmation-of-customer-agreement
        confirmed = Call(
            method="GET",
            route="/v1/customers/{customer}/agreements",
            place={"customer": customer},
            params={"agreementType": AGREEMENT},
        )
        found = [
            wire async for wire in self.calls.items(WireConfirmedAgreement, confirmed, as_user=True)
        ]
        signed = Call(
            method="GET",
            route="/v1/customers/{customer}/directSignedMicrosoftCustomerAgreementStatus",
            place={"customer": customer},
        )
        directly = (await self.calls.read(WireDirectSignature, signed, as_user=True)).is_signed
        latest = max(found, key=_agreed, default=WireConfirmedAgreement())
        return AgreementState(
            is_confirmed=bool(found),
            is_signed_directly=directly,
            agreed_at=latest.date_agreed,
            version=latest.template_id,
        )


def _agreed(agreement: WireConfirmedAgreement) -> datetime:
    return agreement.date_agreed or datetime.min.replace(tzinfo=UTC)
