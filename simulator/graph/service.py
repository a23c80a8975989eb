"""Take a request through the checks in Graph's own order, then through its handler."""

import json
from dataclasses import replace
from random import Random
from typing import Any
from uuid import uuid4

from simulator.graph import permissions
from simulator.graph.call import Answer, Call, Caller, Request
from simulator.graph.errors import GraphError, unreadable
from simulator.graph.table import Route, find
from simulator.graph.throttle import Throttle
from simulator.world import World

_JSON = (
    "application/json;odata.metadata=minimal;odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
)


class Graph:
    """The service itself: one world, one table of routes, one throttle."""

    def __init__(self, world: World, routes: list[Route]) -> None:
        self.world = world
        self._routes = routes
        self._throttle = Throttle(world)
        # It decides orders and losses of a simulation, never a secret.
        self._chance = Random(world.seed)  # noqa: S311

    def answer(self, caller: Caller, request: Request) -> Answer:
        """Every answer leaves here, the refusals too."""
        try:
            answer = self._run(caller, request)
        except GraphError as error:
            return self.refused(error, request)
        return replace(answer, headers={**answer.headers, **_ids(request)})

    def refused(self, error: GraphError, request: Request) -> Answer:
        ids = _ids(request)
        now = self.world.clock.now()
        body = error.body(now, ids["request-id"], ids["client-request-id"])
        return Answer(error.status, body, {"x-ms-resource-unit": "1", **error.headers, **ids})

    def _run(self, caller: Caller, request: Request) -> Answer:
        route, params = find(self._routes, request.method, request.path)
        strict = bool(self.world.switches["graph.strict_permissions"])
        permissions.check(caller, route.scopes, strict=strict)
        if not route.is_envelope:
            self._throttle.check(caller, request.method)
        payload = _payload(request) if request.method != "GET" else None
        call = self._call(caller, request, params, payload)
        answer = route.handler(call)
        return replace(answer, headers={**_cost(route, request), **answer.headers})

    def _call(
        self, caller: Caller, request: Request, params: dict[str, str], payload: object
    ) -> Call:
        def execute(item: Request) -> Answer:
            return self.answer(caller, item)

        return Call(self.world, caller, request, self._chance, execute, params, payload)


def _ids(request: Request) -> dict[str, str]:
    request_id = str(uuid4())
    return {
        "request-id": request_id,
        "client-request-id": request.header("client-request-id") or request_id,
    }


def _payload(request: Request) -> Any:  # noqa: ANN401 - the handler says what it expects
    if not request.body:
        return None
    if "json" not in request.header("content-type").lower():
        raise unreadable()
    try:
        return json.loads(request.body)
    except ValueError:
        raise unreadable() from None


def _cost(route: Route, request: Request) -> dict[str, str]:
    top = request.query.get("$top", "")
    small_page = top.isdigit() and int(top) < 20  # noqa: PLR2004 - Graph's own line
    cost = route.cost - ("$select" in request.query) - small_page + ("$expand" in request.query)
    return {"x-ms-resource-unit": str(max(cost, 1))}


def encoded(answer: Answer) -> tuple[bytes, dict[str, str]]:
    """What goes over the wire: bytes and headers."""
    headers = {"OData-Version": "4.0", **answer.headers}
    if answer.body is None:
        return b"", headers
    if isinstance(answer.body, str):
        return answer.body.encode(), {"Content-Type": "text/plain", **headers}
    return json.dumps(answer.body).encode(), {"Content-Type": _JSON, **headers}
