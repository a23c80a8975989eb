from datetime import timedelta
from typing import Any

import pytest

from simulator.tenants import Tenant
from simulator.world import World
from tests.simulator.graph.contoso import BASIC, Graph, a_user, seats

pytestmark = pytest.mark.contract


async def rounds(graph: Graph, link: str) -> tuple[list[dict[str, Any]], str]:
    """All pages of one round, and the link to the next."""
    values: list[dict[str, Any]] = []
    while True:
        page = (await graph.get(link)).json()
        values += page["value"]
        if "@odata.deltaLink" in page:
            return values, page["@odata.deltaLink"]
        link = page["@odata.nextLink"]


async def test_begins_with_everybody_in_pages(graph: Graph, world: World) -> None:
    world.switches["graph.delta.page_size"] = 2
    names = {(await graph.create(name))["id"] for name in ("adele", "bella", "carl", "dora", "ed")}

    values, link = await rounds(graph, "/users/delta()?$select=displayName")

    assert {value["id"] for value in values} == names
    assert link.startswith("http://simulator.test/graph/v1.0/users/delta?$deltatoken=")
    assert values[0].keys() == {"id", "displayName"}


async def test_may_tell_of_somebody_twice(graph: Graph, world: World) -> None:
    world.switches.update({"graph.delta.page_size": 2, "graph.delta.repeats": True})
    for name in ("adele", "bella", "carl"):
        await graph.create(name)

    values, _ = await rounds(graph, "/users/delta?$select=displayName")

    told = [value["id"] for value in values]
    assert (len(told), len(set(told))) == (4, 3)


async def test_then_tells_only_what_has_changed(graph: Graph) -> None:
    await graph.create("adele")
    _, link = await rounds(graph, "/users/delta?$select=displayName")

    bella = await graph.create("bella")
    values, link = await rounds(graph, link)
    nothing, _ = await rounds(graph, link)

    assert [value["id"] for value in values] == [bella["id"]]
    assert nothing == []


async def test_keeps_silent_about_what_was_not_selected(graph: Graph, world: World) -> None:
    seats(world)
    adele = await graph.create()
    _, names = await rounds(graph, "/users/delta?$select=displayName")
    _, licences = await rounds(graph, "/users/delta?$select=assignedLicenses")

    await graph.assign(adele["id"], BASIC)

    silent, _ = await rounds(graph, names)
    told, _ = await rounds(graph, licences)
    assert silent == []
    assert told[0]["assignedLicenses"][0]["skuId"] == BASIC


async def test_tells_how_somebody_left(graph: Graph) -> None:
    adele = await graph.create()
    _, link = await rounds(graph, "/users/delta")

    await graph.delete(f"/users/{adele['id']}")
    binned, link = await rounds(graph, link)
    await graph.delete(f"/directory/deletedItems/{adele['id']}")
    purged, _ = await rounds(graph, link)

    assert binned == [{"id": adele["id"], "@removed": {"reason": "changed"}}]
    assert purged == [{"id": adele["id"], "@removed": {"reason": "deleted"}}]


async def test_who_comes_back_comes_without_a_note(graph: Graph) -> None:
    adele = await graph.create()
    await graph.delete(f"/users/{adele['id']}")
    _, link = await rounds(graph, "/users/delta?$select=displayName")

    await graph.post(f"/directory/deletedItems/{adele['id']}/restore")
    values, _ = await rounds(graph, link)

    assert values == [{"id": adele["id"], "displayName": "Adele"}]


async def test_can_start_with_the_latest(graph: Graph) -> None:
    await graph.create()

    values, link = await rounds(graph, "/users/delta?$deltatoken=latest&$select=displayName")
    bella = await graph.create("bella")
    later, _ = await rounds(graph, link)

    assert values == []
    assert [value["id"] for value in later] == [bella["id"]]


async def test_watches_only_the_ids_that_were_asked_for(graph: Graph) -> None:
    adele = await graph.create("adele")
    await graph.create("bella")

    values, _ = await rounds(graph, f"/users/delta?$filter=id eq '{adele['id']}'")

    assert [value["id"] for value in values] == [adele["id"]]


async def test_minimal_answers_hold_the_changed_members_only(graph: Graph) -> None:
    await graph.create()
    _, link = await rounds(graph, "/users/delta?$select=displayName,jobTitle")

    await graph.patch("/users/adele@contoso.com", {"jobTitle": "Buyer"})
    page = (await graph.get(link, headers={"Prefer": "return=minimal"})).json()

    assert page["value"][0].keys() == {"id", "jobTitle"}


async def test_a_token_is_good_for_seven_days(graph: Graph, world: World) -> None:
    _, link = await rounds(graph, "/users/delta")

    world.clock.advance(timedelta(days=6, hours=23))
    in_time = await graph.get(link)
    world.clock.advance(timedelta(hours=2))
    late = await graph.get(link)

    assert in_time.status_code == 200
    assert late.status_code == 410
    assert late.json()["error"]["code"] == "syncStateNotFound"


async def test_a_token_of_ones_own_making_is_refused(graph: Graph) -> None:
    for token in ("nonsense!", "e30", "NQ"):
        answer = await graph.get(f"/users/delta?$deltatoken={token}")
        assert answer.status_code == 400


async def test_the_bin_empties_after_thirty_days(graph: Graph, world: World) -> None:
    adele = await graph.create()
    await graph.delete(f"/users/{adele['id']}")
    world.clock.advance(timedelta(days=29))
    _, link = await rounds(graph, "/users/delta")

    world.clock.advance(timedelta(days=1))
    values, _ = await rounds(graph, link)

    assert values == [{"id": adele["id"], "@removed": {"reason": "deleted"}}]


@pytest.mark.parametrize("option", ["$top=5", "$orderby=displayName", "$expand=manager"])
async def test_takes_few_options(graph: Graph, option: str) -> None:
    answer = await graph.get(f"/users/delta?{option}")

    assert answer.json()["error"]["code"] == "Request_UnsupportedQuery"


async def test_a_tenant_survives_being_saved(graph: Graph, contoso: Tenant) -> None:
    adele = await graph.create(mail="info@contoso.com")
    await graph.create("bella")
    await graph.delete("/users/bella@contoso.com")

    again = Tenant.from_json(contoso.to_json())

    holder = again.holder("address", "INFO@contoso.com")
    assert again == contoso
    assert holder is not None
    assert holder.id == adele["id"]
    assert a_user()["userPrincipalName"] == holder.user_principal_name
