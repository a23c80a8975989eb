"""Serve a functions host on a port, until it is asked to end."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import azure.functions as func
import uvicorn

from local.host import ROOT, Host
from local.settings import app_settings

PORTS_TO_TRY = 100
DRAIN_SECONDS = 15


class Server(uvicorn.Server):
    """Says when it listens; its signals are ours to handle."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening_socket(port: int) -> socket.socket:
    """Take the port, or the next one that is free."""
    for candidate in range(port, port + PORTS_TO_TRY if port else 1):
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", candidate))
            taken.listen()
        except OSError:
            taken.close()
        else:
            return taken
    raise OSError(f"no free port from {port} to {port + PORTS_TO_TRY - 1}")


async def serve(host: Host, port: int, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what runs; a second one ends at once."""
    with listening_socket(port) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        # A person who signs in for a connection is sent back to here.
        os.environ.setdefault("PUBLIC_URL", url)
        config = uvicorn.Config(
            host.asgi,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        server = Server(config, ready=lambda: announce(url))
        _end_on_signal(server)
        async with host:
            await server.serve(sockets=[listening])


def _end_on_signal(server: uvicorn.Server) -> None:
    loop = asyncio.get_running_loop()

    def end(number: int) -> None:
        server.should_exit = True
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)


def main() -> None:
    words = _parser().parse_args()
    _log_to_stderr()
    # The platform's worker sees app settings as its environment, so the app does here.
    os.environ.update(app_settings(ROOT / "local.settings.json", os.environ))
    host = Host(
        load_app(words.app),
        os.environ,
        time_scale=float(os.environ.get("LOCAL_TIME_SCALE", "1")),
    )
    asyncio.run(serve(host, words.port, lambda url: _announce(url, words.ready_file)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.host", description=__doc__)
    parser.add_argument("--port", type=int, default=7071, help="0: any; taken: the next free one")
    parser.add_argument("--ready-file", type=Path, help="where to write the line that says ready")
    parser.add_argument("--app", default="function_app:app", help="module:attribute")
    return parser


def load_app(where: str) -> func.FunctionApp:
    module, _, attribute = where.partition(":")
    app: func.FunctionApp = getattr(import_module(module), attribute)
    return app


def _announce(url: str, ready_file: Path | None) -> None:
    line = json.dumps({"url": url, "pid": os.getpid()})
    print(line, flush=True)
    if ready_file:
        ready_file.write_text(line)


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    for noisy in ("azure", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
