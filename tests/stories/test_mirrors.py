"""What a night read of a customer is shown to people and programs, without names and calls."""

from simulator.tenants import Licence
from tests.everyday import a_customer, a_night, send_batch
from tests.portal import BUSINESS_PREMIUM_SKU, Portal, Seatkeeper


async def test_a_customer_that_no_night_has_read_is_empty(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)

    for what in ("directory", "people", "domains", "standing"):
        answer = await portal.get(f"customers/{customer['id']}/{what}")
        assert "readAt" not in answer
        assert not [value for value in answer.values() if value]


async def test_what_a_night_read_is_shown_without_names_and_without_a_call(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    # Given a customer with seats of all owners, and people licensed both ways
    customer = await a_customer(seatkeeper, portal, seats=10)
    await send_batch(seatkeeper, portal, customer, 2)
    place = f"portal/customers/{customer['id']}/purchases"
    for owner, seats in (("customer", 5), ("4f2504e0-4f89-41d3-9a0c-0305e82c3301", 7)):
        bought = {"skuId": BUSINESS_PREMIUM_SKU, "quantity": seats, "owner": owner}
        await seatkeeper.sim("POST", place, bought)
    tenant, now = seatkeeper.world.tenants[customer["id"]], seatkeeper.world.clock.now()
    tenant.add_domain("new.example")
    person = tenant.user(f"person1@{customer['domain']}")
    assert person is not None
    tenant.set_licences(person, [Licence(BUSINESS_PREMIUM_SKU, ["a-service"], now, "a-group")], now)
    await a_night(seatkeeper, portal, days=1)
    last = (await seatkeeper.sim("GET", "calls"))["last"]

    # When it is looked at
    names = ("directory", "people", "domains", "standing")
    shown = {what: await portal.get(f"customers/{customer['id']}/{what}") for what in names}

    # Then owners, ways and states are told
    holdings = shown["directory"]["holdings"]
    assert {h["owner"]: h["seats"] for h in holdings} == {
        "ours": 10,
        "customer": 5,
        "otherPartner": 7,
    }
    [stock] = shown["directory"]["stocks"]
    assert (stock["enabled"], stock["consumed"]) == (22, 2)
    [theirs] = [p for p in shown["people"]["items"] if p["id"] == person.id]
    assert theirs["licences"] == [
        {
            "skuId": BUSINESS_PREMIUM_SKU,
            "direct": False,
            "byGroup": True,
            "disabledServicePlanIds": ["a-service"],
        }
    ]
    domains = {d["name"]: (d["verified"], d["default"]) for d in shown["domains"]["items"]}
    assert domains == {customer["domain"]: (True, True), "new.example": (False, False)}
    assert shown["standing"]["agreement"]["accepted"]
    assert [r["status"] for r in shown["standing"]["relationships"]] == ["active"]

    # And nobody is named, and nobody at Microsoft was called
    assert "@" not in str(shown)
    calls = (await seatkeeper.sim("GET", f"calls?since={last}"))["calls"]
    assert not [c for c in calls if not c["path"].startswith(("/login", "/_sim"))]
