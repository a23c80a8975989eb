"""What most stories are made of: a customer with seats, a batch for it, a night over it."""

import pytest

from shared.domain.ids import CustomerId, SkuId
from shared.domain.seats import GrowthStatus
from tests.portal import (
    BUSINESS_BASIC_SKU,
    BUSINESS_PREMIUM_SKU,
    Json,
    Portal,
    Seatkeeper,
    customer_body,
    plan_body,
    row,
    subscription_body,
)

NEAR_THE_END = 10
"""Days after the purchase of a month: its refund window is closed, and twenty are left."""


async def a_customer(seatkeeper: Seatkeeper, portal: Portal, seats: int = 10) -> Json:
    """A connected partner with a plan, a tenant and a subscription."""
    await seatkeeper.connect(portal)
    await portal.post("plans", plan_body())
    customer = await portal.post("customers", customer_body())
    bought = await portal.post(
        f"customers/{customer['id']}/subscriptions", subscription_body(seats=seats)
    )
    return {**customer, "subscription": bought["id"]}


async def seats_of(portal: Portal, customer: Json) -> int:
    found = await portal.get(f"customers/{customer['id']}/subscriptions?refresh=true")
    return int(found["items"][0]["seats"])


async def send_batch(seatkeeper: Seatkeeper, portal: Portal, customer: Json, count: int) -> Json:
    rows = [row(n) for n in range(1, count + 1)]
    batch = await portal.post("batches", {"customerId": customer["id"], "rows": rows})
    await seatkeeper.settle()
    return await portal.get(f"batches/{batch['id']}")


async def leave(seatkeeper: Seatkeeper, customer: Json, count: int) -> None:
    await seatkeeper.sim(
        "POST", f"portal/customers/{customer['id']}/users/remove", {"count": count}
    )


async def a_night(seatkeeper: Seatkeeper, portal: Portal, *, days: int, within: float = 60) -> Json:
    clock = await seatkeeper.sim("POST", "clock/advance", {"days": days})
    await seatkeeper.host.run("nightly")
    await seatkeeper.settle(within)
    return await portal.get(f"runs/night-{clock['now'][:10]}")


def user_body(**changes: str) -> Json:
    return {
        "userPrincipalName": "ada.lovelace@contosotest.onmicrosoft.com",
        "displayName": "Ada Lovelace",
        "usageLocation": "US",
        "plan": "office-worker",
        **changes,
    }


def growth_patches(seatkeeper: Seatkeeper) -> int:
    calls = seatkeeper.world.calls.since(0)
    return sum(c.method == "PATCH" and "/subscriptions/" in c.path for c in calls)


async def licensed(seatkeeper: Seatkeeper, customer: Json) -> list[str]:
    tenant = seatkeeper.world.tenants[customer["id"]]
    return sorted(u.user_principal_name for u in tenant.users.values() if u.licences)


async def nothing_is_left_open(seatkeeper: Seatkeeper, customer: Json) -> None:
    """No intent and no promise outlives the work that made it."""
    ledger = seatkeeper.works.office.desk.ledger
    for sku in (BUSINESS_PREMIUM_SKU, BUSINESS_BASIC_SKU):
        page = await ledger.read(CustomerId(customer["id"]), SkuId(sku))
        assert not [g for g in page.growths if g.status is GrowthStatus.INTENT]
        assert not page.reservations


async def a_monthly_customer(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    await seatkeeper.connect(portal)
    customer = await portal.post("customers", customer_body())
    wish = subscription_body(term="P1M", seats=10)
    bought = await portal.post(f"customers/{customer['id']}/subscriptions", wish)
    return {**customer, "subscription": bought["id"]}


async def renewals_of(portal: Portal, customer: Json, days: int = 30) -> list[Json]:
    found = await portal.get(f"customers/{customer['id']}/renewals?days={days}")
    return found["items"]  # type: ignore[no-any-return]


def events(caplog: pytest.LogCaptureFixture, name: str) -> int:
    return sum(line.startswith(f"event: {name} ") for line in caplog.messages)


async def part_of(portal: Portal, night: Json) -> Json:
    [part] = (await portal.get(f"runs/{night['id']}/customers"))["items"]
    return part  # type: ignore[no-any-return]
