"""Change subscriptions as a portal asks for it, and look at what Microsoft holds then."""

from dataclasses import replace

from shared.domain.ids import ConnectionId, CustomerId, OperationId
from shared.workflows.read_situation import Room
from shared.workflows.tenant import customer_and_connection
from simulator.nouns import Subscription
from tests.everyday import a_customer
from tests.portal import BUSINESS_BASIC, Json, Portal, Seatkeeper, subscription_body

WORK = OperationId("5a0c6a4e-0000-4000-8000-000000000015")


async def a_room(seatkeeper: Seatkeeper, customer: Json) -> Room:
    desk = seatkeeper.works.office.desk
    return Room(desk, *await customer_and_connection(desk, CustomerId(customer["id"])))


def changes_of(customer: Json) -> str:
    return f"customers/{customer['id']}/subscriptions/{customer['subscription']}/changes"


def held(seatkeeper: Seatkeeper, customer: Json) -> Subscription:
    return seatkeeper.world.subscriptions[customer["subscription"]]


def patches(seatkeeper: Seatkeeper) -> int:
    calls = seatkeeper.world.calls.since(0)
    return sum(c.method == "PATCH" and "/subscriptions/" in c.path for c in calls)


async def change(portal: Portal, customer: Json, key: str | None = None, **body: object) -> Json:
    return await portal.post(changes_of(customer), body, key)


async def preview(portal: Portal, customer: Json, **body: object) -> Json:
    answer = await portal.send("POST", f"{changes_of(customer)}?dryRun=true", key="", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def refused(portal: Portal, customer: Json, **body: object) -> list[str]:
    answer = await portal.send("POST", changes_of(customer), json=body)
    assert answer.status_code == 409, answer.text
    return list(answer.json().get("reasons", []))


async def a_small_customer(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """Ten seats of a product that has larger ones."""
    customer = await a_customer(seatkeeper, portal)
    await seatkeeper.sell(portal, BUSINESS_BASIC)
    place = f"customers/{customer['id']}/subscriptions"
    bought = await portal.post(place, subscription_body(offerId=BUSINESS_BASIC, seats=10))
    return {**customer, "subscription": bought["id"]}


async def an_upgrade(portal: Portal, customer: Json) -> str:
    place = f"customers/{customer['id']}/subscriptions/{customer['subscription']}/upgrades"
    options = (await portal.get(place))["items"]
    return str(next(o["offerId"] for o in options if o["eligible"]))


async def let_it_speak_of_ends(seatkeeper: Seatkeeper) -> None:
    """The switch of the connection that says that Microsoft takes the newer field."""
    connections = seatkeeper.works.office.desk.connections
    connection = await connections.get(ConnectionId("northwind"))
    await connections.save(replace(connection, sends_scheduled_actions=True))


FIVE_MORE = {"kind": "setSeats", "seats": 15}


def microsoft_takes(seatkeeper: Seatkeeper, seconds: float) -> None:
    seatkeeper.world.switches.update(
        {"subscriptions.patchMode": "async", "subscriptions.asyncSeconds": seconds}
    )


async def asked_slowly(portal: Portal, customer: Json, **body: object) -> Json:
    answer = await portal.send("POST", changes_of(customer), json=body or FIVE_MORE)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Retry-After"]
    return {"location": answer.headers["Location"], **answer.json()}
