"""The lists that people read are the lists that the code has."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from shared import settings
from shared.api.inboxes import (
    BATCH,
    CALLBACK,
    CHANGE,
    CHUNK,
    GROWTH,
    NIGHTLY_CONNECTION,
    NIGHTLY_CUSTOMER,
    WEBHOOK,
)
from shared.api.problems import KINDS, UNEXPECTED
from shared.domain.changes import Why
from shared.settings import Settings
from shared.workflows.alarms import Alarm

ROOT = Path(__file__).parents[2]
TEXTS = {".py", ".md", ".bicep", ".json", ".csv"}


def test_every_setting_is_explained() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    source = (ROOT / "shared" / "settings.py").read_text()
    names = set(re.findall(r'"([A-Z][A-Z_]{5,}|AzureWebJobsStorage\w*)"', source))

    ours = names - set(settings._IN_AZURE)

    assert not {n for n in ours if f"| `{n}` |" not in page}


def test_the_hosts_patience_is_the_one_that_the_product_counts_with() -> None:
    host = json.loads((ROOT / "host.json").read_text())

    queues = host["extensions"]["queues"]

    assert queues["maxDequeueCount"] == Settings("a", "t").max_dequeue_count
    assert queues["messageEncoding"] == "none"


def test_every_pinned_library_says_why_it_is_there() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().splitlines()
        pinned = [line for line in lines if line and not line.startswith(("#", "-"))]

        assert all("==" in line for line in pinned)
        assert sum(line.startswith("#") for line in lines) >= 2


def test_nothing_of_this_machine_is_committed() -> None:
    here = {str(ROOT), str(Path.home())} - {"/", "/root"}
    folders = ("shared", "functions", "local", "simulator", "docs", "infra", "tests", "examples")
    texts = [p for f in folders for p in (ROOT / f).rglob("*") if p.suffix in TEXTS]

    assert not [p for p in texts if any(h in p.read_text(errors="replace") for h in here)]
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_the_linter_and_the_types_stay_strict() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]

    assert tools["ruff"]["lint"]["select"] == ["ALL"]
    assert tools["mypy"]["strict"] is True


def test_the_storage_account_is_deployed_with_every_table_and_queue() -> None:
    bicep = (ROOT / "infra" / "modules" / "storage.bicep").read_text()
    storage = "".join(p.read_text() for p in (ROOT / "shared" / "storage").glob("*.py"))

    for table in re.findall(r'tables\["([a-z]+)"\]', storage):
        assert f"'{table}'" in bicep
    for inbox in (
        BATCH,
        CALLBACK,
        CHANGE,
        GROWTH,
        CHUNK,
        NIGHTLY_CONNECTION,
        NIGHTLY_CUSTOMER,
        WEBHOOK,
    ):
        assert f"'{inbox.queue}'" in bicep
    assert f"'{Settings('a', 't').batch_container}'" in bicep


def test_every_problem_says_in_the_docs_what_it_says_to_callers() -> None:
    page = (ROOT / "docs" / "problems.md").read_text().splitlines()

    rows = [
        f"| `{kind.slug}` | {int(kind.status)} | {kind.title} | {kind.advice} |"
        for kind in (*KINDS.values(), UNEXPECTED)
    ]

    assert not [row for row in rows if row not in page]


def test_every_reason_to_refuse_a_change_says_what_to_do() -> None:
    rows = (ROOT / "docs" / "subscriptions.md").read_text()

    assert not [why.value for why in Why if f"| `{why.value}` |" not in rows]


def test_every_alarm_says_what_to_do() -> None:
    rows = (ROOT / "docs" / "operations.md").read_text()

    assert not [alarm.value for alarm in Alarm if f"| `{alarm.value}` |" not in rows]


def test_every_event_and_alert_is_explained() -> None:
    rows = (ROOT / "docs" / "operations.md").read_text()
    stories = "".join(p.read_text() for p in (ROOT / "shared" / "workflows").glob("*.py"))
    alerts = (ROOT / "infra" / "modules" / "alerts.bicep").read_text()

    events = set(re.findall(r'event\(\s*"([a-z-]+)"', stories))
    rules = set(re.findall(r"    name: '([a-z-]+)'", alerts))

    assert events
    assert not [name for name in events | rules if f"`{name}`" not in rows]
    asked = re.findall(r'startswith "event: ([a-z-]+) ', alerts)
    assert not set(asked) - set(re.findall(r'"([a-z-]+)"', stories))


def test_a_missing_night_is_an_alert_also_where_the_app_never_logged_a_line() -> None:
    alerts = (ROOT / "infra" / "modules" / "alerts.bicep").read_text()

    queries = re.findall(r"    query: '(.*)'", alerts)

    assert len(queries) == len(re.findall(r"    name: '([a-z-]+)'", alerts))
    assert all(query.startswith("${traces} | where ") for query in queries)
    assert "var traces = 'union isfuzzy=true (datatable(" in alerts
    assert "operator: 'GreaterThan'" in alerts
    [night] = [query for query in queries if "run=night-" in query]
    assert night.split(" | ")[3:] == [
        "summarize Nights = count()",
        "where Nights == 0",
        "extend TimeGenerated = now()",
    ]


def test_what_draws_reports_is_loaded_when_one_is_drawn() -> None:
    """An idle app pays for its imports at every cold start."""
    look = "import sys, function_app; print(*sys.modules)"

    loaded = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert "shared.api.run_reports" in loaded
    assert not {"jinja2", "pygal", "tzdata"} & set(loaded)
