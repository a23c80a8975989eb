"""Read the environment once, and say everything that is missing at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from shared.domain.drift_levels import rules_of_text

NIGHTLY_SCHEDULE = "0 0 2 * * *"
"""NCRONTAB, UTC: at two in the morning."""
SWEEP_SCHEDULE = "0 */5 * * * *"
"""NCRONTAB: every five minutes."""
LAST_CLOSING_DAY = 28
"""Every month has that day."""
_IN_AZURE = ("WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME", "WEBSITE_POD_NAME")
"""What the platform sets on one plan or another; Flex Consumption sets no instance id."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsMissing(RuntimeError):
    """The app cannot serve: settings are missing or contradict each other."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per environment variable; `docs/settings.md` names them all.

    Either ``storage`` (a connection string) or the service addresses with an identity; either
    ``key_vault_url`` or ``secrets_file``.
    """

    api_audience: str
    api_tenant_id: str
    storage: str = ""
    table_endpoint: str = ""
    queue_endpoint: str = ""
    blob_endpoint: str = ""
    batch_container: str = "batch-drops"
    """Holds the documents that a queue drop may name."""
    key_vault_url: str = ""
    secrets_file: str = ""
    login_url: str = "https://login.microsoftonline.com"
    partner_center_url: str = "https://api.partnercenter.microsoft.com"
    price_sheet_url: str = "https://api.partner.microsoft.com"
    graph_url: str = "https://graph.microsoft.com"
    public_url: str = ""
    webhook_anchors: str = ""
    webhook_hosts: str = "3psostorageacct.blob.core.windows.net"
    callback_hosts: str = ""
    callback_loopback: str = ""
    automation_id: str = "automation"
    body_limit: int = 16 * 1024 * 1024
    row_limit: int = 50_000
    cell_limit: int = 1024
    fault_limit: int = 500
    run_deadline_hours: int = 20
    billing_closing_day: int = 0
    """1 to 28, or 0 for the month's end."""
    drift_rules: str = ""
    """What is done about what changed outside, where nobody nearer says so: `rules_of_text`."""
    pause_limit_hours: int = 24
    retention_days: int = 30
    run_retention_days: int = 400
    max_dequeue_count: int = 8
    partner_center_calls_per_minute: int = 500
    """Of one partner tenant, by all hosts together; 0 counts nothing."""
    partner_center_budget_per: str = "partner"
    graph_writes: int = 3000
    """By one host, to one tenant in 150 seconds; 0 counts nothing."""
    dev_clock_url: str = ""
    time_scale: float = 1.0
    monitor_connection_string: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Raise `SettingsMissing` with every problem in one sentence each."""
        problems = list(_problems(environ))
        if problems:
            raise SettingsMissing(" ".join(problems))
        return replace(
            cls(environ["API_AUDIENCE"], environ["API_TENANT_ID"]),
            table_endpoint=_endpoint(environ, "table"),
            queue_endpoint=_endpoint(environ, "queue"),
            blob_endpoint=_endpoint(environ, "blob"),
            time_scale=float(environ.get("LOCAL_TIME_SCALE", "1")),
            **_texts(environ),
            **_numbers(environ),
        )

    def scaled(self, wait: timedelta) -> timedelta:
        """Shrink a wait of machine time as a local host does."""
        return wait * self.time_scale


def nightly_schedule(environ: Mapping[str, str]) -> str:
    return environ.get("NIGHTLY_SCHEDULE", NIGHTLY_SCHEDULE)


def sweep_schedule(environ: Mapping[str, str]) -> str:
    return environ.get("SWEEP_SCHEDULE", SWEEP_SCHEDULE)


_TEXTS = {
    "storage": "AzureWebJobsStorage",
    "key_vault_url": "KEY_VAULT_URL",
    "secrets_file": "SECRETS_FILE",
    "public_url": "PUBLIC_URL",
    "webhook_anchors": "WEBHOOK_ANCHORS",
    "webhook_hosts": "WEBHOOK_HOSTS",
    "callback_hosts": "CALLBACK_HOSTS",
    "callback_loopback": "CALLBACK_LOOPBACK",
    "automation_id": "AUTOMATION_ID",
    "batch_container": "BATCH_CONTAINER",
    "drift_rules": "DRIFT_RULES",
    "dev_clock_url": "DEV_CLOCK_URL",
    "monitor_connection_string": "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "login_url": "LOGIN_URL",
    "partner_center_url": "PARTNER_CENTER_URL",
    "price_sheet_url": "PRICE_SHEET_URL",
    "graph_url": "GRAPH_URL",
    "partner_center_budget_per": "PARTNER_CENTER_BUDGET_PER",
}
_NUMBERS = {
    "body_limit": "BODY_LIMIT",
    "row_limit": "ROW_LIMIT",
    "cell_limit": "CELL_LIMIT",
    "fault_limit": "FAULT_LIMIT",
    "pause_limit_hours": "PAUSE_LIMIT_HOURS",
    "retention_days": "RETENTION_DAYS",
    "run_retention_days": "RUN_RETENTION_DAYS",
    "run_deadline_hours": "RUN_DEADLINE_HOURS",
    "billing_closing_day": "BILLING_CLOSING_DAY",
    "partner_center_calls_per_minute": "PARTNER_CENTER_CALLS_PER_MINUTE",
    "graph_writes": "GRAPH_WRITES",
    # The platform's own way to override host.json.
    "max_dequeue_count": "AzureFunctionsJobHost__extensions__queues__maxDequeueCount",
}


def _texts(environ: Mapping[str, str]) -> dict[str, Any]:
    return {field: environ[name].rstrip("/") for field, name in _TEXTS.items() if environ.get(name)}


def _numbers(environ: Mapping[str, str]) -> dict[str, Any]:
    return {field: int(environ[name]) for field, name in _NUMBERS.items() if environ.get(name)}


def _endpoint(environ: Mapping[str, str], service: str) -> str:
    given = environ.get(f"AzureWebJobsStorage__{service}ServiceUri", "")
    account = environ.get("AzureWebJobsStorage__accountName", "")
    return given or (f"https://{account}.{service}.core.windows.net" if account else "")


def _problems(environ: Mapping[str, str]) -> Iterator[str]:
    for name in ("API_AUDIENCE", "API_TENANT_ID"):
        if not environ.get(name):
            yield f"{name} is not set."
    if not environ.get("AzureWebJobsStorage") and not _endpoint(environ, "table"):
        yield "Set AzureWebJobsStorage, or AzureWebJobsStorage__accountName for an identity."
    if not environ.get("KEY_VAULT_URL") and not environ.get("SECRETS_FILE"):
        yield "Set KEY_VAULT_URL, or SECRETS_FILE on a machine of your own."
    yield from _problems_of_address(environ)
    yield from _not_what_they_should_be(environ)
    yield from _problems_of_development(environ)


def _problems_of_address(environ: Mapping[str, str]) -> Iterator[str]:
    """A code that travels unprotected is anybody's; this machine's own loopback is not a way."""
    address = urlsplit(environ.get("PUBLIC_URL", ""))
    if address.scheme == "https" or not environ.get("PUBLIC_URL"):
        return
    if address.scheme != "http" or address.hostname not in _LOOPBACK:
        yield "PUBLIC_URL must start with https://, or point to this machine."


def _not_what_they_should_be(environ: Mapping[str, str]) -> Iterator[str]:
    for name in _NUMBERS.values():
        if not environ.get(name, "1").isdecimal():
            yield f"{name} is not a whole number."
    day = environ.get("BILLING_CLOSING_DAY") or "0"
    if day.isdecimal() and int(day) > LAST_CLOSING_DAY:
        yield "BILLING_CLOSING_DAY is neither 1 to 28 nor 0 (the month's end)."
    try:
        rules_of_text(environ.get("DRIFT_RULES", ""))
    except ValueError as error:
        yield f"DRIFT_RULES: {error}."
    if environ.get("PARTNER_CENTER_BUDGET_PER", "partner") not in ("partner", "customer", ""):
        yield "PARTNER_CENTER_BUDGET_PER is neither partner nor customer."
    try:
        float(environ.get("LOCAL_TIME_SCALE", "1"))
    except ValueError:
        yield "LOCAL_TIME_SCALE is not a number."


def _problems_of_development(environ: Mapping[str, str]) -> Iterator[str]:
    """A movable clock or a shrunk wait in production would undo the windows' rules."""
    clock = environ.get("DEV_CLOCK_URL", "")
    if clock and urlsplit(clock).hostname not in _LOOPBACK:
        yield "DEV_CLOCK_URL must point to this machine."
    if any(environ.get(name) for name in _IN_AZURE):
        for name in ("DEV_CLOCK_URL", "LOCAL_TIME_SCALE", "SECRETS_FILE", "CALLBACK_LOOPBACK"):
            if environ.get(name):
                yield f"{name} is for development and is refused in Azure."
        hosts = {host.strip().lower() for host in environ.get("WEBHOOK_HOSTS", "").split(",")}
        if hosts & _LOOPBACK:
            yield "WEBHOOK_HOSTS names this machine, which is refused in Azure."
