"""Build the whole product in process: real app, real storage emulator, simulated Microsoft."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.world import World
from tests.azurite import azurite, prefix
from tests.portal import Portal, Seatkeeper, open_seatkeeper

__all__ = ["azurite", "prefix"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    """Microsoft in miniature: a direct partner, an indirect reseller, and the clients' apps."""
    return World.default()


@pytest.fixture
async def seatkeeper(
    azurite: str, prefix: str, world: World, tmp_path: Path
) -> AsyncIterator[Seatkeeper]:
    """One host's worth of the product, talking to this test's world and storage only."""
    async with open_seatkeeper(azurite, prefix, world, tmp_path) as product:
        yield product


@pytest.fixture
async def portal(seatkeeper: Seatkeeper) -> Portal:
    """A portal that is signed in as the provider's administrator."""
    return await seatkeeper.portal("portal")
