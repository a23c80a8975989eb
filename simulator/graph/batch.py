"""Run up to twenty requests in one envelope, each of them as if it had come alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from simulator.faults import Fault
from simulator.graph.call import Answer, Call, Request
from simulator.graph.errors import GraphError
from simulator.tenants import JsonObject

_MOST_ITEMS = 20
_SUCCESS = range(200, 300)
_PASSED_ON = ("client-request-id", "consistencylevel", "prefer")


@dataclass(frozen=True)
class Item:
    """One request of the envelope."""

    id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: Any
    depends_on: tuple[str, ...]


def run(call: Call) -> Answer:
    """The envelope's own answer is 200, whatever became of its items."""
    items = _items(call.payload)
    statuses: dict[str, int] = {}
    responses: list[JsonObject] = []
    for item in _order(items, call.chance, shuffled=bool(call.switch("graph.batch.shuffle"))):
        answer = _answer(call, item, statuses)
        statuses[item.id.lower()] = answer.status
        responses.append(_response(item, answer))
    if call.switch("graph.batch.shuffle"):
        call.chance.shuffle(responses)
    return Answer(200, {"responses": responses})


def _items(payload: object) -> list[Item]:
    entries = payload.get("requests") if isinstance(payload, dict) else None
    if not isinstance(entries, list) or not 1 <= len(entries) <= _MOST_ITEMS:
        raise _malformed()
    items: list[Item] = []
    for entry in entries:
        items.append(_item(entry, {earlier.id.lower() for earlier in items}))
    return items


def _item(entry: object, earlier: set[str]) -> Item:
    if not isinstance(entry, dict):
        raise _malformed()
    id_, method, url = (entry.get(name) for name in ("id", "method", "url"))
    if not (isinstance(id_, str) and isinstance(method, str) and isinstance(url, str)):
        raise _malformed()
    if not (id_ and method and url):
        raise _malformed()
    named, headers = entry.get("dependsOn") or [], entry.get("headers") or {}
    if not (isinstance(named, list) and isinstance(headers, dict)):
        raise _malformed()
    depends_on = tuple(str(other) for other in named)
    if id_.lower() in earlier or not {other.lower() for other in depends_on} <= earlier:
        raise _malformed()
    lowered = {name.lower(): str(value) for name, value in headers.items()}
    return Item(id_, method.upper(), url, lowered, entry.get("body"), depends_on)


def _malformed() -> GraphError:
    return GraphError(400, "BadRequest", "Invalid batch payload format.")


def _order(items: Sequence[Item], chance: Random, *, shuffled: bool) -> Iterator[Item]:
    """Any order that keeps the dependencies: what does not depend must not be relied on."""
    waiting = list(items)
    if shuffled:
        chance.shuffle(waiting)
    done: set[str] = set()
    while waiting:
        ready = next(item for item in waiting if {*map(str.lower, item.depends_on)} <= done)
        waiting.remove(ready)
        done.add(ready.id.lower())
        yield ready


def _answer(call: Call, item: Item, statuses: Mapping[str, int]) -> Answer:
    if any(statuses[other.lower()] not in _SUCCESS for other in item.depends_on):
        return _failed(424, "FailedDependency", "A dependency of this request failed.")
    url = item.url.removeprefix(call.request.origin)
    if "://" in url or urlsplit(url).path.strip("/").lower() == "$batch":
        return _failed(400, "BadRequest", f"Invalid batch item url: {item.url}")
    request = _request(call, item, url)
    prefix = urlsplit(call.request.origin).path
    fault = call.world.faults.match(item.method, prefix + request.path)
    if fault is not None and fault.status is not None:
        return _faulty(fault, fault.status)
    if fault is not None and fault.drop_before_commit:
        return _lost()
    answer = call.execute(request)
    return _lost() if fault is not None and fault.drop_after_commit else answer


def _request(call: Call, item: Item, url: str) -> Request:
    parts = urlsplit("/" + url.lstrip("/"))
    inherited = {name: call.request.header(name) for name in _PASSED_ON}
    return Request(
        method=item.method,
        path=unquote(parts.path),
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={**{name: text for name, text in inherited.items() if text}, **item.headers},
        body=b"" if item.body is None else json.dumps(item.body).encode(),
        origin=call.request.origin,
    )


def _failed(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}})


def _lost() -> Answer:
    """A batch cannot lose one reply, so Graph's gateway gives up on it instead."""
    return _failed(504, "GatewayTimeout", "The request timed out.")


def _faulty(fault: Fault, status: int) -> Answer:
    code = {429: "TooManyRequests", 503: "Service_Unavailable"}.get(status, "UnknownError")
    body = fault.body
    if body is None:
        body = {"error": {"code": code, "message": "Please retry again later."}}
    waits = fault.retry_after is not None
    return Answer(status, body, {"Retry-After": str(fault.retry_after)} if waits else {})


def _response(item: Item, answer: Answer) -> JsonObject:
    response: JsonObject = {"id": item.id, "status": answer.status, "headers": {**answer.headers}}
    if answer.body is not None:
        response["headers"]["Content-Type"] = "application/json"
        response["body"] = answer.body
    return response
