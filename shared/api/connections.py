"""Register, show, change and remove partner connections, and start a catalog synchronisation."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import Field, SecretStr

from shared.api.call import Answer, Call, accepted
from shared.api.connection_bodies import ConnectionBody, ConnectionChangeBody
from shared.api.models import Reply
from shared.api.operations import OperationReply
from shared.api.versions import etag_of, require_match
from shared.domain.catalog import BillingPlan, Term
from shared.domain.connections import (
    AgreementForm,
    Baseline,
    Connection,
    PartnerRole,
)
from shared.domain.drift import DriftField, DriftRule
from shared.domain.environments import Environment
from shared.domain.health import ConnectionHealth, HealthStatus
from shared.domain.ids import ConnectionId
from shared.domain.passwords import Secret
from shared.domain.policies import GiveBackMode
from shared.workflows.catalog_sync import start_catalog_sync
from shared.workflows.connections import (
    change_connection,
    register_connection,
    remove_connection,
)


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
