"""Record that a customer accepted Microsoft's agreement, and read what Microsoft has of it.

https://learn.microsoft.com/partner-center/developer/confirm-customer-agreement
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.connections import AgreementForm, Connection
from shared.domain.customers import (
    AgreementContact,
    AgreementState,
    Attestation,
    Customer,
    faults_of_contact,
)
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import CustomerId, OperationId
from shared.domain.operations import request_id
from shared.workflows.ports import AuditEntry, Desk, PartnerCenter
from shared.workflows.tenant import customer_and_connection

_CLOCKS_DIFFER = timedelta(minutes=5)


async def read_agreement(desk: Desk, customer_id: CustomerId) -> AgreementState:
    """Ask Microsoft; an acceptance that we did not know of is known from here on."""
    customer, connection = await customer_and_connection(desk, customer_id)
    partner_center = desk.microsoft.partner_center(connection)
    state = await partner_center.agreement(customer_id)
    if state.is_accepted and customer.agreement_at is None:
        agreed_at = state.agreed_at or await desk.clock.now()
        await desk.customers.save(replace(customer, agreement_at=agreed_at, attestation_id=""))
    if state.is_accepted or not customer.attestation_id:
        return state
    pending = await partner_center.attestation(customer_id, customer.attestation_id)
    return replace(state, attestation=pending)


async def record_agreement(
    desk: Desk,
    customer_id: CustomerId,
    contact: AgreementContact,
    *,
    requested_by: str,
    operation_id: OperationId,
) -> AgreementState:
    """Confirm it to Microsoft; the same contact twice is one confirmation.

    Where Microsoft wants the customer's own acceptance first, a first call gives the page for it,
    and another one after the acceptance confirms.
    """
    customer, connection = await customer_and_connection(desk, customer_id)
    now = await desk.clock.now()
    faults = list(faults_of_contact(contact))
    if contact.agreed_at > now + _CLOCKS_DIFFER:
        faults.append(Fault("nobody has accepted it in the future", pointer="/agreedAt"))
    if faults:
        raise InvalidRequest(faults)
    writer = _Writer(desk, connection, customer, contact, operation_id)
    if not await writer.write():
        return await read_agreement(desk, customer_id)
    await desk.audit.record(AuditEntry(now, requested_by, "agreement recorded", customer_id))
    return await desk.microsoft.partner_center(connection).agreement(customer_id)


async def confirm_or_ask(
    desk: Desk,
    connection: Connection,
    customer: Customer,
    contact: AgreementContact,
    operation_id: OperationId,
) -> Customer:
    """Confirm a new customer's acceptance, or ask for the page on which it accepts itself."""
    await _Writer(desk, connection, customer, contact, operation_id).write()
    return await desk.customers.get(customer.id)


@dataclass(frozen=True, slots=True)
class _Writer:
    desk: Desk
    connection: Connection
    customer: Customer
    contact: AgreementContact
    operation_id: OperationId

    async def write(self) -> bool:
        """Answer whether it is on record; false while the customer's own acceptance is awaited."""
        if self.connection.agreement_form is AgreementForm.CONTACT:
            await self._confirm("")
            return True
        page = await self._page()
        if page is None or not page.is_accepted:
            return False
        await self._confirm(page.id)
        return True

    async def _confirm(self, attestation_id: str) -> None:
        await self._partner_center.record_agreement(
            self.customer.id,
            self.contact,
            request_id(self.operation_id, f"agreement{attestation_id}"),
            attestation_id,
        )
        agreed = replace(self.customer, agreement_at=self.contact.agreed_at, attestation_id="")
        await self.desk.customers.save(agreed)
        standing = await self.desk.standings.of(self.customer.id)
        if standing.read_at is not None:
            await self.desk.standings.save(standing.agreed(self.contact.agreed_at))

    async def _page(self) -> Attestation | None:
        """The one that waits already, or another one where its time is over."""
        known = self.customer.attestation_id
        page = await self._partner_center.attestation(self.customer.id, known) if known else None
        if page is not None:
            return page
        page = await self._partner_center.attest(
            self.customer.id, self.contact, request_id(self.operation_id, "attestation")
        )
        if page is not None:
            await self.desk.customers.save(replace(self.customer, attestation_id=page.id))
        return page

    @property
    def _partner_center(self) -> PartnerCenter:
        return self.desk.microsoft.partner_center(self.connection)
