"""Register, show, change and remove partner connections, and start a catalog synchronisation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr

from shared.api.call import Answer, Call, accepted
from shared.api.models import Body, Country, Guid, Reply, Slug, Text
from shared.api.operations import OperationReply
from shared.api.versions import etag_of, require_match
from shared.domain import naming
from shared.domain.callers import PROVIDER
from shared.domain.catalog import BillingPlan, Term
from shared.domain.connections import (
    AgreementForm,
    Baseline,
    Connection,
    PartnerRole,
)
from shared.domain.drift import DriftField, DriftRule, faults_of_rules
from shared.domain.environments import Environment
from shared.domain.errors import Fault
from shared.domain.health import ConnectionHealth, HealthStatus
from shared.domain.ids import ConnectionId
from shared.domain.passwords import Secret
from shared.domain.policies import GiveBackMode
from shared.domain.users import COUNTRIES
from shared.workflows.catalog_sync import start_catalog_sync
from shared.workflows.connections import (
    change_connection,
    register_connection,
    remove_connection,
)

Hidden = Annotated[SecretStr, Field(min_length=1, max_length=16384)]
Countries = Annotated[list[Country], Field(min_length=1, max_length=250, examples=[["DE", "AT"]])]
Rule = Annotated[
    Text,
    Field(
        description="Names subscriptions that are bought without a name; fields: "
        + ", ".join(f"`{{{name}}}`" for name in naming.FIELDS)
        + ".",
        examples=["{offer} for {company}"],
    ),
]


class BaselineBody(Body):
    """What a purchase or a customer gets where nobody says otherwise."""

    term: Term = Term.YEAR
    billing_plan: BillingPlan = BillingPlan.MONTHLY
    auto_renew: Annotated[bool, Field(strict=True)] = True
    give_back: Annotated[
        GiveBackMode, Field(description="The nightly run's mode for a new customer.")
    ] = GiveBackMode.REPORT
    spare_seats: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = 0
    closing_day: Annotated[
        int | None,
        Field(ge=0, le=28, strict=True, description="Of a billing period; 0: the month's end."),
    ] = None
    drift: dict[DriftField, DriftRule] = Field(
        default_factory=dict, description="About what changed outside."
    )

    def faults(self) -> Iterator[Fault]:
        yield from faults_of_rules(self.drift, "/baseline/drift")
        if self.billing_plan.months > self.term.months:
            yield Fault(
                f"a term of {self.term.value} cannot be billed {self.billing_plan.value}",
                pointer="/baseline/billingPlan",
            )

    def to_baseline(self) -> Baseline:
        return Baseline(
            self.term,
            self.billing_plan,
            self.auto_renew,
            self.give_back,
            self.spare_seats,
            self.closing_day,
            self.drift,
        )


class ConnectionBody(Body):
    """A partner tenant's registered application; its secrets are never answered back."""

    id: Annotated[Slug, Field(examples=["fabrikam-eu"])]
    name: Annotated[Text, Field(examples=["Fabrikam Europe"])]
    role: PartnerRole
    partner_tenant_id: Annotated[Guid, Field(description="The partner's own tenant.")]
    client_id: Annotated[Guid, Field(description="The application that is registered there.")]
    client_secret: Hidden
    refresh_token: Annotated[
        Hidden | None,
        Field(description="From a consent given elsewhere; else start one here afterwards."),
    ] = None
    countries: Countries
    environment: Annotated[Environment, Field(description="For good.")] = Environment.PRODUCTION
    owner: Annotated[
        Slug, Field(description="Whom it is for: `provider`, or a reseller's id; for good.")
    ] = PROVIDER
    baseline: BaselineBody = BaselineBody()
    naming_rule: Rule = naming.USUAL
    agreement_form: AgreementForm = AgreementForm.CONTACT
    sends_scheduled_actions: Annotated[
        bool, Field(strict=True, description="Microsoft takes `scheduledActions` from us.")
    ] = False

    def faults(self) -> Iterator[Fault]:
        yield from _faults_of_countries(self.countries)
        yield from naming.faults_of_rule(self.naming_rule, "/namingRule")
        yield from self.baseline.faults()

    def to_connection(self, now: datetime) -> Connection:
        return Connection(
            id=ConnectionId(self.id),
            name=self.name,
            role=self.role,
            partner_tenant_id=self.partner_tenant_id,
            client_id=self.client_id,
            countries=tuple(self.countries),
            created_at=now,
            environment=self.environment,
            owner=self.owner,
            baseline=self.baseline.to_baseline(),
            naming_rule=self.naming_rule,
            agreement_form=self.agreement_form,
            sends_scheduled_actions=self.sends_scheduled_actions,
        )


class ConnectionChangeBody(Body):
    """What changes; a field that is left out stays. Tenant, role and environment are for good."""

    name: Text | None = None
    countries: Countries | None = None
    client_secret: Hidden | None = None
    baseline: BaselineBody | None = None
    naming_rule: Rule | None = None
    agreement_form: AgreementForm | None = None
    sends_scheduled_actions: Annotated[bool | None, Field(strict=True)] = None

    def faults(self) -> Iterator[Fault]:
        yield from _faults_of_countries(self.countries or [])
        if self.naming_rule is not None:
            yield from naming.faults_of_rule(self.naming_rule, "/namingRule")
        if self.baseline is not None:
            yield from self.baseline.faults()

    def changed(self, connection: Connection) -> Connection:
        given: dict[str, Any] = {
            "name": self.name,
            "countries": tuple(self.countries) if self.countries else None,
            "baseline": self.baseline.to_baseline() if self.baseline else None,
            "naming_rule": self.naming_rule,
            "agreement_form": self.agreement_form,
            "sends_scheduled_actions": self.sends_scheduled_actions,
        }
        return replace(connection, **{k: v for k, v in given.items() if v is not None})


