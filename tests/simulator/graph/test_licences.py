import pytest

from simulator.tenants import Tenant
from simulator.world import World
from tests.simulator.graph.contoso import BASIC, PARTNER, TENANT, Graph, refuses, seats

pytestmark = pytest.mark.contract

E3 = "6fd2c87f-b296-42f0-b197-1e91e994b900"
PROJECT = "53818b1b-4a27-454b-8896-0dba576410e6"
TEAMS = "57ff2da0-773e-42df-b2af-ffb7a2317929"
EXCHANGE = "9aaf7827-d63c-4b61-89c3-182f06f82e5c"
SHAREPOINT_E = "5dbe027f-2339-4123-9542-606e4d348a72"
UNSOLD = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"


async def skus(graph: Graph) -> dict[str, int]:
    listed = (await graph.get("/subscribedSkus")).json()["value"]
    return {sku["skuId"]: sku["consumedUnits"] for sku in listed}


async def test_assigns_and_reads_back(graph: Graph, world: World) -> None:
    seats(world)
    adele = await graph.create()

    answer = await graph.assign(adele["id"], BASIC, disabled=(TEAMS,))

    chosen = "assignedLicenses,licenseAssignmentStates,mail,proxyAddresses"
    after = (await graph.get(f"/users/{adele['id']}?$select={chosen}")).json()
    (state,) = after["licenseAssignmentStates"]
    (details,) = (await graph.get(f"/users/{adele['id']}/licenseDetails")).json()["value"]
    plans = {plan["servicePlanId"]: plan["provisioningStatus"] for plan in details["servicePlans"]}
    assert answer.status_code == 200
    assert answer.json()["userPrincipalName"] == "adele@contoso.com"
    assert after["assignedLicenses"] == [{"disabledPlans": [TEAMS], "skuId": BASIC}]
    assert (state["state"], state["error"], state["assignedByGroup"]) == ("Active", "None", None)
    assert (plans[TEAMS], plans[EXCHANGE]) == ("Disabled", "Success")
    assert await skus(graph) == {BASIC: 1}


async def test_a_mailbox_plan_brings_addresses(graph: Graph, world: World) -> None:
    seats(world)
    adele = await graph.create()

    await graph.assign(adele["id"], BASIC)

    after = (await graph.get(f"/users/{adele['id']}?$select=mail,proxyAddresses")).json()
    assert after["mail"] == "adele@contoso.com"
    assert after["proxyAddresses"][1:] == ["smtp:adele@contoso.onmicrosoft.com"]


async def test_needs_a_usage_location(graph: Graph, world: World) -> None:
    seats(world)
    adele = await graph.create(usageLocation=None)

    refused = await graph.assign(adele["id"], BASIC)
    await graph.patch(f"/users/{adele['id']}", {"usageLocation": "GB"})
    assigned = await graph.assign(adele["id"], BASIC)

    assert refuses(refused, "invalid usage location")
    assert assigned.status_code == 200


async def test_a_usage_location_takes_its_time(graph: Graph, world: World) -> None:
    seats(world)
    adele = await graph.create(usageLocation=None)
    world.switches["replication.usage_location_ms"] = 60_000
    await graph.patch(f"/users/{adele['id']}", {"usageLocation": "GB"})

    early = await graph.assign(adele["id"], BASIC)
    world.tenants[TENANT].lag.clear()
    late = await graph.assign(adele["id"], BASIC)

    assert refuses(early, "invalid usage location")
    assert late.status_code == 200


async def test_never_gives_more_seats_than_there_are(graph: Graph, world: World) -> None:
    seats(world, quantity=1)
    seats(world, quantity=1, status="Suspended")
    adele, bella = await graph.create("adele"), await graph.create("bella")
    await graph.assign(adele["id"], BASIC)

    refused = await graph.assign(bella["id"], BASIC)

    assert refuses(refused, f"Subscription with SKU {BASIC} does not have any available licenses.")
    assert await skus(graph) == {BASIC: 1}


async def test_seats_in_grace_still_count(graph: Graph, world: World) -> None:
    seats(world, quantity=1, status="Warning")
    adele = await graph.create()

    assert (await graph.assign(adele["id"], BASIC)).status_code == 200


async def test_a_plan_needs_the_plan_it_builds_on(graph: Graph, world: World) -> None:
    seats(world, PROJECT)
    adele = await graph.create()

    answer = await graph.assign(adele["id"], PROJECT, disabled=(SHAREPOINT_E,))

    assert refuses(answer, f"depends on the service plan(s) {SHAREPOINT_E}")


async def test_colliding_products_swap_in_one_call(graph: Graph, world: World) -> None:
    seats(world)
    seats(world, E3)
    adele = await graph.create()
    await graph.assign(adele["id"], BASIC)

    both = await graph.assign(adele["id"], E3)
    swapped = await graph.assign(adele["id"], E3, remove=(BASIC,))

    assert refuses(both, "are mutually exclusive")
    assert swapped.status_code == 200
    assert await skus(graph) == {BASIC: 0, E3: 1}


