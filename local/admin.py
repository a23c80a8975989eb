"""Answer the platform's admin endpoints: the host's state, and functions started by hand."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.functions import Function, HttpFunction

Start = Callable[[Function, str], Awaitable[None]]


@dataclass(frozen=True)
class Admin:
    """Lists functions, and starts those that no HTTP route starts."""

    host_id: str
    functions: Iterable[Function]
    start: Start
    since: float = field(default_factory=time.monotonic)

    async def answer(self, request: Request, path: str) -> Response:
        match request.method, path.strip("/").split("/"):
            case "GET", ["admin", "host", "status"]:
                return JSONResponse(self._status())
            case (("GET" | "POST"), ["admin", "host", "ping"]):
                return Response(status_code=200)
            case "GET", ["admin", "functions"]:
                return JSONResponse([{"name": function.name} for function in self.functions])
            case "POST", ["admin", "functions", name]:
                return await self._started(name, await request.body())
        return Response(status_code=404)

    def _status(self) -> dict[str, object]:
        uptime = round((time.monotonic() - self.since) * 1000)
        return {"id": self.host_id, "state": "Running", "version": "local", "processUptime": uptime}

    async def _started(self, name: str, body: bytes) -> Response:
        named = (f for f in self.functions if f.name.lower() == name.lower())
        function = next(named, None)
        if function is None or isinstance(function, HttpFunction):
            return Response(status_code=404)
        try:
            given = json.loads(body or b"{}")
        except ValueError:
            return Response(status_code=400)
        await self.start(function, str(given.get("input") or ""))
        return Response(status_code=202)
