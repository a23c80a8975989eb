"""What a customer brought along is no drift; what comes afterwards is."""

from collections.abc import Awaitable, Callable
from itertools import count

import pytest

from shared.domain.ids import CustomerId
from shared.workflows.subscriptions import refresh_subscriptions
from simulator import estates, seeds
from tests.deaths import Fate, Moment
from tests.estates import PHONE, PREMIUM
from tests.everyday import a_night
from tests.outside import look, origins, told
from tests.portal import Json, Killed, Portal, Seatkeeper, plan_body, subscription_body

Adopting = Callable[[], Awaitable[Json]]


@pytest.fixture
async def adopting(seatkeeper: Seatkeeper, portal: Portal) -> Adopting:
    """Customers that hold two subscriptions when they come to us."""
    await seatkeeper.connect(portal)
    await portal.post("plans", plan_body())
    numbers = count()

    async def one() -> Json:
        world, domain = seatkeeper.world, f"old{next(numbers)}.onmicrosoft.com"
        found = estates.found_customer(world, seeds.NORTHWIND, domain)
        held = [estates.sell(world, found, seeds.NORTHWIND, p, seats=5) for p in (PREMIUM, PHONE)]
        await portal.post(f"customers/{found.id}/adopt", {"connectionId": "northwind"})
        return {"id": found.id, "subscription": held[0].id}

    return one


async def test_what_an_adopted_customer_holds_is_in_its_history_and_no_drift(
    seatkeeper: Seatkeeper, portal: Portal, adopting: Adopting
) -> None:
    adopted = await adopting()

    night = await a_night(seatkeeper, portal, days=1)

    assert await told(portal, adopted) == []
    assert night["summary"]["drift"]["found"] == 0
    assert await origins(portal, adopted) == [("appeared", "outside", [])]
    place = f"customers/{adopted['id']}/subscriptions"
    assert len((await portal.get(place))["items"]) == 2


async def test_what_is_bought_elsewhere_after_that_is(
    seatkeeper: Seatkeeper, portal: Portal, adopting: Adopting
) -> None:
    adopted = await adopting()
    await look(portal, adopted)
    world = seatkeeper.world
    estates.sell(world, world.customers[adopted["id"]], seeds.NORTHWIND, PREMIUM, seats=3)

    await look(portal, adopted)

    assert await told(portal, adopted) == [("appeared", "", "3")]


async def test_a_purchase_before_the_first_reading_does_not_make_the_others_news(
    seatkeeper: Seatkeeper, portal: Portal, adopting: Adopting
) -> None:
    adopted = await adopting()
    await portal.post(f"customers/{adopted['id']}/subscriptions", subscription_body(seats=2))

    await a_night(seatkeeper, portal, days=1)

    assert await told(portal, adopted) == []


async def test_a_tenant_that_was_made_here_brought_nothing_along(
    seatkeeper: Seatkeeper, portal: Portal, customer: Json
) -> None:
    world = seatkeeper.world
    estates.sell(world, world.customers[customer["id"]], seeds.NORTHWIND, PHONE, seats=3)

    await look(portal, customer)

    assert await told(portal, customer) == [("appeared", "", "3")]


async def test_a_first_reading_that_dies_anywhere_is_a_first_reading_again(
    seatkeeper: Seatkeeper, portal: Portal, adopting: Adopting, fate: Fate
) -> None:
    # Given the writes of a first reading
    desk, first = seatkeeper.works.office.desk, await adopting()
    fate.arm()
    await refresh_subscriptions(desk, CustomerId(first["id"]))
    fate.armed = False
    writes = [at for at, what in enumerate(fate.met, 1) if what.startswith("write ")]

    # When a host dies after each of them, and another one reads
    for at in writes:
        adopted = await adopting()
        fate.arm(at, Moment.AFTER)
        with pytest.raises(Killed):
            await refresh_subscriptions(desk, CustomerId(adopted["id"]))
        fate.armed = False
        await look(portal, adopted)

        # Then nothing is drift, and each stands in its history once
        assert await told(portal, adopted) == []
        assert await origins(portal, adopted) == [("appeared", "outside", [])]
