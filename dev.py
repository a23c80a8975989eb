#!/usr/bin/env python3
"""Give the developer a few verbs that work on a bare Python: everything else they install."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent
SUPPORTED = ("3.11", "3.12", "3.13")
WORKER_PYTHON = "3.13"
STAMP = "installed.stamp"
OWN = "{}.{}".format(*sys.version_info)
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
LIST_FUNCTIONS = (
    "import function_app;"
    "print(*sorted(f.get_function_name() for f in function_app.app.get_functions()))"
)

HELP = """python3 dev.py VERB

  run [--exit] [--port N]   storage emulator, Microsoft in miniature and the functions host, on
                            this machine; plays the guided tour, stays up until Ctrl-C
                            (--exit: ends after the tour, with its status)
  test [PYTEST ARGUMENTS]   check, then the tests, then the app under every other supported
                            Python found here (with arguments: those tests alone)
  check                     format, lint, import contracts, types
  fix                       format, and lint what can be mended
  trials [PYTEST ARGUMENTS] the long tests: crashes at every step, a year on the clock, and the
                            laws of seats over thousands of new random tenants
  bench [bulk [--sizes 100,1000,10000] [--scale 0.25]]
        [nightly [--sizes 100,1000,5000] [--people 100000] [--hosts 2] [--scale 1]]
                            how long an idle app takes; or what batches cost against a
                            Microsoft that is slow and strict, beside people one by one;
                            or what a night over many customers costs

