"""Measure a night over many customers against a Microsoft that is as slow, and as strict, as real.

`python3 dev.py bench nightly` reads every customer once with nothing in the way, and measures the
night after it, in which nothing has happened, on several host processes over one real storage. One
customer with very many people is among those of the largest world: its reading must hold nobody up.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from local.bench_bulk import OFFER
from local.bench_figures import child_of_ours, watched
from local.bench_night_figures import Night, Part, report
from local.bench_office import LOGS, office
from local.bench_pace import as_slow_as_microsoft
from local.children import child
from local.environment import app_environment
from local.places import Json, Places, TourStopped
from local.tour import Tour
from local.tour_bodies import CONNECTION
from shared.domain.customers import Customer
from shared.domain.ids import ConnectionId, CustomerId
from shared.settings import Settings
from shared.wiring import build

SIZES = (1, 2, 3, 6, 2, 3, 12, 2, 50, 3)
"""People of ten customers; the others are like them."""
PORTION = 250
SIDE_BY_SIDE = 16
NOBODY_COUNTS = {"PARTNER_CENTER_CALLS_PER_MINUTE": "0"}
STAND_INS = {"storage": "azurite.js", "simulator": "simulator"}
"""What they are called in the report, and a word of the command that starts them."""
PATIENCE_SECONDS = 7200
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is measured."""

    hosts: int
    scale: float


class Bench:
    """One world of its own with so many customers, and the hosts that work its nights."""

    def __init__(self, storage: str, world: dict[str, Any], home: Path, wish: Wish) -> None:
        self.world = world
        self.wish = wish
        self.environ = {
            **os.environ,
            "LOCAL_TIME_SCALE": str(wish.scale),
            **app_environment(storage, world, home),
        }
        # Nobody moves the clock here, and asking for it costs more than the night's own requests.
        del self.environ["DEV_CLOCK_URL"]

    def run(self, sizes: Sequence[int]) -> Night:
        """Other hosts work the night than read first: a night signs in to every customer anew."""
        with self._hosts(NOBODY_COUNTS) as hosts:
            places = hosts[0][0]
            Tour(places, Console(quiet=True)).connect()
            asyncio.run(self._put_on_record(self._found(places, sizes)))
            places.control("DELETE", "calls")
            first = self._part(hosts, self._by_hand)
        with self._hosts({}) as hosts, as_slow_as_microsoft(hosts[0][0], self.wish.scale):
            night = self._part(hosts, self._by_timer)
        return Night(len(sizes), sum(sizes), first, night)

    @contextmanager
    def _hosts(self, more: Mapping[str, str]) -> Iterator[list[tuple[Places, int]]]:
        with ExitStack() as stack:
            hosts = []
            for number in range(self.wish.hosts):
                log = LOGS / f"bench-night-host-{number}.log"
                environ = {**self.environ, **more}
                started = child("local.host", "--port", "0", environ=environ, log=log)
                host = stack.enter_context(started)
                places = Places.at(host["url"], self.world)
                places.sign_in()
                hosts.append((places, host["pid"]))
            yield hosts

    def _found(self, places: Places, sizes: Sequence[int]) -> list[Json]:
        """In portions, so that no request to the simulator lasts for ever."""
        found: list[Json] = []
        places.http.timeout = PATIENCE_SECONDS
        for at in range(0, len(sizes), PORTION):
            people = sizes[at : at + PORTION]
            wish = {"prefix": f"bench{at}x", "people": people, "offer": OFFER, "spare": 1}
            found += places.control("POST", "portal/estates", wish)["customers"]
        return found

    async def _put_on_record(self, customers: Sequence[Json]) -> None:
        """As adopting each of them does, with none of its calls."""
        works = build(Settings.from_env(self.environ))
        gate = asyncio.Semaphore(SIDE_BY_SIDE)
        now = datetime.fromisoformat(self._clock()["now"])

        async def keep(one: Json) -> None:
            id_, connection = CustomerId(one["id"]), ConnectionId(CONNECTION)
            name, domain = str(one["domain"]).partition(".")[0], one["domain"]
            async with gate:
                await works.office.desk.customers.save(
                    Customer(id_, connection, name, domain, one["country"], created_at=now)
                )

        try:
            await asyncio.gather(*(keep(one) for one in customers))
        finally:
            await works.close()

    def _clock(self) -> Json:
        places = Places.at("", self.world)
        clock: Json = places.control("GET", "clock")
        return clock

    def _by_hand(self, places: Places) -> Json:
        return self._until_done(places, places.post("runs", {})["id"])

    def _by_timer(self, places: Places) -> Json:
        day = self._clock()["now"][:10]
        places.start_function("nightly")
        return self._until_done(places, f"night-{day}")

    def _part(self, hosts: Sequence[tuple[Places, int]], work: Callable[[Places], Json]) -> Part:
        """Watch everybody while a run is done: our hosts, and those who stand for a cloud."""
        places = hosts[0][0]
        with ExitStack() as stack:
            ours = [stack.enter_context(watched(pid)) for _, pid in hosts]
            theirs = {
                name: stack.enter_context(watched(child_of_ours(word)))
                for name, word in STAND_INS.items()
            }
            seconds = _seconds(work(places))
        return Part(seconds, places.control("GET", "calls")["calls"], ours, theirs)

    def _until_done(self, places: Places, run: str) -> Json:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found: Json | None = next(
                (r for r in places.get("runs")["items"] if r["id"] == run), None
            )
            if found is not None and found.get("finishedAt"):
                if found["status"] != "done" or found["summary"]["failed"]:
                    raise TourStopped(f"the run ended as {found}")
                return found
            time.sleep(_LOOK_SECONDS)
        raise TourStopped(f"the run {run} did not come to its end")


def _seconds(run: Json) -> float:
    begun, ended = (datetime.fromisoformat(run[name]) for name in ("openedAt", "finishedAt"))
    return (ended - begun).total_seconds()


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py bench nightly", description=__doc__)
    parser.add_argument("--sizes", default="100,1000,5000", help="customers, with commas")
    parser.add_argument(
        "--people", type=int, default=100_000, help="of one customer of the most; 0: without"
    )
    parser.add_argument("--hosts", type=int, default=2, help="host processes")
    parser.add_argument("--scale", type=float, default=1.0, help="a second's length; 1: the truth")
    options = parser.parse_args(words)
    sizes = sorted(int(size) for size in options.sizes.split(","))
    wish, console = Wish(options.hosts, options.scale), Console(width=120)
    nights = []
    for people in _worlds(sizes, options.people):
        console.print(f"{len(people):,} customers, {sum(people):,} people ...", highlight=False)
        nights.append(_measured(people, wish))
        # One after the other: who stops a long bench keeps what was measured.
        console.print(report(nights, wish.scale))
    return 0


def _worlds(sizes: Sequence[int], most: int) -> list[list[int]]:
    """How many people each customer of each world has; ``most`` is how many one of them has."""
    worlds = [[SIZES[number % len(SIZES)] for number in range(size)] for size in sizes]
    if most:
        worlds[-1][0] = most
    return worlds


def _measured(people: Sequence[int], wish: Wish) -> Night:
    with office() as (storage, world, home):
        return Bench(storage, world, home, wish).run(people)
