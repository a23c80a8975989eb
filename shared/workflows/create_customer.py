"""Make a new tenant: checked before it is sent, its first password kept, its door opened to us.

https://learn.microsoft.com/partner-center/developer/create-a-customer
"""

from dataclasses import dataclass, replace

from shared.domain.connections import Connection
from shared.domain.customers import (
    Customer,
    NewCustomer,
    faults_of_new_customer,
    faults_under,
)
from shared.domain.errors import (
    CustomerNotFound,
    DomainTaken,
    Fault,
    IdempotencyKeyReused,
    InvalidRequest,
    SeatkeeperError,
    TenantGivenUp,
)
from shared.domain.ids import CustomerId, OperationId
from shared.domain.operations import Operation, OperationKind, OperationStatus, request_id
from shared.domain.passwords import REVEALABLE_FOR
from shared.workflows.adopt_customer import welcome
from shared.workflows.agreements import confirm_or_ask
from shared.workflows.answers import answers_in, note_answer
from shared.workflows.begun import begun
from shared.workflows.kept_bodies import digest_of, forget_body, keep_body
from shared.workflows.passwords import admin_secret_name
from shared.workflows.ports import AuditEntry, Desk, PartnerCenter
from shared.workflows.watch import forget_secret, unwatch_tenant, watch_tenant

_GIVEN_UP = (OperationStatus.FAILED, OperationStatus.REVIEW)
_ANSWER_LOST = (
    "The answer with its first password was lost: an administrator of the partner sets another one."
)


async def create_customer(
    desk: Desk, new: NewCustomer, *, requested_by: str, operation_id: OperationId
) -> tuple[Customer, Operation]:
    """Raise `InvalidRequest`, `DomainTaken` or `DirectBillingRequired` before anything is made.

    Repeated with the same operation id it goes on where it stopped: the tenant is made once.
    """
    connection = await desk.connections.get(new.connection_id)
    connection.require_direct_billing("create tenants")
    partner_center = desk.microsoft.partner_center(connection)
    operation = await begun(desk, operation_id)
    resumed = operation is not None
    if operation is None:
        await _check(partner_center, connection, new)
        operation = await _begin(desk, new, requested_by, operation_id)
    if operation.facts["asked"] != digest_of(new):
        raise IdempotencyKeyReused("This Idempotency-Key came before with another body.")
    if operation.status in _GIVEN_UP:
        raise TenantGivenUp(operation.reason)
    if operation.status is OperationStatus.DONE:
        return await desk.customers.get(CustomerId(operation.facts["customerId"])), operation
    await watch_tenant(desk, operation_id)
    if "customerId" not in operation.facts:
        await keep_body(desk, operation_id, new)
        making = _Making(desk, partner_center, new, operation, resumed=resumed)
        operation = await making.make()
    return await _open_door(desk, connection, partner_center, new, operation)


async def _begin(
    desk: Desk, new: NewCustomer, requested_by: str, operation_id: OperationId
) -> Operation:
    """The sweep knows of it before it is on record, so that it never stays open for ever."""
    now, kind = await desk.clock.now(), OperationKind.CREATE_CUSTOMER
    await watch_tenant(desk, operation_id)
    return await desk.operations.add(
        Operation(operation_id, kind, requested_by, now, facts={"asked": digest_of(new)})
    )


@dataclass(frozen=True, slots=True)
class CustomerPreview:
    """What making the tenant would run into; nothing was sent that makes anything."""

    domain: str
    is_domain_free: bool
    faults: tuple[Fault, ...]


async def preview_customer(desk: Desk, new: NewCustomer) -> CustomerPreview:
    connection = await desk.connections.get(new.connection_id)
    connection.require_direct_billing("create tenants")
    partner_center = desk.microsoft.partner_center(connection)
    faults = await _faults(partner_center, connection, new)
    taken = await partner_center.domain_is_taken(new.domain)
    return CustomerPreview(new.domain, not taken, tuple(faults))


async def _check(partner_center: PartnerCenter, connection: Connection, new: NewCustomer) -> None:
    if faults := await _faults(partner_center, connection, new):
        raise InvalidRequest(faults)
    if await partner_center.domain_is_taken(new.domain):
        raise DomainTaken(f"{new.domain} is taken; choose another prefix.")


