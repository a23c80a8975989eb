"""Describe the API in OpenAPI 3.1, from the models that parse and answer its requests.

https://spec.openapis.org/oas/v3.1.0
"""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.api.endpoint import CSV, JSON, PATH_VALUES, Endpoint
from shared.api.models import Untitled
from shared.api.problem_documents import MEDIA_TYPE, Problem
from shared.api.problems import KINDS, UNEXPECTED

_KEPT_FOR_A_TIME = ("password", "{runId}/customers", "{runId}/report")
_OF_VERSIONS = (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED)
_OF_SIGNED_BODIES = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
)
_REF = "#/components/schemas/{model}"
_MANNERS = """\
- Callers bring a Microsoft Entra v2.0 access token; its app roles say what they may do.
- What creates or spends needs an `Idempotency-Key`. After a timeout or a 5xx repeat with the same \
key: what was done is not done twice.
- `?dryRun=true` answers plan, price and faults, and changes nothing.
- 202 comes with a `Location` to look at and a `Retry-After`.
- Lists answer `items` and, where there is more, a `nextLink` to follow as it came.
- Every error is a problem document (RFC 9457): decide by `type`, show `title`, `detail`, `errors`.
- Moments are UTC, money is exact text with its currency, a field without a value is left out.
"""
Document = dict[str, Any]


def openapi_document(endpoints: Sequence[Endpoint], version: str) -> Document:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Seatkeeper",
            "version": version,
            "summary": "Microsoft 365 seats for many customer tenants, behind one API.",
            "description": _MANNERS,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/api"}],
        "security": [{"entra": []}],
        "tags": [{"name": tag} for tag in _tags(endpoints)],
        "paths": _paths(endpoints),
        "components": {
            "schemas": _schemas(endpoints),
            "responses": _problems(),
            "headers": _headers(),
            "securitySchemes": {
                "entra": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A Microsoft Entra v2.0 access token for this API.",
                }
            },
        },
    }


def tag_of(endpoint: Endpoint) -> str:
    """The noun that a route is about: the last one that is not in braces."""
    nouns = [part for part in endpoint.path.split("/") if not part.startswith("{")]
    return "about" if endpoint.public else nouns[0] if len(nouns) == 1 else _second(nouns)


def _second(nouns: list[str]) -> str:
    return nouns[1] if nouns[0] == "customers" and nouns[1] != "policy" else nouns[0]


def _tags(endpoints: Iterable[Endpoint]) -> list[str]:
    return list(dict.fromkeys(tag_of(endpoint) for endpoint in endpoints))


def _paths(endpoints: Iterable[Endpoint]) -> Document:
    paths: Document = {}
    for endpoint in endpoints:
        paths.setdefault(f"/{endpoint.path}", {})[endpoint.method.lower()] = _operation(endpoint)
    return paths


def _operation(endpoint: Endpoint) -> Document:
    operation: Document = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [tag_of(endpoint)],
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
    }
    if endpoint.description or not endpoint.public:
        operation["description"] = _description(endpoint)
    if endpoint.body is not None:
        operation["requestBody"] = _request_body(endpoint)
    if endpoint.public:
        operation["security"] = []
    return operation


def _description(endpoint: Endpoint) -> str:
    roles = ", ".join(f"`{role}`" for role in sorted(endpoint.roles.value))
    return " ".join(part for part in (endpoint.description, roles and f"Roles: {roles}.") if part)


def _parameters(endpoint: Endpoint) -> list[Document]:
    parameters: list[Document] = [_path_parameter(name) for name in endpoint.path_values]
    schema = endpoint.query.model_json_schema()
    required = schema.get("required", [])
    for name, described in schema.get("properties", {}).items():
        whole = _inlined(described, schema.get("$defs", {}))
        parameters.append(_query_parameter(name, whole, required=name in required))
    if endpoint.spends:
        parameters.append(_idempotency_key(required=not endpoint.dry_run))
    if endpoint.matches or endpoint.may_match:
        parameters.append(_if_match(required=endpoint.matches))
    return parameters


def _path_parameter(name: str) -> Document:
    value = PATH_VALUES[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": value.description,
        "schema": {"type": "string", "pattern": value.pattern},
    }


def _inlined(described: Document, definitions: Document) -> Document:
    """Put what is shared between bodies in its place: a parameter's schema stands alone."""
    choices = [_inlined(choice, definitions) for choice in described.get("anyOf", ())]
    named = definitions.get(described.get("$ref", "").rpartition("/")[2], {})
    rest = {key: value for key, value in described.items() if key not in ("$ref", "anyOf")}
    return {**named, **rest, **({"anyOf": choices} if choices else {})}


