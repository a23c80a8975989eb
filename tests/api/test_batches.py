"""A batch is checked whole before it is taken, through whichever door it comes."""

from typing import Any

import pytest

from shared.api.documents import document_from_message
from shared.api.office import Limits
from shared.domain.errors import CustomerNotFound, InvalidRequest
from tests.api.counter import CONTOSO, Counter, a_connection, a_customer, a_plan

ADELE = {
    "action": "create",
    "userPrincipalName": "adele@contoso.com",
    "displayName": "Adele Vance",
    "usageLocation": "GB",
    "plan": "office-worker",
}


def a_batch(*rows: object, **more: object) -> dict[str, Any]:
    return {"customerId": CONTOSO, "rows": list(rows), **more}


async def test_a_json_batch_is_taken(counter: Counter) -> None:
    reply = await counter.ask("POST", "/api/batches", body=a_batch(ADELE, id="hires-1"), key="k1")

    assert (reply.status, reply.headers["Location"]) == (202, "/api/batches/hires-1")
    assert reply.headers["Retry-After"]
    assert reply.json["progress"] == {
        "total": 1,
        "waiting": 1,
        "begun": 0,
        "created": 0,
        "waitingForSeat": 0,
        "done": 0,
        "failed": 0,
        "percent": 0,
    }
    assert reply.json["requestedBy"] == "admin-id"
    assert counter.outbox.sent == [("batches", {"batchId": "hires-1"})]


async def test_a_csv_batch_is_the_same_batch(counter: Counter) -> None:
    json = await counter.ask("POST", "/api/batches", body=a_batch(ADELE, id="one"), key="k1")
    text = ",".join(ADELE) + "\n" + ",".join(ADELE.values())
    address = f"/api/batches?customerId={CONTOSO}&id=two"
    as_csv = await counter.ask(
        "POST", address, raw=text.encode(), content_type="text/csv; charset=utf-8", key="k2"
    )

    one, two = counter.batches.heads.kept["one"], counter.batches.heads.kept["two"]
    assert (json.status, as_csv.status) == (202, 202)
    assert one.digest == two.digest


async def test_a_spreadsheet_says_what_becomes_of_the_first_password_as_json_does(
    counter: Counter,
) -> None:
    policy = {"forceChangeAtNextSignIn": False, "passwordNeverExpires": True}
    rows = a_batch(ADELE | {"passwordPolicy": policy}, id="one")
    cells = ADELE | {"forceChangeAtNextSignIn": "FALSE", "passwordNeverExpires": "True"}
    text = ",".join(cells) + "\n" + ",".join(cells.values())

    await counter.ask("POST", "/api/batches", body=rows, key="k1")
    address = f"/api/batches?customerId={CONTOSO}&id=two"
    await counter.ask("POST", address, raw=text.encode(), content_type="text/csv", key="k2")
    plain = await counter.ask("POST", "/api/batches", body=a_batch(ADELE, id="three"), key="k3")

    one, two, three = (counter.batches.heads.kept[name] for name in ("one", "two", "three"))
    assert plain.status == 202
    assert one.digest == two.digest != three.digest


async def test_a_cell_that_is_neither_true_nor_false_is_a_fault(counter: Counter) -> None:
    cells = ADELE | {"passwordNeverExpires": "perhaps"}
    text = ",".join(cells) + "\n" + ",".join(cells.values())

    address = f"/api/batches?customerId={CONTOSO}&id=two"
    refused = await counter.ask(
        "POST", address, raw=text.encode(), content_type="text/csv", key="k2"
    )

    assert refused.status == 422
    assert "write true or false" in str(refused.json)


async def test_every_fault_of_every_row_is_named_and_nothing_is_taken(counter: Counter) -> None:
    faulty: list[object] = [
        ADELE | {"usageLocation": "UK"},
        ADELE | {"plan": "nobody-knows"},
        ADELE | {"userPrincipalName": "bob@contoso.com", "action": "delete", "nickname": "B"},
        7,
        {k: v for k, v in ADELE.items() if k != "displayName"},
    ]

    reply = await counter.ask("POST", "/api/batches", body=a_batch(*faulty), key="k1")

    assert reply.status == 422
    assert {(row, place) for row, place, _ in reply.faults} == {
        (1, "usageLocation"),
        (2, "userPrincipalName"),
        (3, "action"),
        (3, "nickname"),
        (4, "/rows/3"),
        (5, "displayName"),
        (5, "userPrincipalName"),
    }
    assert not counter.batches.heads.kept
    assert not counter.outbox.sent


async def test_an_unknown_plan_is_named_beside_the_other_faults(counter: Counter) -> None:
    rows = (
        ADELE | {"plan": "nobody-knows"},
        ADELE | {"usageLocation": "gb", "userPrincipalName": "b@contoso.com"},
    )

    reply = await counter.ask("POST", "/api/batches", body=a_batch(*rows), key="k1")

    assert [fault[:2] for fault in reply.faults] == [(1, "plan"), (2, "usageLocation")]


