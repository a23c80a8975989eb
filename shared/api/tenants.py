"""Look before a tenant is made, bring an existing one in, and keep its agreement on record."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.api.call import Answer, Call, accepted, created
from shared.api.connections import connection_id_of
from shared.api.customers import AgreementBody, CustomerReply, customer_id_of
from shared.api.models import Body, Query, Reply, Slug
from shared.domain.customers import (
    AgreementContact,
    AgreementState,
    CountryRules,
    domain_of,
    faults_of_contact,
    faults_of_prefix,
)
from shared.domain.errors import Fault, InvalidRequest
from shared.domain.ids import ConnectionId
from shared.workflows.adopt_customer import (
    Candidate,
    adopt_customer,
    candidates,
    invitation,
)
from shared.workflows.agreements import read_agreement, record_agreement
from shared.workflows.ports import PartnerCenter


class ThroughConnection(Query):
    connection_id: Annotated[Slug, Field(description="Through whose eyes.")]


class DomainReply(Reply):
    """Whether a tenant can be made with this prefix."""

    domain: str
    available: bool


class CountryRulesReply(Reply):
    """What Microsoft asks of a company's address in one country."""

    country: str
    default_culture: str
    city_required: bool
    state_required: bool
    states: list[str]
    postal_code_required: bool
    postal_code_pattern: str
    phone_pattern: str
    languages: list[str]
    cultures: list[str]

    @classmethod
    def of(cls, rules: CountryRules) -> Self:
        return cls(
            country=rules.country,
            default_culture=rules.default_culture,
            city_required=rules.city_required,
            state_required=rules.state_required,
            states=list(rules.states),
            postal_code_required=rules.postal_code_required,
            postal_code_pattern=rules.postal_code_pattern,
            phone_pattern=rules.phone_pattern,
            languages=list(rules.languages),
            cultures=list(rules.cultures),
        )


class LinkBody(Body):
    """Through which connection an existing tenant is to become a customer."""

    connection_id: Slug


class LinkReply(Reply):
    """The tenant's administrator opens it and accepts; then the tenant can be adopted."""

    url: str


class AdoptedReply(CustomerReply):
    """An existing tenant that we look after from here on."""

    consent_granted: bool
    why_no_consent: Annotated[
        str | None,
        Field(description="What to do; buying works without, users and licences do not."),
    ] = None


class CandidateReply(Reply):
    """A tenant that Microsoft lists for the connection."""

    id: str
    company_name: str
    domain: str
    on_record_with: Annotated[
        str | None, Field(description="The connection that it was adopted with.")
    ] = None

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        found = candidate.found
        return cls(
            id=found.id,
            company_name=found.company_name,
            domain=found.domain,
            on_record_with=candidate.on_record_with,
        )


class CandidateList(Reply):
    items: list[CandidateReply]


class AcceptanceBody(AgreementBody):
    """Who accepted the Microsoft Customer Agreement for an existing customer, and when."""

    def faults(self) -> Iterator[Fault]:
        return faults_of_contact(self.to_contact())

    def to_contact(self) -> AgreementContact:
        return AgreementContact(**self.model_dump())


class AgreementReply(Reply):
    """What Microsoft has on record; nothing is sold before it is accepted one way or the other."""

    accepted: bool
    confirmed_by_partner: bool
    signed_directly: bool
    agreed_at: datetime | None = None
    link: Annotated[
        str | None,
        Field(description="Where the customer accepts; then record the agreement again."),
    ] = None
    link_expires_at: datetime | None = None

    @classmethod
    def of(cls, state: AgreementState) -> Self:
        page = state.attestation
        return cls(
            accepted=state.is_accepted,
            confirmed_by_partner=state.is_confirmed,
            signed_directly=state.is_signed_directly,
            agreed_at=state.agreed_at,
            link=page.link if page and not page.is_accepted else None,
            link_expires_at=page.expires_at if page and not page.is_accepted else None,
        )


async def get_domain(call: Call) -> Answer:
    prefix = call.path["prefix"]
    if faults := list(faults_of_prefix(prefix, "")):
        raise InvalidRequest(faults)
    partner_center = await _partner_center(call)
    domain = domain_of(prefix)
    taken = await partner_center.domain_is_taken(domain)
    return Answer(DomainReply(domain=domain, available=not taken))


async def get_country_rules(call: Call) -> Answer:
    partner_center = await _partner_center(call)
    return Answer(CountryRulesReply.of(await partner_center.country_rules(call.path["country"])))


async def list_candidates(call: Call) -> Answer:
    found = await candidates(call.desk, connection_id_of(call))
    return Answer(CandidateList(items=[CandidateReply.of(candidate) for candidate in found]))


async def link_customer(call: Call) -> Answer:
    connection = ConnectionId(call.body_as(LinkBody).connection_id)
    return Answer(LinkReply(url=await invitation(call.desk, connection)))


async def put_on_record(call: Call) -> Answer:
    adopted = await adopt_customer(
        call.desk,
        customer_id_of(call),
        ConnectionId(call.body_as(LinkBody).connection_id),
        requested_by=call.caller.id,
        operation_id=call.operation_id,
    )
    known = CustomerReply.of(adopted.customer).model_dump()
    reply = AdoptedReply(
        **known,
        consent_granted=not adopted.why_no_consent,
        why_no_consent=adopted.why_no_consent or None,
    )
    return Answer(reply)


async def get_agreement(call: Call) -> Answer:
    return Answer(AgreementReply.of(await read_agreement(call.desk, customer_id_of(call))))


async def create_agreement(call: Call) -> Answer:
    state = await record_agreement(
        call.desk,
        customer_id_of(call),
        call.body_as(AcceptanceBody).to_contact(),
        requested_by=call.caller.id,
        operation_id=call.operation_id,
    )
    where = f"/api/customers/{customer_id_of(call)}/agreement"
    reply = AgreementReply.of(state)
    return created(reply, where) if state.is_accepted else accepted(reply, where)


async def _partner_center(call: Call) -> PartnerCenter:
    connection = await call.desk.connections.get(
        ConnectionId(call.query_as(ThroughConnection).connection_id)
    )
    return call.desk.microsoft.partner_center(connection)