async def _faults(
    partner_center: PartnerCenter, connection: Connection, new: NewCustomer
) -> list[Fault]:
    """Our own rules, the country's, and last Microsoft's opinion of an address that fits both."""
    faults = list(faults_of_new_customer(new))
    country = new.address.country
    if not connection.sells_in(country):
        outside = (
            f"the connection {connection.name!r} cannot sell to {country}; it sells to "
            f"{', '.join(connection.countries)}"
        )
        return [*faults, Fault(outside, pointer="/address/country")]
    faults += faults_under(await partner_center.country_rules(country), new)
    if not faults and (doubt := await partner_center.address_fault(new)):
        faults.append(Fault(doubt, pointer="/address"))
    return faults


@dataclass(frozen=True, slots=True)
class _Making:
    """One tenant on its way; ``resumed`` where an earlier try may have made it already."""

    desk: Desk
    partner_center: PartnerCenter
    new: NewCustomer
    operation: Operation
    resumed: bool

    async def make(self) -> Operation:
        """The password comes only in this answer, so it is kept before anything else is."""
        if self.operation.facts.get("refused"):
            return await self._asked_again()
        try:
            created = await self.partner_center.create_customer(
                self.new, request_id(self.operation.id, "customer", answers_in(self.operation))
            )
        except DomainTaken as error:
            return await self._found_again(error)
        except SeatkeeperError as error:
            await note_answer(self.desk, self.operation, error, refused="yes")
            raise
        name = admin_secret_name(self.operation.id)
        await forget_secret(self.desk, name, await self.desk.clock.now() + 2 * REVEALABLE_FOR)
        await self.desk.secrets.put(name, created.admin_password)
        return await self._learn(created.id, created.admin_user_name)

    async def _asked_again(self) -> Operation:
        """From here on nobody can say that it was refused, until there is another answer."""
        asked = await self.desk.operations.save(self.operation.learned(refused=""))
        return await replace(self, operation=asked).make()

    async def _found_again(self, refused: DomainTaken) -> Operation:
        """Where Microsoft does not repeat its answer, the domain says that the tenant is ours.

        Its first password is lost then: an administrator of the partner sets another one.
        """
        if self.resumed:
            async for related in self.partner_center.related_customers():
                if related.domain.lower() == self.new.domain and await self._is_new(related.id):
                    return await self._learn(related.id, "admin", passwordLost="yes")
        await note_answer(self.desk, self.operation, refused, refused="yes")
        raise DomainTaken(f"{self.new.domain} is taken; choose another prefix.")

    async def _is_new(self, customer: CustomerId) -> bool:
        """What is on record was made by another request, or brought in by a person."""
        try:
            await self.desk.customers.get(customer)
        except CustomerNotFound:
            return True
        return False

    async def _learn(self, customer: CustomerId, admin: str, **facts: str) -> Operation:
        user_name = admin if "@" in admin else f"{admin}@{self.new.domain}"
        learned = self.operation.learned(customerId=customer, adminUserName=user_name, **facts)
        return await self.desk.operations.save(learned)


async def _open_door(
    desk: Desk,
    connection: Connection,
    partner_center: PartnerCenter,
    new: NewCustomer,
    operation: Operation,
) -> tuple[Customer, Operation]:
    now, customer = await desk.clock.now(), _customer_of(new, connection, operation)
    await desk.subscriptions.begin(customer.id, was_read=True)
    await welcome(desk, connection, customer)
    customer = await confirm_or_ask(desk, connection, customer, new.agreement, operation.id)
    await partner_center.grant_consent(customer.id, request_id(operation.id, "consent"))
    done = await desk.operations.save(
        operation.ended(
            OperationStatus.DONE,
            now,
            reason=_ANSWER_LOST if "passwordLost" in operation.facts else "",
            resource=f"/api/customers/{customer.id}",
        )
    )
    await desk.audit.record(
        AuditEntry(now, operation.requested_by, "customer created", customer.id)
    )
    await forget_body(desk, operation.id)
    await unwatch_tenant(desk, operation.id)
    return customer, done


def _customer_of(new: NewCustomer, connection: Connection, operation: Operation) -> Customer:
    return Customer(
        CustomerId(operation.facts["customerId"]),
        new.connection_id,
        new.company_name,
        new.domain,
        new.address.country,
        created_at=operation.started_at,
        environment=connection.environment,
    )
