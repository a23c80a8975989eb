import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from local.children import ChildDidNotStart, child
from local.serving import listening_socket

APP = ("--app", "tests.local.an_app:app")


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health").is_success
    except httpx.TransportError:
        return False


def test_a_taken_port_means_the_next_free_one() -> None:
    with listening_socket(0) as first:
        port = first.getsockname()[1]
        with listening_socket(port) as second:
            assert second.getsockname()[1] > port


def test_the_host_serves_says_where_and_ends(tmp_path: Path) -> None:
    log = tmp_path / "host.log"
    with child("local.host", "--port", "0", *APP, environ=os.environ, log=log) as host:
        answer = httpx.get(f"{host['url']}/api/health")

    assert answer.text == "well"
    assert not answers(host["url"])
    assert "health (" in log.read_text()


def test_a_child_that_cannot_start_leaves_its_last_words(tmp_path: Path) -> None:
    with (
        pytest.raises(ChildDidNotStart, match="no_such_app"),
        child("local.host", "--app", "no_such_app:app", environ=os.environ, log=tmp_path / "log"),
    ):
        pass


def test_children_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log"), *APP]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert answers(url)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while answers(url) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not answers(url)


PARENT = """
import os, sys, time
from pathlib import Path
from local.children import child
log, *app = sys.argv[1:]
with child("local.host", "--port", "0", *app, environ=os.environ, log=Path(log)) as host:
    print(host["url"], flush=True)
    time.sleep(60)
"""
