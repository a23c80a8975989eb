"""Nothing is sold until it is ticked, and every synchronisation says what changed."""

from dataclasses import replace

from tests.portal import (
    BUSINESS_PREMIUM,
    Json,
    Portal,
    Seatkeeper,
    customer_body,
    subscription_body,
)

CATALOG = "catalog?connectionId=northwind&market=US&limit=200"


async def synchronise(seatkeeper: Seatkeeper, portal: Portal) -> Json:
    operation = await portal.post("connections/northwind/sync")
    await seatkeeper.settle()
    done = await portal.get(f"operations/{operation['id']}")
    assert done["status"] == "done", done
    return await portal.get(done["resource"])


async def test_an_offer_is_sold_once_somebody_ticked_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    await seatkeeper.sell(portal, sellable=False)
    customer = await portal.post("customers", customer_body())
    place = f"customers/{customer['id']}/subscriptions"

    before = await portal.send("POST", place, json=subscription_body())
    await seatkeeper.sell(portal)
    after = await portal.send("POST", place, json=subscription_body())

    assert (before.status_code, after.status_code) == (409, 201)
    assert before.json()["type"].endswith("offer-not-sellable")
    assert "ticked" in before.json()["detail"]


async def test_ticks_survive_a_synchronisation_and_are_listed(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)

    await synchronise(seatkeeper, portal)

    sold = (await portal.get(f"{CATALOG}&sellable=true"))["items"]
    rest = (await portal.get(f"{CATALOG}&sellable=false"))["items"]
    assert [offer["offerId"] for offer in sold] == [BUSINESS_PREMIUM]
    assert {"term": "P1Y", "billingPlan": "monthly"} in sold[0]["terms"]
    assert BUSINESS_PREMIUM not in {offer["offerId"] for offer in rest}
    assert rest


async def test_only_an_administrator_ticks(seatkeeper: Seatkeeper, portal: Portal) -> None:
    await seatkeeper.connect(portal)
    operator = await seatkeeper.portal("operator")

    body = {"connectionId": "northwind", "market": "US", "sellable": True}
    answer = await operator.send("PUT", f"catalog/{BUSINESS_PREMIUM}", json=body)

    assert answer.status_code == 403


async def test_several_offers_are_ticked_together_or_not_at_all(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    await seatkeeper.sell(portal, sellable=False)
    body = {
        "connectionId": "northwind",
        "market": "US",
        "offerIds": [BUSINESS_PREMIUM, "NOTHING:0001"],
        "sellable": True,
    }

    answer = await portal.send("POST", "catalog/selection", json=body, key="")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/offerIds/1"
    assert not (await portal.get(f"{CATALOG}&sellable=true"))["items"]


async def test_a_first_synchronisation_adds_and_a_second_one_finds_nothing(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)

    again = await synchronise(seatkeeper, portal)

    listed = (await portal.get("connections/northwind/syncs"))["items"]
    newest, first = (sync["markets"][0] for sync in listed)
    assert first["added"] == first["offers"] > 0
    assert (newest["added"], newest["removed"]) == (0, 0)
    assert (newest["prices"], newest["attributes"]) == (0, 0)
    assert again["markets"][0]["prices"] == []


async def test_what_did_not_change_is_not_written_again(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    before = (await portal.get(CATALOG))["items"]

    await seatkeeper.sim("POST", "clock/advance", {"days": 1})
    await synchronise(seatkeeper, portal)

    after = (await portal.get(CATALOG))["items"]
    assert [o["changedAt"] for o in after] == [o["changedAt"] for o in before]


async def test_a_product_that_microsoft_renames_shows_in_the_difference(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    kept = seatkeeper.works.office.desk.catalog
    (entry,) = [
        e
        for e in await kept.all("northwind", "US")  # type: ignore[arg-type]
        if e.offer.id == BUSINESS_PREMIUM
    ]
    dear = tuple(replace(p, unit=p.unit * 2) for p in entry.prices)
    await kept.save(replace(entry, offer=replace(entry.offer, title="Old"), prices=dear))

    found = await synchronise(seatkeeper, portal)

    market = found["markets"][0]
    assert {c["attribute"]: (c["before"], c["after"]) for c in market["attributes"]} == {
        "title": ("Old", entry.offer.title)
    }
    assert market["counts"]["prices"] == len({(p.term, p.billing) for p in entry.prices})
    assert float(market["prices"][0]["before"]["amount"]) == 2 * float(
        market["prices"][0]["after"]["amount"]
    )


async def test_an_offer_that_is_gone_is_named(seatkeeper: Seatkeeper, portal: Portal) -> None:
    await seatkeeper.connect(portal)
    kept = seatkeeper.works.office.desk.catalog
    entries = list(await kept.all("northwind", "US"))  # type: ignore[arg-type]
    ghost = replace(entries[0], offer=replace(entries[0].offer, id="GHOST:0001"))  # type: ignore[arg-type]
    await kept.save(ghost)

    found = await synchronise(seatkeeper, portal)

    assert [o["offerId"] for o in found["markets"][0]["removed"]] == ["GHOST:0001"]


async def test_what_was_sold_before_is_listed_with_its_add_ons_and_sold_nowhere(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    customer = await portal.post("customers", customer_body())

    legacy = (await portal.get(f"{CATALOG}&kind=legacy"))["items"]
    base = next(offer for offer in legacy if offer["isClosed"])
    add_on = next(offer for offer in legacy if offer["isAddOn"])
    body = {"connectionId": "northwind", "market": "US", "sellable": True}
    ticked = await portal.send("PUT", f"catalog/{base['offerId']}", json=body)
    bought = await portal.send(
        "POST",
        f"customers/{customer['id']}/subscriptions",
        json=subscription_body(offerId=base["offerId"]),
    )

    assert set(add_on["prerequisites"]) <= {offer["offerId"] for offer in legacy}
    assert (ticked.status_code, bought.status_code) == (409, 409)
    assert "closed" in ticked.json()["detail"]
    assert "closed" in bought.json()["detail"]
