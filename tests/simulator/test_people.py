"""Partner Center keeps the same people, licences and roles that Graph knows."""

import json
from urllib.parse import quote

import pytest

from simulator.nouns import Subscription
from simulator.products import by_sku
from tests.simulator.northwind import BASIC, Json, Northwind

BASIC_SKU = by_sku(BASIC, "0001").entra_sku_id
ADMIN_ROLE = "fe930be7-5e62-47db-91af-98c3a49a38b1"


@pytest.fixture
async def two_seats(northwind: Northwind) -> Subscription:
    return await northwind.buy(await northwind.customer(), 2)


def users_of(subscription: Subscription) -> str:
    return f"/v1/customers/{subscription.customer_id}/users"


def person(name: str, **more: object) -> Json:
    return {
        "usageLocation": "US",
        "userPrincipalName": f"{name}@fabrikam.onmicrosoft.com",
        "firstName": name.title(),
        "lastName": "Moss",
        "displayName": f"{name.title()} Moss",
        "passwordProfile": {"password": "Kq7!mVz2#rLw", "forceChangePassword": True},
        "attributes": {"objectType": "CustomerUser"},
    } | more


async def hire(northwind: Northwind, seats: Subscription, name: str) -> Json:
    answer = await northwind.call("POST", users_of(seats), person(name), user=True)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def licence(northwind: Northwind, seats: Subscription, user: Json) -> tuple[int, Json]:
    path = f"{users_of(seats)}/{user['id']}/licenseupdates"
    wish = {"licensesToAssign": [{"skuId": BASIC_SKU, "excludedPlans": None}]}
    answer = await northwind.call("POST", path, wish, user=True)
    return answer.status_code, dict(answer.json())


async def counts(northwind: Northwind, seats: Subscription) -> Json:
    path = f"/v1/customers/{seats.customer_id}/subscribedskus"
    return dict((await northwind.get(path, user=True))["items"][0])


@pytest.mark.contract
async def test_a_user_is_created_with_every_null_spelled_out(
    northwind: Northwind, two_seats: Subscription
) -> None:
    made = await hire(northwind, two_seats, "ada")

    assert (made["state"], made["userDomainType"]) == ("active", "none")
    assert made["passwordProfile"]["password"] == "Kq7!mVz2#rLw"
    assert made["immutableId"] is None
    tenant = northwind.world.tenants[two_seats.customer_id]
    assert tenant.user("ada@fabrikam.onmicrosoft.com") is not None


@pytest.mark.case(91)
async def test_a_deleted_user_can_be_listed_and_brought_back_for_thirty_days(
    northwind: Northwind, two_seats: Subscription
) -> None:
    ada = await hire(northwind, two_seats, "ada")
    users = users_of(two_seats)
    wish = {"Field": "UserState", "Value": "Inactive", "Operator": "equals"}
    deleted = f"{users}?size=500&filter={quote(json.dumps(wish))}"

    gone = await northwind.call("DELETE", f"{users}/{ada['id']}", user=True)
    hidden = await northwind.get(users, user=True)
    binned = (await northwind.get(deleted, user=True))["items"]
    back = await northwind.call(
        "PATCH",
        f"{users}/{ada['id']}",
        {"State": "active", "Attributes": {"ObjectType": "CustomerUser"}},
        user=True,
    )
    await northwind.call("DELETE", f"{users}/{ada['id']}", user=True)
    northwind.wait(days=31)
    later = (await northwind.get(deleted, user=True))["items"]

    assert (gone.status_code, gone.content) == (204, b"")
    assert ada["id"] not in [one["id"] for one in hidden["items"]]
    assert (binned[0]["state"], bool(binned[0]["softDeletionTime"])) == ("inactive", True)
    assert (back.status_code, back.json()["state"]) == (200, "active")
    assert later == []


@pytest.mark.contract
async def test_a_name_is_given_once(northwind: Northwind, two_seats: Subscription) -> None:
    await hire(northwind, two_seats, "ada")

    answer = await northwind.call("POST", users_of(two_seats), person("ADA"), user=True)

    assert answer.status_code == 409


@pytest.mark.contract
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"usageLocation": ""}, id="no place"),
        pytest.param({"usageLocation": "Narnia"}, id="no such place"),
        pytest.param({"userPrincipalName": "ada@elsewhere.example"}, id="foreign domain"),
        pytest.param({"passwordProfile": {"password": "password"}}, id="weak password"),
        pytest.param({"displayName": ""}, id="no name"),
    ],
)
async def test_entras_rules_hold_here_as_well(
    northwind: Northwind, two_seats: Subscription, change: Json
) -> None:
    answer = await northwind.call("POST", users_of(two_seats), person("ada", **change), user=True)

    assert answer.status_code == 400