def _query_parameter(name: str, described: Document, *, required: bool) -> Document:
    schema = {k: v for k, v in described.items() if k not in ("title", "description")}
    if "anyOf" in schema:
        # In a query string a value is either there or not: there is no null.
        schema = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": described.get("description", ""),
        "schema": schema,
    }


def _request_body(endpoint: Endpoint) -> Document:
    content: Document = {JSON: {"schema": _ref(endpoint.body)}} if endpoint.body else {}
    if CSV in endpoint.content_types:
        content[CSV] = {"schema": {"type": "string"}}
    return {"required": endpoint.body_needed, "content": content}


def _responses(endpoint: Endpoint) -> Document:
    responses: Document = {
        str(int(status)): _response(status, answer, endpoint)
        for status, answer in endpoint.answers.items()
    }
    for status in _problem_statuses(endpoint):
        responses.setdefault(str(int(status)), {"$ref": f"#/components/responses/{_name(status)}"})
    return responses


def _response(status: HTTPStatus, answer: type[BaseModel] | str | None, to: Endpoint) -> Document:
    response: Document = {"description": status.phrase}
    if isinstance(answer, str):
        response["content"] = {answer: {"schema": {"type": "object"} if answer == JSON else {}}}
    elif answer is not None:
        response["content"] = {JSON: {"schema": _ref(answer)}}
        if to.or_csv:
            response["content"][CSV] = {"schema": {"type": "string"}}
    names = {
        HTTPStatus.CREATED: ["Location"],
        HTTPStatus.ACCEPTED: ["Location", "Retry-After"],
    }.get(status, [])
    names += ["Idempotency-Replayed"] if to.spends else []
    if names:
        response["headers"] = {n: {"$ref": f"#/components/headers/{n}"} for n in names}
    return response


def _problem_statuses(endpoint: Endpoint) -> list[HTTPStatus]:
    every = {kind.status for kind in KINDS.values()} | {UNEXPECTED.status}
    if endpoint.public:
        fixed = [HTTPStatus.UNPROCESSABLE_ENTITY, UNEXPECTED.status]
        return fixed if endpoint.body is None else [*_OF_SIGNED_BODIES, *fixed]
    unfit = set() if endpoint.matches else set(_OF_VERSIONS)
    if endpoint.may_match:
        unfit -= {HTTPStatus.PRECONDITION_FAILED}
    if endpoint.body is None:
        unfit |= {HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
        unfit |= set() if endpoint.spends else {HTTPStatus.BAD_REQUEST}
    if not any(kept in endpoint.path for kept in _KEPT_FOR_A_TIME):
        unfit |= {HTTPStatus.GONE}
    return sorted(every - unfit)


def _schemas(endpoints: Iterable[Endpoint]) -> Document:
    models: dict[type[BaseModel], None] = {Problem: None}
    for endpoint in endpoints:
        models |= {m: None for m in endpoint.answers.values() if isinstance(m, type)}
        models |= {endpoint.body: None} if endpoint.body is not None else {}
    _, schema = models_json_schema(
        [(model, "validation") for model in models],
        ref_template=_REF,
        by_alias=True,
        schema_generator=Untitled,
    )
    return dict(schema["$defs"])


def _problems() -> Document:
    """One response per status, naming every problem that answers with it."""
    kinds = [*dict.fromkeys(KINDS.values()), UNEXPECTED]
    return {
        _name(status): {
            "description": "; ".join(
                f"`{kind.slug}`: {kind.title}" for kind in kinds if kind.status == status
            ),
            "content": {MEDIA_TYPE: {"schema": _ref(Problem)}},
        }
        for status in sorted({kind.status for kind in kinds})
    }


def _headers() -> Document:
    text = {"type": "string"}
    return {
        "Location": {"description": "Where it is found.", "schema": text},
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
        "Idempotency-Replayed": {
            "description": "`true` where the answer is on record from an earlier request.",
            "schema": text,
        },
    }


def _idempotency_key(*, required: bool) -> Document:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": ("" if required else "Needed unless `dryRun=true`. ")
        + "The same key with the same request is answered from the record for seven days; "
        "with another body it is refused.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }


def _if_match(*, required: bool) -> Document:
    return {
        "name": "If-Match",
        "in": "header",
        "required": required,
        "description": "The `ETag` that was read; another version is left alone.",
        "schema": {"type": "string"},
    }


def _name(status: HTTPStatus) -> str:
    return re.sub(r"\W", "", status.phrase.title())


def _ref(model: type[BaseModel]) -> Document:
    return {"$ref": _REF.format(model=model.__name__)}
