from typing import Any

import pytest

from simulator.tenants import Tenant
from simulator.world import World
from tests.simulator.graph.contoso import ADMIN, BASIC, PASSWORD, Graph, a_user, refuses, seats

pytestmark = pytest.mark.contract

DEFAULTS = {
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
}


async def test_creates_a_user_and_answers_with_the_default_members_only(graph: Graph) -> None:
    created = await graph.create(givenName="Adele")

    chosen = (await graph.get(f"/users/{created['id']}?$select=usageLocation,userType")).json()
    assert created.keys() == DEFAULTS | {"@odata.context"}
    assert created["@odata.context"].endswith("/graph/v1.0/$metadata#users/$entity")
    assert created["mail"] is None
    assert chosen["usageLocation"] == "GB"
    assert chosen["@odata.context"].endswith("$metadata#users(usageLocation,userType)/$entity")


async def test_finds_a_user_by_id_or_name_in_any_case(graph: Graph) -> None:
    created = await graph.create()

    for key in (created["id"].upper(), "ADELE@Contoso.com", "adele%40contoso.com"):
        assert (await graph.get(f"/users/{key}")).json()["id"] == created["id"]
    assert (await graph.get("/users('adele@contoso.com')")).json()["id"] == created["id"]


FAULTY: list[Any] = [
    pytest.param(
        {"userPrincipalName": "adele@fabrikam.com"},
        "The domain portion of the userPrincipalName property is invalid",
        id="a domain of somebody else",
    ),
    pytest.param({"userPrincipalName": "adele"}, "Property userPrincipalName", id="no at sign"),
    pytest.param({"userPrincipalName": "adéle@contoso.com"}, "userPrincipalName", id="an accent"),
    pytest.param({"userPrincipalName": "a.@contoso.com"}, "userPrincipalName", id="dot before at"),
    pytest.param(
        {"passwordProfile": {"password": "abcdefgh"}},
        "does not comply with password complexity requirements",
        id="a weak password",
    ),
    pytest.param(
        {"passwordProfile": {"password": "P@ssw0rd-2026"}},
        "does not comply with password complexity requirements",
        id="a password that everybody guesses",
    ),
    pytest.param({"mailNickname": None}, "mailNickname value is required", id="null nickname"),
    pytest.param({"mailNickname": ""}, "mailNickname value is required", id="empty nickname"),
    pytest.param({"displayName": "x" * 257}, "'displayName'", id="a name that is too long"),
    pytest.param({"usageLocation": "gb"}, "'usageLocation'", id="a country in small letters"),
    pytest.param({"usageLocation": "UK"}, "'usageLocation'", id="a country that is none"),
    pytest.param({"accountEnabled": "yes"}, "'accountEnabled'", id="text for a flag"),
    pytest.param({"businessPhones": None}, "A null value was found", id="a null collection"),
    pytest.param({"businessPhones": ["1", "2"]}, "'businessPhones'", id="two phones"),
    pytest.param({"proxyAddresses": []}, "read-only", id="addresses"),
    pytest.param({"favouriteColour": "red"}, "does not exist as a declared", id="no such member"),
]


@pytest.mark.parametrize(("wrong", "fragment"), FAULTY)
async def test_refuses_to_create(
    graph: Graph, contoso: Tenant, wrong: dict[str, Any], fragment: str
) -> None:
    answer = await graph.post("/users", a_user() | wrong)

    assert refuses(answer, fragment)
    assert not contoso.users


@pytest.mark.parametrize("name", ["accountEnabled", "displayName", "mailNickname"])
async def test_names_the_member_that_is_missing(graph: Graph, name: str) -> None:
    body = a_user()
    del body[name]

    answer = await graph.post("/users", body)

    assert refuses(answer, f"Property {name} value is required")


async def test_a_bad_nickname_comes_with_a_detail(graph: Graph) -> None:
    answer = await graph.post("/users", a_user(mailNickname="a."))

    assert refuses(
        answer, "Invalid value specified for property 'mailNickname' of resource 'User'."
    )
    assert answer.json()["error"]["details"][0]["code"] == "InvalidValue"


