"""What Microsoft sells for less is shown before anybody buys."""

from tests.portal import Json, Portal, Seatkeeper, customer_body, subscription_body

PROJECT = "CFQ7TTC0HDB0:0002"
VISIO = "CFQ7TTC0HD32:0002"


async def shown(portal: Portal, customer: Json, **changes: object) -> Json:
    place = f"customers/{customer['id']}/subscriptions?dryRun=true"
    return await portal.post(place, subscription_body(**changes), "")


async def test_the_promotions_of_today_are_listed_by_offer(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)

    every = await portal.get("connections/northwind/promotions?market=US")
    one = await portal.get(f"connections/northwind/promotions?market=US&offerId={PROJECT}")

    assert {p["offerId"] for p in every["items"]} == {PROJECT, VISIO}
    assert [(p["discountPercent"], p["automatic"]) for p in one["items"]] == [("5", True)]


async def test_a_preview_says_which_promotions_a_purchase_would_get(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    await seatkeeper.sell(portal, PROJECT)
    customer = await portal.post("customers", customer_body())

    fitting = await shown(portal, customer, offerId=PROJECT)
    otherwise = await shown(portal, customer, offerId=PROJECT, billingPlan="annual")
    without = await shown(portal, customer)

    assert [p["eligible"] for p in fitting["promotions"]] == [True]
    assert otherwise["promotions"][0]["reasons"] == ["It is for another term or billing plan."]
    assert without["promotions"] == []
