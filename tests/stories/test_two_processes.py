"""The same path over real ports: two host processes, a simulator of its own, real queues."""

import os
from pathlib import Path

import httpx
import pytest

from local.children import child
from local.environment import app_environment
from local.places import Json, Places
from tests.portal import BUSINESS_PREMIUM, customer_body, plan_body, row, subscription_body

PEOPLE = 202
"""Three chunks, so that there is something to do for both hosts."""


def ended(batch: Json) -> bool:
    return batch["status"] in ("done", "refused", "review")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    queues = "AzureFunctionsJobHost__extensions__queues__"
    return {
        **os.environ,
        "LOCAL_TIME_SCALE": "0.01",
        # One message at a time each, so that neither host can take the whole batch.
        f"{queues}batchSize": "1",
        f"{queues}newBatchThreshold": "0",
    }


def test_two_host_processes_work_one_batch_and_grow_once(
    azurite: str, environ: dict[str, str], tmp_path: Path
) -> None:
    with child(
        "simulator", "--port", "0", environ=environ, log=tmp_path / "simulator.log"
    ) as world:
        environ |= app_environment(azurite, world, tmp_path)
        environ["AzureFunctionsWebHost__hostid"] = tmp_path.name
        with (
            child("local.host", "--port", "0", environ=environ, log=tmp_path / "a.log") as one,
            child("local.host", "--port", "0", environ=environ, log=tmp_path / "b.log") as two,
        ):
            first = Places(one["url"], world, httpx.Client(timeout=60))
            second = Places(two["url"], world, httpx.Client(timeout=60))
            batch = a_days_work(first, second)

        calls = first.control("GET", "calls")["calls"]
        first.http.close()
        second.http.close()

    assert batch["status"] == "done", batch
    assert batch["progress"]["done"] == PEOPLE
    assert [(g["seatsBefore"], g["seatsAfter"]) for g in batch["growths"]] == [(10, PEOPLE)]
    assert sum(c["method"] == "PATCH" and "/subscriptions/" in c["path"] for c in calls) == 1
    for log in ("a.log", "b.log"):
        assert "provision" in (tmp_path / log).read_text(), f"{log}: this host did nothing"


def a_days_work(first: Places, second: Places) -> Json:
    """What one host takes in the other one goes on with."""
    for places in (first, second):
        places.signin = places.control("GET", "signin")
        places.sign_in()
    connect(first)
    second.post("plans", plan_body())
    customer = first.post("customers", customer_body("twohosts"))
    second.post(f"customers/{customer['id']}/subscriptions", subscription_body())
    domain = "twohosts.onmicrosoft.com"
    rows = [row(n, domain) for n in range(1, PEOPLE + 1)]
    batch = first.post("batches", {"customerId": customer["id"], "rows": rows})
    return second.wait(f"batches/{batch['id']}", ended)


def connect(places: Places) -> None:
    partner = places.signin["partners"][0]
    refresh = places.control("POST", "signin", {"kind": "refresh"})
    places.post(
        "connections",
        {
            "id": "northwind",
            "name": partner["name"],
            "role": "direct",
            "partnerTenantId": partner["tenantId"],
            "clientId": partner["clientId"],
            "clientSecret": partner["clientSecret"],
            "refreshToken": refresh["refreshToken"],
            "countries": ["US"],
        },
    )
    started = places.post("connections/northwind/sync")
    places.wait(f"operations/{started['id']}", lambda o: o["status"] != "running")
    selling = {"connectionId": "northwind", "market": "US", "sellable": True}
    places.put(f"catalog/{BUSINESS_PREMIUM}", selling)


def test_an_event_travels_from_the_simulator_to_a_host_over_real_ports(
    azurite: str, environ: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "simulator.log"
    with child("simulator", "--port", "0", environ=environ, log=log) as world:
        environ |= app_environment(azurite, world, tmp_path)
        environ["AzureFunctionsWebHost__hostid"] = tmp_path.name
        with (
            child("local.host", "--port", "0", environ=environ, log=tmp_path / "a.log") as host,
            httpx.Client(timeout=60) as http,
        ):
            places = Places(host["url"], world, http)
            places.signin = places.control("GET", "signin")
            places.sign_in()
            connect(places)
            registered = places.put("connections/northwind/webhook", {})
            places.post("connections/northwind/webhook/test", {})
            shown = places.wait("connections/northwind/webhook", lambda w: "lastEventAt" in w)

    assert registered["url"] == f"{host['url']}/api/webhooks/northwind"
    assert shown["isOurs"]