Needs Python 3.11 or later; the first verb makes .venv and node_modules, later ones only
look whether the pinned versions changed."""


def main(words: list[str]) -> int:
    verb, arguments = (words[0], words[1:]) if words else ("help", [])
    if verb in {"help", "-h", "--help"} or verb not in VERBS:
        print(HELP)
        return 0 if verb in {"help", "-h", "--help"} else 2
    prepare()
    return VERBS[verb](arguments)


def run(arguments: list[str]) -> int:
    words = ["-m", "local.run", *arguments]
    if os.name == "posix":  # whoever ends this process means that one
        os.chdir(ROOT)
        os.execv(program("python"), [str(program("python")), *words])  # noqa: S606 (no shell)
    return tool("python", *words)


def test(arguments: list[str]) -> int:
    if arguments:
        return tool("pytest", "-m", "not trial", *arguments)
    steps: list[Callable[[], int]] = [
        lambda: check([]),
        lambda: tool("pytest", "-m", "not trial", "-n", "2"),
        under_other_pythons,
    ]
    return worst([step() for step in steps])


def check(_: list[str]) -> int:
    return worst(
        [
            tool("ruff", "format", "--check", "."),
            tool("ruff", "check", "."),
            tool("lint-imports"),
            tool("mypy"),
        ]
    )


def fix(_: list[str]) -> int:
    return worst([tool("ruff", "check", "--fix", "."), tool("ruff", "format", ".")])


def trials(arguments: list[str]) -> int:
    if arguments:
        return tool("pytest", "-m", "trial", *arguments)
    laws = ["-k", "laws", "--hypothesis-profile", "wide", "tests/domain", "tests/simulator"]
    return worst([tool("pytest", *laws, "-n", "2"), tool("pytest", "-m", "trial")])


def bench(arguments: list[str]) -> int:
    return tool("python", "-m", "local.bench", *arguments)


VERBS = {"run": run, "test": test, "check": check, "fix": fix, "trials": trials, "bench": bench}


def prepare() -> None:
    """Make or refresh what the verbs stand on."""
    if sys.version_info < (3, 11):  # noqa: UP036 (it is here to say so)
        stop(f"Python 3.11 or later is needed, and this is {OWN}.")
    environment(ROOT / ".venv", sys.executable, ["requirements.txt", "requirements-dev.txt"])
    node_modules()


def environment(folder: Path, python: str, requirements: list[str]) -> None:
    """Make a virtual environment of this Python hold the pinned requirements."""
    version = python_version(python)
    wanted = f"{version} {digest(*requirements)}"
    stamp = folder / STAMP
    alive = python_version(str(program("python", folder))) == version
    if alive and stamp.exists() and stamp.read_text() == wanted:
        return
    if not alive:
        make_environment(folder, python)
    say(f"Installing {', '.join(requirements)} into {folder.name} (a minute or two)")
    files = [word for name in requirements for word in ("-r", name)]
    pip = [str(program("python", folder)), "-m", "pip", "--disable-pip-version-check"]
    install([*pip, "install", "--quiet", *files], "pip")
    stamp.write_text(wanted)


def make_environment(folder: Path, python: str) -> None:
    if not answers(python, "import ensurepip, venv"):
        stop("Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv")
    say(f"Making {folder.name}")
    install([python, "-m", "venv", "--clear", str(folder)], "venv")


def node_modules() -> None:
    """Install the storage emulator with the Node that came as a wheel."""
    stamp = ROOT / "node_modules" / STAMP
    wanted = digest("package.json", "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Installing the storage emulator into node_modules")
    quiet = ["--no-audit", "--ignore-scripts", "--no-fund"]
    install([str(program("npm")), "ci", *quiet], "npm")
    stamp.write_text(wanted)


def install(command: list[str], name: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        words = [line for line in done.stderr.splitlines() + done.stdout.splitlines() if line]
        reason = next((line for line in words if "error" in line.lower()), "no reason given")
        stop(f"{name} could not install what is pinned (is the network there?): {reason}")


def under_other_pythons() -> int:
    """Import and index the app wherever it is promised to run."""
    expected = functions_under(program("python"))
    # The worker's Python has libraries of its own, so it is tried even where it is this one.
    others = {v: find_python(v) for v in SUPPORTED if v != OWN or v == WORKER_PYTHON}
    for version in [version for version, python in others.items() if not python]:
        say(f"!! No Python {version} found here: the app was NOT tried under it")
    return worst([under(version, python, expected) for version, python in others.items() if python])


def under(version: str, python: str, expected: str) -> int:
    folder = ROOT / f".venv-{version}"
    worker = ["requirements-worker.txt"] if version == WORKER_PYTHON else []
    environment(folder, python, ["requirements.txt", *worker])
    found = functions_under(program("python", folder))
    if not found or found != expected:
        say(f"!! Python {version} indexes [{found}], not [{expected}]")
        return 1
    say(f"Python {version} indexes the same {len(found.split())} functions")
    return tool("python", "tests/worker/invoke.py", folder=folder) if worker else 0


def functions_under(python: Path) -> str:
    """Answer the names of the app's functions, or nothing where it cannot be imported."""
    command = [str(python), "-W", "ignore", "-c", LIST_FUNCTIONS]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def find_python(version: str) -> str:
    """Find one that runs: a name on the PATH may be a shim with nothing behind it."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = sorted(pyenv.glob(f"versions/{version}.*/{SCRIPTS}/python*"), reverse=True)
    on_path = shutil.which(f"python{version}")
    candidates = [sys.executable, *([on_path] if on_path else []), *map(str, installed)]
    usable = (p for p in candidates if python_version(p) == version)
    return next((p for p in usable if answers(p, "import ensurepip, venv")), "")


def python_version(python: str) -> str:
    return answers(python, "import sys; print('{}.{}'.format(*sys.version_info), end='')") or ""


def answers(python: str, code: str) -> str | None:
    """Answer what the code printed (a space at least), or None where this Python cannot run it."""
    try:
        done = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (done.stdout or " ") if done.returncode == 0 else None


def tool(name: str, *arguments: str, folder: Path = ROOT / ".venv") -> int:
    say(" ".join([name, *arguments]))
    command = [str(program(name, folder)), *arguments]
    with subprocess.Popen(command, cwd=ROOT) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # the child heard Ctrl-C as well and is ending in its own way


def program(name: str, folder: Path = ROOT / ".venv") -> Path:
    return folder / SCRIPTS / (f"{name}.exe" if os.name == "nt" else name)


def digest(*names: str) -> str:
    contents = b"\0".join((ROOT / name).read_bytes() for name in names)
    return hashlib.sha256(contents).hexdigest()


def worst(statuses: list[int]) -> int:
    return max(map(abs, statuses), default=0)


def say(sentence: str) -> None:
    print(f"\n=> {sentence}", flush=True)


def stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
