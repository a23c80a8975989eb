"""Whatever is wrong with a request is said at once, and nothing is bought or half-made."""

import json

import pytest
from azure.storage.queue.aio import QueueClient

from tests.everyday import a_customer, seats_of, user_body
from tests.portal import Json, Portal, Seatkeeper, customer_body, plan_body, row, subscription_body


def details(problem: Json) -> str:
    return json.dumps(problem["errors"])


async def test_every_fault_of_a_batch_is_named_with_its_row_and_column(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    rows = [
        row(1, plan="no-such-plan"),
        row(2, usageLocation="XX"),
        row(3, userPrincipalName="zoë@contosotest.onmicrosoft.com"),
        row(4, userPrincipalName=row(5)["userPrincipalName"]),
        row(5),
        row(6, shoeSize="44"),
        {k: v for k, v in row(7).items() if k != "displayName"},
    ]

    answer = await portal.send("POST", "batches", json={"customerId": customer["id"], "rows": rows})

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    places = {(e["row"], e["column"]) for e in answer.json()["errors"]}
    assert places == {
        (1, "plan"),
        (2, "usageLocation"),
        (3, "userPrincipalName"),
        (5, "userPrincipalName"),
        (6, "shoeSize"),
        (7, "displayName"),
    }
    assert await seats_of(portal, customer) == 10


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("{head}\n{rows}", "utf-8", id="plain"),
        pytest.param("{head}\r\n{rows}", "utf-8-sig", id="as Excel saves it: BOM and CRLF"),
        pytest.param("{head}\n\n{rows}\n\n", "utf-16", id="Unicode text with blank lines"),
    ],
)
async def test_a_spreadsheet_is_read_as_it_was_saved(
    seatkeeper: Seatkeeper, portal: Portal, text: str, encoding: str
) -> None:
    customer = await a_customer(seatkeeper, portal)
    head = "userPrincipalName;displayName;plan;usageLocation"
    rows = 'jo.oneil@contosotest.onmicrosoft.com;"O\'Neil; Jo ""Joy""";office-worker;US'

    answer = await portal.post_csv(
        f"batches?customerId={customer['id']}",
        text.format(head=head, rows=rows).encode(encoding),
    )
    await seatkeeper.settle()

    assert answer.status_code == 202, answer.text
    items = await portal.get(f"batches/{answer.json()['id']}/items")
    assert [i["displayName"] for i in items["items"]] == ['O\'Neil; Jo "Joy"']
    assert items["items"][0]["status"] == "done"


async def test_a_huge_cell_is_a_fault_and_no_crash(seatkeeper: Seatkeeper, portal: Portal) -> None:
    customer = await a_customer(seatkeeper, portal)
    head = "userPrincipalName,displayName,plan,usageLocation\n"
    line = f"a@contosotest.onmicrosoft.com,{'x' * 150_000},office-worker,US\n"

    answer = await portal.post_csv(f"batches?customerId={customer['id']}", head + line)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["column"] == "displayName"


async def test_more_rows_than_the_limit_are_refused_by_its_name(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    rows: list[Json] = [{}] * 50_001

    answer = await portal.send("POST", "batches", json={"customerId": customer["id"], "rows": rows})

    assert answer.status_code == 422
    assert "50,000" in details(answer.json())


async def test_a_body_above_the_limit_is_refused_before_it_is_parsed(portal: Portal) -> None:
    answer = await portal.send(
        "POST",
        "batches",
        content=b"{" * (17 * 1024 * 1024),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 413


async def test_a_country_that_the_connection_cannot_sell_to_is_refused(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await seatkeeper.connect(portal)
    body = customer_body()
    body["address"] = {**body["address"], "country": "GB", "postalCode": "SW1A 1AA", "state": ""}

    answer = await portal.send("POST", "customers", json=body)

    assert answer.status_code == 422
    assert "cannot sell to GB" in details(answer.json())
    assert not seatkeeper.world.customers


async def test_an_unknown_offer_or_customer_is_not_found(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    stranger = "00000000-0000-0000-0000-000000000001"

    offer = await portal.send(
        "POST",
        f"customers/{customer['id']}/subscriptions",
        json=subscription_body(offerId="CFQ7TTC0XXXX:0001"),
    )
    nobody = await portal.send("POST", f"customers/{stranger}/users", json=user_body())

    assert offer.status_code == 404
    assert nobody.status_code == 404


async def test_a_plan_of_an_unknown_sku_is_refused(seatkeeper: Seatkeeper, portal: Portal) -> None:
    await seatkeeper.connect(portal)
    unknown = "00000000-0000-0000-0000-00000000beef"

    answer = await portal.send("POST", "plans", json=plan_body(baseSkuId=unknown))

    assert answer.status_code == 422
    assert unknown in details(answer.json())


async def test_an_unverified_domain_refuses_the_batch_before_anything_is_bought(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal, seats=1)
    rows = [row(n) for n in range(1, 6)] + [row(6, domain="elsewhere.example")]

    batch = await portal.post("batches", {"customerId": customer["id"], "rows": rows})
    await seatkeeper.settle()

    ended = await portal.get(f"batches/{batch['id']}")
    assert ended["status"] == "refused"
    assert ended["faults"][0]["row"] == 6
    assert await seats_of(portal, customer) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("this is no JSON", id="not JSON"),
        pytest.param('{"hello": "world"}', id="not ours"),
        pytest.param("[1, 2]", id="no object"),
        pytest.param('{"batchId": "never-heard-of"}', id="a batch that nobody sent"),
    ],
)
async def test_a_message_that_is_not_ours_is_put_aside_and_the_next_one_runs(
    azurite: str, seatkeeper: Seatkeeper, portal: Portal, text: str
) -> None:
    customer = await a_customer(seatkeeper, portal)
    drop = {"id": "drop-1", "customerId": customer["id"], "rows": [row(1)]}

    async with QueueClient.from_connection_string(azurite, f"{seatkeeper.prefix}batches") as queue:
        await queue.create_queue()
        await queue.send_message(text)
        await queue.send_message(json.dumps(drop))
        await seatkeeper.settle()

    batch = await portal.get("batches/drop-1")
    assert batch["status"] == "done"
    aside = (await portal.get("poison"))["items"]
    assert [m["queue"] for m in aside] == ["batches"]
    assert (await portal.get(f"poison/{aside[0]['id']}"))["body"] == text


async def test_an_indirect_resellers_connection_cannot_make_tenants(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    await portal.post("connections", await seatkeeper.connection_body(role="indirectReseller"))

    answer = await portal.send("POST", "customers", json=customer_body())

    assert answer.status_code == 403
    assert "direct billing" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param("organisations/Partner%20X", "small letters", id="a name for an id"),
        pytest.param("domains/Contoso.com/availability", "small letters", id="a whole domain"),
        pytest.param("countries/gb/rules", "Two capitals", id="a country in small letters"),
    ],
)
async def test_an_address_says_what_its_parts_look_like(
    portal: Portal, path: str, words: str
) -> None:
    method = "PUT" if path.startswith("organisations") else "GET"

    answer = await portal.send(
        method, path, json={"name": "Partner X"} if method == "PUT" else None
    )

    assert answer.status_code == 422
    assert words in details(answer.json())


async def test_a_misspelt_name_of_a_rule_is_pointed_at_where_it_stands(
    seatkeeper: Seatkeeper, portal: Portal
) -> None:
    customer = await a_customer(seatkeeper, portal)
    body = {"mode": "apply", "drift": {"delted": "adopt"}}

    answer = await portal.send("PUT", f"customers/{customer['id']}/policy", json=body)

    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/drift/delted"]