class BaselineReply(Reply):
    """What a purchase or a customer gets where nobody says otherwise."""

    term: Term
    billing_plan: BillingPlan
    auto_renew: bool
    give_back: GiveBackMode
    spare_seats: int
    drift: dict[DriftField, DriftRule]
    closing_day: int | None = None

    @classmethod
    def of(cls, baseline: Baseline) -> Self:
        return cls(
            term=baseline.term,
            billing_plan=baseline.billing,
            auto_renew=baseline.auto_renew,
            give_back=baseline.give_back,
            spare_seats=baseline.spare_seats,
            closing_day=baseline.closing_day,
            drift=dict(baseline.drift),
        )


class ConnectionReply(Reply):
    """A connection without its secrets."""

    id: str
    name: str
    role: PartnerRole
    partner_tenant_id: str
    client_id: str
    countries: Annotated[list[str], Field(description="Whose customers it serves.")]
    environment: Environment
    owner: Annotated[str, Field(description="`provider`, or a reseller's id.")]
    baseline: BaselineReply
    naming_rule: str
    agreement_form: AgreementForm
    sends_scheduled_actions: bool
    created_at: datetime
    health: Annotated[
        HealthStatus, Field(description="In one word; `/health` behind it has the findings.")
    ]
    catalog_synchronised_at: datetime | None = None

    @classmethod
    def of(cls, connection: Connection, health: ConnectionHealth, now: datetime) -> Self:
        return cls(
            id=connection.id,
            name=connection.name,
            role=connection.role,
            partner_tenant_id=connection.partner_tenant_id,
            client_id=connection.client_id,
            countries=list(connection.countries),
            environment=connection.environment,
            owner=connection.owner,
            baseline=BaselineReply.of(connection.baseline),
            naming_rule=connection.naming_rule,
            agreement_form=connection.agreement_form,
            sends_scheduled_actions=connection.sends_scheduled_actions,
            created_at=connection.created_at,
            health=health.status(now),
            catalog_synchronised_at=health.catalog_synchronised_at,
        )


class ConnectionList(Reply):
    items: list[ConnectionReply]


def _faults_of_countries(countries: list[str]) -> Iterator[Fault]:
    for index, country in enumerate(countries):
        if country not in COUNTRIES:
            yield Fault(f"{country} is not a country", pointer=f"/countries/{index}")
        elif country in countries[:index]:
            yield Fault(f"{country} is named twice", pointer=f"/countries/{index}")


def connection_id_of(call: Call) -> ConnectionId:
    return ConnectionId(call.path["connectionId"])


async def create_connection(call: Call) -> Answer:
    body = call.body_as(ConnectionBody)
    connection = await register_connection(
        call.desk,
        body.to_connection(await call.desk.clock.now()),
        client_secret=Secret(body.client_secret.get_secret_value()),
        refresh_token=_secret(body.refresh_token),
        requested_by=call.caller.id,
        organisation=call.caller.organisation,
    )
    headers = {"Location": f"/api/connections/{connection.id}"}
    return await _shown(call, connection, HTTPStatus.CREATED, headers)


async def list_connections(call: Call) -> Answer:
    connections = await call.desk.connections.all()
    healths, now = await call.desk.healths.all(), await call.desk.clock.now()
    items = [
        ConnectionReply.of(c, healths.get(c.id, ConnectionHealth(c.id)), now) for c in connections
    ]
    return Answer(ConnectionList(items=items))


async def get_connection(call: Call) -> Answer:
    return await _shown(call, await call.desk.connections.get(connection_id_of(call)))


async def patch_connection(call: Call) -> Answer:
    body = call.body_as(ConnectionChangeBody)
    before = await call.desk.connections.get(connection_id_of(call))
    require_match(call, before.etag)
    connection = await change_connection(
        call.desk,
        body.changed(before),
        client_secret=_secret(body.client_secret),
        requested_by=call.caller.id,
        organisation=call.caller.organisation,
    )
    return await _shown(call, connection)


async def delete_connection(call: Call) -> Answer:
    connection = await call.desk.connections.get(connection_id_of(call))
    require_match(call, connection.etag)
    await remove_connection(
        call.desk,
        connection,
        requested_by=call.caller.id,
        organisation=call.caller.organisation,
    )
    return Answer(status=HTTPStatus.NO_CONTENT)


async def synchronise_connection(call: Call) -> Answer:
    operation = await start_catalog_sync(
        call.desk,
        connection_id_of(call),
        requested_by=call.caller.id,
        operation_id=call.operation_id,
    )
    return accepted(OperationReply.of(operation), f"/api/operations/{operation.id}")


async def _shown(
    call: Call,
    connection: Connection,
    status: int = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Answer:
    health = await call.desk.healths.of(connection.id)
    reply = ConnectionReply.of(connection, health, await call.desk.clock.now())
    return Answer(reply, status, {"ETag": etag_of(connection.etag), **(headers or {})})


def _secret(given: SecretStr | None) -> Secret | None:
    return Secret(given.get_secret_value()) if given else None
