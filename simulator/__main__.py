"""Serve one world on loopback: one line of JSON says where, SIGTERM saves the state."""

import argparse
import asyncio
import json
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.app import create_app
from simulator.faults import ReplyLost
from simulator.world import World


def main() -> None:
    options = _options()
    world = _load(options.state, options.seed)
    with socket.create_server(("127.0.0.1", options.port)) as listener:
        sys.stdout.write(json.dumps(_addresses(listener.getsockname()[1])) + "\n")
        sys.stdout.flush()
        _serve(world, listener)
    if options.state is not None:
        options.state.write_text(json.dumps(world.to_json()), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="loaded at the start, saved at the end")
    parser.add_argument("--seed", help="makes the ids of a new world repeatable")
    return parser.parse_args()


def _load(state: Path | None, seed: str | None) -> World:
    if state is not None and state.exists():
        return World.from_json(json.loads(state.read_text(encoding="utf-8")))
    return World.default(seed)


def _addresses(port: int) -> dict[str, str]:
    origin = f"http://127.0.0.1:{port}"
    return {
        "origin": origin,
        "login": f"{origin}/login",
        "partnerCenter": f"{origin}/partnercenter",
        "graph": f"{origin}/graph",
        "exchange": f"{origin}/exchange",
        "control": f"{origin}/_sim",
    }


def _serve(world: World, listener: socket.socket) -> None:
    config = uvicorn.Config(
        _closing(create_app(world)),
        http="h11",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal again once it has closed down: the state is still to be saved.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    asyncio.run(server.serve(sockets=[listener]))


def _closing(app: ASGIApp) -> ASGIApp:
    """A lost reply closes the connection; uvicorn alone would answer 500."""

    async def closing(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except ReplyLost:
            await _hang_up(send)

    return closing


async def _hang_up(send: Send) -> None:
    cycle: Any = getattr(send, "__self__", None)
    cycle.disconnected = True
    cycle.transport.abort()


if __name__ == "__main__":
    main()
