"""Customers in years' standing, founded at once."""

import httpx

from simulator.world import World
from tests.simulator.northwind import Northwind

E3 = "CFQ7TTC0LFLX:0001"
E3_SKU = "05e9a617-0261-4cee-bb44-138d3ef5d965"


async def found(http: httpx.AsyncClient, *people: int) -> list[str]:
    wish = {"prefix": "estate", "people": people, "offer": E3, "spare": 2}
    answer = await http.post("/_sim/portal/estates", json=wish)
    return [one["id"] for one in answer.json()["customers"]]


async def test_estates_have_people_on_seats_and_some_to_spare(
    http: httpx.AsyncClient, world: World
) -> None:
    small, large = await found(http, 3, 40)

    assert [world.tenants[one].consumed(E3_SKU) for one in (small, large)] == [3, 40]
    assert [world.subscriptions_of(one)[0].quantity for one in (small, large)] == [5, 42]


async def test_an_estate_has_let_the_partner_in(
    northwind: Northwind, http: httpx.AsyncClient
) -> None:
    [customer] = await found(http, 1)

    listed = await northwind.get(f"/v1/customers/{customer}/subscriptions")

    assert listed["items"][0]["quantity"] == 3
