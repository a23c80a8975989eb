"""Keep secrets in one file that only its owner reads: for a machine without a vault."""

import asyncio
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from shared.domain.passwords import Secret

Answer = TypeVar("Answer")
_BYTES = 32


def new_secret() -> Secret:
    """256 random bits as text."""
    return Secret(secrets.token_urlsafe(_BYTES))


class FileSecrets:
    """Fulfils the port for any number of processes on one machine."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)

    async def put(self, name: str, secret: Secret) -> None:
        def write(known: dict[str, str]) -> None:
            known[name] = secret.value

        await self._edit(write)

    async def get(self, name: str) -> Secret | None:
        value = (await asyncio.to_thread(self._read)).get(name)
        return None if value is None else Secret(value)

    async def get_or_make(self, name: str) -> Secret:
        return Secret(await self._edit(lambda known: known.setdefault(name, new_secret().value)))

    async def delete(self, name: str) -> None:
        await self._edit(lambda known: known.pop(name, None))

    async def _edit(self, change: Callable[[dict[str, str]], Answer]) -> Answer:
        return await asyncio.to_thread(self._edit_now, change)

    def _edit_now(self, change: Callable[[dict[str, str]], Answer]) -> Answer:
        with self._locked():
            known = self._read()
            before = dict(known)
            answer = change(known)
            if known != before:
                self._replace(known)
            return answer

    def _read(self) -> dict[str, str]:
        try:
            text = self._path.read_text()
        except FileNotFoundError:
            return {}
        known: dict[str, str] = json.loads(text)
        return known

    def _replace(self, known: dict[str, str]) -> None:
        """Whoever reads meanwhile sees the old file or the new one, never half of one."""
        number, beside = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(number, "w") as file:
                json.dump(known, file)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(self._path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import fcntl  # noqa: PLC0415 - not on every machine that may import this room

        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
