"""Steer webhooks under /_sim/webhooks, and serve the certificates that notices point to."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from simulator.plain import to_plain
from simulator.seeds import NORTHWIND
from simulator.webhooks.authority import ANCHOR, NAMES, identity
from simulator.webhooks.events import BASE, SUBSCRIPTION
from simulator.webhooks.postman import Postman
from simulator.webhooks.signing import ALGORITHM, SIGNATURES, Manner

Json = dict[str, Any]
_Handler = Callable[[Postman, Json], Awaitable[Response]]


def webhook_control(postman: Postman) -> list[BaseRoute]:
    return [
        _route(postman, "GET", "/webhooks", _state),
        _route(postman, "GET", "/webhooks/anchor", _anchor),
        _route(postman, "POST", "/webhooks/flush", _flush),
        _route(postman, "POST", "/webhooks/send", _send),
    ]


def certificate_routes(postman: Postman) -> list[BaseRoute]:
    async def certificate(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in NAMES:
            return JSONResponse({"error": "there is no such certificate"}, 404)
        found = identity(postman.world, name)
        kind = {"Content-Type": "application/pkix-cert"}
        if postman.world.switches["webhooks.certificateForm"] == "pem":
            return Response(found.pem, headers=kind)
        return Response(found.der, headers=kind)

    return [Route("/{name}.cer", certificate)]


def _route(postman: Postman, method: str, path: str, handler: _Handler) -> Route:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        try:
            return await handler(postman, json.loads(raw) if raw else {})
        except (ValueError, TypeError, KeyError) as wrong:
            return JSONResponse({"error": f"the request makes no sense: {wrong!r}"}, 400)

    return Route(path, serve, methods=[method])


async def _state(postman: Postman, _body: Json) -> Response:
    world = postman.world
    waiting = [one for one in world.events if not one.outcome]
    offline = [one for one in world.events if one.outcome == "offline"]
    state = {
        "registrations": [
            {name: value for name, value in to_plain(one).items() if name != "seen"}
            for one in world.webhooks.values()
        ],
        "waiting": to_plain(waiting),
        "offline": to_plain(offline),
        "posts": postman.log,
    }
    return JSONResponse(state)


async def _anchor(postman: Postman, _body: Json) -> Response:
    pem = identity(postman.world, ANCHOR).pem
    return PlainTextResponse(pem, media_type="application/x-pem-file")


async def _flush(postman: Postman, _body: Json) -> Response:
    posts = await postman.flush()
    waiting = [one for one in postman.world.events if not one.outcome]
    return JSONResponse({"posts": posts, "waiting": len(waiting)})


async def _send(postman: Postman, body: Json) -> Response:
    """One notice by hand, well or badly signed, as often as wanted."""
    registration = postman.world.webhooks.get(body.get("partner", NORTHWIND))
    url = body.get("url") or (registration.url if registration else None)
    if url is None:
        raise ValueError("nobody is registered, and no url was given")
    answers = [
        await postman.send(url, _document(postman, body), _manner(body))
        for _copy in range(int(body.get("copies", 1)))
    ]
    return JSONResponse({"answers": answers})


def _document(postman: Postman, body: Json) -> bytes:
    if isinstance(body.get("body"), str):
        return str(body["body"]).encode()
    customer, subscription = body.get("customerId", ""), body.get("subscriptionId", "")
    uri = f"{BASE}/customers/{customer}/subscriptions/{subscription}"
    document = body.get("body") or {
        "EventName": body.get("event", SUBSCRIPTION),
        "ResourceUri": body.get("resourceUri", uri),
        "ResourceName": body.get("resourceName", "subscription"),
        "AuditUri": body.get("auditUri"),
        "ResourceChangeUtcDate": postman.world.clock.now().isoformat(),
    }
    return json.dumps(document).encode()


def _manner(body: Json) -> Manner:
    signature = body.get("signature", "good")
    if signature not in SIGNATURES:
        raise ValueError(f"a signature is one of {', '.join(SIGNATURES)}")
    return Manner(
        signature=signature,
        in_ms_signature=body.get("header", "").lower() == "x-ms-signature",
        omit=list(body.get("omit", [])),
        certificate_url=body.get("certificateUrl"),
        algorithm=body.get("algorithm", ALGORITHM),
    )
