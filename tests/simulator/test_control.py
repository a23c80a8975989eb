"""The control interface moves clocks, turns switches, keeps state and plays the portals."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.nouns import Subscription
from simulator.seeds import NORTHWIND, SANDBOX, TAILSPIN, WINGTIP
from simulator.switches import KNOWN
from simulator.tenants import Licence
from simulator.world import World
from tests.simulator.northwind import Json, Northwind, path_of

BASIC_SKU = "3b555118-da6a-4418-894f-7df1e2096870"


@pytest.fixture
async def three_seats(northwind: Northwind) -> Subscription:
    return await northwind.buy(await northwind.customer(), 3)


async def test_the_clock_is_set_and_moved(http: httpx.AsyncClient) -> None:
    await http.put("/_sim/clock", json={"now": "2030-05-01T00:00:00Z"})
    moved = await http.post("/_sim/clock/advance", json={"days": 1, "hours": 2, "minutes": 3})

    assert moved.json()["now"].startswith("2030-05-02T02:03:0")
    assert (await http.get("/_sim/clock")).json()["now"] >= moved.json()["now"]


async def test_switches_tell_their_defaults_and_refuse_unknown_names(
    http: httpx.AsyncClient,
) -> None:
    await http.put("/_sim/switches", json={"renewal.seconds": 60})

    found = (await http.get("/_sim/switches")).json()
    refused = await http.put("/_sim/switches", json={"nonsense": 1})

    assert found.keys() == KNOWN.keys()
    assert found["renewal.seconds"]["value"] == 60
    assert found["renewal.seconds"]["default"] == 0
    assert refused.status_code == 400


def test_every_switch_stands_in_a_readme() -> None:
    simulator = Path(__file__).parents[2] / "simulator"
    pages = (simulator / "README.md", simulator / "graph" / "README.md")
    text = "".join(page.read_text(encoding="utf-8") for page in pages)

    assert [name for name in KNOWN if f"`{name}`" not in text] == []


async def test_the_whole_state_survives_a_round_trip(
    northwind: Northwind, three_seats: Subscription, http: httpx.AsyncClient
) -> None:
    northwind.wait(days=3)
    state = (await http.get("/_sim/state")).json()
    other = World.from_json(json.loads(json.dumps(state)))
    await northwind.change(three_seats, quantity=9)

    await http.put("/_sim/state", json=state)

    assert (await northwind.get(path_of(three_seats)))["quantity"] == 3
    assert other.to_json() == state


async def test_a_reset_empties_the_world_and_keeps_the_secrets(
    northwind: Northwind, three_seats: Subscription, http: httpx.AsyncClient
) -> None:
    await http.post("/_sim/reset")

    assert not northwind.world.customers
    assert (await northwind.app_only())["access_token"]


async def test_signin_lists_who_can_call(http: httpx.AsyncClient, world: World) -> None:
    known = (await http.get("/_sim/signin")).json()

    assert {partner["tenantId"] for partner in known["partners"]} == {
        NORTHWIND,
        TAILSPIN,
        SANDBOX,
        WINGTIP,
    }
    assert known["audience"] == "api://seatkeeper"
    assert set(known["clients"]) == {"portal", "operator", "reader", "automation", "stranger"}
    portal = known["clients"]["portal"]
    assert portal["clientSecret"] == world.apps[portal["clientId"]].secret


async def test_secrets_differ_from_world_to_world() -> None:
    one, other = World.default(seed=1), World.default(seed=1)

    assert one.new_guid() == other.new_guid()
    assert {app.secret for app in one.apps.values()}.isdisjoint(
        app.secret for app in other.apps.values()
    )


async def _with_user(northwind: Northwind, subscription: Subscription, name: str) -> str:
    tenant = northwind.world.tenants[subscription.customer_id]
    now = northwind.world.clock.now()
    upn = f"{name}@{tenant.initial_domain}"
    user = tenant.create_user({"userPrincipalName": upn, "displayName": name}, "pw", now)
    tenant.set_licences(user, [Licence(BASIC_SKU, [], now)], now)
    return upn


def _portal(subscription: Subscription, what: str) -> str:
    return f"/_sim/portal/customers/{subscription.customer_id}/{what}"


async def test_people_are_removed_in_the_portal_but_never_the_admin(
    northwind: Northwind, three_seats: Subscription, http: httpx.AsyncClient
) -> None:
    names = [await _with_user(northwind, three_seats, name) for name in ("ada", "bob", "cyd")]
    tenant = northwind.world.tenants[three_seats.customer_id]
    admin = f"admin@{tenant.initial_domain}"
    path = _portal(three_seats, "users/remove")

    named = await http.post(path, json={"userPrincipalNames": [names[1], admin]})
    counted = await http.post(path, json={"count": 5})

    assert len(named.json()["removed"]) == 1
    assert len(counted.json()["removed"]) == 2
    assert tenant.user(admin) is not None


async def test_people_are_made_by_the_thousand_and_hold_no_more_than_is_free(
    northwind: Northwind, three_seats: Subscription, http: httpx.AsyncClient
) -> None:
    path = _portal(three_seats, "users/make")

    plain = await http.post(path, json={"count": 1000})
    licensed = await http.post(path, json={"count": 3, "skuId": BASIC_SKU})
    refused = await http.post(path, json={"count": 1, "skuId": BASIC_SKU})

    tenant = northwind.world.tenants[three_seats.customer_id]
    assert (plain.json()["made"], licensed.json()["users"]) == (1000, 1004)
    assert tenant.consumed(BASIC_SKU) == 3
    assert refused.status_code == 400


async def test_an_outside_edit_keeps_microsofts_rules(
    northwind: Northwind, three_seats: Subscription, http: httpx.AsyncClient
) -> None:
    path = _portal(three_seats, f"subscriptions/{three_seats.id}")

    edited = await http.patch(path, json={"quantity": 8})
    northwind.wait(days=8)
    refused = await http.patch(path, json={"quantity": 2})

    assert edited.json()["quantity"] == 8
    assert (refused.status_code, refused.json()["code"]) == (400, 800090)
    assert three_seats.auto_renew


async def test_seats_of_others_count_in_the_tenant_but_are_not_ours_to_see(
    northwind: Northwind, three_seats: Subscription, http: httpx.AsyncClient
) -> None:
    bought = {"skuId": BASIC_SKU, "quantity": 4}
    await http.post(_portal(three_seats, "purchases"), json=bought | {"owner": "customer"})
    await http.post(_portal(three_seats, "purchases"), json=bought | {"owner": TAILSPIN})

    path = f"/v1/customers/{three_seats.customer_id}"
    counts = await northwind.get(f"{path}/subscribedskus", user=True)
    ours = await northwind.get(f"{path}/subscriptions")

    owners = northwind.world.company_subscriptions(three_seats.customer_id)
    assert counts["items"][0]["totalUnits"] == 11
    assert ours["totalCount"] == 1
    assert [one.owner_tenant_id for one in owners] == [
        NORTHWIND,
        three_seats.customer_id,
        TAILSPIN,
    ]


async def test_the_join_to_graph_is_the_id_or_the_entitlement(
    northwind: Northwind, three_seats: Subscription
) -> None:
    customer_id = three_seats.customer_id

    by_id = northwind.world.company_subscriptions(customer_id)[0].commerce_subscription_id
    northwind.world.switches["graph.commerceIdIsEntitlement"] = True
    by_entitlement = northwind.world.company_subscriptions(customer_id)[0]

    assert by_id == three_seats.id
    assert by_entitlement.commerce_subscription_id == three_seats.entitlement_id


async def test_an_admin_assigns_in_the_portal_while_seats_last(
    northwind: Northwind, three_seats: Subscription, http: httpx.AsyncClient
) -> None:
    tenant = northwind.world.tenants[three_seats.customer_id]
    now = northwind.world.clock.now()
    for name in ("ada", "bob", "cyd", "dan"):
        upn = f"{name}@{tenant.initial_domain}"
        tenant.create_user({"userPrincipalName": upn}, "pw", now)

    answers = []
    for name in ("ada", "bob", "cyd", "dan", "eve"):
        wish = {"userPrincipalName": f"{name}@{tenant.initial_domain}", "skuId": BASIC_SKU}
        answers.append(await http.post(_portal(three_seats, "licenses"), json=wish))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 400, 404]


async def test_a_customer_can_come_signed_and_delegated_from_the_portals(
    http: httpx.AsyncClient, world: World
) -> None:
    wish = {"partner": TAILSPIN, "domain": "coho.onmicrosoft.com", "companyName": "Coho"}
    customer_id = (await http.post("/_sim/portal/customers", json=wish)).json()["id"]
    path = f"/_sim/portal/customers/{customer_id}"

    await http.post(f"{path}/agreement")
    await http.post(f"{path}/gdap", json={"partner": TAILSPIN})

    tailspin = Northwind(world, http, TAILSPIN)
    await tailspin.sign_in()
    assert (await tailspin.get("/v1/customers"))["items"][0]["id"] == customer_id
    counts = await tailspin.get(f"/v1/customers/{customer_id}/subscribedskus", user=True)
    assert counts["items"] == []
    await http.delete(f"{path}/gdap")
    assert world.tenants[customer_id].gdap[0].status == "terminated"
    assert (await http.post("/_sim/portal/customers/nobody/agreement")).status_code == 404


_HOSTILE: dict[str, Json] = {
    "good": {},
    "wrong key": {"key": "wrong"},
    "unsigned": {"alg": "none"},
    "expired": {"expiresIn": -60},
    "other issuer": {"issuer": "https://evil.example"},
    "app": {"kind": "app"},
}


async def test_user_tokens_of_the_api_can_be_minted_hostile(http: httpx.AsyncClient) -> None:
    wish: Json = {"kind": "user", "roles": ["Operator"], "name": "Ada", "upn": "ada@x.example"}

    tokens = {
        variant: (await http.post("/_sim/signin", json=wish | extra)).json()["accessToken"]
        for variant, extra in _HOSTILE.items()
    }

    assert len(set(tokens.values())) == 6


async def _start(state: Path) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--state", str(state), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    return process, json.loads(await process.stdout.readline())


async def _stop(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGTERM)
    await process.communicate()


async def test_a_server_keeps_its_state_and_loses_replies_on_the_wire(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    process, addresses = await _start(state)
    async with httpx.AsyncClient(base_url=addresses["origin"]) as client:
        await client.put("/_sim/clock", json={"now": "2031-01-01T00:00:00Z"})
        fault = {"path": "/login/*", "dropAfterCommit": True}
        await client.post("/_sim/faults", json=fault)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"/login/{NORTHWIND}/discovery/v2.0/keys")
        secrets = (await client.get("/_sim/signin")).json()["clients"]
    await _stop(process)

    process, addresses = await _start(state)
    async with httpx.AsyncClient(base_url=addresses["origin"]) as client:
        clock = (await client.get("/_sim/clock")).json()
        again = (await client.get("/_sim/signin")).json()["clients"]
    await _stop(process)

    assert addresses.keys() == {
        "origin", "login", "partnerCenter", "graph", "exchange", "control",
    }  # fmt: skip
    assert clock["now"].startswith("2031-01-01T00:0")
    assert again == secrets