@pytest.mark.parametrize(
    ("second", "taken"),
    [
        pytest.param({"userPrincipalName": "ADELE@contoso.com"}, "userPrincipalName", id="name"),
        pytest.param({"userPrincipalName": "info@contoso.com"}, "proxyAddresses", id="as address"),
        pytest.param({"mail": "INFO@contoso.com"}, "proxyAddresses", id="address"),
        pytest.param({"onPremisesImmutableId": "TTwv=="}, "onPremisesImmutableId", id="anchor"),
    ],
)
async def test_two_users_never_share(graph: Graph, second: dict[str, object], taken: str) -> None:
    await graph.create(mail="info@contoso.com", onPremisesImmutableId="TTwv==")

    answer = await graph.post("/users", a_user("bella") | second)

    assert refuses(answer, f"same value for property {taken} already exists")
    assert answer.json()["error"]["details"][0]["target"] == taken


async def test_a_federated_user_needs_an_anchor(graph: Graph, contoso: Tenant) -> None:
    contoso.domains["contoso.com"].authentication_type = "Federated"

    without = await graph.post("/users", a_user())
    anchored = await graph.post("/users", a_user(onPremisesImmutableId="TTwvG29e=="))

    assert refuses(without, "SourceAnchor is a required property")
    assert anchored.status_code == 201


async def test_changes_only_what_is_sent(graph: Graph) -> None:
    adele = await graph.create(jobTitle="Buyer")

    answer = await graph.patch(f"/users/{adele['id']}", {"displayName": "Adele V"})

    after = (await graph.get(f"/users/{adele['id']}")).json()
    assert (answer.status_code, answer.content) == (204, b"")
    assert (after["displayName"], after["jobTitle"]) == ("Adele V", "Buyer")


async def test_keeps_extension_attributes_that_a_change_leaves_out(graph: Graph) -> None:
    marker = {"extensionAttribute15": "seatkeeper:b1/7"}
    adele = await graph.create(onPremisesExtensionAttributes=marker)

    await graph.patch(
        f"/users/{adele['id']}", {"onPremisesExtensionAttributes": {"extensionAttribute1": "x"}}
    )

    answer = await graph.get(f"/users/{adele['id']}?$select=onPremisesExtensionAttributes")
    attributes = answer.json()["onPremisesExtensionAttributes"]
    assert attributes["extensionAttribute15"] == "seatkeeper:b1/7"
    assert attributes["extensionAttribute1"] == "x"
    assert attributes["extensionAttribute2"] is None


@pytest.mark.parametrize("status", [400, 403])
async def test_proxy_addresses_are_not_writable(graph: Graph, world: World, status: int) -> None:
    adele = await graph.create(mail="info@contoso.com")
    world.switches["proxy_write.status"] = status

    answer = await graph.patch(f"/users/{adele['id']}", {"proxyAddresses": ["smtp:x@contoso.com"]})

    after = (await graph.get(f"/users/{adele['id']}?$select=proxyAddresses")).json()
    assert answer.status_code == status
    assert after["proxyAddresses"] == ["SMTP:info@contoso.com"]


async def test_a_new_mail_address_demotes_the_old_one_to_an_alias(graph: Graph) -> None:
    adele = await graph.create(mail="info@contoso.com")

    await graph.patch(f"/users/{adele['id']}", {"mail": "a@contoso.com"})

    after = (await graph.get(f"/users/{adele['id']}?$select=mail,proxyAddresses")).json()
    assert after["mail"] == "a@contoso.com"
    assert after["proxyAddresses"] == ["SMTP:a@contoso.com", "smtp:info@contoso.com"]


async def test_an_address_of_somebody_else_changes_nothing(graph: Graph) -> None:
    await graph.create(mail="info@contoso.com")
    bella = await graph.create("bella", mail="bella@contoso.com")

    answer = await graph.patch(f"/users/{bella['id']}", {"mail": "info@contoso.com"})

    after = (await graph.get(f"/users/{bella['id']}?$select=mail,proxyAddresses")).json()
    assert refuses(answer, "property proxyAddresses already exists")
    assert after["proxyAddresses"] == ["SMTP:bella@contoso.com"]


async def test_a_synchronised_user_changes_on_premises(graph: Graph, contoso: Tenant) -> None:
    adele = await graph.create()
    contoso.users[adele["id"]].synced = True

    name = await graph.patch(f"/users/{adele['id']}", {"displayName": "X"})
    location = await graph.patch(f"/users/{adele['id']}", {"usageLocation": "DE"})

    assert refuses(name, "on-premises mastered Directory Sync objects")
    assert location.status_code == 204


