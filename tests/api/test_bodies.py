"""Bodies are read strictly, and everything that is wrong is said at once."""

from typing import Any

import pytest

from tests.api.counter import CONTOSO, Counter

CONNECTION: dict[str, Any] = {
    "id": "northwind",
    "name": "Northwind",
    "role": "direct",
    "partnerTenantId": CONTOSO.upper(),
    "clientId": CONTOSO,
    "clientSecret": "hush",
    "refreshToken": "hush too",
    "countries": ["GB"],
}
BATCHES: dict[str, Any] = {
    "ceilings": {"seats": 50, "money": {"amount": "2500.00", "currency": "USD"}},
    "ceilingsByPlan": {"office-worker": {"growthPercent": 20}},
    "peoplePercent": 5,
    "requireApproval": {
        "when": "above",
        "seats": 10,
        "byAnother": True,
        "expiresAfterHours": 24,
    },
    "horizonMonths": 6,
}


async def test_a_connection_is_kept_and_its_secrets_are_not_answered(counter: Counter) -> None:
    made = await counter.ask("POST", "/api/connections", body=CONNECTION, key="k1")
    read = await counter.ask("GET", "/api/connections/northwind", role="reader")

    assert (made.status, made.headers["Location"]) == (201, "/api/connections/northwind")
    assert made.json == read.json
    assert made.json["partnerTenantId"] == CONTOSO
    assert made.json["createdAt"] == "2026-09-01T08:00:00Z"
    assert "hush" not in made.text
    assert {s.value for s in counter.safe.kept.values()} == {"hush", "hush too"}


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        pytest.param(b'{"id": "a",\n  "name"}', "line 2, column 9", id="a missing colon"),
        pytest.param(b"", "line 1, column 1", id="nothing at all"),
        pytest.param(b'{"id": \xff}', "0xff at line 1, column 8", id="not UTF-8"),
        pytest.param(b'{"id": NaN}', "NaN", id="a number that JSON does not know"),
        pytest.param(b'{"id": 1, "id": 2}', "'id' twice", id="a name given twice"),
        pytest.param(b"[" * 100_000, "too deeply", id="nested without end"),
        pytest.param(b'{"id": "\\ud800"}', "surrogate", id="half a character"),
        pytest.param(b'{"id": ' + b"9" * 5000 + b"}", "too long", id="an endless number"),
    ],
)
async def test_what_is_not_json_says_where(raw: bytes, where: str, counter: Counter) -> None:
    reply = await counter.ask("POST", "/api/connections", raw=raw, key="k1")

    assert (reply.status, reply.slug) == (400, "malformed-request")
    assert where in reply.json["detail"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": ...}, ("/name", "this field is missing")),
        ({"role": "boss"}, ("/role", "use one of 'direct', 'indirectProvider'")),
        ({"clientid": CONTOSO}, ("/clientid", "unknown field; did you mean 'clientId'?")),
        ({"name": 7}, ("/name", "this must be text")),
        ({"name": "a\nb"}, ("/name", "no control characters")),
        ({"name": "  "}, ("/name", "at least 1 character")),
        ({"clientId": "nope"}, ("/clientId", "use the form of '3f2504e0")),
        ({"id": "two\n"}, ("/id", "use the form of 'fabrikam-eu'")),
        ({"countries": "GB"}, ("/countries", "this must be a list")),
        ({"countries": ["GB", "XX"]}, ("/countries/1", "XX is not a country")),
        ({"countries": ["GB", "GB"]}, ("/countries/1", "GB is named twice")),
    ],
)
async def test_a_fault_names_its_place(
    change: dict[str, Any], fault: tuple[str, str], counter: Counter
) -> None:
    body = {k: v for k, v in (CONNECTION | change).items() if v is not ...}

    reply = await counter.ask("POST", "/api/connections", body=body, key="k1")

    [(_, place, detail)] = reply.faults
    assert place == fault[0]
    assert fault[1] in detail


async def test_every_fault_is_named_at_once_and_nothing_is_done(counter: Counter) -> None:
    body = CONNECTION | {"role": "boss", "colour": "red", "countries": []}

    reply = await counter.ask("POST", "/api/connections", body=body, key="k1")

    assert {place for _, place, _ in reply.faults} == {"/role", "/colour", "/countries"}
    assert reply.json["errorCount"] == 3
    assert list(counter.connections.kept) == ["fabrikam"]


@pytest.mark.parametrize("body", [None, [], "text", 7], ids=["null", "a list", "text", "a number"])
async def test_a_body_that_is_no_object_is_a_fault(body: object, counter: Counter) -> None:
    raw = b"null" if body is None else None

    reply = await counter.ask("POST", "/api/connections", body=body, raw=raw, key="k1")

    assert reply.status == 422


async def test_a_nested_fault_points_into_the_body(counter: Counter) -> None:
    body = {"address": {"contry": "GB"}}

    reply = await counter.ask("POST", "/api/customers", body=body, key="k1")

    assert (None, "/address/contry", "unknown field; did you mean 'country'?") in reply.faults


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=0", "'limit': at least 1"),
        ("limit=many", "'limit': this must be a whole number"),
        ("limt=5", "did you mean 'limit'?"),
        ("cursor=abc", "follow nextLink"),
    ],
)
async def test_a_faulty_query_is_refused(query: str, words: str, counter: Counter) -> None:
    reply = await counter.ask("GET", f"/api/customers?{query}")

    assert reply.status == 422
    assert words in reply.text


