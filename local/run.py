"""Start everything that a run with no cloud needs, play the tour, and stay up for curl."""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.azurite import AzuriteDidNotStart, azurite
from local.children import ChildDidNotStart, child
from local.environment import app_environment

LOGS = Path(__file__).parent.parent / ".local" / "logs"

# The platform waits minutes where somebody who watches wants seconds.
TIME_SCALE = "0.05"


def main() -> int:
    words = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    status = 0
    with suppress(KeyboardInterrupt):
        try:
            with everything(words.port) as places:
                status = play_tour(places)
                if not words.exit:
                    stay_up(places)
        except (AzuriteDidNotStart, ChildDidNotStart) as error:
            print(error, file=sys.stderr)
            return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py run", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="end after the tour")
    parser.add_argument("--port", type=int, default=7071, help="taken: the next free one")
    return parser


@contextmanager
def everything(port: int) -> Iterator[dict[str, Any]]:
    """Yield where everything is, for as long as it runs."""
    environ = {"LOCAL_TIME_SCALE": TIME_SCALE, **os.environ}
    with (
        TemporaryDirectory(prefix="seatkeeper-") as home,
        azurite() as storage,
        child("simulator", "--port", "0", environ=environ, log=LOGS / "simulator.log") as world,
    ):
        environ |= app_environment(storage, world, Path(home))
        with child(
            "local.host", "--port", str(port), environ=environ, log=LOGS / "host.log"
        ) as host:
            if not host["url"].endswith(f":{port}"):
                print(f"Port {port} is taken: the functions host is on {host['url']}")
            yield {"host": host["url"], "simulator": world, "storage": storage}


def play_tour(places: Mapping[str, Any]) -> int:
    """The tour reads LOCAL_RUN: `{"host": …, "simulator": {…}, "storage": …}`."""
    if not find_spec("local.tour"):
        print("There is no tour to play.")
        return 0
    environ = {**os.environ, "LOCAL_RUN": json.dumps(places)}
    command = [sys.executable, "-m", "local.tour"]
    return subprocess.run(command, env=environ, check=False).returncode


def stay_up(places: Mapping[str, Any]) -> None:
    print(f"\nThe API        {places['host']}/api        (docs at /api/docs)")
    print(f"The simulator  {places['simulator']['origin']}")
    print(f"Their logs     {LOGS}")
    print("Everything stays up until Ctrl-C.", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
