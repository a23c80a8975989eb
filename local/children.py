"""Start the programs of a local run, read what they say when they are ready, and end them."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

START_SECONDS = 60
END_SECONDS = 20
LAST_WORDS = 1500


class ChildDidNotStart(RuntimeError):
    """A program ended, or stayed silent, before it was ready."""


@contextmanager
def child(
    module: str, *arguments: str, environ: Mapping[str, str], log: Path
) -> Iterator[dict[str, Any]]:
    """Yield the JSON line with which the module says that it is ready."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as written, _process(module, arguments, environ, written) as process:
        try:
            yield _announcement(process, module, log)
        finally:
            _end(process)


def _process(
    module: str, arguments: tuple[str, ...], environ: Mapping[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "local.leash", module, *arguments],
        env=dict(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,  # Ctrl-C is ours: we end them in order
    )


def _announcement(process: subprocess.Popen[bytes], module: str, log: Path) -> dict[str, Any]:
    assert process.stdout is not None  # noqa: S101 (it was asked for as a pipe)
    alarm = threading.Timer(START_SECONDS, process.kill)
    alarm.start()
    line = process.stdout.readline()
    alarm.cancel()
    if not line:
        last_words = log.read_text(errors="replace")[-LAST_WORDS:]
        raise ChildDidNotStart(f"{module} ended before it was ready:\n{last_words}")
    threading.Thread(target=process.stdout.read, daemon=True).start()
    ready: dict[str, Any] = json.loads(line)
    return ready


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
