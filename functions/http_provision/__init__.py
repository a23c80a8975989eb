"""The HTTP door: one function per line of the table of routes, and one for every other path."""

from collections.abc import Awaitable, Callable

import azure.functions as func

from shared.api.endpoint import Endpoint
from shared.api.office import Office
from shared.api.reception import receive, turn_away
from shared.api.routes import ENDPOINTS

Function = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


def blueprint(open_office: Callable[[], Office]) -> func.Blueprint:
    """Register every endpoint; the app checks its callers itself, so no function keys."""
    doors = func.Blueprint()
    for endpoint in ENDPOINTS:
        _register(
            doors,
            endpoint.name,
            endpoint.path,
            [endpoint.method],
            _answering(endpoint, open_office),
        )
    # The platform routes to text first, then parameters, then this.
    _register(doors, "unknown_route", "{*path}", None, _turning_away(open_office))
    return doors


def _register(
    doors: func.Blueprint, name: str, path: str, methods: list[str] | None, function: Function
) -> None:
    function.__name__ = name
    route = doors.route(route=path, methods=methods, auth_level=func.AuthLevel.ANONYMOUS)
    doors.function_name(name)(route(function))


def _answering(endpoint: Endpoint, open_office: Callable[[], Office]) -> Function:
    async def answer(req: func.HttpRequest) -> func.HttpResponse:
        return await receive(endpoint, req, open_office)

    return answer


def _turning_away(open_office: Callable[[], Office]) -> Function:
    async def answer(req: func.HttpRequest) -> func.HttpResponse:
        return await turn_away(req, open_office)

    return answer
