"""Read what steers a functions host: app settings, and host.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

DEFAULT_CONNECTION = "AzureWebJobsStorage"
OVERRIDE = "AzureFunctionsJobHost__"
SPAN = re.compile(r"(?:(\d+)\.)?(\d+):(\d\d)(?::(\d\d)(?:\.(\d+))?)?")
PLACEHOLDER = re.compile(r"%([^%]+)%")


class SettingMissing(LookupError):
    """A binding names a setting that the environment does not have."""


class SettingsUnreadable(ValueError):
    """A settings file says something that this host cannot follow."""


@dataclass(frozen=True)
class QueueSettings:
    """The queue section of host.json, with the platform's defaults."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    visibility_timeout: timedelta = timedelta(0)
    max_dequeue_count: int = 5
    max_polling_interval: timedelta = timedelta(minutes=1)
    message_encoding: str = "base64"

    @classmethod
    def parse(cls, section: Mapping[str, Any]) -> Self:
        batch_size = int(section.get("batchSize", cls.batch_size))
        return cls(
            batch_size=batch_size,
            new_batch_threshold=int(section.get("newBatchThreshold", batch_size // 2)),
            visibility_timeout=span(section.get("visibilityTimeout", "00:00:00")),
            max_dequeue_count=int(section.get("maxDequeueCount", cls.max_dequeue_count)),
            max_polling_interval=span(section.get("maxPollingInterval", "00:01:00")),
            message_encoding=str(section.get("messageEncoding", cls.message_encoding)).lower(),
        )


@dataclass(frozen=True)
class HostSettings:
    """What host.json says, as far as this host follows it."""

    route_prefix: str = "api"
    function_timeout: timedelta | None = timedelta(minutes=30)
    queues: QueueSettings = field(default_factory=QueueSettings)

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        extensions = document.get("extensions", {})
        timeout = document.get("functionTimeout", "00:30:00")
        return cls(
            route_prefix=extensions.get("http", {}).get("routePrefix", "api").strip("/"),
            function_timeout=None if timeout == "-1" else span(timeout),
            queues=QueueSettings.parse(extensions.get("queues", {})),
        )

    @classmethod
    def read(cls, file: Path, settings: Mapping[str, str]) -> Self:
        """App settings such as AzureFunctionsJobHost__functionTimeout go before the file."""
        document = json.loads(file.read_text(encoding="utf-8-sig"))
        for name, value in settings.items():
            if name.startswith(OVERRIDE):
                _put(document, name.removeprefix(OVERRIDE).split("__"), value)
        return cls.parse(document)


def _put(document: dict[str, Any], path: list[str], value: str) -> None:
    *sections, last = path
    for section in sections:
        document = document.setdefault(section, {})
    document[last] = value


def span(text: str) -> timedelta:
    """Read .NET's `days.hours:minutes:seconds.fraction`."""
    found = SPAN.fullmatch(text)
    if not found:
        raise SettingsUnreadable(f"{text!r} is not a time span such as 00:01:00")
    days, hours, minutes, seconds, fraction = found.groups(default="0")
    whole = timedelta(days=int(days), hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return whole + timedelta(seconds=float(f"0.{fraction}"))


def app_settings(file: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Merge the values of local.settings.json under the environment, as Core Tools does."""
    if not file.exists():
        return dict(environ)
    document = json.loads(file.read_text(encoding="utf-8-sig"))
    if document.get("IsEncrypted"):
        raise SettingsUnreadable(f"{file.name} is encrypted: run `func settings decrypt` first")
    return {name: str(value) for name, value in document.get("Values", {}).items()} | dict(environ)


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Put settings in the place of their `%NAME%`."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in settings:
            raise SettingMissing(f"{text!r} needs the setting {found[1]}")
        return settings[found[1]]

    return PLACEHOLDER.sub(value, text)


def connection_string(name: str, settings: Mapping[str, str]) -> str:
    """Find the storage account that a binding's `connection` names."""
    name = resolve(name, settings) or DEFAULT_CONNECTION
    for key in (name, f"AzureWebJobs{name}"):
        if key in settings:
            return settings[key]
    raise SettingMissing(f"a binding needs the connection string {name}")
