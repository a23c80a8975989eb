"""Bring a tenant that exists already under our care, once its administrator has accepted us.

https://learn.microsoft.com/partner-center/developer/request-reseller-relationship
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.connections import Baseline, Connection
from shared.domain.customers import Customer, RelatedCustomer
from shared.domain.errors import (
    ChangedMeanwhile,
    CustomerNotFound,
    CustomerTaken,
    RemoteRefused,
    SignInRefused,
)
from shared.domain.ids import ConnectionId, CustomerId, OperationId
from shared.domain.operations import request_id
from shared.domain.policies import Policy
from shared.workflows.ports import AuditEntry, Desk


@dataclass(frozen=True, slots=True)
class Adopted:
    """``why_no_consent`` where buying works and our application is not let into the tenant."""

    customer: Customer
    why_no_consent: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tenant that Microsoft lists for a connection, and whether we look after it."""

    found: RelatedCustomer
    on_record_with: ConnectionId | None


async def invitation(desk: Desk, connection_id: ConnectionId) -> str:
    connection = await desk.connections.get(connection_id)
    return await desk.microsoft.partner_center(connection).invitation()


async def candidates(desk: Desk, connection_id: ConnectionId) -> Sequence[Candidate]:
    """Most are on record with this very connection, and are not looked up one by one."""
    connection = await desk.connections.get(connection_id)
    partner_center = desk.microsoft.partner_center(connection)
    ours = frozenset(await desk.customers.of_connection(connection.id))
    return [
        Candidate(
            found, connection.id if found.id in ours else await _connection_of(desk, found.id)
        )
        async for found in partner_center.related_customers()
    ]


async def adopt_customer(
    desk: Desk,
    customer_id: CustomerId,
    connection_id: ConnectionId,
    *,
    requested_by: str,
    operation_id: OperationId,
) -> Adopted:
    """Put it on record with its country checked; repeated, it tries the consent again."""
    connection = await desk.connections.get(connection_id)
    holder = await _connection_of(desk, customer_id)
    if holder not in (None, connection.id):
        raise CustomerTaken(f"The customer is on record with the connection {holder!r}.")
    partner_center = desk.microsoft.partner_center(connection)
    found = await partner_center.related_customer(customer_id)
    connection.require_country(found.country)
    if holder is None:
        customer = await _put_on_record(desk, connection, found, requested_by)
    else:
        customer = await desk.customers.get(customer_id)
        connection.require_reach(customer)
    try:
        await partner_center.grant_consent(customer_id, request_id(operation_id, "consent"))
    except (SignInRefused, RemoteRefused) as error:
        return Adopted(customer, str(error))
    return Adopted(customer)


async def welcome(desk: Desk, connection: Connection, customer: Customer) -> None:
    """Keep a customer, with the policy that its connection starts customers with."""
    await desk.customers.save(customer)
    baseline = connection.baseline
    usual = Baseline()
    if (baseline.give_back, baseline.spare_seats) == (usual.give_back, usual.spare_seats):
        return
    before = await desk.policies.of(customer.id)
    if before.etag:
        return
    try:
        await desk.policies.save(customer.id, Policy(baseline.give_back, baseline.spare_seats))
    except ChangedMeanwhile:
        # Somebody has set one for this customer, which goes before the baseline.
        return


async def _put_on_record(
    desk: Desk, connection: Connection, found: RelatedCustomer, requested_by: str
) -> Customer:
    now = await desk.clock.now()
    agreement = await desk.microsoft.partner_center(connection).agreement(found.id)
    agreed_at = (agreement.agreed_at or now) if agreement.is_accepted else None
    customer = Customer(
        found.id,
        connection.id,
        found.company_name,
        found.domain,
        found.country,
        created_at=now,
        agreement_at=agreed_at,
        environment=connection.environment,
    )
    # What is there already came before us: until it was read once, nothing of it is news.
    await desk.subscriptions.begin(found.id, was_read=False)
    await welcome(desk, connection, customer)
    await desk.audit.record(AuditEntry(now, requested_by, "customer adopted", found.id))
    return customer


async def _connection_of(desk: Desk, customer_id: CustomerId) -> ConnectionId | None:
    try:
        return (await desk.customers.get(customer_id)).connection_id
    except CustomerNotFound:
        return None
