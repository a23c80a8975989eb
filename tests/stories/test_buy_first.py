"""A batch buys the first subscription of a SKU where it was asked to."""

import httpx

from simulator.faults import Fault
from tests.portal import Json, Portal, Seatkeeper, allow, customer_body, plan_body, row


async def a_bare_customer(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    """A tenant with a plan for its people, and nothing bought."""
    await seatkeeper.connect(portal)
    await portal.post("plans", plan_body())
    return await portal.post("customers", customer_body())


async def send(
    portal: Portal, customer: Json, *, buy_first: bool, dry_run: bool = False
) -> httpx.Response:
    rows = [row(number) for number in range(1, 4)]
    document = {"id": "b-1", "customerId": customer["id"], "rows": rows, "buyFirst": buy_first}
    return await portal.send("POST", "batches?dryRun=true" if dry_run else "batches", json=document)


async def bought(portal: Portal, customer: Json) -> list[int]:
    found = await portal.get(f"customers/{customer['id']}/subscriptions?refresh=true")
    return [item["seats"] for item in found["items"]]


async def test_a_first_subscription_is_bought_only_where_the_document_says_so(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_bare_customer(seatkeeper, portal)

    without = (await send(portal, customer, buy_first=False, dry_run=True)).json()
    asked = (await send(portal, customer, buy_first=True, dry_run=True)).json()

    assert "buy a first one" in without["faults"][0]["detail"]
    assert asked["faults"] == []
    (line,) = asked["plan"]["highest"]["lines"]
    assert line["seats"] == 3
    assert "subscriptionId" not in line
    assert line["untilTermEnd"]["currency"] == "USD"
    assert await bought(portal, customer) == []


async def test_a_batch_buys_it_once_though_the_reply_to_the_checkout_is_lost(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_bare_customer(seatkeeper, portal)
    seatkeeper.world.faults.add(
        Fault(method="POST", path="*/checkout", drop_after_commit=True, times=1)
    )

    await send(portal, customer, buy_first=True)
    await seatkeeper.settle()

    batch = await portal.get("batches/b-1")
    assert (batch["status"], batch["progress"]["done"]) == ("done", 3), batch
    assert await bought(portal, customer) == [3]
    listed = await portal.get(f"customers/{customer['id']}/transactions")
    assert [t["kind"] for t in listed["items"]] == ["bought"]


async def test_a_first_subscription_is_held_by_the_same_ceilings(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_bare_customer(seatkeeper, portal)
    await allow(portal, customer, ceilings={"seats": 2})

    await send(portal, customer, buy_first=True)
    await seatkeeper.settle()

    batch = await portal.get("batches/b-1")
    assert batch["status"] == "refused"
    assert "may buy 2 seats" in batch["faults"][0]["detail"]
    assert await bought(portal, customer) == []
