"""A partner of the simulated Microsoft, with our clients signed in as it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from shared.domain.connections import Connection, PartnerRole
from shared.domain.customers import Address, AgreementContact, NewCustomer
from shared.domain.ids import ConnectionId, CustomerId
from shared.domain.passwords import Secret
from shared.graph.client import GraphClient, open_graph
from shared.identity.secrets import FileSecrets
from shared.identity.tokens import Tokens, client_secret_name, refresh_token_name
from shared.partner_center.calls import SignIn
from shared.partner_center.client import (
    PRICE_SHEET_SCOPE,
    SCOPE,
    PartnerCenterClient,
    open_partner_center,
)
from shared.transport.http import open_http
from shared.transport.retry import Retry
from simulator.app import create_app
from simulator.signin.rules import mint_refresh_token
from simulator.world import World

QUICK = Retry(base=timedelta(0), longest=timedelta(seconds=20))
NOW = datetime(2026, 9, 7, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Northwind:
    """The direct partner, seen from our side."""

    world: World
    http: httpx.AsyncClient
    secrets: FileSecrets
    connection: Connection
    tokens: Tokens

    @property
    def partner_center(self) -> PartnerCenterClient:
        return open_partner_center(
            self.http,
            application_id=self.connection.client_id,
            sign_in=SignIn(
                self.tokens.app_only(self.connection, SCOPE),
                self.tokens.app_and_user(self.connection, SCOPE),
            ),
            price_sheet_sign_in=self.tokens.app_and_user(self.connection, PRICE_SHEET_SCOPE),
            base_url="http://simulator/partnercenter",
            price_sheet_url="http://simulator/partnercenter",
            retry=QUICK,
        )

    def graph(self, customer: CustomerId) -> GraphClient:
        sign_in = self.tokens.for_customer(self.connection, customer)
        return open_graph(
            self.http, sign_in=sign_in, base_url="http://simulator/graph", retry=QUICK
        )

    def calls_to(self, api: str) -> int:
        return sum(record.api == api for record in self.world.calls.records)


def a_new_customer(prefix: str = "fabrikam417") -> NewCustomer:
    return NewCustomer(
        connection_id=ConnectionId("northwind"),
        company_name="Fabrikam",
        domain_prefix=prefix,
        email="billing@fabrikam.example",
        culture="en-US",
        language="en",
        address=Address(
            country="US",
            city="Redmond",
            address_line1="1 Microsoft Way",
            first_name="Ada",
            last_name="Moss",
            postal_code="98052",
            state="WA",
        ),
        agreement=AgreementContact("Ada", "Moss", "ada@fabrikam.example", NOW),
    )


@asynccontextmanager
async def open_northwind(world: World, folder: Path) -> AsyncIterator[Northwind]:
    partner = next(p for p in world.partners.values() if p.kind == "direct")
    connection = Connection(
        id=ConnectionId("northwind"),
        name=partner.name,
        role=PartnerRole.DIRECT,
        partner_tenant_id=partner.tenant_id,
        client_id=partner.client_id,
        countries=("US",),
        created_at=NOW,
    )
    secrets = FileSecrets(folder / "secrets.json")
    app_secret = Secret(world.apps[partner.client_id].secret)
    await secrets.put(client_secret_name(connection.id), app_secret)
    refresh = Secret(mint_refresh_token(world, partner, mfa=True))
    await secrets.put(refresh_token_name(connection.id), refresh)
    async with open_http(transport=httpx.ASGITransport(create_app(world))) as http:
        tokens = Tokens(http, secrets, "http://simulator/login", retry=QUICK)
        yield Northwind(world, http, secrets, connection, tokens)
