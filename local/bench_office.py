"""Set up what a bench measures in: an empty storage, a simulated Microsoft, a home for secrets."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from local.azurite import azurite
from local.children import child
from local.places import Json

LOGS = Path(__file__).parent.parent / ".local" / "logs"


@contextmanager
def office() -> Iterator[tuple[str, Json, Path]]:
    """The storage's connection string, the simulator's addresses, and the home."""
    log = LOGS / "bench-simulator.log"
    with (
        TemporaryDirectory(prefix="seatkeeper-bench-") as home,
        azurite() as storage,
        child("simulator", "--seed", "bench", environ=os.environ, log=log) as world,
    ):
        yield storage, world, Path(home)
