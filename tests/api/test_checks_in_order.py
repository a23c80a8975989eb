"""Who comes before what, size before content, and everything before the work."""

import inspect
import re

import azure.functions as func
import pytest

from shared.api.endpoint import Endpoint
from shared.api.office import Limits, Office
from shared.api.routes import ENDPOINTS
from shared.domain.callers import Caller
from shared.domain.errors import RemoteAnswer, RemoteUnavailable
from tests.api.counter import CONTOSO, Counter
from tests.api.shelves import Drops, Signatures

PROTECTED = [endpoint for endpoint in ENDPOINTS if not endpoint.public]


class SettingsMissing(Exception):
    pass


def nothing_is_set() -> Office:
    raise SettingsMissing


def some_address(path: str) -> str:
    values = {"customerId": CONTOSO, "row": "1"}
    return "/api/" + re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], "x1"), path)


@pytest.mark.parametrize("endpoint", PROTECTED, ids=lambda endpoint: endpoint.name)
async def test_nobody_gets_past_the_counter_without_a_token(
    endpoint: Endpoint, counter: Counter
) -> None:
    reply = await counter.ask(endpoint.method, some_address(endpoint.path), role=None)

    assert (reply.status, reply.slug) == (401, "caller-unknown")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("endpoint", PROTECTED, ids=lambda endpoint: endpoint.name)
async def test_with_an_empty_environment_everybody_is_unknown(endpoint: Endpoint) -> None:
    counter = Counter(open_office=nothing_is_set)

    reply = await counter.ask(endpoint.method, some_address(endpoint.path))

    assert reply.status == 401


async def test_with_an_empty_environment_the_public_routes_answer() -> None:
    counter = Counter(open_office=nothing_is_set)

    statuses = [
        (await counter.ask("GET", f"/api/{path}", role=None)).status
        for path in ("health/live", "openapi.json", "schemas/batch", "docs", "health")
    ]

    assert statuses == [200, 200, 200, 200, 503]


async def test_with_an_empty_environment_no_event_is_taken() -> None:
    counter = Counter(open_office=nothing_is_set)

    reply = await counter.ask("POST", "/api/webhooks/x1", role=None, body={})

    assert (reply.status, reply.slug) == (401, "signature-refused")


async def test_an_unknown_route_is_unknown_to_known_callers_only(counter: Counter) -> None:
    stranger = await counter.ask("GET", "/api/secrets", role=None)
    known = await counter.ask("GET", "/api/secrets")
    other_method = await counter.ask("DELETE", f"/api/customers/{CONTOSO}")

    assert (stranger.status, known.status, other_method.status) == (401, 404, 404)
    assert known.slug == "route-not-found"


@pytest.mark.parametrize(
    ("header", "why"),
    [
        pytest.param("Basic YTpi", "another scheme", id="another scheme"),
        pytest.param("Bearer", "no token", id="no token"),
        pytest.param("Bearer nobody", "an unknown token", id="a token that does not pass"),
        pytest.param("Bearer admin extra", "two tokens", id="two tokens"),
    ],
)
async def test_an_odd_authorization_is_refused(header: str, why: str, counter: Counter) -> None:
    reply = await counter.ask("GET", "/api/customers", role=None, headers={"Authorization": header})

    assert reply.status == 401, why


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        ("reader", "GET", "/api/customers", 200),
        ("reader", "POST", "/api/customers", 403),
        ("operator", "POST", "/api/connections", 403),
        ("operator", "POST", "/api/plans", 403),
        ("operator", "PUT", f"/api/customers/{CONTOSO}/policy", 200),
        ("automation", "GET", "/api/batches", 200),
        ("stranger", "GET", "/api/customers", 403),
    ],
)
async def test_roles_decide(
    role: str, method: str, path: str, status: int, counter: Counter
) -> None:
    reply = await counter.ask(method, path, role=role, body={"mode": "report"})

    assert reply.status == status


async def test_a_role_is_asked_before_the_body_is_looked_at() -> None:
    counter = Counter(limits=Limits(body_bytes=10))

    reply = await counter.ask("POST", "/api/connections", role="reader", raw=b"x" * 99)

    assert reply.status == 403


async def test_size_is_asked_before_the_content_type() -> None:
    counter = Counter(limits=Limits(body_bytes=10))

    reply = await counter.ask("POST", "/api/connections", raw=b"x" * 11, content_type="image/png")

    assert (reply.status, reply.slug) == (413, "body-too-large")


async def test_the_content_type_is_asked_before_the_body_is_read(counter: Counter) -> None:
    reply = await counter.ask("POST", "/api/connections", raw=b"{", content_type="text/csv")

    assert (reply.status, reply.slug) == (415, "unsupported-content")


async def test_json_is_read_before_the_key_is_asked(counter: Counter) -> None:
    broken = await counter.ask("POST", "/api/connections", raw=b"{")
    keyless = await counter.ask("POST", "/api/connections", body={})
    faulty = await counter.ask("POST", "/api/connections", body={}, key="k1")

    assert [(r.status, r.slug) for r in (broken, keyless, faulty)] == [
        (400, "malformed-request"),
        (400, "idempotency-key-missing"),
        (422, "invalid-request"),
    ]


async def test_an_id_of_the_wrong_shape_is_simply_not_there(counter: Counter) -> None:
    customer = await counter.ask("GET", "/api/customers/contoso")
    run = await counter.ask("GET", "/api/runs/a%20b")

    assert (customer.slug, run.slug) == ("customer-not-found", "run-not-found")


async def test_an_id_in_capitals_is_the_same_customer(counter: Counter) -> None:
    reply = await counter.ask("GET", f"/api/customers/{CONTOSO.upper()}")

    assert reply.json["id"] == CONTOSO


async def test_a_keys_port_that_is_down_is_no_reason_to_be_unknown() -> None:
    class Down:
        async def read(self, _token: str) -> Caller:
            raise RemoteUnavailable("The keys cannot be had.", RemoteAnswer("sign-in"))

    office = Office(Counter().office().desk, Down(), Signatures(), Drops())
    counter = Counter(open_office=lambda: office)

    reply = await counter.ask("GET", "/api/customers")

    assert (reply.status, reply.headers["Retry-After"]) == (503, "30")


async def test_every_function_is_a_coroutine_that_takes_a_request_and_nothing_else(
    counter: Counter,
) -> None:
    for function in counter.functions.values():
        signature = inspect.signature(function.code)

        assert inspect.iscoroutinefunction(function.code)
        assert list(signature.parameters) == ["req"]
        assert signature.parameters["req"].annotation is func.HttpRequest


async def test_functions_are_named_after_what_they_do(counter: Counter) -> None:
    names = list(counter.functions)

    assert len(set(names)) == len(names) == len(ENDPOINTS) + 1
    assert {"create_customer", "create_batch", "unknown_route"} <= set(names)
