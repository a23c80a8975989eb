from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.world import World
from tests.identity.northwind import Northwind, open_northwind


@pytest.fixture
async def northwind(world: World, tmp_path: Path) -> AsyncIterator[Northwind]:
    async with open_northwind(world, tmp_path) as partner:
        yield partner
