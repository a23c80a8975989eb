"""What is done about a difference the customer says, else its connection, else the provider."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.world import World
from tests.everyday import a_customer, a_night, send_batch
from tests.portal import Json, Portal, Seatkeeper, etag_of, open_seatkeeper


@pytest.fixture
async def seatkeeper(
    azurite: str, prefix: str, world: World, tmp_path: Path
) -> AsyncIterator[Seatkeeper]:
    """A provider that has said what it thinks of three kinds of differences."""
    rules = "deleted=adopt, blocked=adopt, added=adopt"
    async with open_seatkeeper(azurite, prefix, world, tmp_path, drift_rules=rules) as product:
        yield product


@pytest.fixture
async def staffed(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 2)
    place = "connections/northwind"
    baseline = {"baseline": {"drift": {"blocked": "report", "removed": "adopt"}}}
    headers = {"If-Match": await etag_of(portal, place)}
    assert (await portal.send("PATCH", place, json=baseline, headers=headers)).is_success
    own = {"mode": "report", "drift": {"added": "report"}}
    await portal.put(f"customers/{customer['id']}/policy", own)
    return customer


async def test_the_nearest_level_decides(
    seatkeeper: Seatkeeper, portal: Portal, staffed: Json
) -> None:
    # Given domains that come and go, a deleted person and a blocked one
    tenant = seatkeeper.world.tenants[staffed["id"]]
    tenant.add_domain("old.example", verified=True)
    await a_night(seatkeeper, portal, days=1)
    del tenant.domains["old.example"]
    tenant.add_domain("new.example", verified=True)
    names = {"userPrincipalNames": [f"person1@{staffed['domain']}"]}
    await seatkeeper.sim("POST", f"portal/customers/{staffed['id']}/users/remove", names)
    person = tenant.user(f"person2@{staffed['domain']}")
    assert person is not None
    tenant.change_user(person, {"accountEnabled": False}, seatkeeper.world.clock.now())

    # When the night looks
    night = await a_night(seatkeeper, portal, days=1)

    # Then each is decided by who said so nearest to the customer
    found = (await portal.get(f"customers/{staffed['id']}/drift"))["items"]
    domains = {(e["what"], e["subject"], e["state"]) for e in found if e["kind"] == "domain"}
    assert domains >= {("added", "new.example", "open"), ("removed", "old.example", "adopted")}
    states = {e["what"]: e["state"] for e in found if e["kind"] == "user"}
    assert states == {"deleted": "adopted", "blocked": "open"}
    assert night["summary"]["drift"] == {"found": 4, "adopted": 2, "enforced": 0, "open": 2}


async def test_the_policy_says_whose_rule_holds(portal: Portal, staffed: Json) -> None:
    policy = await portal.get(f"customers/{staffed['id']}/policy")

    told = {what: (r["rule"], r["level"]) for what, r in policy["driftRules"].items()}
    assert told["deleted"] == ("adopt", "provider")
    assert told["blocked"] == ("report", "connection")
    assert told["added"] == ("report", "customer")
    assert told["seats"] == ("report", "default")
    assert policy["drift"] == {"added": "report"}
