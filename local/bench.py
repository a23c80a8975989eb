"""Measure what an idle function app pays: its cold start, and the host around a request.

With the word `bulk`, measure batches instead (see `local.bench_bulk`); with `nightly`, the night.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import httpx

from local import bench_bulk, bench_nightly
from local.host import ROOT, Host
from local.serving import load_app

COLD_STARTS = 5
REQUESTS = 300
INDEX = "import function_app; function_app.app.get_functions()"
PATH = "/api/health/live"
PARTS = {"bulk": bench_bulk.main, "nightly": bench_nightly.main}


def main(words: Sequence[str]) -> int:
    if words and words[0] in PARTS:
        return PARTS[words[0]](words[1:])
    cold = [_seconds([sys.executable, "-c", INDEX]) for _ in range(COLD_STARTS)]
    bare = [_seconds([sys.executable, "-c", ""]) for _ in range(COLD_STARTS)]
    _say("cold start (import and index)", statistics.median(cold) - statistics.median(bare))
    for name, seconds in asyncio.run(_requests()).items():
        _say(f"GET {PATH}, {name}", seconds)
    return 0


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True)
    return time.perf_counter() - started


async def _requests() -> Mapping[str, float]:
    """Ask one after the other, in process, after one that warms up."""
    transport = httpx.ASGITransport(Host(load_app("function_app:app"), {}).asgi)
    took: list[float] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for _ in range(REQUESTS + 1):
            started = time.perf_counter()
            (await client.get(PATH)).raise_for_status()
            took.append(time.perf_counter() - started)
    hundredths = statistics.quantiles(took[1:], n=100)
    return {"first": took[0], "median": hundredths[49], "99 of 100 within": hundredths[98]}


def _say(what: str, seconds: float) -> None:
    print(f"{what:<45} {seconds * 1000:9.1f} ms")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
