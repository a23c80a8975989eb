"""One world, the simulator in front of it, and Northwind's way of calling it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from simulator.app import create_app
from simulator.world import World
from tests.simulator.northwind import Northwind


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    return World.default(seed="tests")


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator.test") as client:
        yield client


@pytest.fixture
async def northwind(world: World, http: httpx.AsyncClient) -> Northwind:
    northwind = Northwind(world, http)
    await northwind.sign_in()
    return northwind
