"""Build the simulator as one app: one port, Microsoft's paths, told apart by prefix."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from simulator.control import control_routes
from simulator.graph.routes import graph_routes
from simulator.partner_center.routes import partner_center_routes
from simulator.signin.routes import signin_routes
from simulator.wire import Simulator
from simulator.world import World

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(world: World) -> Simulator:
    return Simulator(
        world,
        routes=[
            Mount("/login", routes=[*signin_routes(world), _the_rest()]),
            Mount("/partnercenter", routes=[*partner_center_routes(world), _the_rest()]),
            Mount("/graph/v1.0", routes=[*graph_routes(world)]),
            Mount("/_sim", routes=control_routes(world)),
            _the_rest(),
        ],
    )


def _the_rest() -> Route:
    return Route("/{path:path}", not_simulated, methods=_METHODS)


async def not_simulated(request: Request) -> Response:
    """Never a plausible 404: whoever calls this must hear that nobody wrote it yet."""
    answer = {"error": "not simulated", "method": request.method, "path": request.url.path}
    return JSONResponse(answer, 501)
