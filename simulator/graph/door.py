"""Let HTTP in: read the token, hand the request to the service, write its answer down."""

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from simulator.graph.call import Caller, Request
from simulator.graph.errors import GraphError, missing, unauthorized
from simulator.graph.service import Graph, encoded
from simulator.signin.tokens import GRAPH, TokenRefused, read_bearer
from simulator.world import World


class Door:
    """One endpoint behind every path of Graph's."""

    def __init__(self, world: World, graph: Graph) -> None:
        self._world = world
        self._graph = graph

    async def answer(self, http: HttpRequest) -> Response:
        request = await _request(http)
        try:
            caller = self._caller(request)
        except GraphError as error:
            answer = self._graph.refused(error, request)
        else:
            answer = self._graph.answer(caller, request)
        body, headers = encoded(answer)
        return Response(body, answer.status, headers)

    def _caller(self, request: Request) -> Caller:
        token = request.header("authorization")
        if not token.partition(" ")[2]:
            raise unauthorized("Access token is empty.")
        try:
            claims = read_bearer(self._world, token)
        except TokenRefused as refusal:
            raise unauthorized(_sentence(refusal)) from refusal
        if claims.aud != GRAPH:
            raise unauthorized("Access token validation failure. Invalid audience.")
        tenant = self._world.tenants.get(claims.tid)
        if tenant is None:
            raise missing(claims.tid)
        granted = claims.roles if claims.app_only else claims.scopes
        return Caller(
            tenant,
            claims.appid,
            granted,
            app_only=claims.app_only,
            directory_roles=claims.directory_roles,
        )


def _sentence(refusal: TokenRefused) -> str:
    if "expired" in str(refusal).lower():
        return "Lifetime validation failed, the token is expired."
    return "Access token validation failure."


async def _request(http: HttpRequest) -> Request:
    root = http.scope.get("root_path", "")
    return Request(
        method=http.method,
        path="/" + http.path_params["path"],
        query=dict(http.query_params),
        headers={name.lower(): value for name, value in http.headers.items()},
        body=await http.body(),
        origin=f"{http.url.scheme}://{http.url.netloc}{root}",
    )
