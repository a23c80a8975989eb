"""One sandbox for every case: the simulator's, or Microsoft's with CONTRACT_TARGET=live."""

import os
from collections.abc import AsyncIterator

import pytest

from simulator.world import World
from tests.contract.sandbox import Sandbox, is_live, live, simulated


@pytest.fixture
async def sandbox(world: World) -> AsyncIterator[Sandbox]:
    opened = live(os.environ) if is_live(os.environ) else simulated(world)
    async with opened as partner:
        yield partner
