import pytest

from simulator.tenants import Tenant
from simulator.world import World
from tests.simulator.graph.contoso import BASIC, PASSWORD, Graph, a_user, refuses, seats

pytestmark = pytest.mark.contract

EVENTUAL = {"ConsistencyLevel": "eventual"}


@pytest.fixture
def crowd(contoso: Tenant, world: World) -> list[str]:
    """250 people, without the price of 250 calls."""
    names = [f"user{number:03}" for number in range(250)]
    for name in names:
        body = a_user(name)
        del body["passwordProfile"]
        contoso.create_user(body, PASSWORD, world.clock.now())
    return names


async def test_lists_in_pages_of_a_hundred(graph: Graph, crowd: list[str]) -> None:
    sizes, names = [], set()
    link = "/users?$select=userPrincipalName"

    while link:
        page = (await graph.get(link)).json()
        sizes.append(len(page["value"]))
        names |= {user["userPrincipalName"] for user in page["value"]}
        link = page.get("@odata.nextLink", "")

    assert sizes == [100, 100, 50]
    assert names == {f"{name}@contoso.com" for name in crowd}


async def test_a_next_link_is_absolute_and_keeps_the_query(graph: Graph, crowd: list[str]) -> None:
    first = (await graph.get("/users?$select=id,displayName&$top=7")).json()

    second = (await graph.get(first["@odata.nextLink"])).json()

    assert first["@odata.nextLink"].startswith("http://simulator.test/graph/v1.0/users?")
    assert "$skiptoken=" in first["@odata.nextLink"]
    assert len(second["value"]) == 7
    assert second["value"][0].keys() == {"id", "displayName"}
    assert not {user["id"] for user in first["value"]} & {user["id"] for user in second["value"]}


async def test_paging_loses_nobody_when_somebody_leaves(
    graph: Graph, crowd: list[str], contoso: Tenant, world: World
) -> None:
    first = (await graph.get("/users?$top=100")).json()

    contoso.delete_user(first["value"][0]["id"], world.clock.now())
    second = (await graph.get(first["@odata.nextLink"])).json()

    expected = sorted(contoso.users)[99]
    assert second["value"][0]["id"] == expected


async def test_a_broken_page_token_is_refused(graph: Graph) -> None:
    answer = await graph.get("/users?$skiptoken=nonsense!")

    assert answer.status_code == 400


@pytest.mark.parametrize("top", ["0", "1000", "many"])
async def test_a_page_holds_one_to_999(graph: Graph, top: str) -> None:
    answer = await graph.get(f"/users?$top={top}")

    assert refuses(answer, f"Invalid page size specified: '{top}'", "Request_UnsupportedQuery")


async def test_counting_needs_the_header(graph: Graph, crowd: list[str]) -> None:
    bare = await graph.get("/users/$count")
    eventual = await graph.get("/users/$count", headers=EVENTUAL)

    assert refuses(bare, "$count is not currently supported")
    assert eventual.text == "250"
    assert eventual.headers["content-type"].startswith("text/plain")


async def test_a_count_comes_on_the_first_page_and_with_the_header_only(
    graph: Graph, crowd: list[str]
) -> None:
    bare = (await graph.get("/users?$count=true")).json()
    first = (await graph.get("/users?$count=true", headers=EVENTUAL)).json()
    second = (await graph.get(first["@odata.nextLink"], headers=EVENTUAL)).json()

    assert "@odata.count" not in bare
    assert first["@odata.count"] == 250
    assert "@odata.count" not in second


ADVANCED = [
    "endsWith(mail,'contoso.com')",
    "displayName ne 'Adele'",
    "not startsWith(displayName,'A')",
    "assignedLicenses/$count eq 0",
    "officeLocation eq 'Leeds'",
    "onPremisesExtensionAttributes/extensionAttribute15 eq 'seatkeeper:b1/1'",
]


@pytest.mark.parametrize("clause", ADVANCED)
async def test_advanced_queries_say_that_they_are(graph: Graph, clause: str) -> None:
    bare = await graph.get("/users", params={"$filter": clause})
    told = await graph.get("/users", params={"$filter": clause, "$count": "true"}, headers=EVENTUAL)

    assert refuses(bare, "Unsupported Query.", "Request_UnsupportedQuery")
    assert told.status_code == 200


