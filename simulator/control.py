"""Control the simulation under /_sim: clock, switches, faults, state, calls, and the portals."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from simulator import minting, portals
from simulator.faults import Fault
from simulator.partner_center.errors import Refused
from simulator.partner_center.lifecycle import settle
from simulator.plain import to_plain
from simulator.signin.routes import origin_of
from simulator.switches import KNOWN, UnknownSwitch
from simulator.world import World

Json = dict[str, Any]
_Handler = Callable[[World, Request, Json], Any]


def control_routes(world: World) -> list[BaseRoute]:
    customers, partners = "/portal/customers", "/portal/partners/{tenant}"
    return [
        _route(world, "GET", "/clock", _clock),
        _route(world, "PUT", "/clock", _set_clock),
        _route(world, "POST", "/clock/advance", _advance_clock),
        _route(world, "GET", "/switches", _switches),
        _route(world, "PUT", "/switches", _turn_switches),
        _route(world, "GET", "/faults", _faults),
        _route(world, "POST", "/faults", _add_faults),
        _route(world, "DELETE", "/faults", _clear_faults),
        _route(world, "GET", "/state", _state),
        _route(world, "PUT", "/state", _load_state),
        _route(world, "GET", "/calls", _calls),
        _route(world, "DELETE", "/calls", _clear_calls),
        _route(world, "POST", "/reset", _reset),
        _route(world, "GET", "/signin", _signin),
        _route(world, "POST", "/signin", _mint),
        _route(world, "POST", f"{partners}/revoke", portals.revoke),
        _route(world, "POST", f"{partners}/redirecturis", portals.register_redirect),
        _route(world, "POST", f"{partners}/agreement", portals.sign_partner_agreement),
        _route(world, "POST", "/portal/tenants", portals.add_tenant),
        _route(world, "POST", f"{customers}/{{id}}/accept", portals.accept_partner),
        _route(world, "POST", customers, portals.add_customer),
        _route(world, "POST", f"{customers}/{{id}}/agreement", portals.sign_agreement),
        _route(world, "POST", f"{customers}/{{id}}/gdap", portals.approve_gdap),
        _route(world, "DELETE", f"{customers}/{{id}}/gdap", portals.end_gdap),
        _route(world, "POST", "/portal/estates", portals.add_estates),
        _route(world, "POST", f"{customers}/{{id}}/users/make", portals.make_users),
        _route(world, "POST", f"{customers}/{{id}}/users/remove", portals.remove_users),
        _route(world, "PATCH", f"{customers}/{{id}}/subscriptions/{{sid}}", portals.edit),
        _route(world, "POST", f"{customers}/{{id}}/purchases", portals.purchase),
        _route(world, "POST", f"{customers}/{{id}}/legacypurchases", portals.purchase_legacy),
        _route(world, "POST", f"{customers}/{{id}}/licenses", portals.assign),
    ]


def _route(world: World, method: str, path: str, handler: _Handler) -> Route:
    async def serve(request: Request) -> Response:
        try:
            answer = handler(world, request, await _document(request))
        except UnknownSwitch as unknown:
            return JSONResponse({"error": f"no switch is called {unknown}"}, 400)
        except portals.NotThere as missing:
            return JSONResponse({"error": str(missing)}, 404)
        except Refused as refused:
            return JSONResponse(refused.body(), refused.status)
        except (ValueError, TypeError, KeyError) as wrong:
            return JSONResponse({"error": f"the request makes no sense: {wrong!r}"}, 400)
        return JSONResponse(answer)

    return Route(path, serve, methods=[method])


async def _document(request: Request) -> Any:  # noqa: ANN401 - the handler knows its shape
    body: bytes = await request.body()
    return json.loads(body) if body else {}


def _clock(world: World, _request: Request, _body: Json) -> Json:
    return {"now": world.clock.now().isoformat(), "real": world.clock.real().isoformat()}


def _set_clock(world: World, request: Request, body: Json) -> Json:
    now = datetime.fromisoformat(body["now"])
    world.clock.set(now if now.tzinfo else now.replace(tzinfo=UTC))
    settle(world)
    return _clock(world, request, body)


def _advance_clock(world: World, request: Request, body: Json) -> Json:
    world.clock.advance(timedelta(**body))
    settle(world)
    return _clock(world, request, body)


def _switches(world: World, _request: Request, _body: Json) -> Json:
    return {
        name: {"value": value, "default": KNOWN[name].default, "about": KNOWN[name].about}
        for name, value in world.switches.all().items()
    }


def _turn_switches(world: World, _request: Request, body: Json) -> Json:
    world.switches.update(body)
    return world.switches.all()


def _faults(world: World, _request: Request, _body: Json) -> list[Json]:
    return [_spelled(fault) for fault in world.faults.waiting]


def _add_faults(world: World, request: Request, body: Json | list[Json]) -> list[Json]:
    for one in body if isinstance(body, list) else [body]:
        world.faults.add(fault_of(one))
    return _faults(world, request, {})


def _clear_faults(world: World, _request: Request, _body: Json) -> list[Json]:
    world.faults.waiting.clear()
    return []


_SPELLINGS = {
    "retry_after": "retryAfter",
    "delay_seconds": "delaySeconds",
    "drop_after_commit": "dropAfterCommit",
    "drop_before_commit": "dropBeforeCommit",
}


def fault_of(document: Json) -> Fault:
    names = {spelled: name for name, spelled in _SPELLINGS.items()}
    return Fault(**{names.get(name, name): value for name, value in document.items()})


def _spelled(fault: Fault) -> Json:
    return {_SPELLINGS.get(name, name): value for name, value in asdict(fault).items()}


def _state(world: World, _request: Request, _body: Json) -> Json:
    return world.to_json()


def _load_state(world: World, _request: Request, body: Json) -> Json:
    world.become(World.from_json(body))
    return {"loaded": True}


def _calls(world: World, request: Request, _body: Json) -> Json:
    since = int(request.query_params.get("since", 0))
    return {"last": world.calls.last, "calls": to_plain(world.calls.since(since))}


def _clear_calls(world: World, _request: Request, _body: Json) -> Json:
    world.calls.records.clear()
    return {"last": world.calls.last}


def _reset(world: World, _request: Request, body: Json) -> Json:
    """Another world; who could sign in before can still do so."""
    fresh = World.default(body.get("seed", world.seed))
    for client_id, app in fresh.apps.items():
        app.secret = world.apps[client_id].secret
    world.become(fresh)
    world.calls.records.clear()
    return {"seed": world.seed}


def _signin(world: World, request: Request, _body: Json) -> Json:
    return minting.known(world, origin_of(request))


def _mint(world: World, request: Request, body: Json) -> Json:
    return minting.mint(world, origin_of(request), body)
