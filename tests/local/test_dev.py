import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev

ROOT = Path(dev.__file__).parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a bare Python needs of a fresh clone."""
    for name in ("dev.py", "requirements.txt", "requirements-dev.txt", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(checkout: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "dev.py", *words],
        cwd=checkout,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_prints_its_verbs_and_installs_nothing(checkout: Path) -> None:
    help_, unknown = run(checkout), run(checkout, "deploy")

    for verb in dev.VERBS:
        assert f"\n  {verb}" in help_.stdout
    assert (help_.returncode, unknown.returncode) == (0, 2)
    assert not (checkout / ".venv").exists()


def test_no_network_is_one_sentence(checkout: Path) -> None:
    done = run(checkout, "check", PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE=os.devnull)

    assert done.returncode == 2
    assert "is the network there?" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_python_without_venv_is_one_sentence(checkout: Path) -> None:
    (checkout / "ensurepip.py").write_text("raise ImportError")

    done = run(checkout, "check", PYTHONPATH=str(checkout))

    assert done.returncode == 2
    assert "apt-get install python3-venv" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_old_python_is_told_which_it_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))

    with pytest.raises(SystemExit, match="2"):
        dev.prepare()

    assert "Python 3.11 or later is needed" in capsys.readouterr().err


def test_a_shim_with_nothing_behind_it_is_no_python(tmp_path: Path) -> None:
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)

    assert dev.python_version(str(shim)) == ""
    assert dev.python_version(str(tmp_path / "none")) == ""
    assert dev.python_version(sys.executable) == dev.OWN


def test_pins_that_changed_change_the_stamp(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "ROOT", checkout)
    before = dev.digest("requirements.txt", "requirements-dev.txt")

    (checkout / "requirements.txt").write_text("httpx==0.28.1\n")

    assert dev.digest("requirements.txt", "requirements-dev.txt") != before