CLAUSES = [
    ("userPrincipalName eq 'ADELE@contoso.com'", {"adele"}),
    ("userPrincipalName in ('adele@contoso.com','bella@contoso.com')", {"adele", "bella"}),
    ("startsWith(displayName,'bel')", {"bella"}),
    ("surname eq 'O''Brien'", {"bella"}),
    ("proxyAddresses/any(p:p eq 'smtp:INFO@contoso.com')", {"adele"}),
    (f"assignedLicenses/any(l:l/skuId eq {BASIC})", {"adele"}),
    ("accountEnabled eq true and usageLocation eq 'DE'", {"bella"}),
    ("(usageLocation eq 'DE' or usageLocation eq 'GB') and accountEnabled eq false", set[str]()),
    ("createdDateTime ge 2020-01-01T00:00:00Z", {"adele", "bella"}),
    ("onPremisesImmutableId eq null", {"adele", "bella"}),
    ("accountEnabled ge 'x'", set[str]()),
]


@pytest.mark.parametrize(("clause", "expected"), CLAUSES)
async def test_filters(graph: Graph, world: World, clause: str, expected: set[str]) -> None:
    seats(world)
    adele = await graph.create("adele", mail="info@contoso.com")
    await graph.assign(adele["id"], BASIC)
    await graph.create("bella", usageLocation="DE", surname="O'Brien")

    answer = await graph.get("/users", params={"$filter": clause})

    found = {user["userPrincipalName"].partition("@")[0] for user in answer.json()["value"]}
    assert found == expected


@pytest.mark.parametrize("clause", ["displayName", "displayName eq", "shoeSize eq 44", "id ~ 'x'"])
async def test_a_filter_that_cannot_be_read_is_refused(graph: Graph, clause: str) -> None:
    answer = await graph.get("/users", params={"$filter": clause})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "Request_UnsupportedQuery"


async def test_a_filter_takes_fifteen_choices(graph: Graph) -> None:
    ids = ",".join(f"'user{number}@contoso.com'" for number in range(16))

    answer = await graph.get("/users", params={"$filter": f"userPrincipalName in ({ids})"})

    assert refuses(answer, "Max allowed: 15", "Request_UnsupportedQuery")


async def test_an_unknown_member_cannot_be_selected(graph: Graph) -> None:
    answer = await graph.get("/users?$select=shoeSize")

    assert refuses(answer, "Could not find a property named 'shoeSize'", "BadRequest")


async def test_what_comes_in_one_piece_takes_no_paging(graph: Graph) -> None:
    answer = await graph.get("/subscribedSkus?$top=5")

    assert answer.status_code == 400


async def test_a_filter_by_key_finds_who_has_it_and_nobody_else(
    graph: Graph, crowd: list[str]
) -> None:
    everybody = (await graph.get("/users?$top=999")).json()["value"]
    wanted = everybody[:15]
    ids = ",".join(f"'{user['id'].upper()}'" for user in wanted)
    names = ", ".join(f"'{user['userPrincipalName']}'" for user in wanted)

    by_id = (await graph.get(f"/users?$filter=id in ({ids})")).json()["value"]
    by_name = (await graph.get(f"/users?$filter=userPrincipalName in ({names})")).json()["value"]
    crossed = (await graph.get(f"/users?$filter=id in ({names})")).json()["value"]

    expected = sorted(user["id"] for user in wanted)
    assert [user["id"] for user in by_id] == [user["id"] for user in by_name] == expected
    assert not crossed


async def test_only_the_beta_tells_how_full_a_directory_is(graph: Graph, crowd: list[str]) -> None:
    beta = "http://simulator.test/graph/beta"

    sized = (await graph.get(f"{beta}/organization?$select=directorySizeQuota")).json()["value"]
    plain = await graph.get("/organization?$select=directorySizeQuota")
    users = await graph.get(f"{beta}/users")

    assert sized == [{"directorySizeQuota": {"used": len(crowd), "total": 50_000}}]
    assert (plain.status_code, users.status_code) == (400, 501)