@pytest.mark.contract
async def test_a_user_is_changed_and_gets_another_password(
    northwind: Northwind, two_seats: Subscription
) -> None:
    ada = await hire(northwind, two_seats, "ada")
    path = f"{users_of(two_seats)}/{ada['id']}"
    profile = {"passwordProfile": {"password": "Wn4$xTb9&pKd", "forceChangePassword": False}}

    changed = await northwind.call("PATCH", path, {"DisplayName": "Ada M."}, user=True)
    reset = await northwind.call("PATCH", f"{path}/resetpassword", profile, user=True)

    user = northwind.world.tenants[two_seats.customer_id].users[ada["id"]]
    assert changed.json()["displayName"] == "Ada M."
    assert reset.status_code == 200
    assert user.has_password("Wn4$xTb9&pKd")


@pytest.mark.case(89)
async def test_an_assignment_takes_one_seat_until_none_is_left(
    northwind: Northwind, two_seats: Subscription
) -> None:
    people = [await hire(northwind, two_seats, name) for name in ("ada", "bob", "cyd")]
    before = await counts(northwind, two_seats)

    first, _ = await licence(northwind, two_seats, people[0])
    again, _ = await licence(northwind, two_seats, people[0])
    after = await counts(northwind, two_seats)
    await licence(northwind, two_seats, people[1])
    refused, body = await licence(northwind, two_seats, people[2])

    assert (first, again, refused) == (201, 201, 400)
    assert after["consumedUnits"] == before["consumedUnits"] + 1
    assert after["availableUnits"] == before["availableUnits"] - 1
    assert after["totalUnits"] == after["activeUnits"] + after["warningUnits"]
    assert "targetUnits" not in after
    assert body["code"] == 60012
    assert "LicenseQuotaExceededException" in body["data"][0]


@pytest.mark.contract
async def test_licences_are_shown_with_their_plans_and_taken_back(
    northwind: Northwind, two_seats: Subscription
) -> None:
    ada = await hire(northwind, two_seats, "ada")
    await licence(northwind, two_seats, ada)
    path = f"{users_of(two_seats)}/{ada['id']}"

    raw = await northwind.call("GET", f"{path}/licenses", user=True)
    other = json.loads(
        (await northwind.call("GET", f"{path}/licenses?licenseGroupIds=Group2", user=True)).content
    )
    removal = {"licensesToRemove": [BASIC_SKU], "licensesToAssign": None}
    await northwind.call("POST", f"{path}/licenseupdates", removal, user=True)

    shown = json.loads(raw.content.decode("utf-8-sig"))["items"][0]
    assert raw.content.startswith(b"\xef\xbb\xbf")
    assert shown["productSku"]["licenseGroupId"] == "group1"
    assert {plan["capabilityStatus"] for plan in shown["servicePlans"]} == {"Assigned"}
    assert other["items"] == []
    assert (await counts(northwind, two_seats))["consumedUnits"] == 0


@pytest.mark.contract
async def test_people_are_put_into_roles_and_taken_out(
    northwind: Northwind, two_seats: Subscription
) -> None:
    ada = await hire(northwind, two_seats, "ada")
    roles = f"/v1/customers/{two_seats.customer_id}/directoryroles"
    members = f"{roles}/{ADMIN_ROLE}/usermembers"

    names = {one["id"]: one["name"] for one in (await northwind.get(roles, user=True))["items"]}
    added = await northwind.call("POST", members, {"id": ada["id"]}, user=True)
    inside = (await northwind.get(members, user=True))["items"]
    removed = await northwind.call("DELETE", f"{members}/{ada['id']}", user=True)

    assert names[ADMIN_ROLE] == "User Account Administrator"
    assert (added.status_code, added.json()["roleId"]) == (201, ADMIN_ROLE)
    assert [one["id"] for one in inside] == [ada["id"]]
    assert removed.status_code == 204


@pytest.mark.contract
async def test_the_user_plane_is_for_users_with_rights(
    northwind: Northwind, two_seats: Subscription
) -> None:
    users = users_of(two_seats)
    unknown = await northwind.call("GET", f"{users}/nobody", user=True)

    as_app = await northwind.call("GET", users)
    northwind.world.tenants[two_seats.customer_id].gdap.clear()
    without = await northwind.call("GET", users, user=True)

    assert (unknown.status_code, unknown.json()["code"]) == (404, 60002)
    assert (as_app.status_code, as_app.json()["code"]) == (403, 900329)
    assert (without.status_code, without.json()["code"]) == (403, 900308)
