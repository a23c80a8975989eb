"""What documents the API is made of what answers it."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from shared.api.docs_page import docs_html
from shared.api.examples import example_of
from shared.api.openapi import openapi_document
from shared.api.problems import KINDS, UNEXPECTED
from shared.api.routes import ENDPOINTS
from shared.domain.actions import Action
from shared.domain.runs import Nights
from tests.api.counter import CONTOSO, Counter
from tests.api.test_bodies import CONNECTION

DOCUMENT = openapi_document(ENDPOINTS, "1.2.3")
OPERATIONS = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def references_in(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [r for value in node.values() for r in references_in(value)]
    return [r for item in node for r in references_in(item)] if isinstance(node, list) else []


def test_the_document_is_valid_openapi() -> None:
    jsonschema_rs.validator_for(OPENAPI_31).validate(DOCUMENT)


def test_every_route_is_described_and_nothing_else() -> None:
    described = {(method.upper(), path) for path, method, _ in OPERATIONS}

    assert described == {(e.method, f"/{e.path}") for e in ENDPOINTS}


def test_every_reference_leads_somewhere() -> None:
    references = set(references_in(DOCUMENT))

    assert references
    for reference in references:
        node = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_every_problem_that_a_route_may_answer_is_described() -> None:
    statuses = {str(int(kind.status)) for kind in (*KINDS.values(), UNEXPECTED)}

    described = {s for _, _, operation in OPERATIONS for s in operation["responses"]}

    assert statuses <= described


def test_the_refusals_of_an_event_are_described() -> None:
    described = DOCUMENT["paths"]["/webhooks/{connectionId}"]["post"]

    assert {"200", "400", "401", "404", "413"} <= set(described["responses"])
    assert described["security"] == []


def test_what_creates_or_spends_asks_for_its_key() -> None:
    for endpoint in ENDPOINTS:
        operation = DOCUMENT["paths"][f"/{endpoint.path}"][endpoint.method.lower()]
        keys = [p for p in operation["parameters"] if p["name"] == "Idempotency-Key"]

        assert bool(keys) == endpoint.spends
        assert all(key["required"] != endpoint.dry_run for key in keys)


def test_no_secret_has_a_field_in_an_answer() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if not name.endswith("Body"):
            assert not {"clientSecret", "refreshToken"} & set(schema.get("properties", {}))


@pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if e.body], ids=lambda endpoint: endpoint.name
)
def test_every_example_passes_the_model_that_it_documents(endpoint: Any) -> None:
    content = DOCUMENT["paths"][f"/{endpoint.path}"][endpoint.method.lower()]["requestBody"]

    example = example_of(DOCUMENT, content["content"]["application/json"]["schema"])

    assert list(endpoint.body.model_validate(example).faults()) == []


async def test_an_answer_fits_its_schema(counter: Counter) -> None:
    address = "/api/connections"
    made = await counter.ask("POST", address, body=CONNECTION, key="k1")
    refused = await counter.ask("POST", address, body={}, key="k2")
    policy = await counter.ask("GET", f"/api/customers/{CONTOSO}/policy")

    for name, reply in (
        ("ConnectionReply", made),
        ("Problem", refused),
        ("PolicyReply", policy),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
        jsonschema_rs.validator_for(schema).validate(reply.json)


async def test_the_document_is_served_with_the_offices_version(counter: Counter) -> None:
    reply = await counter.ask("GET", "/api/openapi.json", role=None)

    assert reply.json == json.loads(json.dumps(openapi_document(ENDPOINTS, "9.9.9")))


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


async def test_the_page_shows_every_route_and_problem_and_asks_nobody_for_anything(
    counter: Counter,
) -> None:
    reply = await counter.ask("GET", "/api/docs", role=None)

    page = Page(reply.text)
    names = {attributes.get("id") for _, attributes in page.tags}
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert reply.response.mimetype == "text/html"
    assert {e.name for e in ENDPOINTS} <= names
    assert {f"problem-{kind.slug}" for kind in (*KINDS.values(), UNEXPECTED)} <= names
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
    assert not re.search(r"url\(|@import", reply.text)
    assert {link[1:] for link in links if link and link.startswith("#")} <= names


def test_the_page_shows_what_each_kind_of_row_and_change_is_made_of() -> None:
    page = docs_html(ENDPOINTS, "1.2.3")

    cells = re.findall(r"<td><code>([^<]+)</code></td><td>([^<]+)</td>", page)

    actions = {kind for name, kind in cells if name == "rows[].action"}
    assert actions == {action.value for action in Action}
    assert ("rows[].delete", "boolean") in cells
    assert {("kind", "setSeats"), ("kind", "upgrade")} <= set(cells)


async def test_health_tells_the_business_time(counter: Counter) -> None:
    reply = await counter.ask("GET", "/api/health", role=None)

    assert reply.json == {
        "status": "ok",
        "version": "9.9.9",
        "storage": True,
        "businessTime": "2026-09-01T08:00:00Z",
    }


async def test_health_turns_stale_when_no_night_was_complete_for_a_day(counter: Counter) -> None:
    counter.runs.expected_since = datetime(2026, 8, 30, 8, tzinfo=UTC)

    reply = await counter.ask("GET", "/api/health", role=None)
    alive = await counter.ask("GET", "/api/health/live", role=None)

    assert (reply.status, reply.json["status"]) == (503, "stale")
    assert alive.status == 200


async def test_health_is_unavailable_without_storage(counter: Counter) -> None:
    async def broken(_now: datetime) -> Nights:
        raise OSError

    counter.runs.nights = broken  # type: ignore[method-assign]

    reply = await counter.ask("GET", "/api/health", role=None)

    assert (reply.status, reply.json["status"]) == (503, "unavailable")


def test_no_two_bodies_have_one_name() -> None:
    """Of two, Pydantic makes names of modules, which are nobody's business."""
    assert not [name for name in DOCUMENT["components"]["schemas"] if "__" in name]