@pytest.mark.parametrize("wrong", ["dryrun=true", "dryRun=yes", "dryRun=1", "dry_run=true"])
async def test_a_misspelt_dry_run_starts_nothing(wrong: str, counter: Counter) -> None:
    reply = await counter.ask("POST", f"/api/runs?{wrong}", key="k1")

    assert reply.status == 422
    assert not counter.runs.kept


async def test_a_policy_is_put_and_read(counter: Counter) -> None:
    address = f"/api/customers/{CONTOSO}/policy"

    before = await counter.ask("GET", address)
    await counter.ask("PUT", address, body={"mode": "apply", "spareSeats": 2})
    after = await counter.ask("GET", address)

    usual = {"idleNights": 2, "limitPercent": 30, "plans": [], "holds": [], "drift": {}}
    usual |= {"extendedTerms": "report", "timeZone": ""}
    usual |= {"driftRules": before.json["driftRules"]}
    assert before.json == {"mode": "report", "spareSeats": 0, **usual}
    assert after.json == {"mode": "apply", "spareSeats": 2, **usual}


async def test_a_policy_that_somebody_else_changed_is_left_alone(counter: Counter) -> None:
    address = f"/api/customers/{CONTOSO}/policy"
    headers = {"If-Match": '"0123456789abcdef"'}

    reply = await counter.ask("PUT", address, body={"mode": "apply"}, headers=headers)

    assert reply.status == 412
    assert not counter.policies.kept


async def test_a_policys_rule_names_a_plan_that_is_there_and_only_once(counter: Counter) -> None:
    address = f"/api/customers/{CONTOSO}/policy"
    rule = {"planId": "nobodys-plan", "mode": "report"}

    twice = await counter.ask("PUT", address, body={"mode": "apply", "plans": [rule, rule]})
    unknown = await counter.ask("PUT", address, body={"mode": "apply", "plans": [rule]})

    assert (twice.status, unknown.status) == (422, 422)
    assert unknown.json["errors"][0]["pointer"] == "/plans/0/planId"


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"])
async def test_a_moment_that_no_calendar_has_is_a_fault(until: str, counter: Counter) -> None:
    body = {"mode": "apply", "holds": [{"skuId": CONTOSO, "seats": 1, "until": until}]}

    reply = await counter.ask("PUT", f"/api/customers/{CONTOSO}/policy", body=body)

    assert [(place, detail) for _, place, detail in reply.faults] == [
        ("/holds/0/until", "use a moment of the years 1 to 9999")
    ]


async def test_what_batches_may_do_is_put_and_read(counter: Counter) -> None:
    address = f"/api/customers/{CONTOSO}/policy/batches"

    before = await counter.ask("GET", address)
    match = {"If-Match": before.headers["ETag"]}
    put = await counter.ask("PUT", address, body=BATCHES, headers=match)
    after = await counter.ask("GET", address)

    assert before.json["peoplePercent"] == 10
    assert before.json["requireApproval"]["when"] == "never"
    assert put.json == after.json == BATCHES


async def test_what_batches_may_do_is_changed_only_by_who_read_it(counter: Counter) -> None:
    address = f"/api/customers/{CONTOSO}/policy/batches"

    unread = await counter.ask("PUT", address, body=BATCHES)
    headers = {"If-Match": '"0123456789abcdef"'}
    outdated = await counter.ask("PUT", address, body=BATCHES, headers=headers)

    assert (unread.status, outdated.status) == (428, 412)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"requireApproval": {"when": "above"}}, "above how many", id="above nothing"),
        pytest.param(
            {"ceilings": {"money": {"amount": "1e9", "currency": "USD"}}}, "amount", id="no amount"
        ),
        pytest.param({"peoplePercent": 101}, "100", id="more than everybody"),
        pytest.param({"ceilingsByPlan": {"nobodys": {}}}, "nobodys", id="a plan that is not there"),
    ],
)
async def test_what_batches_may_do_is_read_strictly(
    body: dict[str, Any], words: str, counter: Counter
) -> None:
    address = f"/api/customers/{CONTOSO}/policy/batches"
    match = {"If-Match": (await counter.ask("GET", address)).headers["ETag"]}

    refused = await counter.ask("PUT", address, body=body, headers=match)

    assert refused.status == 422
    assert words in refused.text


async def test_lists_go_on_at_next_link(counter: Counter) -> None:
    for number in range(5):
        counter.plans.kept[f"p{number}"] = counter.plans.kept["office-worker"]

    first = await counter.ask("GET", "/api/plans?limit=4")
    second = await counter.ask("GET", first.json["nextLink"])

    assert (len(first.json["items"]), len(second.json["items"])) == (4, 2)
    assert "nextLink" not in second.json


async def test_a_cursor_of_another_list_is_refused(counter: Counter) -> None:
    counter.plans.kept["p2"] = counter.plans.kept["office-worker"]
    link = (await counter.ask("GET", "/api/plans?limit=1")).json["nextLink"]

    reply = await counter.ask("GET", link.replace("/plans", "/customers"))

    assert reply.status == 422
