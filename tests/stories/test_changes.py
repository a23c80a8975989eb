"""Subscriptions change as asked, once, and what Microsoft deletes on the way is put back."""

from simulator.nouns import Subscription
from tests.portal import Json, Portal, Seatkeeper
from tests.stories.test_first_day import a_customer


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


async def a_week_later(seatkeeper: Seatkeeper, days: float = 8) -> None:
    await seatkeeper.sim("POST", "clock/advance", {"seconds": days * 86_400})


async def test_seats_are_raised_and_the_reason_is_on_record(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    changed = await change(portal, customer, kind="setSeats", seats=15, reason="five joiners")

    assert changed["subscription"]["seats"] == 15
    assert held(seatkeeper, customer).quantity == 15
    history = await portal.get(changes_of(customer))
    assert history["items"][0]["reason"] == "five joiners"
    assert history["items"][0]["status"] == "done"
    assert history["items"][0]["changed"] == ["seats"]
    assert history["items"][0]["correlationId"]
    transactions = await portal.get(f"customers/{customer['id']}/transactions")
    assert transactions["items"][0]["kind"] == "grown"
