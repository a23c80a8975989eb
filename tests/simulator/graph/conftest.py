"""One tenant, and an HTTP client that calls Graph in it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from simulator.app import create_app
from simulator.tenants import Tenant
from simulator.world import World
from tests.simulator.graph.contoso import TENANT, Graph


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    world = World.default(seed="graph")
    tenant = Tenant.create(TENANT, "contoso.onmicrosoft.com", "Contoso", "GB", world.clock.now())
    tenant.add_domain("contoso.com", verified=True)
    world.tenants[TENANT] = tenant
    return world


@pytest.fixture
def contoso(world: World) -> Tenant:
    return world.tenants[TENANT]


@pytest.fixture
async def graph(world: World) -> AsyncIterator[Graph]:
    transport = httpx.ASGITransport(create_app(world))
    address = "http://simulator.test/graph/v1.0"
    async with httpx.AsyncClient(transport=transport, base_url=address) as http:
        yield Graph(world, http)
