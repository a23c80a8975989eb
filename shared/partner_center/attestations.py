"""Have a customer accept the agreement on a page of Microsoft's.

How this form travels is nowhere published: a connection uses it only where its switch says so.
"""

from dataclasses import dataclass

from shared.domain.customers import AgreementContact, Attestation
from shared.domain.ids import CustomerId
from shared.partner_center._wire import EnumText, Moment, Wire, dumps
from shared.partner_center._wire_customers import attestation_body
from shared.partner_center.customers import Customers
from shared.transport.call import Call

_ROUTE = "/v1/customers/{customer}/agreements/attestations"


class WireAttestation(Wire):
    attestation_id: str
    link: str = ""
    status: EnumText = ""
    expiration_date: Moment | None = None

    def to_domain(self) -> Attestation | None:
        """An expired one is as good as none."""
        if self.status == "expired":
            return None
        accepted = self.status == "accepted"
        return Attestation(self.attestation_id, self.link, accepted, self.expiration_date)


@dataclass(frozen=True, kw_only=True)
class Attestations(Customers):
    async def attest(
        self, customer: CustomerId, contact: AgreementContact, request_id: str
    ) -> Attestation | None:
        # https://learn.microsoft.com/partner-center/developer/agreement-resources
        template = await self.newest_template()
        call = Call(
            method="POST",
            route=_ROUTE,
            place={"customer": customer},
            content=dumps(attestation_body(contact, template)),
            request_id=request_id,
            # Another page for the same agreement does no harm.
            repeatable=True,
        )
        return (await self.calls.read(WireAttestation, call, as_user=True)).to_domain()

    async def attestation(self, customer: CustomerId, attestation_id: str) -> Attestation | None:
        # https://learn.microsoft.com/partner-center/developer/agreement-resources
        call = Call(
            method="GET",
            route=f"{_ROUTE}/{{attestation}}",
            place={"customer": customer, "attestation": attestation_id},
        )
        return (await self.calls.read(WireAttestation, call, as_user=True)).to_domain()
