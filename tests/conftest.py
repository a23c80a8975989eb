"""Build the whole product in process: real app, real storage emulator, simulated Microsoft."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from simulator.world import World
from tests.azurite import azurite, prefix
from tests.contract.sandbox import is_live
from tests.portal import Portal, Seatkeeper, open_seatkeeper

__all__ = ["azurite", "prefix"]

BEGINNING = datetime.fromisoformat(os.environ.get("TESTS_BEGIN", "2026-11-10T09:30:00+00:00"))
"""When every story begins: one that passes today must pass on the last day of a month too."""

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("wide", max_examples=2000, deadline=None)
settings.load_profile("steady")
"""A change is judged by the same random worlds on every machine; the trials look for new ones."""


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Against a real sandbox, only those who ask for one may leave loopback; the rest wait."""
    if not is_live(os.environ):
        return
    needs_control = pytest.mark.skip(reason="needs the simulator's clock, faults or switches")
    for item in items:
        is_contract = item.path.parent.name == "contract"
        if is_contract and "sandbox" in item.fixturenames:
            item.add_marker(pytest.mark.enable_socket)
        elif is_contract or item.get_closest_marker("case"):
            item.add_marker(needs_control)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    """Microsoft in miniature: a direct partner, an indirect reseller, and the clients' apps."""
    world = World.default()
    world.clock.set(BEGINNING)
    return world


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