async def test_assigning_again_replaces_the_disabled_plans(graph: Graph, world: World) -> None:
    seats(world, quantity=1)
    adele = await graph.create()
    await graph.assign(adele["id"], BASIC, disabled=(TEAMS,))

    await graph.assign(adele["id"], BASIC, disabled=(EXCHANGE,))

    after = (await graph.get(f"/users/{adele['id']}?$select=assignedLicenses")).json()
    assert after["assignedLicenses"] == [{"disabledPlans": [EXCHANGE], "skuId": BASIC}]


@pytest.mark.parametrize(
    ("body", "fragment"),
    [
        pytest.param({"addLicenses": []}, "removeLicenses", id="a key is missing"),
        pytest.param({"removeLicenses": []}, "addLicenses", id="the other key is missing"),
        pytest.param(
            {"addLicenses": [], "removeLicenses": []}, "No license changes", id="nothing to do"
        ),
        pytest.param(
            {"addLicenses": [], "removeLicenses": [BASIC]},
            "User does not have a corresponding license.",
            id="taken from who has none",
        ),
        pytest.param(
            {"addLicenses": [{"skuId": UNSOLD}], "removeLicenses": []},
            f"License {UNSOLD} does not correspond to a valid company License.",
            id="never bought",
        ),
        pytest.param(
            {"addLicenses": [{"skuId": BASIC, "disabledPlans": [UNSOLD]}], "removeLicenses": []},
            "service plan",
            id="a plan of another product",
        ),
        pytest.param(
            {"addLicenses": [{"skuId": BASIC}], "removeLicenses": [BASIC]},
            "invalid values",
            id="added and removed",
        ),
        pytest.param(
            {"addLicenses": [{"skuId": BASIC}, {"skuId": BASIC}], "removeLicenses": []},
            "invalid values",
            id="added twice",
        ),
    ],
)
async def test_refuses_to_assign(
    graph: Graph, world: World, contoso: Tenant, body: dict[str, object], fragment: str
) -> None:
    seats(world)
    adele = await graph.create()

    answer = await graph.post(f"/users/{adele['id']}/assignLicense", body)

    assert refuses(answer, fragment)
    assert not contoso.users[adele["id"]].licences


async def test_one_bad_licence_spoils_the_whole_call(graph: Graph, world: World) -> None:
    seats(world)
    adele = await graph.create()

    await graph.assign(adele["id"], BASIC, UNSOLD)

    assert await skus(graph) == {BASIC: 0}


async def test_an_assignment_shows_late_but_takes_its_seat_at_once(
    graph: Graph, world: World
) -> None:
    world.switches["replication.license_visible_ms"] = 60_000
    world.switches["replication.consumed_units_ms"] = 60_000
    seats(world, quantity=1)
    adele, bella = await graph.create("adele"), await graph.create("bella")

    await graph.assign(adele["id"], BASIC)

    shown = (await graph.get(f"/users/{adele['id']}?$select=assignedLicenses")).json()
    second = await graph.assign(bella["id"], BASIC)
    assert shown["assignedLicenses"] == []
    assert await skus(graph) == {BASIC: 0}
    assert refuses(second, "does not have any available licenses")


async def test_an_assignment_can_get_lost_behind_a_200(
    graph: Graph, world: World, contoso: Tenant
) -> None:
    world.switches["replication.license_lost_rate"] = 1.0
    seats(world)
    adele = await graph.create()

    answer = await graph.assign(adele["id"], BASIC)

    assert answer.status_code == 200
    assert contoso.consumed(BASIC) == 0


async def test_the_stock_pools_every_source(graph: Graph, world: World) -> None:
    seats(world, quantity=2)
    seats(world, quantity=3)
    seats(world, quantity=5, status="Warning")

    (sku,) = (await graph.get("/subscribedSkus")).json()["value"]

    single = await graph.get(f"/subscribedSkus/{TENANT}_{BASIC}")
    assert sku["prepaidUnits"] == {"enabled": 5, "suspended": 0, "warning": 5, "lockedOut": 0}
    assert len(sku["subscriptionIds"]) == 3
    assert single.json()["skuPartNumber"] == "O365_BUSINESS_ESSENTIALS"


async def test_a_source_of_seats_names_owner_and_purchase(graph: Graph, world: World) -> None:
    bought = seats(world)

    (source,) = (await graph.get("/directory/subscriptions")).json()["value"]
    by_purchase = await graph.get(f"/directory/subscriptions(commerceSubscriptionId='{bought.id}')")

    single = await graph.get(f"/directory/subscriptions/{source['id']}")
    assert source["ownerTenantId"] == PARTNER
    assert source["commerceSubscriptionId"] == bought.id
    assert "ocpSubscriptionId" not in source
    assert by_purchase.json()["id"] == single.json()["id"] == source["id"]
