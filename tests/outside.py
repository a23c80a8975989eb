"""What somebody does past the product, and what is told and put back of it."""

import pytest

from simulator.tenants import User
from tests.changing import changes_of, held
from tests.deaths import Fate, fated
from tests.everyday import a_customer, a_night, send_batch
from tests.portal import (
    Json,
    Portal,
    Seatkeeper,
)


async def drift_of(portal: Portal, customer: Json) -> dict[tuple[str, str], Json]:
    items = (await portal.get(f"customers/{customer['id']}/drift"))["items"]
    return {(item["kind"], item["what"]): item for item in items}


async def edit(seatkeeper: Seatkeeper, customer: Json, **changes: object) -> None:
    place = f"portal/customers/{customer['id']}/subscriptions/{customer['subscription']}"
    await seatkeeper.sim("PATCH", place, changes)


@pytest.fixture
async def customer(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    return await a_customer(seatkeeper, portal, seats=10)


@pytest.fixture
def fate(seatkeeper: Seatkeeper, monkeypatch: pytest.MonkeyPatch) -> Fate:
    fate = fated(seatkeeper, monkeypatch)
    fate.uncounted = "budgets"
    return fate


async def entries(portal: Portal, customer: Json) -> list[Json]:
    """Oldest first."""
    found = (await portal.get(f"customers/{customer['id']}/drift"))["items"]
    return sorted(found, key=lambda entry: str(entry["since"]))


async def told(portal: Portal, customer: Json) -> list[tuple[str, str, str]]:
    return [(e["what"], e["before"], e["after"]) for e in await entries(portal, customer)]


async def look(portal: Portal, customer: Json) -> None:
    await portal.get(f"customers/{customer['id']}/subscriptions?refresh=true")


@pytest.fixture
async def staffed(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """Ten seats, three people of a batch, and one night."""
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 3)
    await a_night(seatkeeper, portal, days=1)
    return customer


async def enforce(portal: Portal, customer: Json, *fields: str) -> None:
    rules = dict.fromkeys(fields, "enforce")
    await portal.put(f"customers/{customer['id']}/policy", {"mode": "report", "drift": rules})


async def wipe_schedule(seatkeeper: Seatkeeper, customer: Json) -> None:
    await edit(seatkeeper, customer, scheduledNextTermInstructions=None)


def scheduled(seatkeeper: Seatkeeper, customer: Json) -> int | None:
    schedule = held(seatkeeper, customer).schedule
    return schedule["quantity"] if schedule else None


def person_of(seatkeeper: Seatkeeper, customer: Json, name: str) -> User:
    person = seatkeeper.world.tenants[customer["id"]].user(f"{name}@{customer['domain']}")
    assert person is not None
    return person


def take_licences(seatkeeper: Seatkeeper, customer: Json, name: str) -> None:
    tenant, now = seatkeeper.world.tenants[customer["id"]], seatkeeper.world.clock.now()
    tenant.set_licences(person_of(seatkeeper, customer, name), [], now)


async def standing(portal: Portal, customer: Json) -> list[tuple[str, str, str]]:
    """What each entry is about, how it stands, and by whom."""
    found = await entries(portal, customer)
    return [(e["what"], e["state"], e.get("decidedBy") or "") for e in found]


async def rename(seatkeeper: Seatkeeper, portal: Portal, customer: Json, *names: str) -> None:
    """In Partner Center, each of them seen here."""
    for name in names:
        await edit(seatkeeper, customer, friendlyName=name)
        await look(portal, customer)


async def origins(portal: Portal, customer: Json) -> list[tuple[str, str, list[str]]]:
    items = (await portal.get(changes_of(customer)))["items"]
    return [(c["kind"], c["origin"], c["changed"]) for c in items if c["kind"] != "bought"]
