"""Build the simulator as one app: one port, Microsoft's paths, told apart by prefix."""

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from simulator.control import control_routes
from simulator.graph.routes import graph_beta_routes, graph_routes
from simulator.partner_center.relationships_attestations import document_routes
from simulator.partner_center.routes import partner_center_routes
from simulator.signin.routes import signin_routes
from simulator.webhooks.control import certificate_routes, webhook_control
from simulator.webhooks.postman import Postman
from simulator.wire import Simulator
from simulator.world import World

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(world: World, transport: httpx.AsyncBaseTransport | None = None) -> Simulator:
    """`transport` carries webhooks to a receiver in the same process."""
    postman = Postman(world, transport)
    return Simulator(
        world,
        postman,
        routes=[
            Mount("/login", routes=[*signin_routes(world), _the_rest()]),
            Mount("/partnercenter", routes=[*partner_center_routes(world), _the_rest()]),
            Mount("/graph/v1.0", routes=[*graph_routes(world)]),
            Mount("/graph/beta", routes=[*graph_beta_routes(world)]),
            Mount("/_sim", routes=[*control_routes(world), *webhook_control(postman)]),
            Mount("/documents", routes=[*document_routes(world), _the_rest()]),
            Mount("/certificates", routes=[*certificate_routes(postman), _the_rest()]),
            _the_rest(),
        ],
    )


def _the_rest() -> Route:
    return Route("/{path:path}", not_simulated, methods=_METHODS)


async def not_simulated(request: Request) -> Response:
    """Never a plausible 404: whoever calls this must hear that nobody wrote it yet."""
    answer = {"error": "not simulated", "method": request.method, "path": request.url.path}
    return JSONResponse(answer, 501)
