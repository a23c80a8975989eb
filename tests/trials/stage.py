"""Set up what a trial plays on: storage, Microsoft, two hosts, and a proxy between them."""

import os
import re
import signal
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from local.azurite import azurite
from local.children import child
from local.environment import app_environment
from tests.portal import (
    BUSINESS_BASIC,
    BUSINESS_BASIC_SKU,
    BUSINESS_PREMIUM,
    Json,
    customer_body,
    plan_body,
    subscription_body,
)
from tests.trials.proxy import Door, Proxy

HOSTS = ("one", "two")
TIME_SCALE = 0.01
"""The one factor by which leases, visibility and waits are shorter than in production."""
_PATIENCE_SECONDS = 180.0
_LOOK_SECONDS = 0.4
_PASSING = frozenset({409, 429, 503, 504})


class Stuck(Exception):
    """Something did not come to its end in time."""


class Stage:
    """As many trials as one likes, one after the other; only a killed host is started again."""

    def __init__(self, home: Path, name: str, *, time_scale: float = TIME_SCALE) -> None:
        self.home = home / name
        self.name = name
        self.time_scale = time_scale
        self.proxy = Proxy(self.kill)
        self.storage = ""
        self.simulator: dict[str, str] = {}
        self._stack = ExitStack()
        self._lives: dict[str, ExitStack] = {}
        self._pids: dict[str, int] = {}
        self._environs: dict[str, dict[str, str]] = {}
        self._issuers: dict[str, str] = {}
        self._portals: dict[str, httpx.Client] = {}
        self._fallen: set[str] = set()
        self._customers = 0
        self._starts = 0

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            self.storage = stack.enter_context(azurite())
            self.simulator = stack.enter_context(self._simulator())
            stack.enter_context(self.proxy)
            self.microsoft = stack.enter_context(httpx.Client(timeout=60))
            for host in HOSTS:
                self._environs[host] = self._environ(host)
                self._lives[host] = stack.enter_context(ExitStack())
                self._start(host)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def kill(self, host: str) -> None:
        """End a host on the spot, wherever it is; `mend` starts it again."""
        os.kill(self._pids[host], signal.SIGKILL)
        self._fallen.add(host)

    def mend(self) -> None:
        while self._fallen:
            host = self._fallen.pop()
            self._lives[host].close()
            self._start(host)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.microsoft.request(method, f"{self.simulator['control']}/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def send(
        self, method: str, path: str, body: Json | None = None, *, key: str = "", host: str = "one"
    ) -> Json:
        """Ask until somebody answers, as a portal does that got none: with the same key."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())} if method == "POST" else {}
        hosts = [host, *(other for other in HOSTS if other != host)]
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            self.mend()
            answer = self._try(hosts[0], method, path, json=body, headers=headers)
            if answer is not None and answer.status_code not in _PASSING:
                assert answer.is_success, f"{method} {path} {answer.status_code} {answer.text}"
                return answer.json() if answer.content else {}
            hosts.reverse()
            time.sleep(_LOOK_SECONDS)
        raise Stuck(f"{method} {path} got no answer; the last one was {answer and answer.text}")

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Look again and again, and start again whatever host was killed."""
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            self.mend()
            if holds():
                return
            time.sleep(_LOOK_SECONDS)
        raise Stuck(what)

    @property
    def _patience(self) -> float:
        return max(_PATIENCE_SECONDS, _PATIENCE_SECONDS * self.time_scale * 10)

    def open_for_business(self) -> None:
        """What a partner has long before the batch: a connection, a catalog, two plans."""
        self._connect()
        for offer in (BUSINESS_PREMIUM, BUSINESS_BASIC):
            tick = {"connectionId": "northwind", "market": "US", "sellable": True}
            self.send("PUT", f"catalog/{offer}", tick)
        self.send("POST", "plans", plan_body())
        self.send("POST", "plans", plan_body(id="lean", name="Lean", baseSkuId=BUSINESS_BASIC_SKU))

    def _connect(self) -> None:
        partner = self.control("GET", "signin")["partners"][0]
        refresh = self.control("POST", "signin", {"kind": "refresh"})
        connection = {
            "id": "northwind",
            "name": partner["name"],
            "role": "direct",
            "partnerTenantId": partner["tenantId"],
            "clientId": partner["clientId"],
            "clientSecret": partner["clientSecret"],
            "refreshToken": refresh["refreshToken"],
            "countries": ["US"],
        }
        self.send("POST", "connections", connection)
        sync = self.send("POST", "connections/northwind/sync")
        done = f"operations/{sync['id']}"
        self.until(lambda: self.send("GET", done)["status"] != "running", "the catalog's sync")

    def new_customer(self) -> Json:
        """A tenant with one seat in each of two subscriptions."""
        self._customers += 1
        prefix = f"crash{self.name}{self._customers}"
        customer = self.send("POST", "customers", customer_body(prefix))
        place = f"customers/{customer['id']}/subscriptions"
        self.send("POST", place, subscription_body(seats=1))
        basic = subscription_body(offerId=BUSINESS_BASIC, name="Business Basic", seats=1)
        self.send("POST", place, basic)
        self._let_everybody_go(customer)
        return customer

    def _let_everybody_go(self, customer: Json) -> None:
        """A batch takes away from a tenth of the people only, unless somebody says otherwise."""
        place = f"customers/{customer['id']}/policy/batches"
        etag = self._portals["one"].get(place).headers["ETag"]
        policy = {"peoplePercent": 100}
        answer = self._portals["one"].put(place, json=policy, headers={"If-Match": etag})
        assert answer.is_success, answer.text

    @contextmanager
    def _simulator(self) -> Iterator[dict[str, str]]:
        log = self.home / "simulator.log"
        with child("simulator", "--port", "0", environ=os.environ, log=log) as places:
            yield places

    def _environ(self, host: str) -> dict[str, str]:
        login, places = self._doors_to_microsoft(host)
        self._issuers[host] = login
        queues = "AzureFunctionsJobHost__extensions__queues__"
        return {
            **os.environ,
            **app_environment(self._doors_to_storage(host), places, self.home),
            "LOCAL_TIME_SCALE": str(self.time_scale),
            "AzureFunctionsWebHost__hostid": "crash",
            # One message at a time each, so that neither host can take the whole batch.
            f"{queues}batchSize": "1",
            f"{queues}newBatchThreshold": "0",
            # Two hosts that look at every queue twenty times a second leave no time to work.
            **({} if self.time_scale == 1 else {f"{queues}maxPollingInterval": "00:03:00"}),
        }

    def _doors_to_microsoft(self, host: str) -> tuple[str, Mapping[str, str]]:
        origin = self.simulator["origin"]
        door = self.proxy.open(Door(host, "Microsoft", origin))
        apis = ("login", "graph", "partnerCenter")
        moved = {api: self.simulator[api].replace(origin, door) for api in apis}
        return moved["login"], {**self.simulator, **moved}

    def _doors_to_storage(self, host: str) -> str:
        def moved(found: re.Match[str]) -> str:
            at = urlsplit(found[2])
            door = Door(host, found[1], f"{at.scheme}://{at.netloc}")
            return f"{found[1]}Endpoint={self.proxy.open(door)}{at.path}"

        return re.sub(r"(Blob|Queue|Table)Endpoint=([^;]+)", moved, self.storage)

    def _start(self, host: str) -> None:
        self._starts += 1
        log = self.home / f"{host}-{self._starts}.log"
        started = child("local.host", "--port", "0", environ=self._environs[host], log=log)
        life = self._lives[host]
        ready = life.enter_context(started)
        self._pids[host] = ready["pid"]
        portal = httpx.Client(
            base_url=f"{ready['url']}/api/",
            headers={"Authorization": f"Bearer {self._token(host)}"},
            timeout=60,
        )
        self._portals[host] = life.enter_context(portal)

    def _token(self, host: str) -> str:
        """Each host knows sign-in by its own door."""
        tenant = self.control("GET", "signin")["apiTenantId"]
        wish = {
            "kind": "app",
            "roles": ["Provider.Admin"],
            "oid": "0a7e1c52-0000-4000-8000-00000000000f",
            "issuer": f"{self._issuers[host]}/{tenant}/v2.0",
        }
        return str(self.control("POST", "signin", wish)["accessToken"])

    def _try(self, host: str, method: str, path: str, **words: Any) -> httpx.Response | None:
        try:
            return self._portals[host].request(method, path, **words)
        except httpx.TransportError:
            return None


@contextmanager
def open_stage(name: str, *, time_scale: float = TIME_SCALE) -> Iterator[Stage]:
    """Yield a stage that is open for business."""
    with (
        tempfile.TemporaryDirectory(prefix="seatkeeper-trial-") as home,
        Stage(Path(home), name, time_scale=time_scale) as stage,
    ):
        stage.open_for_business()
        yield stage
