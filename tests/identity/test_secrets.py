import asyncio
import stat
from pathlib import Path

import pytest

from shared.domain.passwords import Secret
from shared.identity.secrets import FileSecrets


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "secrets.json"


async def test_what_was_put_is_there_for_every_process(path: Path) -> None:
    await FileSecrets(path).put("a", Secret("1"))

    assert await FileSecrets(path).get("a") == Secret("1")
    assert await FileSecrets(path).get("b") is None


async def test_only_its_owner_reads_the_file(path: Path) -> None:
    await FileSecrets(path).put("a", Secret("1"))

    assert _mode(path) == 0o600


async def test_everybody_who_makes_the_same_secret_gets_the_same(path: Path) -> None:
    made = await asyncio.gather(*(FileSecrets(path).get_or_make("key") for _ in range(8)))

    assert len(set(made)) == 1
    assert len(made[0].value) >= 43


async def test_writers_do_not_lose_each_others_secrets(path: Path) -> None:
    await asyncio.gather(*(FileSecrets(path).put(str(n), Secret(str(n))) for n in range(20)))

    kept = [await FileSecrets(path).get(str(n)) for n in range(20)]

    assert kept == [Secret(str(n)) for n in range(20)]
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "secrets.json",
        "secrets.json.lock",
    ]


async def test_a_deleted_secret_is_gone_and_deleting_it_again_is_no_fault(path: Path) -> None:
    secrets = FileSecrets(path)
    await secrets.put("a", Secret("1"))

    await secrets.delete("a")
    await secrets.delete("a")

    assert await secrets.get("a") is None


async def test_a_secret_does_not_show_itself() -> None:
    assert "hush" not in f"{Secret('hush')!r} {Secret('hush')}"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
