"""Measure bulk work against a Microsoft that is as slow, and as strict, as the real one.

`python3 dev.py bench bulk` runs a batch of each size through a host process of its own, over real
storage, and a hundred people one by one beside it.
"""

import argparse
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from local.bench_figures import Limits, Run, watched
from local.bench_office import LOGS, office
from local.bench_one_by_one import OneByOne
from local.bench_pace import as_slow_as_microsoft
from local.bench_report import OneByOneRun, report
from local.children import child
from local.environment import app_environment
from local.narrator import ENDS
from local.places import Json, Places, TourStopped
from local.tour import Tour
from local.tour_bodies import CONNECTION, customer_body

OFFER, SKU, PLAN = "CFQ7TTC0LFLX:0001", "05e9a617-0261-4cee-bb44-138d3ef5d965", "bench"
WRITES, WINDOW_SECONDS = 3000, 150
"""https://learn.microsoft.com/graph/throttling-limits"""
LIMITS = {"writes": WRITES, "window_ms": WINDOW_SECONDS * 1000}
ONE_BY_ONE = 100
PATIENCE_SECONDS = 7200
_LOOK_SECONDS, _LOOK_SHARE = 0.5, 0.01
"""Looking costs the host time as well, so a long run is looked at every hundredth of it."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with one seat, and with as many people to come as the bench wants."""

    id: str
    subscription: str
    domain: str

    def rows(self, count: int) -> list[Json]:
        return [
            {
                "action": "create",
                "userPrincipalName": f"user{number}@{self.domain}",
                "displayName": f"User {number}",
                "plan": PLAN,
                "usageLocation": "US",
            }
            for number in range(count)
        ]


class Bench:
    """The office that is measured, and the world that it works in."""

    def __init__(self, storage: str, world: dict[str, Any], home: Path, scale: float) -> None:
        self.world = world
        self.scale = scale
        self.environ = {
            **os.environ,
            "LOCAL_TIME_SCALE": str(scale),
            "ROW_LIMIT": "50000",
            **app_environment(storage, world, home),
        }

    def run(self, sizes: Sequence[int], console: Console) -> None:
        with self._host() as (places, _):
            self._found(places)
            customers = {size: self._customer(places, size) for size in sizes}
            alone = self._one_by_one(places, console)
        runs = []
        for size in sizes:
            console.print(f"{size} rows ...", highlight=False)
            runs.append(self._batch(customers[size], size))
        console.print(report(runs, alone, self.limits, self.scale))

    @property
    def limits(self) -> Limits:
        return Limits(WRITES, WINDOW_SECONDS * self.scale)

    @contextmanager
    def _host(self) -> Iterator[tuple[Places, int]]:
        """A process of its own, so that its memory is this run's."""
        with child(
            "local.host", "--port", "0", environ=self.environ, log=LOGS / "bench-host.log"
        ) as host:
            places = Places.at(host["url"], self.world)
            places.sign_in()
            yield places, host["pid"]

    def _found(self, places: Places) -> None:
        """What a partner has long before its first batch: a connection, a catalog, a plan."""
        Tour(places, Console(quiet=True)).connect()
        offer = {"connectionId": CONNECTION, "market": "US", "sellable": True}
        places.put(f"catalog/{OFFER}", offer)
        plan = {"id": PLAN, "name": "Bench", "baseSkuId": SKU}
        places.post("plans", plan | {"addOnSkuIds": [], "disabledServicePlanIds": []})

    def _customer(self, places: Places, number: int) -> Customer:
        prefix = f"fabrikambench{number}"
        made = places.post("customers", customer_body() | {"domainPrefix": prefix})
        wish = {"offerId": OFFER, "seats": 1, "term": "P1Y", "billingPlan": "monthly"}
        place = f"customers/{made['id']}/subscriptions"
        bought = places.post(place, wish | {"name": "Microsoft 365 E3"})
        return Customer(made["id"], bought["id"], f"{prefix}.onmicrosoft.com")

    def _one_by_one(self, places: Places, console: Console) -> OneByOneRun:
        console.print(f"{ONE_BY_ONE} people one by one ...", highlight=False)
        customer = self._customer(places, 0)
        with as_slow_as_microsoft(places, self.scale, **LIMITS):
            tool = OneByOne(places, customer.id, customer.subscription, SKU)
            seconds = tool.provision(customer.rows(ONE_BY_ONE))
            calls = places.control("GET", "calls")["calls"]
        return OneByOneRun(ONE_BY_ONE, seconds, calls)

    def _batch(self, customer: Customer, size: int) -> Run:
        with self._host() as (places, pid):
            places.get("health/live")
            with as_slow_as_microsoft(places, self.scale, **LIMITS), watched(pid) as usage:
                started = time.perf_counter()
                done = self._until_done(places, customer, size)
                wall = time.perf_counter() - started
                calls = places.control("GET", "calls")["calls"]
        if done["status"] != "done" or done["progress"]["done"] != size:
            raise TourStopped(f"the batch of {size} ended as {done}")
        return Run(size, wall, calls, len(done["growths"]), usage)

    def _until_done(self, places: Places, customer: Customer, size: int) -> Json:
        id_ = f"bench-{size}-{uuid.uuid4().hex[:8]}"
        body = {"id": id_, "customerId": customer.id, "rows": customer.rows(size)}
        places.post("batches", body)
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < PATIENCE_SECONDS:
            batch = places.get(f"batches/{id_}")
            if batch["status"] in ENDS:
                return batch
            time.sleep(max(_LOOK_SECONDS, passed * _LOOK_SHARE))
        raise TourStopped(f"the batch of {size} did not come to its end")


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py bench bulk", description=__doc__)
    parser.add_argument("--sizes", default="100,1000,10000", help="rows, with commas")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="a second's length; less is quicker"
    )
    options = parser.parse_args(words)
    sizes = [int(size) for size in options.sizes.split(",")]
    with office() as (storage, world, home):
        bench = Bench(storage, world, home, options.scale)
        bench.run(sizes, Console(width=120))
    return 0
