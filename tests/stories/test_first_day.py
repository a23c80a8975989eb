"""The main job, from a partner's first connection to the seats that the night gives back."""

from tests.everyday import a_customer, a_night, leave, seats_of, send_batch, user_body
from tests.portal import (
    Portal,
    Seatkeeper,
    customer_body,
    let_go,
)


async def test_a_tenant_is_created_with_its_agreement_and_a_password_for_its_admin(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)

    customer = await portal.post("customers", customer_body())

    assert customer["domain"] == "contosotest.onmicrosoft.com"
    assert customer["agreementAt"]
    revealed = await portal.post(f"{customer['passwordUrl']}/reveal", key="")
    assert revealed["userPrincipalName"] == "admin@contosotest.onmicrosoft.com"
    await portal.post(f"{customer['passwordUrl']}/acknowledge", key="")
    again = await portal.send("POST", f"{customer['passwordUrl']}/reveal")
    assert again.status_code == 410


async def test_a_user_takes_a_free_seat_and_nothing_is_bought(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    answer = await portal.send("POST", f"customers/{customer['id']}/users", json=user_body())

    assert answer.status_code == 201, answer.text
    assert await seats_of(portal, customer) == 10


async def test_a_user_who_finds_no_free_seat_has_exactly_one_bought(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    first = await portal.send("POST", f"customers/{customer['id']}/users", json=user_body())
    assert first.status_code == 201

    other = user_body(userPrincipalName="grace.hopper@contosotest.onmicrosoft.com")
    second = await portal.send("POST", f"customers/{customer['id']}/users", json=other)

    assert second.status_code == 201, second.text
    assert await seats_of(portal, customer) == 2


async def test_a_hundred_people_are_licensed_with_one_growth(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await portal.send("POST", f"customers/{customer['id']}/users", json=user_body())

    batch = await send_batch(seatkeeper, portal, customer, 100)

    assert batch["status"] == "done", batch
    assert batch["progress"]["done"] == 100
    assert [(g["seatsBefore"], g["seatsAfter"]) for g in batch["growths"]] == [(10, 101)]
    calls = seatkeeper.world.calls.since(0)
    assert sum(c.method == "PATCH" and "/subscriptions/" in c.path for c in calls) == 1


async def test_the_night_gives_back_what_the_leavers_left_inside_their_window(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 30)
    await let_go(portal, customer, spare=0)
    await leave(seatkeeper, customer, 12)

    night = await a_night(seatkeeper, portal, days=1)

    assert night["summary"]["seatsGivenBack"] == 12
    assert await seats_of(portal, customer) == 18


async def test_the_night_schedules_what_is_past_its_window_for_the_renewal(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 10)
    await let_go(portal, customer, spare=0)
    await leave(seatkeeper, customer, 5)

    night = await a_night(seatkeeper, portal, days=30)

    assert night["summary"]["seatsScheduled"] == 5
    assert await seats_of(portal, customer) == 10
    held = next(iter(seatkeeper.world.subscriptions.values()))
    assert held.schedule is not None


async def test_the_night_only_reports_until_a_policy_says_apply(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=10)

    night = await a_night(seatkeeper, portal, days=1)

    assert night["summary"] == {
        "customers": 1,
        "failed": 0,
        "unfinished": 0,
        "leftOut": 0,
        "seatsIdle": 10,
        "seatsGivenBack": 0,
        "seatsScheduled": 0,
        "seatsRestored": 0,
        "seatsAtRisk": 0,
        "drift": {"found": 0, "open": 0, "adopted": 0, "enforced": 0},
    }
    assert await seats_of(portal, customer) == 10
