"""Answer HTTP as the platform does: routes by template, real requests and responses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import azure.functions as func
from azure.functions.http import HttpRequest
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local.admin import Admin
from local.functions import HttpFunction
from local.invocation import Invoker
from local.routes import Template, decoded

BODY_LIMIT = 104_857_600
NO_BODY = frozenset({204, 304})


class BodyTooLarge(ValueError):
    """A request body above the platform's limit."""


@dataclass(frozen=True)
class Route:
    template: Template
    function: HttpFunction


class HttpDoor:
    """An ASGI app: the HTTP functions, and the admin endpoints beside them."""

    def __init__(
        self, functions: Iterable[HttpFunction], prefix: str, invoker: Invoker, admin: Admin
    ) -> None:
        routes = [Route(Template.parse(f"{prefix}/{f.route}"), f) for f in functions]
        self._routes = sorted(routes, key=lambda route: route.template.precedence)
        self._invoker = invoker
        self._admin = admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except BodyTooLarge:
            response = Response(status_code=413)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = _path(request.scope)
        if path.startswith("/admin/"):
            return await self._admin.answer(request, path)
        for route in self._routes:
            parameters = route.template.match(path)
            if parameters is not None and request.method in route.function.methods:
                return await self._invoke(route.function, request, parameters)
        return Response(status_code=404)

    async def _invoke(
        self, function: HttpFunction, request: Request, parameters: Mapping[str, str]
    ) -> Response:
        arrived = await to_functions(request, parameters)
        outcome = await self._invoker.invoke(function, arrived)
        if outcome.error:
            return Response(status_code=500)
        return to_asgi(_response(outcome.value), request.method)


async def to_functions(request: Request, parameters: Mapping[str, str]) -> func.HttpRequest:
    return HttpRequest(
        method=request.method,
        url=str(request.url),
        headers=_joined(request.headers),
        params=_joined(request.query_params.multi_items()),
        route_params=parameters,
        body_type="bytes",
        body=await _body(request),
    )


def _response(value: object) -> func.HttpResponse:
    """A function may answer a response, plain text, or nothing at all."""
    match value:
        case func.HttpResponse():
            return value
        case str():
            return func.HttpResponse(value)
        case None:
            return func.HttpResponse(status_code=204)
    return func.HttpResponse(status_code=500)


def to_asgi(answer: func.HttpResponse, method: str) -> Response:
    body = b"" if method == "HEAD" or answer.status_code in NO_BODY else answer.get_body()
    response = Response(body, answer.status_code)
    if method == "HEAD":
        response.headers["content-length"] = str(len(answer.get_body()))
    for name, header in _headers(answer):
        if name.lower() == "set-cookie":
            response.headers.append(name, header)
        elif name.lower() != "content-length":
            response.headers[name] = header
    return response


def _headers(answer: func.HttpResponse) -> list[tuple[str, str]]:
    """A response says its type in its headers or, failing that, in its mimetype."""
    headers = list(answer.headers.items())
    if any(name.lower() == "content-type" for name, _ in headers):
        return headers
    charset = f"; charset={answer.charset}" if answer.mimetype.startswith("text/") else ""
    return [*headers, ("content-type", answer.mimetype + charset)]


def _joined(pairs: Headers | Iterable[tuple[str, str]]) -> dict[str, str]:
    """The platform hands over one text per name; repeated ones are joined by commas."""
    joined: dict[str, str] = {}
    for name, value in pairs.items() if isinstance(pairs, Headers) else pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return decoded(raw.split(b"?")[0].decode("latin-1")) if raw else scope["path"]


async def _body(request: Request) -> bytes:
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > BODY_LIMIT:
            raise BodyTooLarge
    return bytes(chunks)