async def test_the_usage_location_cannot_be_taken_back(graph: Graph) -> None:
    adele = await graph.create()

    answer = await graph.patch(f"/users/{adele['id']}", {"usageLocation": None})

    assert refuses(answer, "'usageLocation'")


async def test_a_renamed_user_answers_to_the_new_name_only(graph: Graph) -> None:
    await graph.create()

    await graph.patch("/users/adele@contoso.com", {"userPrincipalName": "av@contoso.com"})

    assert (await graph.get("/users/av@contoso.com")).status_code == 200
    assert (await graph.get("/users/adele@contoso.com")).status_code == 404


async def test_a_new_password_is_checked_and_never_shown(graph: Graph, contoso: Tenant) -> None:
    adele = await graph.create()
    path = f"/users/{adele['id']}"

    weak = await graph.patch(path, {"passwordProfile": {"password": "abc"}})
    strong = await graph.patch(path, {"passwordProfile": {"password": "Vq7#kd92mPz!"}})

    shown = (await graph.get(f"{path}?$select=passwordProfile")).json()
    assert refuses(weak, "password complexity")
    assert strong.status_code == 204
    assert contoso.users[adele["id"]].has_password("Vq7#kd92mPz!")
    assert shown["passwordProfile"] is None
    assert PASSWORD not in str(contoso.to_json())


async def test_an_app_alone_does_not_touch_administrators(graph: Graph, contoso: Tenant) -> None:
    contoso.add_admin("admin", PASSWORD)
    app = {"scp": None, "roles": ["User.ReadWrite.All"]}
    claims = {name: value for name, value in app.items() if value is not None}
    graph.scopes = ""
    token = graph.token(**claims)

    answer = await graph.http.patch(
        f"/users/{ADMIN}",
        json={"accountEnabled": False},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 403


async def test_revoking_sessions_answers_true(graph: Graph) -> None:
    adele = await graph.create()

    answer = await graph.post(f"/users/{adele['id']}/revokeSignInSessions")

    assert answer.status_code == 200
    assert answer.json()["value"] is True


async def test_a_deleted_user_frees_seat_and_name_and_waits_in_the_bin(
    graph: Graph, world: World, contoso: Tenant
) -> None:
    seats(world)
    adele = await graph.create()
    await graph.assign(adele["id"], BASIC)

    deleted = await graph.delete(f"/users/{adele['id']}")
    again = await graph.create()

    listed = await graph.get(
        "/directory/deletedItems/graph.user?$select=id,userPrincipalName,deletedDateTime"
    )
    (binned,) = listed.json()["value"]
    assert deleted.status_code == 204
    assert again["id"] != adele["id"]
    assert contoso.consumed(BASIC) == 0
    assert binned["userPrincipalName"] == adele["id"].replace("-", "") + "adele@contoso.com"
    assert binned["deletedDateTime"]


async def test_a_restored_user_has_the_old_name(graph: Graph) -> None:
    adele = await graph.create()
    await graph.delete(f"/users/{adele['id']}")

    restored = await graph.post(f"/directory/deletedItems/{adele['id']}/restore")

    assert restored.status_code == 200
    assert (await graph.get("/users/adele@contoso.com")).json()["id"] == adele["id"]


async def test_nobody_is_restored_onto_a_name_that_is_taken(graph: Graph) -> None:
    adele = await graph.create()
    await graph.delete(f"/users/{adele['id']}")
    await graph.create()

    restored = await graph.post(f"/directory/deletedItems/{adele['id']}/restore")

    assert refuses(restored, "property userPrincipalName already exists")


async def test_what_is_purged_is_gone(graph: Graph) -> None:
    adele = await graph.create()
    await graph.delete(f"/users/{adele['id']}")

    purged = await graph.delete(f"/directory/deletedItems/{adele['id']}")

    restored = await graph.post(f"/directory/deletedItems/{adele['id']}/restore")
    assert (purged.status_code, restored.status_code) == (204, 404)


async def test_a_young_user_is_unknown_to_some_replicas(graph: Graph, world: World) -> None:
    seats(world)
    for replica in ("get", "filter", "ref"):
        world.switches[f"replication.user_{replica}_ms"] = 60_000
    adele = await graph.create()

    read = await graph.get(f"/users/{adele['id']}")
    found = await graph.get("/users?$filter=userPrincipalName eq 'adele@contoso.com'")
    assigned = await graph.assign(adele["id"], BASIC)

    assert (read.status_code, assigned.status_code) == (404, 404)
    assert found.json()["value"] == []
