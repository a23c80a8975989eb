"""Register a partner's way into Partner Center, list them, and start a catalog synchronisation."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, SecretStr

from shared.api.call import Answer, Call, accepted, created
from shared.api.models import Body, Country, Guid, Reply, Slug, Text
from shared.api.operations import OperationReply
from shared.domain.connections import Connection, PartnerRole
from shared.domain.errors import Fault
from shared.domain.ids import ConnectionId
from shared.domain.passwords import Secret
from shared.domain.users import COUNTRIES
from shared.workflows.catalog_sync import start_catalog_sync
from shared.workflows.connections import register_connection

Hidden = Annotated[SecretStr, Field(min_length=1, max_length=16384)]


class ConnectionBody(Body):
    """A partner tenant's registered application; its secrets are never answered back."""

    id: Annotated[Slug, Field(examples=["fabrikam-eu"])]
    name: Annotated[Text, Field(examples=["Fabrikam Europe"])]
    role: PartnerRole
    partner_tenant_id: Guid
    client_id: Guid
    client_secret: Hidden
    refresh_token: Annotated[
        Hidden | None, Field(description="From the secure application model's consent.")
    ] = None
    countries: Annotated[
        list[Country], Field(min_length=1, max_length=250, examples=[["DE", "AT"]])
    ]

    def faults(self) -> Iterator[Fault]:
        for index, country in enumerate(self.countries):
            if country not in COUNTRIES:
                yield Fault(f"{country} is not a country", pointer=f"/countries/{index}")
            elif country in self.countries[:index]:
                yield Fault(f"{country} is named twice", pointer=f"/countries/{index}")

    def to_connection(self, now: datetime) -> Connection:
        return Connection(
            id=ConnectionId(self.id),
            name=self.name,
            role=self.role,
            partner_tenant_id=self.partner_tenant_id,
            client_id=self.client_id,
            countries=tuple(self.countries),
            created_at=now,
        )


class ConnectionReply(Reply):
    """A connection without its secrets."""

    id: str
    name: str
    role: PartnerRole
    partner_tenant_id: str
    client_id: str
    countries: list[str]
    created_at: datetime
    catalog_synchronised_at: datetime | None = None

    @classmethod
    def of(cls, connection: Connection) -> Self:
        return cls(
            id=connection.id,
            name=connection.name,
            role=connection.role,
            partner_tenant_id=connection.partner_tenant_id,
            client_id=connection.client_id,
            countries=list(connection.countries),
            created_at=connection.created_at,
            catalog_synchronised_at=connection.catalog_synchronised_at,
        )


class ConnectionList(Reply):
    items: list[ConnectionReply]


async def create_connection(call: Call) -> Answer:
    body = call.body_as(ConnectionBody)
    token = body.refresh_token
    connection = await register_connection(
        call.desk,
        body.to_connection(await call.desk.clock.now()),
        client_secret=Secret(body.client_secret.get_secret_value()),
        refresh_token=Secret(token.get_secret_value()) if token else None,
        requested_by=call.caller.id,
    )
    return created(ConnectionReply.of(connection), f"/api/connections/{connection.id}")


async def list_connections(call: Call) -> Answer:
    connections = await call.desk.connections.all()
    return Answer(ConnectionList(items=[ConnectionReply.of(c) for c in connections]))


async def get_connection(call: Call) -> Answer:
    connection = await call.desk.connections.get(ConnectionId(call.path["connectionId"]))
    return Answer(ConnectionReply.of(connection))


async def synchronise_connection(call: Call) -> Answer:
    operation = await start_catalog_sync(
        call.desk,
        ConnectionId(call.path["connectionId"]),
        requested_by=call.caller.id,
        operation_id=call.operation_id,
    )
    return accepted(OperationReply.of(operation), f"/api/operations/{operation.id}")
