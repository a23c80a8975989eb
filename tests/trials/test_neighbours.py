"""Five batches at once on one subscription, a nightly run in the middle, and bad weather."""

import asyncio
from collections import Counter

import pytest

from functions import build_app
from local.host import Host
from tests.everyday import a_customer, nothing_is_left_open, seats_of
from tests.portal import BUSINESS_PREMIUM_SKU, Json, Portal, Seatkeeper, let_go, row
from tests.trials.weather import Weather

NAMES = ("north", "east", "south", "west", "middle")
EACH = 12
PEOPLE = EACH * len(NAMES)
PATIENCE_SECONDS = 400

pytestmark = pytest.mark.trial


@pytest.mark.parametrize("seed", ["one", "two", "three"])
async def test_neighbours_in_bad_weather_end_with_exactly_a_seat_for_everybody(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal, seed: str
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await let_go(portal, customer, spare=0)
    weather = Weather(seed, share=0.1)
    seatkeeper.world.faults = weather
    app = build_app(lambda: seatkeeper.works.office, seatkeeper.prefix)

    async with Host(app, {"AzureWebJobsStorage": azurite}, time_scale=0.01):
        await send_all(portal, customer)
        await seatkeeper.settle(PATIENCE_SECONDS)

    weather.calm()
    batches = [await portal.get(f"batches/{name}") for name in NAMES]
    assert weather.struck > PEOPLE // 4
    assert [(b["status"], b["progress"]["done"]) for b in batches] == [("done", EACH)] * 5, batches
    assert await seats_of(portal, customer) == PEOPLE
    assert licences_in(seatkeeper, customer) == {BUSINESS_PREMIUM_SKU: PEOPLE}
    assert growths_per_batch(batches) <= 1
    await nothing_is_left_open(seatkeeper, customer)


async def send_all(portal: Portal, customer: Json) -> None:
    """Two batches are in when the night begins, and three come while it looks."""
    for name in NAMES[:2]:
        await send(portal, customer, name)
    await portal.post("runs", {"customerId": customer["id"]})
    await asyncio.gather(*(send(portal, customer, name) for name in NAMES[2:]))


async def send(portal: Portal, customer: Json, name: str) -> None:
    rows = [
        row(n, userPrincipalName=f"{name}{n}@contosotest.onmicrosoft.com")
        for n in range(1, EACH + 1)
    ]
    await portal.post("batches", {"id": name, "customerId": customer["id"], "rows": rows})


def licences_in(seatkeeper: Seatkeeper, customer: Json) -> dict[str, int]:
    users = seatkeeper.world.tenants[customer["id"]].users.values()
    return dict(Counter(licence.sku_id for user in users for licence in user.licences))


def growths_per_batch(batches: list[Json]) -> int:
    """The most that one of them raised the only subscription."""
    return max(len(batch["growths"]) for batch in batches)
