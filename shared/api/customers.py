"""Create tenants, list them, and keep what each allows the nightly run."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call, created
from shared.api.models import Body, Country, Line, Moment, Pages, Reply, Slug, Text
from shared.api.operations import password_url
from shared.api.paging import cursor_of, next_link
from shared.api.problem_documents import FaultReply
from shared.domain.customers import (
    Address,
    AgreementContact,
    Customer,
    NewCustomer,
    faults_of_new_customer,
)
from shared.domain.environments import Environment
from shared.domain.errors import Fault
from shared.domain.ids import ConnectionId, CustomerId
from shared.workflows.create_customer import CustomerPreview, preview_customer
from shared.workflows.create_customer import create_customer as make_customer

E164 = Annotated[Line, Field(examples=["+442079460123"])]


FirstName = Annotated[Text, Field(examples=["Joanna"])]
LastName = Annotated[Text, Field(examples=["Weiss"])]


class AddressBody(Body):
    """Where the company is; each country has its own rules, checked before anything is made."""

    country: Annotated[Country, Field(examples=["GB"])]
    city: Text
    address_line1: Text
    address_line2: Line = ""
    state: Line = ""
    postal_code: Line = ""
    first_name: FirstName
    last_name: LastName
    phone_number: E164 = ""


class AgreementBody(Body):
    """Who accepted the Microsoft Customer Agreement, and when."""

    first_name: FirstName
    last_name: LastName
    email: Annotated[Text, Field(examples=["joanna@northwind.example"])]
    agreed_at: Moment
    phone_number: E164 = ""


class CustomerBody(Body):
    """A company that gets a new tenant."""

    connection_id: Slug
    company_name: Annotated[Text, Field(examples=["Northwind Traders"])]
    domain_prefix: Annotated[
        Text, Field(description="Before `.onmicrosoft.com`; for good.", examples=["northwind"])
    ]
    email: Annotated[
        Text, Field(description="Microsoft writes to it.", examples=["it@northwind.example"])
    ]
    culture: Annotated[
        Text, Field(description="As the country's rules list them.", examples=["en-GB"])
    ]
    language: Annotated[Text, Field(examples=["en"])]
    address: AddressBody
    agreement: AgreementBody
    registration_number: Annotated[
        Line, Field(description="Of the company, where its country asks for one.")
    ] = ""

    def faults(self) -> Iterator[Fault]:
        return faults_of_new_customer(self.to_customer())

    def to_customer(self) -> NewCustomer:
        return NewCustomer(
            connection_id=ConnectionId(self.connection_id),
            company_name=self.company_name,
            domain_prefix=self.domain_prefix,
            email=self.email,
            culture=self.culture,
            language=self.language,
            address=Address(**self.address.model_dump()),
            agreement=AgreementContact(**self.agreement.model_dump()),
            registration_number=self.registration_number,
        )


class CustomerReply(Reply):
    """A tenant that we look after."""

    id: Annotated[str, Field(description="The tenant's id, in lower case.")]
    connection_id: str
    company_name: str
    domain: str
    country: str
    environment: Environment
    created_at: datetime
    agreement_at: datetime | None = None

    @classmethod
    def of(cls, customer: Customer) -> Self:
        return cls(
            id=customer.id,
            connection_id=customer.connection_id,
            company_name=customer.company_name,
            domain=customer.domain,
            country=customer.country,
            environment=customer.environment,
            created_at=customer.created_at,
            agreement_at=customer.agreement_at,
        )


class NewCustomerReply(CustomerReply):
    """A tenant just made; its first admin's password waits behind `passwordUrl`."""

    operation_id: str
    password_url: str


class CustomerPreviewReply(Reply):
    """What making the tenant would run into; nothing was made."""

    domain: str
    domain_available: bool
    ready: Annotated[bool, Field(description="The domain is free and nothing is wrong.")]
    faults: list[FaultReply]

    @classmethod
    def of(cls, preview: CustomerPreview) -> Self:
        return cls(
            domain=preview.domain,
            domain_available=preview.is_domain_free,
            ready=preview.is_domain_free and not preview.faults,
            faults=[FaultReply.of(fault) for fault in preview.faults],
        )


class CustomerList(Reply):
    items: list[CustomerReply]
    next_link: str | None = None


def customer_id_of(call: Call) -> CustomerId:
    return CustomerId(call.path["customerId"])


async def create_customer(call: Call) -> Answer:
    if call.dry_run:
        preview = await preview_customer(call.desk, call.body_as(CustomerBody).to_customer())
        return Answer(CustomerPreviewReply.of(preview))
    customer, operation = await make_customer(
        call.desk,
        call.body_as(CustomerBody).to_customer(),
        requested_by=call.caller.id,
        operation_id=call.operation_id,
    )
    known = CustomerReply.of(customer).model_dump()
    reply = NewCustomerReply(
        **known, operation_id=operation.id, password_url=password_url(operation.id)
    )
    return created(reply, f"/api/customers/{customer.id}")


async def list_customers(call: Call) -> Answer:
    page = await call.desk.customers.page(cursor_of(call), call.query_as(Pages).limit)
    items = [CustomerReply.of(customer) for customer in page.items]
    return Answer(CustomerList(items=items, next_link=next_link(call, page.cursor)))


async def get_customer(call: Call) -> Answer:
    return Answer(CustomerReply.of(await call.desk.customers.get(customer_id_of(call))))