async def test_a_strangers_tenant_is_not_found(counter: Counter) -> None:
    other = CONTOSO.replace("3", "4")

    reply = await counter.ask(
        "POST", "/api/batches", body=a_batch(ADELE) | {"customerId": other}, key="k1"
    )

    assert (reply.status, reply.slug) == (404, "customer-not-found")


async def test_too_many_rows_are_one_fault_that_names_the_limit() -> None:
    counter = Counter(limits=Limits(rows=2))

    reply = await counter.ask("POST", "/api/batches", body=a_batch(*[ADELE] * 3), key="k1")

    [(_, place, detail)] = reply.faults
    assert place == "/rows"
    assert "limit of 2 rows" in detail


async def test_a_csv_says_its_customer_in_the_query_and_json_in_the_body(counter: Counter) -> None:
    csv = await counter.ask("POST", "/api/batches", raw=b"x", content_type="text/csv", key="k1")
    json = await counter.ask("POST", "/api/batches?id=x", body=a_batch(ADELE), key="k2")

    assert "'customerId': text/csv needs it" in csv.text
    assert "'id': JSON says this in the body" in json.text


async def test_a_batch_is_its_own_operation(counter: Counter) -> None:
    await counter.ask("POST", "/api/batches", body=a_batch(ADELE, id="hires-1"), key="k1")

    found = await counter.ask("GET", "/api/operations/hires-1")
    missing = await counter.ask("GET", "/api/operations/nothing")

    assert (found.json["kind"], found.json["status"]) == ("batch", "running")
    assert found.json["resource"] == "/api/batches/hires-1"
    assert found.headers["Retry-After"]
    assert missing.slug == "operation-not-found"


async def test_a_drop_is_automations_whatever_it_claims(counter: Counter) -> None:
    message = a_batch(ADELE, id="drop-1", requestedBy="the-boss")

    document = await document_from_message(counter.office(), message)

    assert document.requested_by == "automation"
    assert document.rows[0].user.display_name == "Adele Vance"


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        pytest.param(a_batch(ADELE), "/id: a drop needs an id", id="no id"),
        pytest.param({"id": "d", "rows": [ADELE]}, "/customerId: this field", id="no customer"),
        pytest.param(a_batch(id="d"), "/rows: at least 1 entry", id="no rows"),
        pytest.param(a_batch(ADELE | {"plan": "x"}, id="d"), "no plan 'x'", id="an unknown plan"),
        pytest.param(a_batch(ADELE, ADELE, id="d"), "stands in row 1", id="a repetition"),
        pytest.param({"rows": 7}, "/rows: this must be a list", id="rows that are none"),
    ],
)
async def test_a_wrong_drop_is_refused_with_its_faults(
    message: dict[str, Any], fault: str, counter: Counter
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await document_from_message(counter.office(), message)

    assert any(fault in str(found) for found in refused.value.faults)


async def test_a_drop_for_a_strangers_tenant_is_refused() -> None:
    with pytest.raises(CustomerNotFound):
        await document_from_message(Counter().office(), a_batch(ADELE, id="d"))


async def test_one_person_has_no_rows(counter: Counter) -> None:
    body = {k: v for k, v in ADELE.items() if k != "action"} | {
        "usageLocation": "gb",
        "plan": "x y",
    }

    reply = await counter.ask("POST", f"/api/customers/{CONTOSO}/users", body=body, key="k1")

    assert [fault[:2] for fault in reply.faults] == [(None, "usageLocation"), (None, "plan")]
    assert reply.json["errors"][0]["pointer"] == "/usageLocation"


async def test_an_unknown_plan_of_one_person_points_at_the_plan(counter: Counter) -> None:
    body = {k: v for k, v in ADELE.items() if k != "action"} | {"plan": "nobody-knows"}

    reply = await counter.ask("POST", f"/api/customers/{CONTOSO}/users", body=body, key="k1")

    assert reply.json["errors"][0]["pointer"] == "/plan"
    assert "row" not in reply.json["errors"][0]


def test_the_builders_fit_together() -> None:
    assert a_customer().connection_id == a_connection().id
    assert a_plan().id == ADELE["plan"]


@pytest.mark.parametrize("said", ["false", 0, None])
async def test_a_password_policy_is_not_guessed_from_what_looks_like_one(
    counter: Counter, said: object
) -> None:
    policy = {"passwordPolicy": {"forceChangeAtNextSignIn": said}}

    reply = await counter.ask("POST", "/api/batches", body=a_batch(ADELE | policy), key="k1")

    assert reply.status == 422
    assert [detail for *_, detail in reply.faults] == ["write true or false"]


async def test_many_different_plans_are_looked_up_together(counter: Counter) -> None:
    rows = [ADELE | {"userPrincipalName": f"a{n}@contoso.com", "plan": f"p{n}"} for n in range(30)]

    reply = await counter.ask("POST", "/api/batches", body=a_batch(ADELE, *rows), key="k1")

    assert reply.status == 422
    assert {(row, place) for row, place, _ in reply.faults} == {(n, "plan") for n in range(2, 32)}
