"""Connections are changed by whoever has read them, and reach only their own customers."""

from typing import Any

import pytest

from tests.portal import Json, Portal, Seatkeeper, customer_body, etag_of, subscription_body


async def change(portal: Portal, etag: str | None, **fields: Any) -> tuple[int, Json]:
    headers = {"If-Match": etag} if etag else {}
    answer = await portal.send("PATCH", "connections/northwind", json=fields, headers=headers)
    return answer.status_code, answer.json()


async def test_a_connection_says_what_it_starts_customers_with(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    baseline = {"term": "P1M", "giveBack": "apply", "spareSeats": 2}

    await seatkeeper.connect(portal, baseline=baseline, namingRule="{offer} for {company}")
    customer = await portal.post("customers", customer_body())

    connection = await portal.get("connections/northwind")
    assert connection["environment"] == "production"
    assert connection["baseline"]["billingPlan"] == "monthly"
    assert connection["namingRule"] == "{offer} for {company}"
    policy = await portal.get(f"customers/{customer['id']}/policy")
    assert (policy["mode"], policy["spareSeats"]) == ("apply", 2)


async def test_a_subscription_without_a_name_is_named_by_the_connections_rule(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal, namingRule="{offer} for {company} ({country})")
    customer = await portal.post("customers", customer_body())
    wish = subscription_body(name="")
    del wish["term"], wish["billingPlan"]

    bought = await portal.post(f"customers/{customer['id']}/subscriptions", wish)

    assert (bought["term"], bought["billingPlan"]) == ("P1Y", "monthly")
    assert bought["name"] == "Microsoft 365 Business Premium for Contoso Test (US)"


async def test_a_change_names_the_version_that_it_changes(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await portal.post("connections", await seatkeeper.connection_body())
    etag = await etag_of(portal, "connections/northwind")

    missing, _ = await change(portal, None, name="Nobody")
    first, changed = await change(portal, etag, name="North", countries=["US", "CA"])
    second, problem = await change(portal, etag, name="South")

    assert (missing, first, second) == (428, 200, 412)
    assert (changed["name"], changed["countries"]) == ("North", ["US", "CA"])
    assert problem["type"].endswith("precondition-failed")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"countries": ["XX"]}, "/countries/0"),
        ({"namingRule": "{company}"}, "/namingRule"),
        ({"baseline": {"term": "P1M", "billingPlan": "annual"}}, "/baseline/billingPlan"),
        ({"environment": "sandbox"}, "/environment"),
        ({"partnerTenantId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}, "/partnerTenantId"),
    ],
)
async def test_a_wrong_change_is_refused_with_its_place(
    seatkeeper: Seatkeeper, portal: Portal, fields: Json, pointer: str
) -> None:
    await portal.post("connections", await seatkeeper.connection_body())

    status, problem = await change(portal, await etag_of(portal, "connections/northwind"), **fields)

    assert status == 422
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


async def test_a_connection_goes_only_when_nobody_rests_on_it(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    unused = await seatkeeper.connection_body(id="unused")
    await portal.post("connections", unused)
    await portal.post("customers", customer_body())

    answers = [
        await portal.send(
            "DELETE",
            f"connections/{name}",
            headers={"If-Match": await etag_of(portal, f"connections/{name}")},
        )
        for name in ("northwind", "unused")
    ]

    assert [answer.status_code for answer in answers] == [409, 204]
    assert answers[0].json()["type"].endswith("connection-in-use")
    assert (await portal.send("GET", "connections/unused")).status_code == 404


async def test_operators_change_no_connection(seatkeeper: Seatkeeper, portal: Portal) -> None:
    await portal.post("connections", await seatkeeper.connection_body())
    etag = await etag_of(portal, "connections/northwind")
    operator = await seatkeeper.portal("operator")

    status, _ = await change(operator, etag, name="Mine")

    assert status == 403


async def test_a_country_that_left_the_connection_is_out_of_its_reach(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal, countries=["US", "GB"])
    customer = await portal.post("customers", customer_body())
    await change(portal, await etag_of(portal, "connections/northwind"), countries=["GB"])

    answer = await portal.send(
        "POST", f"customers/{customer['id']}/subscriptions", json=subscription_body()
    )

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("country-not-served")
