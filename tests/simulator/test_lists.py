"""Long lists are gone through in every direction, and filtered by more than one condition."""

import json
from urllib.parse import quote

import pytest

from simulator.partner_center.filters import conditions
from tests.simulator.northwind import Json, Northwind

NAMES = ("ada", "bob", "cleo", "dora", "emil")


@pytest.fixture
async def five(northwind: Northwind) -> list[str]:
    """The ids of five customers, in the order in which they are listed."""
    return [(await northwind.customer(f"{name}.onmicrosoft.com")).id for name in NAMES]


async def page(northwind: Northwind, query: str, token: str = "") -> Json:
    answer = await northwind.call("GET", f"/v1/customers?{query}", MS_ContinuationToken=token)
    return dict(answer.raise_for_status().json())


def ids(found: Json) -> list[str]:
    return [one["id"] for one in found["items"]]


def condition(field: str, value: str, operator: str = "starts_with") -> Json:
    return {"Field": field, "Value": value, "Operator": operator}


def asked(document: object) -> str:
    return f"filter={quote(json.dumps(document))}"


async def test_a_list_is_gone_through_forwards_and_back(
    northwind: Northwind, five: list[str]
) -> None:
    northwind.world.switches["partnercenter.continuationToken"] = True

    first = await page(northwind, "size=2")
    second = await page(northwind, "size=2&seekOperation=Next", first["continuationToken"])
    third = await page(northwind, "size=2&seekOperation=Next", second["continuationToken"])
    back = await page(northwind, "size=2&seekOperation=Previous", third["continuationToken"])

    assert [ids(one) for one in (first, second, third)] == [five[:2], five[2:4], five[4:]]
    assert ids(back) == five[2:4]
    assert "next" not in third["links"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("seekOperation=First", slice(0, 2), id="the first page"),
        pytest.param("seekOperation=Last", slice(4, 5), id="the last page"),
        pytest.param("seekOperation=PageIndex&index=1", slice(2, 4), id="a page by its number"),
        pytest.param("seekOperation=PageIndex&index=9", slice(5, 5), id="a page beyond the end"),
        pytest.param("", slice(0, 2), id="nothing said"),
    ],
)
async def test_a_page_is_found_without_going_there(
    northwind: Northwind, five: list[str], query: str, expected: slice
) -> None:
    assert ids(await page(northwind, f"size=2&{query}")) == five[expected]


async def test_a_token_of_nobodys_making_is_refused(northwind: Northwind) -> None:
    answer = await northwind.call(
        "GET", "/v1/customers?seekOperation=Next", MS_ContinuationToken="bm9uc2Vuc2U="
    )

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


async def test_conditions_are_joined(northwind: Northwind, five: list[str]) -> None:
    ada, bob = condition("CompanyName", "ADA"), condition("Domain", "bob")
    either = {"LeftFilter": ada, "Operator": "or", "RightFilter": bob}
    nested = {"LeftFilter": either, "Operator": "and", "RightFilter": condition("Domain", "b")}

    assert ids(await page(northwind, asked(either))) == five[:2]
    assert ids(await page(northwind, asked(nested))) == [five[1]]


@pytest.mark.parametrize(
    "filter_",
    [
        pytest.param({"LeftFilter": condition("Domain", "a"), "Operator": "and"}, id="one side"),
        pytest.param(
            {"LeftFilter": {}, "Operator": "xor", "RightFilter": {}}, id="another operator"
        ),
        pytest.param([1], id="no object"),
        pytest.param(condition("Domain", "a", "equals"), id="an operator of other lists"),
    ],
)
async def test_what_is_no_filter_is_refused(northwind: Northwind, filter_: object) -> None:
    answer = await northwind.call("GET", f"/v1/customers?{asked(filter_)}")

    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


async def test_deleted_people_are_found_by_state_and_name(northwind: Northwind) -> None:
    customer = await northwind.customer()
    users = f"/v1/customers/{customer.id}/users"
    for name in ("ada", "bob"):
        user = northwind.world.tenants[customer.id].add_admin(name, "Sim-secret-1!")
        await northwind.call("DELETE", f"{users}/{user.id}", user=True)
    gone = condition("UserState", "Inactive", "equals")
    named = {
        "LeftFilter": gone,
        "Operator": "and",
        "RightFilter": condition("UserPrincipalName", "bob"),
    }

    everybody = await northwind.get(f"{users}?{asked(gone)}", user=True)
    one = await northwind.get(f"{users}?{asked(named)}", user=True)

    assert len(everybody["items"]) == 2
    assert [user["userPrincipalName"][:3] for user in one["items"]] == ["bob"]


def test_every_condition_of_a_filter_is_named() -> None:
    text = json.dumps({"LeftFilter": {"Field": "A"}, "Operator": "and", "RightFilter": {}})

    assert list(conditions(text)) == [{"field": "a"}, {}]
