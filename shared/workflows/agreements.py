"""Record that a customer accepted Microsoft's agreement, and read what Microsoft has of it.

https://learn.microsoft.com/partner-center/developer/confirm-customer-agreement
"""

from dataclasses import replace
from datetime import timedelta

from shared.domain.customers import AgreementContact, AgreementState, faults_of_contact
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import CustomerId, OperationId
from shared.domain.operations import request_id
from shared.workflows.ports import AuditEntry, Desk
from shared.workflows.tenant import customer_and_connection

_CLOCKS_DIFFER = timedelta(minutes=5)


async def read_agreement(desk: Desk, customer_id: CustomerId) -> AgreementState:
    """Ask Microsoft; an acceptance that we did not know of is known from here on."""
    customer, connection = await customer_and_connection(desk, customer_id)
    state = await desk.microsoft.partner_center(connection).agreement(customer_id)
    if state.is_accepted and customer.agreement_at is None:
        agreed_at = state.agreed_at or await desk.clock.now()
        await desk.customers.save(replace(customer, agreement_at=agreed_at))
    return state


async def record_agreement(
    desk: Desk,
    customer_id: CustomerId,
    contact: AgreementContact,
    *,
    requested_by: str,
    operation_id: OperationId,
) -> AgreementState:
    """Confirm it to Microsoft; the same contact twice is one confirmation."""
    customer, connection = await customer_and_connection(desk, customer_id)
    now = await desk.clock.now()
    faults = list(faults_of_contact(contact))
    if contact.agreed_at > now + _CLOCKS_DIFFER:
        faults.append(Fault("nobody has accepted it in the future", pointer="/agreedAt"))
    if faults:
        raise InvalidRequest(faults)
    partner_center = desk.microsoft.partner_center(connection)
    await partner_center.record_agreement(
        customer_id, contact, request_id(operation_id, "agreement")
    )
    await desk.customers.save(replace(customer, agreement_at=contact.agreed_at))
    await desk.audit.record(AuditEntry(now, requested_by, "agreement recorded", customer_id))
    return await partner_center.agreement(customer_id)
