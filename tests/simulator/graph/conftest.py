"""One tenant, and an HTTP client that calls Graph in it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from simulator.graph.routes import graph_routes
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
    mount = Mount("/graph/v1.0", routes=graph_routes(world))
    transport = httpx.ASGITransport(Starlette(routes=[mount]))
    address = "http://simulator.test/graph/v1.0"
    async with httpx.AsyncClient(transport=transport, base_url=address) as http:
        yield Graph(world, http)
